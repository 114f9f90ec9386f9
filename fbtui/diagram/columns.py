"""The columns of a connected piece in numbers, while its vertices are ordered: where they stand, and what crosses.

Edges into one port may be exchanged: here they all end in the first row of the port, and lines that end in one row
do not cross.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right

from fbtui.diagram.layers import Tip, Trunk, Vertex

Order = list[tuple[int, ...]]
"""For each column the vertices in it, by number, from top to bottom."""
Beside = tuple[tuple[int, ...], ...]
"""The order of the column beside one, if there is any."""
Rows = list[int]
Ends = list[tuple[int, int]]
"""Vertices that one is joined to, each with the row in it."""
Pair = tuple[int, int, int, int]
"""A line between two columns: vertex and row in it on the left, the same on the right."""


class Columns:
    """A connected piece: its vertices, what joins them, and an order of them in their columns."""

    def __init__(self, count: int) -> None:
        """Begin a piece of so many columns."""
        self.order: list[list[int]] = [[] for _ in range(count)]
        """The vertices of each column, by number; who changes it lets the column `stand` anew."""
        self.stood: Order = [()] * count
        """The same, as they stand."""
        self.vertices: list[Vertex] = []
        self.column: list[int] = []
        self.rows: list[int] = []
        """Where each vertex stands: one below the other."""
        self.lefts: list[Ends] = []
        self.rights: list[Ends] = []
        self.turns: tuple[list[list[int]], list[list[int]]] = [], []
        """For each vertex those at the other ends of its turns, on its left and on its right."""
        self.turned: list[set[int]] = [set() for _ in range(count)]
        """By column, the vertices with turns."""
        self.band: list[float] = []
        """The row of columns that each vertex is in."""
        self.wishes: tuple[list[Ends], list[Ends]] = [], []
        """For each vertex those that it is joined to on the left and on the right, turns included, and how many rows
        it is below them where the line is straight."""
        self.pairs: list[list[Pair]] = [[] for _ in range(count + 1)]
        """By channel; the first one lies left of all columns."""
        self.changed = set(range(count))
        """Columns that are in another order since crossings were counted."""
        self._spans: list[tuple[list[Ends], list[Ends]]] = [([], []) for _ in range(count + 1)]
        """The turns of each channel: those of the column right of it, and those of the column left of it."""
        self._exchanges: list[dict[tuple[Beside, Beside], Exchanges]] = [{} for _ in range(count)]
        """By column, for each order of those beside it."""
        self._counts = [0] * (count + 1)
        self._number: dict[Vertex, int] = {}
        self._first: dict[Tip, int] = {}
        """Tips of edges into one port, with its first row."""

    def add_vertex(self, column: int, vertex: Vertex) -> None:
        """Add a vertex at the end of a column."""
        number = self._number[vertex] = len(self.vertices)
        self.vertices.append(vertex)
        self.column.append(column)
        self.order[column].append(number)
        self.rows.append(0)
        self.band.append(vertex.row)
        for ends in (self.lefts, self.rights, *self.turns, *self.wishes):
            ends.append([])
        for crowd in vertex.crowds:
            first = min(tip.row for tip in crowd)
            self._first.update((tip, first) for tip in crowd)

    def add_trunk(self, channel: int, trunk: Trunk) -> None:
        """Join vertices, all of which have been added."""
        lefts, rights = self._ends(trunk.left), self._ends(trunk.right)
        for a, row_a in lefts:
            for b, row_b in rights:
                self.pairs[channel].append((a, row_a, b, row_b))
                self.rights[a].append((b, row_b))
                self.lefts[b].append((a, row_a))
                self.wishes[1][a].append((b, row_b - row_a))
                self.wishes[0][b].append((a, row_a - row_b))
        if not lefts or not rights:
            is_right = bool(lefts)
            ends = lefts or rights
            self._spans[channel][is_right].append(ends)
            for a, row in ends:
                others = [(b, row_b - row) for b, row_b in ends if b != a]
                self.turned[self.column[a]].add(a)
                self.turns[is_right][a] += [b for b, _ in others]
                self.wishes[0][a] += others
                self.wishes[1][a] += others

    def _ends(self, tips: list[Tip]) -> Ends:
        return [(self._number[tip.vertex], self._first.get(tip, tip.row)) for tip in tips]

    def copy(self) -> Order:
        """Return the order."""
        return list(self.stood)

    def take(self, order: Order) -> None:
        """Stand in another order."""
        for number, wanted in enumerate(order):
            if self.stood[number] != wanted:
                self.order[number] = list(wanted)
                self.stand(number)

    def shuffle(self, rng: random.Random) -> None:
        """Stand in any order."""
        for number, column in enumerate(self.order):
            rng.shuffle(column)
            column.sort(key=self.band.__getitem__)
            self.stand(number)

    def stand(self, number: int) -> None:
        """Give the vertices of a column their rows after its order has changed."""
        self.changed.add(number)
        rows, vertices = self.rows, self.vertices
        stood = self.stood[number] = tuple(self.order[number])
        row = gap = 0
        for n in stood:
            vertex = vertices[n]
            row += vertex.gap if vertex.gap > gap else gap
            rows[n] = row
            row += vertex.height
            gap = vertex.gap

    def exchanges(self, number: int) -> Exchanges:
        """Return what exchanges in a column save, while the columns beside it stand as they do."""
        key = tuple(self.stood[max(0, number - 1) : number]), tuple(self.stood[number + 1 : number + 2])
        found = self._exchanges[number].get(key)
        if found is None:
            found = self._exchanges[number][key] = Exchanges(self, number)
        return found

    def crossings(self) -> int:
        """Count the crossings that the order forces, turns included: anew beside the columns that have changed."""
        for channel in {*self.changed, *(number + 1 for number in self.changed)}:
            self._counts[channel] = self._count(channel)
        self.changed.clear()
        return sum(self._counts)

    def disorder(self) -> int:
        """Count the pairs of boxes in a column that stand against the order in which they were added."""
        total = 0
        for column in self.stood:
            seen: list[int] = []
            for n in column:
                if self.vertices[n].box is not None:
                    at = bisect_left(seen, n)
                    total += len(seen) - at
                    seen.insert(at, n)
        return total

    def crossed(self) -> set[int]:
        """Return the columns beside which lines cross."""
        return {n for n in range(len(self.order)) if self._counts[n] or self._counts[n + 1]}

    def _count(self, channel: int) -> int:
        at = self.rows
        total = 0
        lines = sorted([(at[a] + row_a, at[b] + row_b) for a, row_a, b, row_b in self.pairs[channel]])
        seen: list[int] = []
        for _, right in lines:
            below = bisect_right(seen, right)
            total += len(seen) - below
            seen.insert(below, right)
        for is_right in (True, False):
            turns = self._spans[channel][is_right]
            if turns:
                between = [left for left, _ in lines] if is_right else seen
                spans = [(min(rows), max(rows)) for rows in ([at[n] + row for n, row in ends] for ends in turns)]
                for n, (low, high) in enumerate(spans):
                    total += max(0, bisect_left(between, high) - bisect_right(between, low))
                    total += sum([a < low < b < high or low < a < high < b for a, b in spans[:n]])
        return total


class Exchanges(dict[tuple[int, int], int]):
    """What it saves to exchange two vertices of a column, turns aside: found when it is asked for first.

    It depends on where the vertices in the columns beside it stand.
    """

    def __init__(self, columns: Columns, number: int) -> None:
        super().__init__()
        self.settled: set[tuple[int, ...]] = set()
        """Orders of the column in which none of its vertices gains by a move."""
        rows = columns.rows
        self.sides: tuple[dict[int, Rows], ...] = tuple(
            {n: sorted([rows[other] + row for other, row in ends[n]]) for n in columns.order[number]}
            for ends in (columns.lefts, columns.rights)
        )

    def __missing__(self, pair: tuple[int, int]) -> int:
        upper, lower = pair
        saved = 0
        for rows in self.sides:
            above, below = rows[upper], rows[lower]
            if above and below:
                if above[-1] < below[0]:
                    saved -= len(above) * len(below)
                elif below[-1] < above[0]:
                    saved += len(above) * len(below)
                else:
                    saved += inversions(above, below) - inversions(below, above)
        self[pair] = saved
        return saved


def inversions(upper: Rows, lower: Rows) -> int:
    """Count how often a row of the upper one lies below one of the lower one; both are sorted."""
    if not upper or not lower or upper[-1] <= lower[0]:
        return 0
    return sum([bisect_left(lower, row) for row in upper])
