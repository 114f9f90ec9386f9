"""The list of recent files, as an application of its own: what ``fbtui`` alone opens."""

from __future__ import annotations

from collections.abc import Sequence

from fbtui.ui.guide import places_of
from fbtui.ui.look import Look
from fbtui.ui.screens.find import FindScreen, Found
from fbtui.ui.settings import Settings


class Chooser(Look[str]):
    """Lets one of the programs be chosen; its result is None if none was."""

    def __init__(self, programs: Sequence[str], settings: Settings) -> None:
        super().__init__(settings)
        self._programs = programs

    def on_mount(self) -> None:
        """List them."""
        self.push_screen(FindScreen(places_of(self._programs)), self._on_chosen)

    def _on_chosen(self, found: Found | None) -> None:
        self.exit(found[1] if found is not None else None)


def choose_program(programs: Sequence[str], settings: Settings) -> str | None:
    """Ask which of some programs is to be debugged."""
    return Chooser(programs, settings).run()
