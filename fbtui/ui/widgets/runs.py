"""Views that draw lines made of runs: a text and the name of its style. Nothing is a widget but the view itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from fbtui.diagram import Run

STYLES: Final = (
    "box", "box.selected", "brand", "cursor", "dim", "edge", "edge.last", "edge.next", "edge.selected", "edge.stuck",
    "error", "firings", "good", "label", "label.hot", "label.warm", "next", "node", "number", "packet", "port",
    "running", "state.blocked", "state.busy", "state.failed", "state.finished", "state.ready", "state.running",
    "state.starting", "state.stopped", "state.waiting", "text", "title", "value", "warning",
)  # fmt: skip
_PREFIX: Final = "run--"


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


class LineList(RunView):
    """A virtual list of lines: only those on the screen are made.

    Args:
        follow_end: keep the end in view while the cursor stands there.
        wrap_hint: the text shown while there is nothing.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup", "move(-10)", "Page up", show=False),
        Binding("pagedown", "move(10)", "Page down", show=False),
        Binding("home,g", "move(-1000000000)", "First", show=False),
        Binding("end,G", "move(1000000000)", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

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

    def __init__(self, *, empty: str, follow_end: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._empty = empty
        self._follow_end = follow_end
        self._count = 0
        self._line: Callable[[int], Sequence[Run]] = lambda _: ()
        self.cursor = 0

    def show(self, count: int, line: Callable[[int], Sequence[Run]], *, cursor: int | None = None) -> None:
        """Show lines: how many, and a function that makes each one."""
        at_end = self._follow_end and self.cursor >= self._count - 1
        self._count, self._line = count, line
        wanted = cursor if cursor is not None else count - 1 if at_end else self.cursor
        self.cursor = min(max(0, wanted), max(0, count - 1))
        self.virtual_size = Size(self._widest(), max(1, count))
        if at_end:
            self.scroll_to(y=count, animate=False)
        elif cursor is not None:
            self._keep_in_view()
        self.refresh()

    def _widest(self) -> int:
        top = int(self.scroll_y)
        visible = range(top, min(self._count, top + max(1, self.size.height)))
        return max((sum(len(text) for text, _ in self._line(i)) for i in visible), default=1)

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        index = y + int(self.scroll_offset.y)
        width = self.size.width
        if not self._count and y == 0:
            return self.strip([(f" {self._empty}", "dim")]).adjust_cell_length(width, self.rich_style)
        if index >= self._count:
            return Strip.blank(width, self.rich_style)
        strip = self.strip(self._line(index))
        left = int(self.scroll_offset.x)
        strip = strip.crop_extend(left, left + width, self.rich_style)
        return strip.apply_style(self._style("cursor")) if index == self.cursor and self.has_focus else strip

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

    def _keep_in_view(self) -> None:
        top, height = int(self.scroll_y), max(1, self.size.height)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self._count:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: Click) -> None:
        """Put the cursor on a line; a second click chooses it."""
        index = event.y + int(self.scroll_offset.y)
        if index >= self._count:
            return
        again = index == self.cursor
        self._to(index)
        if again or event.chain > 1:
            self.action_choose()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll."""
        self.scroll_relative(y=3, animate=False)
        event.stop()

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll."""
        self.scroll_relative(y=-3, animate=False)
        event.stop()
