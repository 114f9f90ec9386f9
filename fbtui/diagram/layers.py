"""The layered graph: boxes and, where a net passes a column, dummies; between columns, trunks.

A trunk joins the tips that a net has in one channel, the gap between two columns. An edge that runs backwards leaves
on the right, turns, passes back through its columns, and turns again into the left side of its target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from fbtui.diagram.fold import spot
from fbtui.diagram.model import Box, Model
from fbtui.protocol import End, PortInfo
from fbtui.protocol.plain import plain, slotted


@slotted(eq=False)
class Vertex:
    """A box, or a dummy (``box`` is None) of the height of one line."""

    layer: int
    height: int = 1
    gap: int = 0
    """Rows that stay free between it and the next vertex."""
    box: Box | None = None
    net: End | None = None
    y: int = 0
    """Its row: among the vertices of its column while they are ordered, in the picture once it is placed."""
    tips: list[Tip] = field(default_factory=list)
    crowds: list[list[Tip]] = field(default_factory=list)
    """Tips of edges into one port: their rows may be exchanged."""
    row: float = 0
    """Of a folded picture the row of columns that it is in; lines between two rows are half a one further."""
    wish: int | None = None
    """The row in the picture before, if there is one."""

    def stand(self, y: int) -> None:
        """Take a row, with all tips."""
        self.y = y
        for tip in self.tips:
            tip.y = y + tip.row


@slotted(eq=False)
class Tip:
    """Where a line meets a vertex, ``row`` cells below its top; what it is joined to on either side."""

    vertex: Vertex
    row: int
    y: int = 0
    edge: str | None = None
    lefts: list[Tip] = field(default_factory=list)
    rights: list[Tip] = field(default_factory=list)
    turns: list[Tip] = field(default_factory=list)
    """The other end of a turn: in the same column."""


@slotted(eq=False)
class Trunk:
    """What a net joins in one channel: tips on its left (sides of vertices that look right) and on its right."""

    net: End
    left: list[Tip] = field(default_factory=list)
    right: list[Tip] = field(default_factory=list)


@plain
class Hop:
    """An edge's way through one channel, from a tip to another, each on the channel's left side or on its right."""

    channel: int
    trunk: Trunk
    start: Tip
    end: Tip
    start_left: bool
    end_left: bool


@slotted()
class Layered:
    """Columns of vertices, trunks by channel (channel c lies right of column c), each edge's hops."""

    layers: list[list[Vertex]]
    channels: list[list[Trunk]]
    """Channel c is at index c + 1."""
    hops: dict[str, list[Hop]] = field(default_factory=dict)
    boxes: dict[str, Vertex] = field(default_factory=dict)


def layered(model: Model, rank: dict[str, int], cuts: Sequence[int] = (0,)) -> Layered:
    """Return the layered graph of a model.

    Args:
        model: the boxes and nets.
        rank: where in the sequence of columns each box stands.
        cuts: the rank that each row of columns begins with.
    """
    spots = {box: spot(at, cuts) for box, at in rank.items()}
    count = max((column for _, column in spots.values()), default=0) + 1
    graph = Layered([[] for _ in range(count)], [[] for _ in range(count + 1)])
    heads: dict[str, Tip] = {}
    roots: dict[End, Tip] = {}
    for box in model.boxes.values():
        _add_box(graph, box, spots[box.id], heads, roots)
    for net, edges in model.nets.items():
        builder = _NetBuilder(graph, net, roots[net])
        for edge in edges:
            graph.hops[edge.id] = builder.lead_to(heads[edge.id])
    for trunks in graph.channels:
        for trunk in trunks:
            _join(trunk)
    return graph


def _add_box(graph: Layered, box: Box, place: tuple[int, int], heads: dict[str, Tip], roots: dict[End, Tip]) -> None:
    level, layer = place
    vertex = graph.boxes[box.id] = Vertex(layer, box.height, 0 if box.shape == "tag" else 1, box, row=level)
    graph.layers[layer].append(vertex)
    ports: dict[PortInfo, list[Tip]] = {}
    for row in box.left:
        if row.edge is not None:
            tip = heads[row.edge] = Tip(vertex, row.y, edge=row.edge)
            vertex.tips.append(tip)
            ports.setdefault(row.port, []).append(tip)
    vertex.crowds = [tips for tips in ports.values() if len(tips) > 1]
    for row in box.right:
        if row.net is not None:
            tip = roots[row.net] = Tip(vertex, row.y)
            vertex.tips.append(tip)


def _join(trunk: Trunk) -> None:
    for a in trunk.left:
        a.rights += trunk.right
    for b in trunk.right:
        b.lefts += trunk.left
    for tips, others in ((trunk.left, trunk.right), (trunk.right, trunk.left)):
        if not others:
            for tip in tips:
                tip.turns += [other for other in tips if other is not tip]


class _NetBuilder:
    def __init__(self, graph: Layered, net: End, root: Tip) -> None:
        self._graph, self._net, self._root = graph, net, root
        self._dummies: dict[int, Tip] = {}
        self._trunks: dict[int, Trunk] = {}
        self._row: float = 0

    def lead_to(self, target: Tip) -> list[Hop]:
        first, last = self._root.vertex.layer, target.vertex.layer
        row, below = self._root.vertex.row, target.vertex.row
        self._row = row + (below > row) / 2 - (below < row) / 2
        return self._forward(first, last, target) if last > first else self._back(first, last, target)

    def _dummy(self, layer: int) -> Tip:
        tip = self._dummies.get(layer)
        if tip is None:
            vertex = Vertex(layer, net=self._net, row=self._row)
            self._graph.layers[layer].append(vertex)
            tip = self._dummies[layer] = Tip(vertex, 0)
            vertex.tips.append(tip)
        return tip

    def _hop(self, channel: int, start: tuple[Tip, bool], end: tuple[Tip, bool]) -> Hop:
        trunk = self._trunks.get(channel)
        if trunk is None:
            trunk = self._trunks[channel] = Trunk(self._net)
            self._graph.channels[channel + 1].append(trunk)
        for tip, on_left in (start, end):
            side = trunk.left if on_left else trunk.right
            if tip not in side:
                side.append(tip)
        return Hop(channel, trunk, start[0], end[0], start[1], end[1])

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
