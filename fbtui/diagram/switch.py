"""Moving vertices within their columns, where that saves crossings or bends.

A vertex is moved past its neighbours one by one, and what each exchange saves is added up (sifting, after R. Rudell,
1993). Each vertex has at most one line on each side that it prefers to be straight. Where two of these cross, one of
them has to bend: such a crossing counts more than another one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fbtui.diagram.columns import Columns, inversions
from fbtui.diagram.straighten import NEARNESS, WEIGHTS

PASSES: Final = 5
REACH: Final = 8
"""Neighbours that a vertex moves past, at most."""
PATIENCE: Final = 3
"""Loss after which it looks no further."""
SWITCHES: Final = 6
"""Rounds of exchanging crossed long lines, at most."""
BENT: Final = 2
"""What a crossing of two preferred lines costs more than another one."""

Preferred = dict[int, int]
"""For vertices the row of the far end of the line that they prefer on one side, to no vertex more than one."""


def switch(columns: Columns, todo: Iterable[int], *, straight: bool = False) -> int:
    """Move vertices past a few neighbours where that saves crossings; return how many it saves.

    Args:
        columns: the columns; vertices stand in their rows.
        todo: the numbers of those in which something may be saved.
        straight: save bends, too.
    """
    saved = 0
    waiting = set(todo)
    for _ in range(PASSES):
        preferred = _preferred(columns) if straight else None
        near: set[int] = set()
        for number in range(len(columns.order)):
            if number in waiting and len(columns.order[number]) > 1:
                gain = Sifter(columns, number, preferred).sift()
                if gain:
                    saved += gain
                    near |= {number - 1, number, number + 1}
                    waiting |= near
        waiting = near
        if not waiting:
            break
    return saved


class Sifter:
    """One column, while its vertices are moved."""

    def __init__(
        self, columns: Columns, number: int, preferred: tuple[list[Preferred], list[Preferred]] | None = None
    ) -> None:
        self._columns, self._number = columns, number
        self._column = columns.order[number]
        self._exchanges = columns.exchanges(number)
        self._turned = columns.turned[number]
        self._preferred = [] if preferred is None else [side[number] for side in preferred]

    def sift(self) -> int:
        """Move each vertex to the best of the places near it; return what it saves."""
        column = self._column
        if not self._preferred and self._columns.stood[self._number] in self._exchanges.settled:
            return 0
        total = i = 0
        while i < len(column):
            saved, target = self._best_place(i)
            if saved:
                total += saved
                column.insert(target, column.pop(i))
                if self._turned:
                    self._columns.stand(self._number)
            i += target <= i
        if total:
            self._columns.stand(self._number)
        elif not self._preferred:
            self._exchanges.settled.add(self._columns.stood[self._number])
        return total

    def move(self, at: int, target: int) -> int:
        """Move a vertex past its neighbours, those of its row of columns; return how much it saves."""
        column, band = self._column, self._columns.band
        step = 1 if target > at else -1
        saved = 0
        while at != target and band[column[at]] == band[column[at + step]]:
            saved += self._saved(at, at + step, step)
            column[at], column[at + step] = column[at + step], column[at]
            at += step
            self._columns.stand(self._number)
        return saved

    def _best_place(self, at: int) -> tuple[int, int]:
        column, band, exchanges = self._column, self._columns.band, self._exchanges
        best, place = 0, at
        vertex = column[at]
        row = band[vertex]
        turned = self._turned
        is_plain = not self._preferred and vertex not in turned
        for step, end in ((1, min(len(column), at + REACH + 1)), (-1, max(-1, at - REACH - 1))):
            total = 0
            for n in range(at + step, end, step):
                other = column[n]
                if band[other] != row:
                    break
                if is_plain and other not in turned:
                    total += exchanges[(vertex, other) if step > 0 else (other, vertex)]
                else:
                    total += self._saved(at, n, step)
                if total > best:
                    best, place = total, n
                elif total < -PATIENCE:
                    break
        return best, place

    def _saved(self, moved: int, passed: int, step: int) -> int:
        """Return how much it saves that a vertex passes another one, which it stands close to then."""
        column = self._column
        upper, lower = (column[moved], column[passed]) if step > 0 else (column[passed], column[moved])
        saved = self._exchanges[upper, lower]
        for ends in self._preferred:
            if upper in ends and lower in ends:
                saved += BENT if ends[upper] > ends[lower] else -BENT
        if upper in self._turned or lower in self._turned:
            saved += self._saved_turns(upper, lower, column[passed])
        return saved

    def _saved_turns(self, upper: int, lower: int, passed: int) -> int:
        """Return the same for turns: lines of what stands between their ends cross them, and so may they."""
        at = self._columns.rows
        here = at[passed]
        saved = 0
        for turns, rows in zip(self._columns.turns, self._exchanges.sides, strict=True):
            for end in turns[upper]:
                if end != lower:
                    saved += len(rows[lower]) if at[end] > here else -len(rows[lower])
            for end in turns[lower]:
                if end != upper:
                    saved += len(rows[upper]) if at[end] < here else -len(rows[upper])
            for a in turns[upper]:
                for b in turns[lower]:
                    if a != lower and b not in {upper, a}:
                        is_above = at[a] < here
                        same = is_above == (at[b] < here)
                        saved += 1 if (at[a] < at[b] if same else not is_above) else -1
        return saved


def _preferred(columns: Columns) -> tuple[list[Preferred], list[Preferred]]:
    """Return the lines that vertices prefer on the left and on the right: of those that weigh most, one each."""
    at = columns.rows
    weights = [0 if vertex.box is None else 1 for vertex in columns.vertices]
    left: list[Preferred] = [{} for _ in columns.order]
    right: list[Preferred] = [{} for _ in columns.order]
    for number, pairs in enumerate(columns.pairs[1:-1]):
        lines = []
        for a, row_a, b, row_b in pairs:
            y, other = at[a] + row_a, at[b] + row_b
            lines.append((abs(y - other) * NEARNESS - WEIGHTS[weights[a] + weights[b]], y, other, a, b))
        lines.sort(key=lambda line: line[0])
        rights, lefts = right[number], left[number + 1]
        for _, y, other, a, b in lines:
            if a not in rights and b not in lefts:
                rights[a], lefts[b] = other, y
    return left, right


def push_crossings(columns: Columns) -> None:
    """Exchange neighbours whose lines cross left of them, if they cross right of them no more than once then.

    Long lines cross where one of them ends: between columns that both pass, one would have to bend.
    """
    for number, column in enumerate(columns.order):
        passed = {n: row for n in column if (row := _passed(columns, n)) is not None}
        if len(passed) > 1 and _push(columns, column, passed):
            columns.stand(number)


def _push(columns: Columns, column: list[int], passed: dict[int, int]) -> bool:
    at, band = columns.rows, columns.band
    changed = False
    for _ in range(SWITCHES):
        moved = False
        for i in range(len(column) - 1):
            upper, lower = column[i], column[i + 1]
            if upper not in passed or lower not in passed or passed[upper] <= passed[lower]:
                continue
            above, below = (sorted([at[other] + row for other, row in columns.rights[n]]) for n in (upper, lower))
            is_worse = inversions(below, above) > inversions(above, below) + 1
            if band[upper] == band[lower] and not is_worse:
                column[i], column[i + 1] = lower, upper
                moved = changed = True
        if not moved:
            break
    return changed


def _passed(columns: Columns, number: int) -> int | None:
    """Return the row in which the line of a vertex passes the column to the left, if it passes that."""
    before = columns.lefts[number]
    if columns.vertices[number].box is not None or len(before) != 1:
        return None
    other, row = before[0]
    return columns.rows[other] + row if columns.vertices[other].box is None else None
