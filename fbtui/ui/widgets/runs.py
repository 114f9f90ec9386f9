"""Views that draw lines made of runs: a text and the name of its style. Nothing is a widget but the view itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.binding import BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Offset, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fbtui.diagram import Run
from fbtui.ui.actions import PANES, bindings

STYLES: Final = (
    "box",
    "box.selected",
    "brand",
    "breakpoint",
    "chosen",
    "crumb",
    "crumb.focus",
    "crumb.here",
    "cursor",
    "dim",
    "edge",
    "edge.hot",
    "edge.last",
    "edge.next",
    "edge.path",
    "edge.selected",
    "edge.stuck",
    "edge.warm",
    "error",
    "error.marked",
    "firings",
    "good",
    "good.marked",
    "label",
    "label.hot",
    "label.warm",
    "map",
    "map.window",
    "mark",
    "next",
    "node",
    "number",
    "packet",
    "port",
    "port.selected",
    "rule",
    "rule.focus",
    "running",
    "state.blocked",
    "state.busy",
    "state.failed",
    "state.finished",
    "state.ready",
    "state.running",
    "state.starting",
    "state.stopped",
    "state.waiting",
    "text",
    "title",
    "value",
    "value.newest",
    "warning",
)
_PREFIX: Final = "run--"
RIGHT: Final = 3
"""The right button of the mouse."""
INDENT: Final = "    "
"""Before the later rows of a line that was broken."""
NEAR: Final = 3
"""The part of a row, from its end, in which a space is looked for to break at: a third."""


def _class(style: str) -> str:
    return _PREFIX + style.replace(".", "-")


class RunView(ScrollView, can_focus=True):
    """A scrolling view of runs; style names are component classes of the style sheet."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {_class(style) for style in STYLES}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._styles: dict[str, Style] = {}

    def notify_style_update(self) -> None:
        """The theme has changed."""
        self._styles.clear()
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            known = name if name in STYLES else "text"
            style = self._styles[name] = self.get_component_rich_style(_class(known))
        return style

    def strip(self, runs: Sequence[Run]) -> Strip:
        """Return a line of the screen."""
        return Strip([Segment(text, self._style(style)) for text, style in runs if text])


def wrapped(runs: Sequence[Run], width: int) -> list[list[Run]]:
    """Return a line as rows of at most ``width`` cells; those after the first are indented."""
    rows: list[list[Run]] = [[]]
    room = width
    for text, style in runs:
        rest = text
        while cell_len(rest) > room:
            count = _fitting(rest, room)
            rows[-1].append((rest[:count], style))
            rest = rest[count:]
            rows.append([(INDENT, style)])
            room = max(2, width - len(INDENT))
        rows[-1].append((rest, style))
        room -= cell_len(rest)
    return rows


def _fitting(text: str, cells: int) -> int:
    """Return how many characters of a text fit into so many cells; it is broken after a space if one is near."""
    room = cells
    for count, character in enumerate(text):
        room -= cell_len(character)
        if room < 0:
            space = text.rfind(" ", max(0, count - cells // NEAR), count)
            return space + 1 if space > 0 else count
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
        self.cursor = 0

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
        at_end = self._follow_end and self.cursor >= self._count - 1
        self._count, self._line = count, line
        wanted = cursor if cursor is not None else count - 1 if at_end else self.cursor
        self.cursor = min(max(0, wanted), max(0, count - 1))
        if self._wrap:
            self._wrap_lines()
        self.virtual_size = Size(self._widest(), max(1, len(self._rows) if self._wrap else count))
        if at_end:
            self.scroll_end(animate=False, force=True)
        elif cursor is not None:
            self._keep_in_view()
        self.refresh()

    def _wrap_lines(self) -> None:
        width = max(10, self._room - (not self.show_vertical_scrollbar))
        self._rows = [(i, row) for i in range(self._count) for row in wrapped(self._line(i), width)]

    def on_resize(self) -> None:
        """Break the lines anew."""
        if self._wrap:
            self._wrap_lines()
            self.virtual_size = Size(1, max(1, len(self._rows)))
            self.refresh()

    def _widest(self) -> int:
        if self._wrap:
            return 1
        top = int(self.scroll_y)
        visible = range(top, min(self._count, top + max(1, self.size.height)))
        return max((sum(len(text) for text, _ in self._line(i)) for i in visible), default=1)

    @property
    def _room(self) -> int:
        """Columns that are not under the scroll bar."""
        return self.scrollable_content_region.width or self.size.width

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        width, ground = self._room, self.rich_style
        if not self._count:
            rows = wrapped([(f" {self._empty}", "dim")], width)
            return self.strip(rows[y] if y < len(rows) else []).adjust_cell_length(width, ground)
        index = y + int(self.scroll_offset.y)
        if index >= (len(self._rows) if self._wrap else self._count):
            return Strip.blank(width, ground)
        index, runs = self._rows[index] if self._wrap else (index, self._line(index))
        strip = self._cut(self.strip(runs), width)
        return strip.apply_style(self._style("cursor")) if index == self.cursor and self.has_focus else strip

    def _cut(self, strip: Strip, width: int) -> Strip:
        """Return the part of a line that is seen; a sign at its end tells that it goes on."""
        left = int(self.scroll_offset.x)
        seen = strip.crop_extend(left, left + width, self.rich_style)
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
            self.scroll_to(y=row, animate=False)
        elif row >= top + height:
            self.scroll_to(y=row - height + 1, animate=False)

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
