"""The row of each vertex: long edges straight, boxes near what they are joined to.

Per column, the rows are a weighted L1 isotonic fit to the rows that the neighbours ask for, by pooling adjacent
violators with medians (after M. J. Best and N. Chakravarti, "Active set algorithms for isotonic regression",
1990): the order is kept, the result is in whole cells. The row that a vertex had before is one more wish: that is
all that keeps a picture calm while its graph is edited.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import field
from typing import Final

from fbtui.diagram.layers import Layered, Tip, Vertex
from fbtui.protocol.plain import slotted

SWEEPS: Final = 3
CALM_SWEEPS: Final = 2
STAY: Final = 40.0
"""The weight of the row from before."""

Wish = tuple[int, float]
"""A row and how much it is wanted."""


def place(graph: Layered, *, calm: bool = False) -> None:
    """Set the row of every vertex.

    Args:
        graph: the layered graph, its columns in order.
        calm: begin with the rows from before.
    """
    sweeps = CALM_SWEEPS if calm else SWEEPS
    for sweep in range(sweeps):
        forwards = sweep % 2 == 0
        both = calm or sweep >= sweeps // 2
        for layer in graph.layers if forwards else reversed(graph.layers):
            wishes = [_wishes(vertex, left=forwards or both, right=not forwards or both) for vertex in layer]
            _fit(layer, wishes, top=0 if calm else None)


def rise(graph: Layered) -> None:
    """Let the picture begin in its first row."""
    top = min((vertex.y for layer in graph.layers for vertex in layer), default=0)
    if top:
        for layer in graph.layers:
            for vertex in layer:
                vertex.stand(vertex.y - top)


def _wishes(vertex: Vertex, *, left: bool, right: bool) -> list[Wish]:
    wishes: list[Wish] = []
    for tip in vertex.tips:
        row = tip.row
        if left:
            wishes += [(other.y - row, _weight(vertex, other)) for other in tip.lefts]
        if right:
            wishes += [(other.y - row, _weight(vertex, other)) for other in tip.rights]
        if tip.turns:
            wishes += [(other.y - row, 0.5) for other in tip.turns]
    if vertex.wish is not None:
        wishes.append((vertex.wish, STAY))
    return wishes or [(vertex.y, 0.01)]


def _weight(vertex: Vertex, other: Tip) -> float:
    """A bend in a line that passes several columns is worst; next comes the way from box to box."""
    if vertex.box is None:
        return 8.0 if other.vertex.box is None else 2.0
    return 2.0 if other.vertex.box is None else 3.0


@slotted()
class _Pool:
    """Vertices that stand close together, and the weighted median of what they wish for."""

    wishes: list[Wish]
    size: int = 1
    at: int = 0
    below: float = 0.0
    """The weight of the wishes before the one that is the median."""
    index: int = 0
    half: float = field(default=0.0)

    def settle(self) -> None:
        self.wishes.sort()
        self.half = sum([weight for _, weight in self.wishes]) / 2
        self.index, self.below = 0, 0.0
        self._walk()

    def take(self, other: _Pool) -> None:
        """Add the wishes of another pool, the smaller one's one by one."""
        if len(other.wishes) > len(self.wishes):
            self.wishes, other.wishes = other.wishes, self.wishes
            self.index, self.below = other.index, other.below
            self.at = other.at
        for wish in other.wishes:
            if wish < self.wishes[self.index]:
                self.index += 1
                self.below += wish[1]
            insort(self.wishes, wish)
        self.half += other.half
        self.size += other.size
        self._walk()

    def _walk(self) -> None:
        wishes = self.wishes
        while self.index and self.below >= self.half:
            self.index -= 1
            self.below -= wishes[self.index][1]
        while self.below + wishes[self.index][1] < self.half and self.index < len(wishes) - 1:
            self.below += wishes[self.index][1]
            self.index += 1
        self.at = wishes[self.index][0]


def _fit(layer: list[Vertex], wishes: list[list[Wish]], top: int | None = None) -> None:
    """Set the rows of a column to those wished for, as far as the order allows, and none above ``top``."""
    offsets = []
    row = gap = 0
    pools: list[_Pool] = []
    for vertex, wished in zip(layer, wishes, strict=True):
        row += max(gap, vertex.gap)
        offsets.append(row)
        if len(wished) == 1:
            pool = _Pool([(wished[0][0] - row, wished[0][1])], half=wished[0][1] / 2, at=wished[0][0] - row)
        else:
            pool = _Pool([(wish - row, weight) for wish, weight in wished])
            pool.settle()
        while pools and pools[-1].at > pool.at:
            upper = pools.pop()
            upper.take(pool)
            pool = upper
        pools.append(pool)
        row += vertex.height
        gap = vertex.gap
    i = 0
    for pool in pools:
        at = pool.at if top is None else max(pool.at, top - offsets[0])
        for n in range(i, i + pool.size):
            layer[n].stand(at + offsets[n])
        i += pool.size
