"""The scene: every box and every edge with its cells. All that shows, clicks or exports a picture reads it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

from fbtui.diagram.layers import Hop, Layered, layered
from fbtui.diagram.model import Box, Model, build
from fbtui.diagram.order import order
from fbtui.diagram.place import place
from fbtui.diagram.rank import ranks
from fbtui.diagram.route import LABEL, Channel, Part, Point, assign_tracks
from fbtui.protocol import EdgeInfo, End, GraphInfo


@dataclass(frozen=True)
class PlacedBox:
    """A box and the cell of its upper left corner."""

    box: Box
    x: int
    y: int

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.box.width

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.box.height

    def contains(self, x: int, y: int) -> bool:
        """Return whether a cell belongs to the box."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True)
class Line:
    """A straight piece of a net, from one cell to another, both included."""

    net: End
    start: Point
    end: Point


@dataclass(frozen=True)
class PlacedEdge:
    """An edge, and the corners of its path from the cell at its tail port to the one at its head port."""

    edge: EdgeInfo
    path: tuple[Point, ...]

    @property
    def label(self) -> tuple[int, int, int]:
        """Column, row and width of the cells kept for what waits on it, right before the arrow."""
        x, y = self.path[-1]
        return x - LABEL, y, LABEL

    def cells(self) -> list[Point]:
        """Return every cell of the path, in order."""
        found = [self.path[0]]
        for (ax, ay), (bx, by) in itertools.pairwise(self.path):
            dx, dy = (bx > ax) - (bx < ax), (by > ay) - (by < ay)
            for _ in range(abs(bx - ax) + abs(by - ay)):
                x, y = found[-1]
                found.append((x + dx, y + dy))
        return found


@dataclass(frozen=True)
class Scene:
    """A picture before it is painted: its size, boxes, edges, and the lines of its nets."""

    width: int
    height: int
    boxes: tuple[PlacedBox, ...]
    edges: tuple[PlacedEdge, ...]
    lines: tuple[Line, ...]

    @cached_property
    def edge(self) -> dict[str, PlacedEdge]:
        """The edges by id."""
        return {placed.edge.id: placed for placed in self.edges}

    @cached_property
    def box(self) -> dict[str, PlacedBox]:
        """The boxes by id."""
        return {placed.box.id: placed for placed in self.boxes}

    @cached_property
    def _edges_by_cell(self) -> dict[Point, str]:
        """The lines of a net are shared: a shared cell counts for the edge declared first."""
        cells: dict[Point, str] = {}
        for placed in self.edges:
            for cell in placed.cells():
                cells.setdefault(cell, placed.edge.id)
        return cells

    def at(self, x: int, y: int) -> tuple[str, str] | None:
        """Return what is at a cell: ``("node", id)``, ``("edge", id)`` or nothing; one row beside counts."""
        for placed in self.boxes:
            if placed.contains(x, y):
                return "node", placed.box.id
        for dy in (0, -1, 1):
            edge = self._edges_by_cell.get((x, y + dy))
            if edge is not None:
                return "edge", edge
        return None


def lay_out(graph: GraphInfo, *, all_ports: bool = False) -> Scene:
    """Return the scene of a graph. The same graph gives the same scene.

    Args:
        graph: the graph.
        all_ports: draw ports without an edge, too, that are a message, a signal or an optional config.
    """
    model = build(graph, all_ports=all_ports)
    columns = layered(model, ranks(model))
    order(columns)
    place(columns)
    return _Drawing(model, columns).scene()


class _Drawing:
    def __init__(self, model: Model, graph: Layered) -> None:
        self._model, self._graph = model, graph
        self._channels = self._route()
        self._columns: list[tuple[int, int]] = []
        self._lines: dict[Line, None] = {}

    def _route(self) -> dict[int, Channel]:
        by_channel: dict[int, dict[End, object]] = {}
        for (net, channel), trunk in self._graph.trunks.items():
            by_channel.setdefault(channel, {})[net] = trunk
        count = len(self._graph.layers)
        return {c: assign_tracks(by_channel.get(c, {})) for c in range(-1, count)}  # type: ignore[arg-type]

    def scene(self) -> Scene:
        x = 0
        for number in range(-1, len(self._graph.layers)):
            if number >= 0:
                layer = self._graph.layers[number]
                width = max((vertex.width for vertex in layer), default=1)
                for vertex in layer:
                    vertex.x = x
                self._columns.append((x, x + width - 1))
                x += width
            channel = self._channels[number]
            if channel.parts or 0 <= number < len(self._graph.layers) - 1:
                channel.lay(x)
                x = channel.end + 1
        boxes = [
            PlacedBox(vertex.box, vertex.x, vertex.y)
            for vertex in self._graph.boxes.values()
            if vertex.box is not None
        ]
        edges = [
            PlacedEdge(edge, self._path(net, edge.id)) for net, some in self._model.nets.items() for edge in some
        ]
        height = 1 + max(
            (y for line in self._lines for _, y in (line.start, line.end)),
            default=-1,
        )
        height = max([height, *(placed.y + placed.height for placed in boxes)])
        return Scene(x, height, tuple(boxes), tuple(edges), tuple(self._lines))

    # -- paths

    def _path(self, net: End, edge: str) -> tuple[Point, ...]:
        hops = self._graph.hops[edge]
        first = hops[0].start
        assert first.vertex.box is not None
        points = [(first.vertex.x + first.vertex.width, first.y)]
        for hop in hops:
            points += self._through(net, hop)
        path = _corners(points)
        for start, end in itertools.pairwise(path):
            self._lines[Line(net, *sorted((start, end)))] = None
        return tuple(path)

    def _through(self, net: End, hop: Hop) -> list[Point]:
        channel = self._channels[hop.channel]
        part = channel.parts[net]
        if hop.start_left and hop.end_left:
            return [(part.x, hop.start.y), (part.x, hop.end.y), (self._columns[hop.channel][0], hop.end.y)]
        last = _last(part)
        if not hop.start_left and not hop.end_left:
            return [(last.x, hop.start.y), (last.x, hop.end.y), (channel.end, hop.end.y)]
        if hop.start_left:
            inner = self._bends(part, hop.start.y, hop.end.y)
            dummy = hop.end.vertex.box is None
            stop = self._columns[hop.channel + 1][1] if dummy else channel.end
            return [*inner, (stop, hop.end.y)]
        back = self._bends(part, hop.end.y, hop.start.y)
        return [*reversed(back), (self._columns[hop.channel][0], hop.end.y)]

    @staticmethod
    def _bends(part: Part, start: int, end: int) -> list[Point]:
        """Return the corners from a row on the left to a row on the right."""
        if part.is_straight and part.joined is None:
            return []
        points = []
        row = start
        at: Part | None = part
        while at is not None:
            target = at.bridge if at.joined is not None else end
            points += [(at.x, row), (at.x, target)]
            row = target
            at = at.joined
        return points


def _last(part: Part) -> Part:
    while part.joined is not None:
        part = part.joined
    return part


def _corners(points: list[Point]) -> list[Point]:
    """Return a path without repeated points and without corners that are none."""
    path: list[Point] = []
    for point in points:
        if path and path[-1] == point:
            continue
        while len(path) > 1 and _in_line(path[-2], path[-1], point):
            path.pop()
        path.append(point)
    return path


def _in_line(a: Point, b: Point, c: Point) -> bool:
    return a[0] == b[0] == c[0] or a[1] == b[1] == c[1]
