"""The footer: as many keys as there is room for, the most important ones first."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Resize
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from fbtui.ui.actions import ACTIONS

ALWAYS = ("help_screen", "command_palette")
"""Actions whose keys stay however narrow it is."""
RANK = {action.method: number for number, action in enumerate(ACTIONS)}
"""The order of the table is that of importance."""
GAP = 3
"""Cells around a key and its word."""


class KeyFooter(Footer):
    """A footer that leaves out what does not fit instead of cutting it."""

    def compose(self) -> ComposeResult:
        """Make the keys."""
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        kept = [key for key in keys if key.action.endswith(ALWAYS)]
        room = self.app.size.width - sum(map(_width, kept))
        rest = [key for key in keys if key not in kept]
        for key in sorted(rest, key=lambda key: RANK.get(key.action, 0)):
            room -= _width(key)
            if room < 0:
                break
            kept.append(key)
        yield from sorted(kept, key=lambda key: RANK.get(key.action, 0))

    def on_resize(self, event: Resize) -> None:
        """There is another amount of room."""
        if self.is_attached:
            self.call_after_refresh(self.recompose)


def _width(key: FooterKey) -> int:
    return len(key.key_display) + len(key.description) + GAP
