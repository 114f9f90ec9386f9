"""Where the time of the run went."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label
from textual.worker import Worker

from fbtui.protocol.characters import clean
from fbtui.trace import TraceError
from fbtui.trace.profile import Profiler, table
from fbtui.ui.widgets.lines import LineList

NUMBERS = 42
"""Cells of the numbers beside a name."""
SHORTEST = 16
"""Cells that a name has at least."""


class ProfileScreen(ModalScreen[None]):
    """Lists what each node did and how full each edge was.

    Args:
        profiler: what gathers it; it has read nothing yet.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,percent_sign,q", "dismiss", "Close"),
    ]

    def __init__(self, profiler: Profiler) -> None:
        super().__init__()
        self._profiler = profiler

    def compose(self) -> ComposeResult:
        """Make the list."""
        with Vertical(id="profile") as box:
            box.border_title, box.border_subtitle = "Where the time goes", "esc closes"
            yield Label("Reading the run ...", id="verdict", markup=False)
            yield LineList(empty="", id="profiled")

    def on_mount(self) -> None:
        """Read the run, and show what came of it."""
        _: Worker[None] = self.run_worker(self._read, group="profile")

    async def _read(self) -> None:
        try:
            for _ in self._profiler.read():
                await asyncio.sleep(0)
            told = table(self._profiler.result(), max(SHORTEST, self.query_one(LineList).size.width - NUMBERS))
        except TraceError as error:
            told = [str(error)]
        unit = (
            "of the time"
            if self._profiler.by_time
            else "of the moves: the run can be stepped, and steps take time of their own"
        )
        self.query_one("#verdict", Label).update(clean(told[0]))
        lines = [*told[2:], "", f"Shares are {unit}."]
        self.query_one(LineList).show(len(lines), lambda i: [(lines[i], "text")])
