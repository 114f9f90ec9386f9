"""The map: the whole picture in a few cells, with the window over it and where something moves."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.events import MouseDown, MouseMove, MouseUp
from textual.geometry import Region, Size
from textual.strip import Strip

from fbtui.diagram import Overview, Run, Scene, overview
from fbtui.ui.widgets.diagram import DiagramView
from fbtui.ui.widgets.runs import RunView

MOST: Final = 34, 10
"""Columns and rows of the map at most, its frame left out."""
SHARE: Final = 3
"""It takes at most this part of the width and the height of the window: a third."""
LEAST: Final = 4, 2
BLANK: Final = "·"
"""What is empty in the window: it is seen without colours, too."""
FRAME: Final = 2
"""Cells that the frame takes, both sides together."""


class Minimap(RunView, can_focus=False):
    """The map of a diagram: click or drag moves the window.

    Args:
        diagram: the diagram.
    """

    def __init__(self, diagram: DiagramView, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._diagram = diagram
        self._ascii = ascii_only
        self._made: tuple[Scene, Size, Overview] | None = None
        self._hot: dict[tuple[int, int], Run] = {}
        self._window = Region()
        self.is_dragged = False
        """Whether the mouse moves the window just now."""

    def wanted_size(self, room: Size) -> tuple[int, int]:
        """Return columns and rows, the frame included, so that the map has the proportions of the picture.

        Nothing, if there is too little room for it.
        """
        scene = self._diagram.scene
        most = Size(min(MOST[0], room.width // SHARE), min(MOST[1], room.height // SHARE))
        if scene is None or most.width < LEAST[0] or most.height < LEAST[1]:
            return 0, 0
        scale = max(scene.width / most.width, scene.height / most.height)
        columns = min(scene.width, max(LEAST[0], round(scene.width / scale)))
        rows = min(scene.height, max(LEAST[1], round(scene.height / scale)))
        return columns + FRAME, rows + FRAME

    def update_map(self, size: Size) -> None:
        """Show where the window is, and where something moves, in so many cells with the frame."""
        scene = self._diagram.scene
        if scene is None:
            return
        if self._made is None or self._made[0] is not scene or self._made[1] != size:
            seen = overview(scene, size.width - FRAME, size.height - FRAME, ascii_only=self._ascii)
            self._made = scene, size, seen
            self.refresh()
        seen = self._made[2]
        window = self._diagram.window
        left, top = seen.cell(max(0, window.x), max(0, window.y))
        right, bottom = seen.cell(min(window.right, scene.width) - 1, min(window.bottom, scene.height) - 1)
        hot = self._diagram.standing_out(seen)
        region = Region(left, top, right - left + 1, bottom - top + 1)
        if (region, hot) != (self._window, self._hot):
            self._window, self._hot = region, hot
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a line of the map."""
        if self._made is None or not 0 <= y < len(self._made[2].rows):
            return Strip.blank(self.size.width, self.ground)
        row, window = self._made[2].rows[y], self._window
        ground = Style(bgcolor=self._style("map.window").bgcolor)
        segments = []
        for x, character in enumerate(row):
            inside = window.contains(x, y)
            text, name = self._hot.get((x, y), (character, "map.window" if inside else "map"))
            style = self._style(name)
            if inside:
                text, style = BLANK if text == " " else text, style if name == "packet" else style + ground
            segments.append(Segment(text, style))
        return Strip(segments).adjust_cell_length(self.size.width, self.ground)

    # -- moving the window

    def on_mouse_down(self, event: MouseDown) -> None:
        """Put the window where the mouse is."""
        self.is_dragged = True
        self.capture_mouse()
        self._move_to(event)
        event.stop()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Drag the window."""
        if self.is_dragged:
            self._move_to(event)
            event.stop()

    def on_mouse_up(self, event: MouseUp) -> None:
        """Leave the window there."""
        self.is_dragged = False
        self.release_mouse()
        event.stop()

    def _move_to(self, event: MouseDown | MouseMove) -> None:
        if self._made is None:
            return
        seen, inside = self._made[2], event.get_content_offset(self)
        x, y = (inside.x, inside.y) if inside is not None else (event.x - 1, event.y - 1)
        x, y = max(0, min(x, seen.width - 1)), max(0, min(y, len(seen.rows) - 1))
        self._diagram.centre_on(*seen.spot(x, y))
