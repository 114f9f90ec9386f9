"""Finds a node or an edge by a part of its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from fbtui.ui.screens.dialog import Dialog, Field
from fbtui.ui.widgets.lines import LineList

Found = tuple[str, str]
NOTHING: Final = "Nothing is called so."
NOT_YET: Final = "There is no picture to find it in yet."


class FindScreen(Dialog[Found | None]):
    """Lists what fits while a name is typed.

    Args:
        places: what can be found: a name and what it stands for; None while that is not known yet, see `offer`.
        more: returns what else a text that was typed may stand for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close"),
        Binding("down", "move(1)", "Next", show=False, priority=True),
        Binding("up", "move(-1)", "Previous", show=False, priority=True),
    ]

    def __init__(
        self, places: list[tuple[str, Found]] | None, more: Callable[[str], list[tuple[str, Found]]] | None = None
    ) -> None:
        super().__init__()
        self._more = more
        self.waits = places is None
        """Whether it is not known yet what can be found."""
        self._places = places or []
        self._fitting = self._places
        self._wanted = ""
        self._is_entered = False
        """Whether Enter was pressed before anything could be found."""

    def compose(self) -> ComposeResult:
        """Make the field and the list."""
        with Vertical(id="find"):
            yield Field(placeholder=self._hint)
            yield LineList(empty=NOT_YET if self.waits else NOTHING, id="found")

    @property
    def _hint(self) -> str:
        return f"a part of a name{'; of events: a text, #12, value > 5' if self._more else ''}"

    def on_mount(self) -> None:
        """List everything."""
        self._list()

    def offer(self, places: list[tuple[str, Found]]) -> None:
        """It is known now what can be found: list it, and do what was asked for meanwhile."""
        self.waits, self._places = False, places
        self._wanted, self._fitting = "", places
        if not self.query(Field):  # it is not on the screen yet, and will list them then
            return
        self.query_one(Field).placeholder = self._hint
        self.query_one(LineList).say_when_empty(NOTHING)
        self._list()
        self._fit()
        if self._is_entered:
            self.submit()

    def on_input_changed(self) -> None:
        """List what fits."""
        self._fit()

    def _fit(self) -> None:
        text = self.query_one(Field).value
        wanted = text.casefold()
        if wanted != self._wanted:
            self._wanted = wanted
            fitting = (place for place in self._places if wanted in place[0].casefold())
            self._fitting = sorted(fitting, key=lambda place: (place[0].casefold(), place[1][0]) != (wanted, "node"))
            if self._more is not None and text:
                self._fitting += self._more(text)
            self._list()

    def _list(self) -> None:
        fitting = self._fitting
        self.query_one(LineList).show(
            len(fitting), lambda i: [(f" {fitting[i][1][0]:<6}", "dim"), (fitting[i][0], "text")], cursor=0
        )

    def action_move(self, by: int) -> None:
        """Move in the list."""
        self.query_one(LineList).action_move(by)

    def submit(self) -> None:
        """Choose what stands under the cursor."""
        if self.waits:
            self._is_entered = True
            return
        self._fit()  # the last keys may not have been told yet
        self._choose(self.query_one(LineList).cursor)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Choose a line."""
        self._choose(event.index)

    def _choose(self, index: int) -> None:
        self.dismiss(self._fitting[index][1] if index < len(self._fitting) else None)
