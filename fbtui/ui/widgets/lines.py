"""Lists of lines: only what is on the screen is made, and drawn again where it looks different."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import ClassVar, Final, Self

from rich.cells import cell_len
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from fbtui.diagram import Run
from fbtui.protocol.characters import clean
from fbtui.ui.actions import PANES, bindings
from fbtui.ui.widgets.runs import RIGHT, RunView

INDENT: Final = 4
"""Cells before the later rows of a line that was broken, beside those before its first one."""
DEEPEST: Final = 3
"""The part of a row that may stand empty before them: a third."""
NEAR: Final = 3
"""The part of a row, from its end, in which a space is looked for to break at: a third."""
BREAKS: Final = (" ", "->")
"""What a row is broken after."""
SHORT: Final = 8
"""Characters of a word that is not broken even in a short row."""


def wrapped(runs: Sequence[Run], width: int) -> list[list[Run]]:
    """Return a line as rows of at most ``width`` cells; those after the first are indented further than it."""
    line = "".join(text for text, _ in runs)
    indent = " " * max(INDENT, min(len(line) - len(line.lstrip(" ▶▸▾")) + INDENT, width // DEEPEST))
    rows: list[list[Run]] = [[]]
    room = width
    for text, style in runs:
        rest = text
        while cell_len(rest) > room:
            count = _before_word(rest, room, width - len(indent)) or _fitting(rest, room)
            rows[-1].append((rest[:count], style))
            rest = rest[count:]
            rows.append([(indent, style)])
            room = max(2, width - len(indent))
        rows[-1].append((rest, style))
        room -= cell_len(rest)
    return rows


def _before_word(text: str, cells: int, whole: int) -> int:
    """Return how many spaces a text begins with if its first word fits into a whole row but not into these cells."""
    word = text.lstrip(" ")
    spaces, size = len(text) - len(word), cell_len(word.partition(" ")[0])
    return spaces if cells < spaces + size <= spaces + whole else 0


def _fitting(text: str, cells: int) -> int:
    """Return how many characters of a text fit into so many cells: up to a space or an arrow, if one is near."""
    room = cells
    for count, character in enumerate(text):
        room -= cell_len(character)
        if room < 0:
            near = max(0, count - max(SHORT, cells // NEAR))
            found = ((text.rfind(mark, near, count), len(mark)) for mark in BREAKS)
            return max((at + length for at, length in found if at > 0), default=count)
    return len(text)


class LineList(RunView):
    """A virtual list of lines: only those on the screen are made.

    Args:
        empty: what is shown while there is nothing.
        follow_end: keep the end in view while the cursor stands there.
        wrap: break lines that are too long. All lines are made then: it is for short lists.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PANES["list"])]

    class Chosen(Message):
        """A line was chosen: by Enter or a second click."""

        def __init__(self, lines: LineList, index: int) -> None:
            super().__init__()
            self.lines = lines
            self.index = index

        @property
        def control(self) -> LineList:
            """The list."""
            return self.lines

    class Moved(Chosen):
        """The cursor stands on another line."""

    class Asked(Chosen):
        """What can be done with a line is asked: it was clicked with the right button, at a spot of the screen."""

        def __init__(self, lines: LineList, index: int, spot: Offset) -> None:
            super().__init__(lines, index)
            self.spot = spot

    def __init__(
        self,
        *,
        empty: str,
        follow_end: bool = False,
        wrap: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._empty = empty
        self._follow_end = follow_end
        self._wrap = wrap
        self._rows: list[tuple[int, list[Run]]] = []
        """When wrapping: each row of the screen, with the number of its line."""
        self._count = 0
        self._line: Callable[[int], Sequence[Run]] = lambda _: ()
        self._made: dict[int, Sequence[Run]] = {}
        """The lines that were made since they were given."""
        self._seen: list[tuple[Sequence[Run], bool]] = []
        """The rows that are seen, and which of them the cursor stands on."""
        self._is_stale = True
        """Whether all of it is drawn anew the next time."""
        self.cursor = 0

    def say_when_empty(self, text: str) -> None:
        """Show another text while there is nothing."""
        if text != self._empty:
            self._empty = text
            self.refresh()

    def show(
        self,
        count: int,
        line: Callable[[int], Sequence[Run]],
        *,
        cursor: int | None = None,
        wrap: bool | None = None,
    ) -> None:
        """Show lines.

        Args:
            count: how many.
            line: makes each one.
            cursor: where the cursor goes; None leaves it.
            wrap: whether lines that are too long are broken from now on; None leaves that.
        """
        self._wrap = self._wrap if wrap is None else wrap
        at_end = cursor is None and self._follow_end and self.cursor >= self._count - 1
        self._count, self._line, self._made = count, line, {}
        wanted = count - 1 if at_end else self.cursor if cursor is None else cursor
        self.cursor = min(max(0, wanted), max(0, count - 1))
        if self._wrap:
            self._wrap_lines()
        self.extend(Size(self._widest(), max(1, len(self._rows) if self._wrap else count)))
        if at_end:
            self._scroll_to_row(self.max_scroll_y)
        elif cursor is not None:
            self._keep_in_view()
        self._draw_changed()

    def _draw_changed(self) -> None:
        """Draw the rows again that look different from before."""
        if self._is_stale:
            return
        if self._is_hidden:
            self.refresh()  # once, for the time when it is seen
            return
        before, self._seen = self._seen, self._rows_in_view()
        changed = [y for y, (old, new) in enumerate(zip_longest(before, self._seen)) if old != new]
        if changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def _rows_in_view(self) -> list[tuple[Sequence[Run], bool]]:
        top, height = int(self.scroll_y), self.size.height
        if self._wrap:
            return [(runs, i == self.cursor) for i, runs in self._rows[top : top + height]]
        return [(self._runs(i), i == self.cursor) for i in range(top, min(self._count, top + height))]

    @property
    def count(self) -> int:
        """How many lines there are."""
        return self._count

    def told(self, index: int) -> str:
        """Return a line as plain text."""
        return "".join(text for text, _ in self._runs(index))

    def _runs(self, index: int) -> Sequence[Run]:
        """Return a line, whatever stands in it as a terminal can show it."""
        runs = self._made.get(index)
        if runs is None:
            runs = self._made[index] = [(clean(text), style) for text, style in self._line(index)]
        return runs

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw it again, all of it if no region is named."""
        self._is_stale = self._is_stale or (repaint and not regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def on_show(self) -> None:
        """What was shown while nobody saw it is laid out by now: the scroll bar follows."""
        self.vertical_scrollbar.position = self.scroll_y

    def _wrap_lines(self) -> None:
        width = max(10, self._room - (not self.show_vertical_scrollbar))
        self._rows = [(i, row) for i in range(self._count) for row in wrapped(self._runs(i), width)]

    def on_resize(self) -> None:
        """Make the lines anew: some are broken, or say more where there is room."""
        self._made = {}
        if self._wrap:
            self._wrap_lines()
            self.extend(Size(1, max(1, len(self._rows))))
            self.refresh()

    def _widest(self) -> int:
        if self._wrap:
            return 1
        top = int(self.scroll_y)
        visible = range(top, min(self._count, top + max(1, self.size.height)))
        return max((sum(len(text) for text, _ in self._runs(i)) for i in visible), default=1)

    @property
    def _room(self) -> int:
        """Columns that are not under the scroll bar."""
        return self.scrollable_content_region.width or self.size.width

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        width, ground = self._room, self.ground
        if self._is_stale:
            self._is_stale, self._seen = False, self._rows_in_view()
        if not self._count:
            rows = wrapped([(self._empty, "dim")], width)
            return self.strip(rows[y] if y < len(rows) else []).adjust_cell_length(width, ground)
        index = y + int(self.scroll_offset.y)
        if index >= (len(self._rows) if self._wrap else self._count):
            return Strip.blank(width, ground)
        index, runs = self._rows[index] if self._wrap else (index, self._runs(index))
        strip = self._cut(self.strip(runs), width)
        return strip.apply_style(self._style("cursor")) if index == self.cursor and self.has_focus else strip

    def _cut(self, strip: Strip, width: int) -> Strip:
        """Return the part of a line that is seen; a sign at its end tells that it goes on."""
        left = int(self.scroll_offset.x)
        seen = strip.crop_extend(left, left + width, self.ground)
        if strip.cell_length <= left + width or width < 2:
            return seen
        return Strip.join([seen.crop(0, width - 1), self.strip([("…", "dim")])])

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        self._to(self.cursor + by)

    def _to(self, index: int) -> None:
        index = min(max(0, index), max(0, self._count - 1))
        if index != self.cursor:
            self.cursor = index
            self.post_message(self.Moved(self, index))
        self._keep_in_view()
        self.refresh()

    @property
    def _cursor_row(self) -> int:
        if not self._wrap:
            return self.cursor
        return next((y for y, (i, _) in enumerate(self._rows) if i == self.cursor), 0)

    def _keep_in_view(self) -> None:
        top, height, row = int(self.scroll_y), max(1, self.size.height), self._cursor_row
        if row < top:
            self._scroll_to_row(row)
        elif row >= top + height:
            self._scroll_to_row(row - height + 1)

    def _scroll_to_row(self, y: float) -> None:
        if self._is_hidden:
            self.set_reactive(LineList.scroll_y, min(y, self.max_scroll_y))
            self.set_reactive(LineList.scroll_target_y, min(y, self.max_scroll_y))
        else:
            self.scroll_to(y=y, animate=False, force=True)

    @property
    def cursor_spot(self) -> Offset | None:
        """Where on the screen the line under the cursor is, if there is one."""
        if not self._count:
            return None
        return self.content_region.offset + Offset(2, self._cursor_row - int(self.scroll_offset.y))

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self._count:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: Click) -> None:
        """Put the cursor on a line; a second click chooses it, one with the right button asks for its menu."""
        inside = event.get_content_offset(self)
        if inside is None:  # on the border
            return
        index = inside.y + int(self.scroll_offset.y)
        if self._wrap:
            index = self._rows[index][0] if index < len(self._rows) else self._count
        if index >= self._count:
            return
        again = index == self.cursor
        self._to(index)
        if event.button == RIGHT:
            self.post_message(self.Asked(self, index, event.screen_offset))
        elif again or event.chain > 1:
            self.action_choose()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll."""
        self.scroll_relative(y=3, animate=False)
        event.stop()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll."""
        self.scroll_relative(y=-3, animate=False)
        event.stop()
