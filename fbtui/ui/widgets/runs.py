"""Views that draw lines made of runs: a text and the name of its style. Nothing is a widget but the view itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.dom import DOMNode
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from fbtui.diagram import Run

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
    "footer.hover",
    "footer.key",
    "footer.word",
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
    "tab.marked",
    "text",
    "title",
    "value",
    "value.newest",
    "warning",
)
_PREFIX: Final = "run--"
RIGHT: Final = 3
"""The right button of the mouse."""


def _class(style: str) -> str:
    return _PREFIX + style.replace(".", "-")


class RunView(ScrollView, can_focus=True):
    """A scrolling view of runs; style names are classes of the style sheet.

    They are looked up when they are first drawn. As Textual's component classes all of them would be looked up for
    every view at the start, and again whenever the focus moves.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._styles: dict[str, Style] = {}
        self._ground: Style | None = None

    def notify_style_update(self) -> None:
        """The theme has changed."""
        self._styles.clear()
        super().notify_style_update()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return lines of the screen."""
        self._ground = None
        return super().render_lines(crop)

    @property
    def ground(self) -> Style:
        """The style of what is empty. Textual finds it anew whenever it is asked: once for all lines is enough."""
        if self._ground is None:
            self._ground = self.rich_style
        return self._ground

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            known = name if name in STYLES else "text"
            node = DOMNode(classes=_class(known))
            node._attach(self)
            self.app.stylesheet.apply(node, animate=False)
            style = self._styles[name] = node.rich_style
        return style

    def strip(self, runs: Sequence[Run]) -> Strip:
        """Return a line of the screen."""
        return Strip([Segment(text, self._style(style)) for text, style in runs if text])

    @property
    def _is_hidden(self) -> bool:
        """Whether it, or what it is in, is not shown at all: the tab that it is on, for one."""
        return any(isinstance(node, Widget) and not node.display for node in self.ancestors_with_self)

    def extend(self, size: Size) -> None:
        """Say how large the whole of what is shown is.

        Textual lays out the whole screen for that. It is needed only if a scroll bar comes or goes, or if the view
        is as large as what it shows.
        """
        if size == self.virtual_size:
            return
        if self._is_hidden:
            self.set_reactive(RunView.virtual_size, size)  # it will be laid out when it is shown
        elif self.styles.auto_dimensions or self._bars_of(size) != self.scrollbars_enabled:
            self.virtual_size = size
        else:
            self.set_reactive(RunView.virtual_size, size)
            if self.show_vertical_scrollbar:
                self.vertical_scrollbar.window_virtual_size = size.height
            if self.show_horizontal_scrollbar:
                self.horizontal_scrollbar.window_virtual_size = size.width
            self.scroll_x, self.scroll_y = self.scroll_x, self.scroll_y  # as far as there still is something

    def _bars_of(self, size: Size) -> tuple[bool, bool]:
        """Return whether there is a vertical and a horizontal scroll bar beside something of a size."""
        (width, height), styles = self.container_size, self.styles
        is_wide = styles.overflow_x == "auto" and size.width > width
        is_high = styles.overflow_y == "auto" and size.height > height
        if styles.overflow_x == "auto" and is_high:
            is_wide = size.width > width - styles.scrollbar_size_vertical
        if styles.overflow_y == "auto" and is_wide:
            is_high = size.height > height - styles.scrollbar_size_horizontal
        return is_high, is_wide
