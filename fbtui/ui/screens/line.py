"""A dialog that asks for one line of text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.suggester import Suggester
from textual.widgets import Static
from textual.worker import Worker

from fbtui.protocol.characters import clean
from fbtui.ui.screens.dialog import Dialog, Field

Try = Callable[[str], str | Awaitable[str]]
"""Does something with a line, or tries whether it will do; returns, perhaps after a while, what is wrong with it."""


class LineScreen(Dialog[str | None]):
    """Asks for a line; it is not left before the line will do, or by Escape.

    Args:
        title: what is asked for.
        hint: how it is written.
        text: what stands there at first.
        problem: what is done with a line; the dialog is left if nothing is wrong with it.
        suggester: suggests how it goes on.
        replaces: what is typed replaces what stands there at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]
    _asks = False
    """Whether somebody is asked what is wrong with the line, and has not answered yet."""

    def __init__(
        self,
        title: str,
        hint: str,
        text: str,
        problem: Try,
        suggester: Suggester | None = None,
        *,
        replaces: bool = False,
    ) -> None:
        super().__init__()
        self._replaces = replaces
        self._suggester = suggester
        self._title, self._hint, self._text, self._problem = title, hint, text, problem

    def compose(self) -> ComposeResult:
        """Make the field."""
        with Vertical(id="line"):
            yield Static(self._title, id="line-title", markup=False)
            yield Static(self._hint, classes="hint", markup=False)
            yield Field(self._text, select_on_focus=self._replaces, suggester=self._suggester)
            yield Static("", id="line-problem", markup=False)

    def submit(self) -> None:
        """Leave with the line, if it will do."""
        if self._asks:
            return
        line = self.query_one(Field).value
        problem = self._problem(line)
        if isinstance(problem, str):
            self._judge(line, problem)
        else:
            self._asks = True
            _: Worker[None] = self.run_worker(self._wait(line, problem), group="submit")

    async def _wait(self, line: str, problem: Awaitable[str]) -> None:
        found = await problem
        self._asks = False
        if not self.left:
            self._judge(line, found)

    def _judge(self, line: str, problem: str) -> None:
        if problem:
            self.query_one("#line-problem", Static).update(clean(problem))
        else:
            self.dismiss(line)
