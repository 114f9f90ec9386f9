"""The layered graph: boxes and, where a net passes a column, dummies; between columns, trunks.

A trunk joins the ends that a net has in one channel, the gap between two columns. An edge that runs backwards leaves
on the right, turns, passes back through its columns, and turns again into the left side of its target.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fbtui.diagram.model import Box, Model
from fbtui.protocol import End


@dataclass(eq=False)
class Vertex:
    """A box, or a dummy (``box`` is None) of the height of one line."""

    layer: int
    box: Box | None = None
    net: End | None = None
    x: int = 0
    y: int = 0

    @property
    def height(self) -> int:
        """Rows of cells."""
        return self.box.height if self.box is not None else 1

    @property
    def width(self) -> int:
        """Columns of cells."""
        return self.box.width if self.box is not None else 1


@dataclass(frozen=True)
class Tip:
    """Where a line meets a side of a vertex: ``row`` counts from its top."""

    vertex: Vertex
    row: int

    @property
    def y(self) -> int:
        """The row of cells in the picture, once the vertex is placed."""
        return self.vertex.y + self.row


@dataclass
class Trunk:
    """What a net joins in one channel: tips on its left (sides of vertices that look right) and on its right."""

    left: list[Tip] = field(default_factory=list)
    right: list[Tip] = field(default_factory=list)


@dataclass(frozen=True)
class Hop:
    """An edge's way through one channel, from one tip to another. ``turns`` if both are on the same side."""

    channel: int
    start: Tip
    end: Tip
    start_left: bool
    end_left: bool


@dataclass
class Layered:
    """Columns of vertices, trunks by net and channel (channel c lies right of column c), and each edge's hops."""

    layers: list[list[Vertex]]
    trunks: dict[tuple[End, int], Trunk] = field(default_factory=dict)
    hops: dict[str, list[Hop]] = field(default_factory=dict)
    boxes: dict[str, Vertex] = field(default_factory=dict)


def layered(model: Model, rank: dict[str, int]) -> Layered:
    """Return the layered graph of a model."""
    graph = Layered([[] for _ in range(max(rank.values(), default=0) + 1)])
    rows: dict[str, Tip] = {}
    roots: dict[End, Tip] = {}
    for box in model.boxes.values():
        vertex = graph.boxes[box.id] = Vertex(rank[box.id], box)
        graph.layers[vertex.layer].append(vertex)
        rows.update({row.edge: Tip(vertex, i + 1) for i, row in enumerate(box.left) if row.edge is not None})
        roots.update({row.net: Tip(vertex, i + 1) for i, row in enumerate(box.right) if row.net is not None})
    for net, edges in model.nets.items():
        builder = _NetBuilder(graph, net, roots[net])
        for edge in edges:
            graph.hops[edge.id] = builder.lead_to(rows[edge.id])
    return graph


class _NetBuilder:
    def __init__(self, graph: Layered, net: End, root: Tip) -> None:
        self._graph, self._net, self._root = graph, net, root
        self._dummies: dict[int, Tip] = {}

    def lead_to(self, target: Tip) -> list[Hop]:
        first, last = self._root.vertex.layer, target.vertex.layer
        return self._forward(first, last, target) if last > first else self._back(first, last, target)

    def _dummy(self, layer: int) -> Tip:
        tip = self._dummies.get(layer)
        if tip is None:
            vertex = Vertex(layer, net=self._net)
            self._graph.layers[layer].append(vertex)
            tip = self._dummies[layer] = Tip(vertex, 0)
        return tip

    def _hop(self, channel: int, start: tuple[Tip, bool], end: tuple[Tip, bool]) -> Hop:
        trunk = self._graph.trunks.setdefault((self._net, channel), Trunk())
        for tip, on_left in (start, end):
            side = trunk.left if on_left else trunk.right
            if tip not in side:
                side.append(tip)
        return Hop(channel, start[0], end[0], start[1], end[1])

    def _forward(self, first: int, last: int, target: Tip) -> list[Hop]:
        at = self._root
        hops = []
        for layer in range(first + 1, last):
            dummy = self._dummy(layer)
            hops.append(self._hop(layer - 1, (at, True), (dummy, False)))
            at = dummy
        return [*hops, self._hop(last - 1, (at, True), (target, False))]

    def _back(self, first: int, last: int, target: Tip) -> list[Hop]:
        at = self._dummy(first)
        hops = [self._hop(first, (self._root, True), (at, True))]
        for layer in range(first - 1, last - 1, -1):
            dummy = self._dummy(layer)
            hops.append(self._hop(layer, (at, False), (dummy, True)))
            at = dummy
        return [*hops, self._hop(last - 1, (at, False), (target, False))]
