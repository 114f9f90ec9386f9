"""Exchanging neighbours in the columns, where that saves crossings or bends.

Each vertex has at most one line on each side that it prefers to be straight. Where two of these cross, one of them
has to bend: such a crossing counts more than another one.
"""

from __future__ import annotations

from bisect import bisect_left
from math import nan
from typing import Final

from fbtui.diagram.layers import Tip, Vertex
from fbtui.diagram.straighten import NEARNESS, WEIGHTS

PASSES: Final = 5
REACH: Final = 6
"""Neighbours that a vertex moves past, at most."""
PATIENCE: Final = 3
"""Loss after which it looks no further."""
SWITCHES: Final = 6
"""Rounds of exchanging crossed long lines, at most."""
BENT: Final = 3
"""What a crossing of two preferred lines costs more than another one."""

Preferred = dict[Vertex, Tip]
"""For vertices the far end of the line that they prefer on one side, to no vertex more than one."""
_Rows = tuple[list[int], list[int], int | None, int | None]
"""The rows that the lines of a vertex lead to on the left and on the right, and those of the lines it prefers."""


def switch(layers: list[list[Vertex]], todo: set[int], *, straight: bool = False) -> set[int]:
    """Move vertices past a few neighbours where that saves crossings; return the numbers of the columns that change.

    Args:
        layers: the columns; vertices stand in their rows.
        todo: the numbers of those in which something may be saved.
        straight: save bends, too.
    """
    done: set[int] = set()
    for _ in range(PASSES):
        left, right = _preferred(layers) if straight else ({}, {})
        near: set[int] = set()
        for number, layer in enumerate(layers):
            if number in todo and len(layer) > 1 and _sift(layer, left, right):
                stand(layer)
                done.add(number)
                near |= {number - 1, number, number + 1}
                todo = todo | near
        todo = near
        if not todo:
            break
    return done


def stand(layer: list[Vertex]) -> None:
    """Give the vertices of a column rows, one below the other."""
    row = gap = 0
    for vertex in layer:
        row += max(gap, vertex.gap)
        vertex.stand(row)
        row += vertex.height
        gap = vertex.gap


def _preferred(layers: list[list[Vertex]]) -> tuple[Preferred, Preferred]:
    """Return the lines that vertices prefer on the left and on the right: of those that weigh most, one each."""
    left: Preferred = {}
    right: Preferred = {}
    for layer in layers:
        pairs = [
            (abs(tip.y - other.y) * NEARNESS - _weight(tip, other), tip, other)
            for vertex in layer
            for tip in vertex.tips
            for other in tip.rights
        ]
        for _, tip, other in sorted(pairs, key=lambda pair: pair[0]):
            if tip.vertex not in right and other.vertex not in left:
                right[tip.vertex], left[other.vertex] = other, tip
    return left, right


def _weight(a: Tip, b: Tip) -> float:
    return WEIGHTS[(a.vertex.box is not None) + (b.vertex.box is not None)]


def _sift(layer: list[Vertex], left: Preferred, right: Preferred) -> bool:
    """Move each vertex to the best of the places near it; return whether any was moved."""
    rows: list[_Rows] = []
    for vertex in layer:
        lefts = sorted([other.y for tip in vertex.tips for other in tip.lefts])
        rights = sorted([other.y for tip in vertex.tips for other in tip.rights])
        near, far = left.get(vertex), right.get(vertex)
        rows.append((lefts, rights, None if near is None else near.y, None if far is None else far.y))
    moved = False
    i = 0
    while i < len(layer):
        target = _best_place(layer, rows, i)
        if target != i:
            layer.insert(target, layer.pop(i))
            rows.insert(target, rows.pop(i))
            moved = True
        i += target <= i
    return moved


def _best_place(layer: list[Vertex], rows: list[_Rows], at: int) -> int:
    best, place = 0, at
    for step, end in ((1, min(len(layer), at + REACH + 1)), (-1, max(-1, at - REACH - 1))):
        total = 0
        for n in range(at + step, end, step):
            if layer[n].row != layer[at].row:
                break
            total += _saved(rows[at], rows[n]) if step > 0 else _saved(rows[n], rows[at])
            if total > best:
                best, place = total, n
            elif total < -PATIENCE:
                break
    return place


def _saved(upper: _Rows, lower: _Rows) -> int:
    """Return how much it saves to exchange two vertices."""
    above, above_right, one, one_right = upper
    below, below_right, other, other_right = lower
    saved = 0
    if above and below:
        saved = _crossed(above, below)
    if above_right and below_right:
        saved += _crossed(above_right, below_right)
    if one is not None and other is not None:
        saved += BENT if one > other else -BENT
    if one_right is not None and other_right is not None:
        saved += BENT if one_right > other_right else -BENT
    return saved


def _crossed(upper: list[int], lower: list[int]) -> int:
    """Return by how much lines to these rows cross more often than if the lower one's vertex were above."""
    if upper[-1] < lower[0]:
        return -len(upper) * len(lower)
    if lower[-1] < upper[0]:
        return len(upper) * len(lower)
    return _inversions(upper, lower) - _inversions(lower, upper)


def push_crossings(layer: list[Vertex]) -> bool:
    """Exchange neighbours whose lines cross left of them, if they cross right of them no more than once then.

    Long lines cross where one of them ends: between columns that both pass, one would have to bend.
    """
    changed = False
    for _ in range(SWITCHES):
        moved = False
        for i in range(len(layer) - 1):
            upper, lower = layer[i], layer[i + 1]
            if upper.row == lower.row and _passed(upper) > _passed(lower):
                rows = [sorted([other.y for other in vertex.tips[0].rights]) for vertex in (upper, lower)]
                if _inversions(rows[1], rows[0]) <= _inversions(rows[0], rows[1]) + 1:
                    layer[i], layer[i + 1] = lower, upper
                    moved = changed = True
        if not moved:
            break
    return changed


def _passed(vertex: Vertex) -> float:
    """Return the row in which the line of a vertex passes the column to the left, NaN if it passes none."""
    before = vertex.tips[0].lefts if vertex.box is None else ()
    return before[0].y if len(before) == 1 and before[0].vertex.box is None else nan


def _inversions(upper: list[int], lower: list[int]) -> int:
    """Count how often a row of the upper one lies below one of the lower one; both are sorted."""
    if not upper or not lower or upper[-1] <= lower[0]:
        return 0
    return sum([bisect_left(lower, row) for row in upper])
