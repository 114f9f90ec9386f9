"""The row of each vertex: long edges straight, boxes near what they are joined to.

Per column, the rows are a weighted L1 isotonic fit to the rows that the neighbours ask for, by pooling adjacent
violators with medians (after M. J. Best and N. Chakravarti, "Active set algorithms for isotonic regression",
1990): the order is kept, the result is in whole cells.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from fbtui.diagram.layers import Layered, Vertex

SWEEPS: Final = 10
GAP: Final = 1

Wish = tuple[int, float]
"""A row and how much it is wanted."""


def place(graph: Layered) -> None:
    """Set ``y`` of every vertex."""
    lefts, rights, same = _joined(graph)
    for layer in graph.layers:
        row = 0
        for vertex in layer:
            vertex.y = row
            row += vertex.height + (GAP if vertex.box is not None else 0)
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        near = lefts if forwards else rights
        for layer in graph.layers if forwards else reversed(graph.layers):
            wishes = {}
            for vertex in layer:
                linked = near[vertex] if sweep < SWEEPS // 2 else lefts[vertex] + rights[vertex]
                wishes[vertex] = [
                    (other.y + there - here, weight) for here, other, there, weight in linked + same[vertex]
                ]
            _fit(layer, wishes)
    top = min((vertex.y for layer in graph.layers for vertex in layer), default=0)
    for layer in graph.layers:
        for vertex in layer:
            vertex.y -= top


Joined = dict[Vertex, list[tuple[int, Vertex, int, float]]]


def _joined(graph: Layered) -> tuple[Joined, Joined, Joined]:
    lefts: Joined = defaultdict(list)
    rights: Joined = defaultdict(list)
    same: Joined = defaultdict(list)
    for trunk in graph.trunks.values():
        for a in trunk.left:
            for b in trunk.right:
                weight = _weight(a.vertex, b.vertex)
                rights[a.vertex].append((a.row, b.vertex, b.row, weight))
                lefts[b.vertex].append((b.row, a.vertex, a.row, weight))
        for tips, others in ((trunk.left, trunk.right), (trunk.right, trunk.left)):
            for a in tips if not others else ():
                same[a.vertex] += [(a.row, b.vertex, b.row, 0.5) for b in tips if b is not a]
    return lefts, rights, same


def _weight(a: Vertex, b: Vertex) -> float:
    """A bend in a line that passes several columns is worst."""
    boxes = (a.box is not None) + (b.box is not None)
    return (8.0, 2.0, 1.0)[boxes]


@dataclass
class _Pool:
    wishes: list[Wish]
    vertices: list[Vertex]
    at: int = 0

    def settle(self) -> None:
        """Take the weighted median of what is wished for."""
        self.wishes.sort()
        half = sum(weight for _, weight in self.wishes) / 2
        reached = 0.0
        for row, weight in self.wishes:
            reached += weight
            self.at = row
            if reached >= half:
                return


def _fit(layer: list[Vertex], wishes: dict[Vertex, list[Wish]]) -> None:
    offsets: dict[Vertex, int] = {}
    below = 0
    for vertex in layer:
        offsets[vertex] = below
        below += vertex.height + (GAP if vertex.box is not None else 0)
    pools: list[_Pool] = []
    for vertex in layer:
        offset = offsets[vertex]
        wished = [(row - offset, weight) for row, weight in wishes[vertex]] or [(vertex.y - offset, 0.01)]
        pool = _Pool(wished, [vertex])
        pool.settle()
        while pools and pools[-1].at > pool.at:
            upper = pools.pop()
            pool = _Pool(upper.wishes + pool.wishes, upper.vertices + pool.vertices)
            pool.settle()
        pools.append(pool)
    for pool in pools:
        for vertex in pool.vertices:
            vertex.y = pool.at + offsets[vertex]
