"""The picture: the diagram, above it a line that tells what is seen, and a map in a corner where it is larger."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Container
from textual.events import Click, DescendantBlur, DescendantFocus, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from fbtui.diagram import Run, Scene
from fbtui.protocol.plain import plain
from fbtui.ui.widgets.diagram import DiagramView
from fbtui.ui.widgets.minimap import Minimap
from fbtui.ui.widgets.runs import RunView

BETWEEN: Final = " › "
ACTION: Final = "●"
RULE, HEAVY_RULE = "─", "━"
"""The line, and that of a pane that has the focus."""
WORTH_IT: Final = 2
"""The map goes to another corner if it hides less than this part of what it hides where it is: a half."""


@plain
class Crumb:
    """A graph on the way from the whole one to that which is seen."""

    title: str
    path: str
    """Of its node; empty for the whole graph."""
    is_next: bool = False
    """Whether the next move is in it and not to be seen in the picture."""


class Head(RunView, can_focus=False):
    """The line above the diagram: which graph is seen and what it is in; a click on a name goes there."""

    class Chosen(Message):
        """A graph on the way was chosen: ``path`` is that of its node, empty for the whole one."""

        def __init__(self, path: str) -> None:
            super().__init__()
            self.path = path

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._crumbs: Sequence[Crumb] = ()
        self._words: Sequence[Run] = ()
        self._has_focus = False

    def show(self, crumbs: Sequence[Crumb], words: Sequence[Run]) -> None:
        """Show the way to a graph, and what there is to say of the picture."""
        if (crumbs, words) != (self._crumbs, self._words):
            self._crumbs, self._words = crumbs, words
            self.refresh()

    def show_focus(self, has_focus: bool) -> None:
        """Show whether the diagram has the focus."""
        self._has_focus = has_focus
        self.refresh()

    def _pieces(self) -> list[tuple[Run, str | None]]:
        """Return the names as runs, each with the path that it leads to; the first ones give way to the last."""
        room, pieces = self.size.width - 4, list[tuple[Run, str | None]]()
        for i, crumb in enumerate(reversed(self._crumbs)):
            style = "crumb" if i else "crumb.focus" if self._has_focus else "crumb.here"
            piece: list[tuple[Run, str | None]] = [((crumb.title, style), crumb.path)]
            if crumb.is_next:
                piece.append(((f" {ACTION}", "next"), crumb.path))
            if i:
                piece.append(((BETWEEN, "dim"), None))
            width = sum(cell_len(text) for (text, _), _ in piece)
            if width > room and i:
                return [(("…", "dim"), None), ((BETWEEN, "dim"), None), *pieces]
            room -= width
            pieces = piece + pieces
        return pieces

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        rule, line = ("rule.focus", HEAVY_RULE) if self._has_focus else ("rule", RULE)
        width = self.size.width
        left: list[Run] = [(f"{line} ", rule), *(run for run, _ in self._pieces()), (" ", rule)]
        right: list[Run] = [(" ", rule), *self._words, (f" {line}", rule)] if self._words else []
        gap = width - sum(cell_len(text) for text, _ in (*left, *right))
        strip = self.strip([*left, (line * max(0, gap), rule), *right])
        if gap < 0:
            strip = Strip.join([strip.crop(0, width - 1), self.strip([("…", "dim")])])
        return strip.adjust_cell_length(width, self.ground)

    def on_click(self, event: Click) -> None:
        """Go to the graph whose name was clicked."""
        x = event.x - 2
        for (text, _), path in self._pieces():
            x -= cell_len(text)
            if x < 0:
                if path is not None:
                    self.post_message(self.Chosen(path))
                return


class Picture(Container):
    """Diagram, head line and map.

    Args:
        diagram: the diagram.
    """

    def __init__(self, diagram: DiagramView, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.diagram = diagram
        self.head = Head(id="head")
        self.map = Minimap(diagram, ascii_only=ascii_only, id="map")
        self.has_map = True
        """Whether the map is shown where the picture is larger than its window."""
        self._corner = 0
        self._seen: tuple[Scene | None, Region] | None = None

    def compose(self) -> ComposeResult:
        """Make the parts."""
        yield self.head
        yield self.diagram
        yield self.map

    def on_mount(self) -> None:
        """Follow the window over the picture."""
        for what in ("scroll_x", "scroll_y", "virtual_size"):
            self.watch(self.diagram, what, self.update_map, init=False)
        for what in ("show_horizontal_scrollbar", "show_vertical_scrollbar"):  # they take room of the window
            self.watch(self.diagram, what, self._update_map_later, init=False)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The diagram has the focus."""
        self.head.show_focus(True)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """The diagram has lost the focus."""
        self.head.show_focus(False)

    def on_resize(self, event: Resize) -> None:
        """There is another amount of room."""
        self._update_map_later()

    def _update_map_later(self) -> None:
        self.call_after_refresh(self.update_map)

    def update_map(self) -> None:
        """Show the map if it helps, in a corner where it hides neither the next packet nor what is selected, and few
        boxes."""
        place = self._place() if self.has_map and self.diagram.is_larger else None
        self.map.display = place is not None
        if place is not None:
            self.map.styles.width, self.map.styles.height = place.size
            self.map.styles.offset = place.offset
            self.map.update_map(place.size)

    def _place(self) -> Region | None:
        room = self.diagram.scrollable_content_region.size
        width, height = self.map.wanted_size(room)
        if not width or not height:
            return None
        above = self.head.size.height
        right, bottom = room.width - width, above + room.height - height
        places = [Region(x, y, width, height) for x, y in ((right, bottom), (right, above), (0, bottom), (0, above))]
        kept = [region.translate((0, above)) for region in self.diagram.kept_in_sight()]
        free = [place for place in places if not any(place.overlaps(region) for region in kept)]
        if not free:
            return None
        seen, now = (self.diagram.scene, self.diagram.window), places[self._corner]
        if now in free and (seen == self._seen or self.map.is_dragged):  # it stays where it is as long as it can
            return now
        self._seen = seen
        hidden = {place: self.diagram.boxes_in(place.translate((0, -above))) for place in free}
        best = min(free, key=lambda place: hidden[place])
        if now not in free or hidden[best] * WORTH_IT < hidden[now]:
            self._corner = places.index(best)
        return places[self._corner]
