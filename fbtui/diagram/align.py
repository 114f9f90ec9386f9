"""More straight lines for a few crossings: vertices move to where one more line can be straight."""

from __future__ import annotations

from typing import Final

from fbtui.diagram.columns import Columns
from fbtui.diagram.ties import Link, heaviest

WORTH: Final = 3
"""Crossings that one more straight line is worth, at most."""

Ties = list[dict[int, int]]
"""By channel, which vertex stands at the other end of a vertex' straight line."""


def align(columns: Columns) -> None:
    """Move vertices whose line could be straight if it did not cross others that are."""
    _Aligner(columns).align()


class _Aligner:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._onward: Ties = [{} for _ in columns.pairs]
        self._back: Ties = [{} for _ in columns.pairs]
        for channel, pairs in enumerate(columns.pairs):
            if pairs:
                left, right = (_places(columns.order[number]) for number in (channel - 1, channel))
                for a, b in heaviest([Link(left[a], right[b], 1.0, (a, b)) for a, _, b, _ in pairs]):
                    self._onward[channel][a], self._back[channel][b] = b, a

    def align(self) -> None:
        """Look at each line between two vertices that have no straight one on that side."""
        for channel, pairs in enumerate(self._columns.pairs):
            onward, back = self._onward[channel], self._back[channel]
            for a, _, b, _ in pairs:
                if a in onward or b in back:
                    continue
                beyond, before = self._onward[channel + 1], self._back[channel - 1]
                if self._fits(b, a, onward, beyond) or self._fits(a, b, back, before):
                    onward[a], back[b] = b, a

    def _fits(self, vertex: int, other: int, straight: dict[int, int], beyond: dict[int, int]) -> bool:
        """Move a vertex to where its line to another one crosses no straight one, unless that costs too much.

        Args:
            vertex: the vertex.
            other: the one at the far end.
            straight: the straight lines from the column of the other one.
            beyond: those on the far side of the vertex: none of them shall be lost for it.
        """
        columns = self._columns
        number = columns.column[vertex]
        column = columns.order[number]
        here = column.index(vertex)
        above, below = self._room(columns.order[columns.column[other]], other, straight, column)
        if above < here < below:
            return True
        is_down = here <= above
        passed = column[here + 1 : above + 1] if is_down else column[below:here]
        if not self._may_pass(vertex, passed, beyond):
            return False
        exchanges = columns.exchanges(number)
        if sum(exchanges[(vertex, one) if is_down else (one, vertex)] for one in passed) < -WORTH:
            return False
        column.insert(above if is_down else below, column.pop(here))
        columns.stand(number)
        return True

    @staticmethod
    def _room(others: list[int], other: int, straight: dict[int, int], column: list[int]) -> tuple[int, int]:
        """Return between which places of a column a line from ``other`` crosses no straight line."""
        at = others.index(other)
        upper = next((straight[one] for one in reversed(others[:at]) if one in straight), None)
        lower = next((straight[one] for one in others[at + 1 :] if one in straight), None)
        return -1 if upper is None else column.index(upper), len(column) if lower is None else column.index(lower)

    def _may_pass(self, vertex: int, passed: list[int], beyond: dict[int, int]) -> bool:
        columns = self._columns
        turned, band = columns.turned[columns.column[vertex]], columns.band
        return not (
            vertex in turned
            or any(one in turned or band[one] != band[vertex] for one in passed)
            or (vertex in beyond and any(one in beyond for one in passed))
        )


def _places(column: list[int]) -> dict[int, int]:
    return {vertex: place for place, vertex in enumerate(column)}
