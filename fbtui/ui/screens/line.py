"""A dialog that asks for one line of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import Static

from fbtui.protocol.characters import clean
from fbtui.ui.screens.dialog import Dialog, Field


class LineScreen(Dialog[str | None]):
    """Asks for a line; it is not left before the line will do, or by Escape.

    Args:
        title: what is asked for.
        hint: how it is written.
        text: what stands there at first.
        problem: returns what is wrong with a line, nothing if it will do.
        suggester: suggests how it goes on.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(
        self, title: str, hint: str, text: str, problem: Callable[[str], str], suggester: Suggester | None = None
    ) -> None:
        super().__init__()
        self._suggester = suggester
        self._title, self._hint, self._text, self._problem = title, hint, text, problem

    def compose(self) -> ComposeResult:
        """Make the field."""
        with Vertical(id="line"):
            yield Static(self._title, id="line-title", markup=False)
            yield Static(self._hint, classes="hint", markup=False)
            yield Field(self._text, select_on_focus=False, suggester=self._suggester)
            yield Static("", id="line-problem", markup=False)

    def submit(self) -> None:
        """Leave with the line, if it will do."""
        line = self.query_one(Field).value
        problem = self._problem(line)
        if problem:
            self.query_one("#line-problem", Static).update(clean(problem))
        else:
            self.dismiss(line)
