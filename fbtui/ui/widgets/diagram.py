"""The diagram: one view that draws the lines of a scene."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.binding import BindingType
from textual.events import Click, MouseMove
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from fbtui.diagram import PACKET, Overlay, Overview, Painter, PlacedBox, PlacedEdge, Run, Scene, overview
from fbtui.diagram.canvas import ASCII
from fbtui.ui.actions import PANES, bindings
from fbtui.ui.widgets.nearest import Selection, centres, nearest
from fbtui.ui.widgets.parts import BESIDE, part_of_edge
from fbtui.ui.widgets.runs import RIGHT, RunView

MARGIN: Final = 2, 1
"""Columns and rows left free at each side of a picture that is scrolled, or seen from far away."""
FAR_ROLES: Final = ("path", "stuck", "next")
"""What of an edge's roles is seen from far away, the most important one last."""
FAR_HEAT: Final = {"warm": ("▪", ASCII["▪"]), "hot": ("■", ASCII["■"])}
"""What stands at the end of an edge that fills up, seen from far away; drawn and in plain characters."""


class DiagramView(RunView):
    """Draws a scene with its overlay, and lets things be selected in it."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(PANES["diagram"])]

    class Selected(Message):
        """Something was selected; nothing, if ``selection`` is None."""

        def __init__(self, selection: Selection | None) -> None:
            super().__init__()
            self.selection = selection

    class Asked(Message):
        """What can be done with something is asked: it was clicked with the right button."""

        def __init__(self, selection: Selection | None, spot: Offset) -> None:
            super().__init__()
            self.selection = selection
            self.spot = spot

    class Entered(Message):
        """A node was clicked twice: its graph, if it has one, is to be seen alone."""

        def __init__(self, node: str) -> None:
            super().__init__()
            self.node = node

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._painter: Painter | None = None
        self._far: Overview | None = None
        """The picture from far away, while that is shown."""
        self._overlay = Overlay()
        self._empty: Sequence[str] = ()
        """What is said while there is no picture."""
        self._chosen: Selection | None = None
        """What was selected here and is not shown yet."""
        self._rows: dict[int, list[Run]] = {}
        """The rows that were painted, as much of them as is in the window."""
        self._columns = 0, 0
        """The part of the rows that is in the window."""
        self._hot: dict[tuple[int, int], Run] | None = None
        self._scrolled = Offset()
        self._room = Size()
        """How large the window over the picture was when it was last of another size."""

    def say_when_empty(self, rows: Sequence[str]) -> None:
        """Show a text in the middle while there is no picture."""
        if rows != self._empty:
            self._empty = rows
            if self._painter is None:
                self._rows.clear()
                self.refresh()

    @property
    def scene(self) -> Scene | None:
        """The scene that is shown."""
        return self._painter.scene if self._painter is not None else None

    def show_scene(self, scene: Scene, *, far: bool = False) -> None:
        """Show another scene, or the whole of it from far away."""
        self._painter = Painter(scene, ascii_only=self._ascii)
        self._overlay = Overlay(selected=self._overlay.selected)  # the rest lay on the cells of the scene before
        self._far, self._hot = self._overview() if far else None, None
        self._take_room()
        self._rows.clear()
        self.refresh()

    def _overview(self) -> Overview | None:
        scene, room = self.scene, self.size
        if scene is None:
            return None
        return overview(scene, room.width - 2 * MARGIN[0], room.height - 2 * MARGIN[1], ascii_only=self._ascii)

    @property
    def _extent(self) -> tuple[int, int]:
        """Columns and rows of what is shown."""
        if self._far is not None:
            return self._far.width, len(self._far.rows)
        return (self.scene.width, self.scene.height) if self.scene is not None else (0, 0)

    def fits(self, scene: Scene) -> bool:
        """Return whether a scene can be seen as a whole."""
        return scene.width <= self.size.width and scene.height <= self.size.height

    def _take_room(self) -> None:
        """Take as much room as what is shown, and a margin where that is larger than the window."""
        (width, height), (right, below) = self._extent, self._margin_in(self.size)
        self.virtual_size = Size(width + 2 * right, height + 2 * below)

    def _margin_in(self, room: Size) -> tuple[int, int]:
        """Columns and rows that are left free around a picture that is scrolled."""
        width, height = self._extent
        return MARGIN[0] * (width > room.width), MARGIN[1] * (height > room.height)

    def show_overlay(self, overlay: Overlay) -> None:
        """Show what has moved; only lines that look different are drawn again."""
        if self._painter is None:
            return
        before, self._overlay, self._hot = self._overlay, overlay, None
        if overlay.selected != before.selected:
            self._chosen = None
        if self._far is not None:
            self._rows.clear()
            self.refresh()
            return
        dy, top = self._offset()[1], int(self.scroll_offset.y)
        changed = [y + dy for y in self._painter.changed(before, overlay)]
        for y in changed:
            self._rows.pop(y, None)
        visible = [y - top for y in changed if 0 <= y - top < self.size.height]
        if visible:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in visible))

    def _offset(self, room: Size | None = None) -> tuple[int, int]:
        """A scene that is smaller than the view stands in its middle; the view is as large as it is, or ``room``."""
        room = room or self.size
        (width, height), (left, above) = self._extent, self._margin_in(room)
        return max(left, (room.width - width) // 2), max(above, (room.height - height) // 2)

    def _row(self, y: int) -> list[Run]:
        row = self._rows.get(y)
        if row is None:
            (dx, dy), (left, right) = self._offset(), self._columns
            row = []
            if self._far is not None:
                row = self._far_row(y - dy, dx) if 0 <= y - dy < len(self._far.rows) else []
            elif self._painter is None:
                row = self._empty_row(y)
            elif self._painter is not None and 0 <= y - dy < self._painter.scene.height and right > dx:
                first = max(0, left - dx)
                (seen,) = self._painter.lines(
                    self._overlay, left=first, top=y - dy, width=right - dx - first, height=1
                )
                row = [(" " * (dx + first), ""), *seen]
            self._rows[y] = row
        return row

    def _empty_row(self, y: int) -> list[Run]:
        """A row while there is no picture."""
        index = y - (self.size.height - len(self._empty)) // 2
        text = self._empty[index] if 0 <= index < len(self._empty) else ""
        return [(" " * max(0, (self.size.width - cell_len(text)) // 2), ""), (text, "dim")]

    def _far_row(self, y: int, dx: int) -> list[Run]:
        """A row seen from far away: only what stands out has a colour."""
        assert self._far is not None
        if self._hot is None:
            self._hot = self.standing_out(self._far)
        row = self._far.rows[y]
        return [(" " * dx, ""), *(self._hot.get((x, y), (character, "box")) for x, character in enumerate(row))]

    def standing_out(self, seen: Overview) -> dict[tuple[int, int], Run]:
        """Return what of the picture stands out from far away, by the cell that it is seen in."""
        scene, found = self.scene, dict[tuple[int, int], Run]()
        if scene is None:
            return found
        looks = [(scene.edge[edge], look) for edge, look in self._overlay.edges.items() if edge in scene.edge]

        def trace(placed: PlacedEdge, style: str) -> None:
            for point in placed.cells():
                x, y = seen.cell(*point)
                found[x, y] = seen.rows[y][x], style

        for warmth, glyphs in FAR_HEAT.items():
            full = [placed for placed, look in looks if look.heat == warmth]
            for placed in full:
                trace(placed, f"edge.{warmth}")
            found |= {seen.cell(*placed.path[-1]): (glyphs[self._ascii], f"edge.{warmth}") for placed in full}
        for role in FAR_ROLES:
            for placed in (placed for placed, look in looks if look.role == role):
                trace(placed, f"edge.{role}")
        for x, y in self._packets():
            found[seen.cell(x, y)] = ASCII[PACKET] if self._ascii else PACKET, "packet"
        return found

    def _packets(self) -> list[tuple[int, int]]:
        """Return the cells of the packets on their way, and of boxes that hide the next move."""
        scene, overlay = self.scene, self._overlay
        if scene is None:
            return []
        return [
            scene.edge[edge].cells()[look.packet_at]
            for edge, look in overlay.edges.items()
            if look.packet_at is not None and edge in scene.edge
        ] + [
            _middle(_region(scene.box[node]))
            for node, state in overlay.nodes.items()
            if state.mark in {PACKET, ASCII[PACKET]} and node in scene.box
        ]

    def render_line(self, y: int) -> Strip:
        """Return a line of the screen."""
        left = int(self.scroll_offset.x)
        right = left + self.size.width
        if self._columns != (left, right):
            self._columns = left, right
            self._rows.clear()
        strip = self.strip(self._row(y + int(self.scroll_offset.y)))
        return strip.crop_extend(left, right, self.ground)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        self._scrolled = self.scroll_offset  # Textual cuts it short before it tells of another size
        return super()._size_updated(size, virtual_size, container_size, layout)

    def on_resize(self) -> None:
        """The middle has moved: what was seen in it stays there, as far as the picture goes."""
        before, self._room = self._room, self.size
        (dx, dy), (x, y) = self._offset(before), self._scrolled
        if self._far is not None:
            self._far = self._overview()
        self._take_room()
        if before and before != self.size:
            self.centre_on(int(x) - dx + before.width // 2, int(y) - dy + before.height // 2)
        self._rows.clear()
        self.refresh()  # what was drawn before this came may have used rows of the old middle

    # -- moving about

    def action_pan(self, dx: int, dy: int) -> None:
        """Scroll."""
        self.scroll_relative(x=dx, y=dy, animate=False)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Drag the picture."""
        if event.button == 1:
            self.scroll_relative(x=-event.delta_x, y=-event.delta_y, animate=False)

    @property
    def window(self) -> Region:
        """The part of the scene that is in view, in its cells."""
        dx, dy = self._offset()
        size = self.scrollable_content_region.size
        return Region(int(self.scroll_offset.x) - dx, int(self.scroll_offset.y) - dy, *size)

    @property
    def is_larger(self) -> bool:
        """Whether the picture is larger than the window over it."""
        return self._far is None and self.scene is not None and not self.fits(self.scene)

    def kept_in_sight(self) -> list[Region]:
        """Return where nothing may lie on the picture, from the upper left corner of the window: the next move, and
        what is selected."""
        scene, selected = self.scene, self._overlay.selected
        if scene is None:
            return []
        coming = [
            scene.edge[e].path for e, look in self._overlay.edges.items() if look.role == "next" and e in scene.edge
        ]
        points = [*self._packets(), *(end for path in coming for end in (path[0], path[-1]))]
        found = [_around(*point) for point in points]
        region = self._region_of(selected) if selected is not None else None
        dx, dy = self.window.offset
        return [one.translate((-dx, -dy)) for one in [*found, *([region] if region is not None else [])]]

    def boxes_in(self, region: Region) -> int:
        """Return how many cells of boxes are in a part of the window, which begins at its upper left corner."""
        if (scene := self.scene) is None:
            return 0
        x, y, width, height = region.translate(self.window.offset)
        placed = [box for row in range(y, y + height) for box in scene.boxes_at(row) if box.box.shape != "frame"]
        return sum(max(0, min(one.x + one.width, x + width) - max(one.x, x)) for one in placed)

    def _region_of(self, what: Selection) -> Region | None:
        """Return the cells around something in the scene."""
        scene, (kind, name) = self.scene, what
        if scene is not None and kind == "edge" and name in scene.edge:
            (ax, ay), (bx, by) = scene.edge[name].path[0], scene.edge[name].path[-1]
            return Region(min(ax, bx), min(ay, by), abs(bx - ax) + 1, abs(by - ay) + 1)
        if scene is not None and kind == "node" and name in scene.box:
            return _region(scene.box[name])
        if scene is not None and kind == "port" and name in scene.port:
            y, start, end = scene.port[name]
            return Region(start, y, end - start, 1)
        return None

    def spot_of(self, what: Selection) -> Offset | None:
        """Return where on the screen something is that is in view."""
        region = self._region_of(what)
        if region is None or self._far is not None:
            return None
        at = region.center[0] - self.window.x, region.center[1] - self.window.y
        inside = Offset(int(at[0]), int(at[1]))
        return self.region.offset + inside if self.size.region.contains_point(inside) else None

    def bring_into_view(self, what: Selection, *, tail: bool = False) -> None:
        """Scroll so far that something can be seen; of an edge that is too long for that its label, or its tail."""
        region, window = self._region_of(what), self.window
        if region is None or self.scene is None or self._far is not None:  # from far away the whole of it is in view
            return
        if what[0] == "edge":
            edge = self.scene.edge[what[1]]
            box = self.scene.box_at(edge.path[0][0] - 1, edge.path[0][1]) if tail else None
            sends = self._region_of(("node", box)) if box is not None else None
            region = part_of_edge(edge, region, sends, window.size, tail=tail)
        around = region.translate(self._offset()).grow((1, BESIDE, 1, BESIDE))
        self.scroll_to_region(around, animate=False, force=True)

    def centre_on(self, x: int, y: int) -> None:
        """Put a cell of the scene in the middle of the window, as far as that can be."""
        if self._far is None:
            dx, dy = self._offset()
            self.scroll_to(x + dx - self.size.width // 2, y + dy - self.size.height // 2, animate=False, force=True)

    def centre(self, what: Selection) -> None:
        """Put something in the middle of the window."""
        region = self._region_of(what)
        if region is not None:
            self.centre_on(*_middle(region))

    # -- selecting

    def on_click(self, event: Click) -> None:
        """Select what is under the mouse; the right button asks what can be done with it."""
        if self.scene is not None:
            dx, dy = self._offset()
            x, y = event.x + int(self.scroll_offset.x) - dx, event.y + int(self.scroll_offset.y) - dy
            if self._far is not None:
                x, y = self._far.spot(x, y)
            what = self.scene.at(x, y)
            if event.button == RIGHT:
                self.post_message(self.Asked(what, event.screen_offset))
                return
            self._select(what)
            box = self.scene.box_at(x, y) if what is not None and what[0] != "edge" else None
            if event.chain == 2 and box is not None:
                self.post_message(self.Entered(box))

    def _select(self, what: Selection | None) -> None:
        """Ask for another selection; the next key counts from it, even if it comes before that is shown."""
        self._chosen = what
        self.post_message(self.Selected(what))

    def action_select(self, way: str) -> None:
        """Select the nearest thing in a direction."""
        scene = self.scene
        if scene is None:
            return
        places = centres(scene)
        selected = self._chosen or self._overlay.selected
        start = places.get(selected) if selected is not None else None
        if selected is not None and start is None and (region := self._region_of(selected)) is not None:
            start = region.center
        if start is None:
            seen = {what: at for what, at in places.items() if self.window.contains(*map(int, at))} or places
            first = min(seen, key=lambda what: (seen[what][0], seen[what][1]), default=None)
            if first is not None:
                self._select(first)
            return
        best = nearest(start, places, way)
        if best is not None:
            self._select(best)


def _region(placed: PlacedBox) -> Region:
    return Region(placed.x, placed.y, placed.width, placed.height)


def _middle(region: Region) -> tuple[int, int]:
    return region.x + region.width // 2, region.y + region.height // 2


def _around(x: int, y: int) -> Region:
    """A point and so much around it that it is found at a glance."""
    return Region(x - 3, y - 1, 7, 3)
