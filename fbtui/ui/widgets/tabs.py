"""Lists behind one another, each behind a name in a row; only the one in front is seen.

Textual's own tabs are a widget for each name, one for each pane, and six around them. All those are made, styled and
laid out before the first frame: they take a quarter of the time to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import Click, DescendantBlur, DescendantFocus, Leave, MouseMove
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from fbtui.diagram import Run
from fbtui.ui.actions import PANES, bindings
from fbtui.ui.widgets.runs import RunView

LINES: Final = {"rule": "─╴╶", "rule.focus": "━╸╺"}
"""A cell of the line, its left half and its right half: light, or heavy at what is in front or has the focus."""
HERE: Final = "▸"
"""Before a name whose list has the focus, where there is no line."""
SLIDES: Final = 0.3
"""Seconds that the mark below the names takes from one to the next."""


class TabRow(RunView):
    """The names in a row, and a line below it that marks one.

    Args:
        names: what is behind each, with the text that is shown for it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PANES["tabs"])]
    mark_starts: reactive[float] = reactive(0.0)
    mark_ends: reactive[float] = reactive(0.0)
    """The columns of the row from which to which there is the mark; it slides."""

    class Chosen(Message):
        """Another name was chosen."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(id="tabs")
        self.labels = {name: name.capitalize() for name in names}
        self._chosen = names[0]
        self._under_mouse: str | None = None
        self._is_used = False
        """Whether the list in front has the focus."""
        self.mark_starts, self.mark_ends = self._spans()[self._chosen]

    def _spans(self) -> dict[str, tuple[int, int]]:
        """Return the columns of each text, from which to which, without the space at both of its sides."""
        spans, x = dict[str, tuple[int, int]](), 0
        for name, label in self.labels.items():
            spans[name] = x + 1, x + 1 + cell_len(label)
            x = spans[name][1] + 1
        return spans

    @property
    def _hidden_columns(self) -> int:
        """Columns at the left that are not seen where the row is too narrow: the chosen name is in the middle."""
        spans = self._spans()
        start, end = spans[self._chosen]
        too_many = max(end for _, end in spans.values()) + 1 - self.size.width
        return max(0, min(too_many, (start + end - self.size.width) // 2))

    def write(self, name: str, label: str) -> None:
        """Show another text for a name."""
        if self.labels[name] != label:
            self.labels[name] = label
            self._mark(slides=True)
            self.refresh()

    def show_focus(self, is_used: bool) -> None:
        """Show whether the list in front has the focus."""
        if is_used != self._is_used:
            self._is_used = is_used
            self.refresh()

    def choose(self, name: str) -> None:
        """Mark a name."""
        self._chosen = name
        self._mark(slides=True)
        self.refresh()

    def _mark(self, *, slides: bool) -> None:
        start, end = self._spans()[self._chosen]
        if slides and self.is_mounted and self.app.animation_level != "none":
            self.animate("mark_starts", float(start), duration=SLIDES, level="basic")
            self.animate("mark_ends", float(end), duration=SLIDES, level="basic")
        else:
            self.mark_starts, self.mark_ends = start, end

    def render_line(self, y: int) -> Strip:
        """Return the names, or the line below them."""
        left, width = self._hidden_columns, self.size.width
        strip = self.strip(self._words() if y == 0 else self._rule(left + width))
        return strip.crop_extend(left, left + width, self.ground)

    def _words(self) -> list[Run]:
        chosen = "cursor" if self.has_focus else "tab.marked" if self.size.height == 1 else "title"
        runs = list[Run]()
        for name, label in self.labels.items():
            is_here = self._is_used and name == self._chosen and self.size.height == 1
            style = chosen if name == self._chosen else self._quiet(name)
            runs.append((f"{HERE if is_here else ' '}{label} ", style))
        return runs

    def _quiet(self, name: str) -> str:
        return "text" if name == self._under_mouse else "dim"

    def _rule(self, width: int) -> list[Run]:
        """The line, in halves of cells; beside the mark is half a cell of nothing."""
        start, end = round(self.mark_starts * 2), round(self.mark_ends * 2)

        def half(i: int) -> str:
            is_heavy = self._is_used or start <= i < end
            return "" if i in {start - 1, end} else "rule.focus" if is_heavy else "rule"

        cells = [
            (LINES[left or right][0 if left and right else 1 if left else 2], left or right)
            for left, right in ((half(2 * x), half(2 * x + 1)) for x in range(width))
        ]
        return [("".join(text for text, _ in run), style) for style, run in groupby(cells, itemgetter(1))]

    # -- choosing

    def _at(self, x: int) -> str | None:
        column = x + self._hidden_columns
        return next((name for name, (start, end) in self._spans().items() if start - 1 <= column <= end), None)

    def action_neighbour(self, by: int) -> None:
        """Choose the name so many behind the chosen one."""
        self.post_message(self.Chosen(self.neighbour(by)))

    def neighbour(self, by: int) -> str:
        """Return the name so many behind the chosen one; behind the last one comes the first."""
        names = list(self.labels)
        return names[(names.index(self._chosen) + by) % len(names)]

    def on_click(self, event: Click) -> None:
        """Choose the name that was clicked, or the one above the line."""
        name = self._at(event.x)
        if name is not None:
            self.post_message(self.Chosen(name))

    def on_mouse_move(self, event: MouseMove) -> None:
        """Show which name a click would choose."""
        self._point_at(self._at(event.x))

    def on_leave(self, event: Leave) -> None:
        """The mouse is elsewhere."""
        self._point_at(None)

    def _point_at(self, name: str | None) -> None:
        if name != self._under_mouse:
            self._under_mouse = name
            self.refresh()


class Tabs(Vertical):
    """Lists behind one another. Those that are not seen are made after the first frame, or when one is to be seen.

    Args:
        panes: the lists, by their names; the first one is in front.
    """

    class Switched(Message):
        """Another list is in front."""

    def __init__(self, panes: dict[str, RunView], *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._panes = panes
        self._active = next(iter(panes))
        self.row = TabRow(list(panes))
        for name, pane in panes.items():
            pane.display = name == self._active

    def compose(self) -> ComposeResult:
        """Make the names and the list in front."""
        yield self.row
        yield self._panes[self._active]

    def on_mount(self) -> None:
        """Make the others when the first frame is there."""
        self.call_after_refresh(self._make, *self._panes)

    def _make(self, *names: str) -> None:
        missing = [self._panes[name] for name in names if not self._panes[name].is_attached]
        if missing and self.is_attached:
            self.mount_all(missing)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The names or the list in front have the focus."""
        self.row.show_focus(event.widget is not self.row)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """They have lost it."""
        self.row.show_focus(False)

    @property
    def active(self) -> str:
        """The name of the list in front."""
        return self._active

    @active.setter
    def active(self, name: str) -> None:
        if name == self._active:
            return
        self._panes[self._active].display = False
        self._active = name
        self._make(name)
        self.active_pane.display = True
        self.row.choose(name)
        self.post_message(self.Switched())

    @property
    def active_pane(self) -> RunView:
        """The list in front."""
        return self._panes[self._active]

    def on_tab_row_chosen(self, event: TabRow.Chosen) -> None:
        """Bring a list to the front."""
        event.stop()
        self.active = event.name
