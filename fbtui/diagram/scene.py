"""The scene: every box and every edge with its cells. All that shows, clicks or exports a picture reads it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from fbtui.diagram.model import Box, Model, Zoom
from fbtui.diagram.route import Point
from fbtui.diagram.text import width as width_of
from fbtui.protocol import GRAPH, EdgeInfo, End
from fbtui.protocol.plain import plain, slotted

BAND: Final = 16
"""Rows of cells that are searched together."""


@dataclass(frozen=True)
class PlacedBox:
    """A box and the cell of its upper left corner."""

    box: Box
    x: int
    y: int
    depth: int = 0
    """How many frames it is in."""

    @cached_property
    def width(self) -> int:
        """Columns of cells."""
        return self.box.width

    @cached_property
    def height(self) -> int:
        """Rows of cells."""
        return self.box.height

    def contains(self, x: int, y: int) -> bool:
        """Return whether a cell belongs to the box."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def ports(self) -> Iterator[tuple[str, int, int, int]]:
        """Yield the named ports of a node: the place, the row, the first column and the one behind the last."""
        if self.box.shape != "node":
            return
        end = self.x + self.width
        for row in (*self.box.left, *self.box.right):
            if row.text:
                reach = width_of(row.text) + 2
                start, stop = (self.x, self.x + reach) if row in self.box.left else (end - reach, end)
                yield f"{self.box.id}.{row.port.kind}.{row.port.name}", self.y + row.y, start, stop


@plain
class PlacedEdge:
    """An edge, and the corners of its path from the cell at its tail port to the one at its head port."""

    edge: EdgeInfo
    path: tuple[Point, ...]
    room: int
    """Cells kept for what waits on it, right before the arrow."""

    @property
    def label(self) -> tuple[int, int, int]:
        """Column, row and width of the cells kept for what waits on it."""
        x, y = self.path[-1]
        return x - self.room, y, self.room

    def cells(self) -> list[Point]:
        """Return every cell of the path, in order."""
        found = [self.path[0]]
        for (ax, ay), (bx, by) in itertools.pairwise(self.path):
            if ay == by:
                way = 1 if bx > ax else -1
                found += [(x, ay) for x in range(ax + way, bx + way, way)]
            else:
                way = 1 if by > ay else -1
                found += [(ax, y) for y in range(ay + way, by + way, way)]
        return found


@slotted()
class Memory:
    """Where things stood on one level of a scene: what keeps the next scene calm."""

    ranks: dict[str, int] = field(default_factory=dict)
    """Where in the sequence of columns boxes stood."""
    cuts: list[int] = field(default_factory=list)
    """The rank that each row of columns began with."""
    rows: dict[str, int] = field(default_factory=dict)
    """Rows of boxes."""
    lines: dict[tuple[End, int], int] = field(default_factory=dict)
    """Rows in which a net passes a column."""
    starts: list[int] = field(default_factory=list)
    """Where the columns begin, and where the picture ends."""
    model: Model | None = None
    """The boxes and nets."""


@dataclass(frozen=True)
class Scene:
    """A picture before it is painted: its size, boxes (frames before what is in them) and edges."""

    width: int
    height: int
    boxes: tuple[PlacedBox, ...]
    edges: tuple[PlacedEdge, ...]
    zoom: Zoom = "full"
    memory: dict[str, Memory] = field(default_factory=dict, compare=False, repr=False)
    """By the path of the node whose graph is opened."""

    @cached_property
    def edge(self) -> dict[str, PlacedEdge]:
        """The edges by id."""
        return {placed.edge.id: placed for placed in self.edges}

    @cached_property
    def box(self) -> dict[str, PlacedBox]:
        """The boxes by id."""
        return {placed.box.id: placed for placed in self.boxes}

    @cached_property
    def port(self) -> dict[str, tuple[int, int, int]]:
        """The ports of nodes that are named in the picture, by place: the row and the columns of the first row of
        each."""
        found: dict[str, tuple[int, int, int]] = {}
        for placed in self.boxes:
            for place, *where in placed.ports():
                found.setdefault(place, (where[0], where[1], where[2]))
        return found

    @cached_property
    def nets(self) -> list[tuple[int, PlacedEdge]]:
        """The edges, each with the number of its net."""
        numbers: dict[End | None, int] = {}
        return [(numbers.setdefault(placed.edge.tail, len(numbers)), placed) for placed in self.edges]

    @cached_property
    def _bands(self) -> dict[int, tuple[list[PlacedBox], list[PlacedEdge]]]:
        bands: dict[int, tuple[list[PlacedBox], list[PlacedEdge]]] = {}
        for placed in self.boxes:
            for band in range(placed.y // BAND, (placed.y + placed.height - 1) // BAND + 1):
                bands.setdefault(band, ([], []))[0].append(placed)
        for edge in self.edges:
            rows = [y for _, y in edge.path]
            for band in range(min(rows) // BAND, max(rows) // BAND + 1):
                bands.setdefault(band, ([], []))[1].append(edge)
        return bands

    def boxes_at(self, y: int) -> Iterator[PlacedBox]:
        """Yield the boxes that have cells in a row."""
        for placed in self._bands.get(y // BAND, ([], []))[0]:
            if placed.y <= y < placed.y + placed.height:
                yield placed

    def _inmost(self, x: int, y: int) -> PlacedBox | None:
        found = [placed for placed in self.boxes_at(y) if placed.contains(x, y)]
        return max(found, key=lambda placed: placed.depth, default=None)

    def box_at(self, x: int, y: int) -> str | None:
        """Return the box whose inside or border is at a cell."""
        inner = self._inmost(x, y)
        return inner.box.id if inner is not None else None

    def at(self, x: int, y: int) -> tuple[str, str] | None:
        """Return what is at a cell: ``("node", id)``, ``("port", place)``, ``("edge", id)`` or nothing; one row
        beside an edge counts.

        The inside of a frame counts for the frame only where nothing else is. Lines of a net are shared: a shared
        cell counts for the edge declared first.
        """
        inner = self._inmost(x, y)
        if inner is not None and inner.box.shape != "frame":
            at = next((one for one, row, start, stop in inner.ports() if row == y and start <= x < stop), None)
            return ("node", inner.box.id) if at is None else ("port", at)
        for dy in (0, -1, 1):
            for edge in self._bands.get((y + dy) // BAND, ([], []))[1]:
                if _is_on(edge.path, x, y + dy):
                    return "edge", edge.edge.id
        return ("node", inner.box.id) if inner is not None else None


def _is_on(path: tuple[Point, ...], x: int, y: int) -> bool:
    return (
        any(
            min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)
            for (ax, ay), (bx, by) in itertools.pairwise(path)
        )
        or (x, y) == path[0]
    )


def inside(scene: Scene, path: str) -> Scene:
    """Return the scene of a node's graph with every place named as it is in the graph that the node is in.

    Args:
        scene: the scene, laid out as if there were nothing around it.
        path: the node's path; empty for the whole graph, which is returned as it is.
    """
    if not path:
        return scene

    def end(end: End | None) -> End | None:
        return None if end is None else replace(end, node=node(end.node))

    def node(name: str) -> str:
        return path if name == GRAPH else f"{path}/{name}"

    boxes = [
        replace(one, box=replace(one.box, id=f"{path}/{one.box.id}", node=node(one.box.node))) for one in scene.boxes
    ]
    edges = [
        replace(
            one, edge=replace(one.edge, id=f"{path}/{one.edge.id}", tail=end(one.edge.tail), head=end(one.edge.head))
        )
        for one in scene.edges
    ]
    return replace(scene, boxes=tuple(boxes), edges=tuple(edges))
