"""The palette: Textual's own, which stands a key that comes before its list is laid out."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from textual.command import CommandPalette

OPEN: Final = "--command-palette"
"""The id by which Textual knows that it is open."""


class Palette(CommandPalette):
    """Every command by name, every node, every recent file."""

    def _action_command_list(self, action: str) -> None:
        """Scroll the list; Textual 8.2.8 raises a KeyError for a page of a list that it has not laid out yet."""
        with suppress(LookupError):
            super()._action_command_list(action)
