"""Where on its way each edge has room for a value, so that the picture stays exact and nothing moves for it.

A value stands on cells of a plain line that belong to its edge alone, and leaves some of the line at its left.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

from fbtui.diagram.canvas import ASCII, Canvas
from fbtui.diagram.scene import PlacedEdge, Scene
from fbtui.diagram.text import ELLIPSIS, cells
from fbtui.protocol import End

SIGN: Final = "="
"""Before a value, which might pass for a count else."""
LEAST: Final = 3
"""Cells that a value which has to be cut takes at least."""
_LINE: Final = "─"
_RUN: Final = re.compile(f"{_LINE}+")


class Spot(NamedTuple):
    """Cells of a plain line: the row, the first column and the one behind the last."""

    y: int
    start: int
    end: int
    is_last: bool
    """Whether the arrow, or the label before it, comes right behind it."""

    @property
    def room(self) -> int:
        """Cells."""
        return self.end - self.start


class Spots:
    """The places for values in a scene.

    Args:
        scene: the scene.
        canvas: the picture of it.
        ascii_only: whether that is in plain characters.
    """

    def __init__(self, scene: Scene, canvas: Canvas, *, ascii_only: bool) -> None:
        self._canvas = canvas
        self._glyph = ASCII[_LINE] if ascii_only else _LINE
        self._lines: dict[int, str] = {}
        self.of: dict[str, Spot] = {}
        """By edge; one that has no room anywhere is not in it."""
        self.at: dict[int, list[PlacedEdge]] = defaultdict(list)
        """The edges by the row of their spot."""
        nets: dict[End | None, list[PlacedEdge]] = defaultdict(list)
        for placed in scene.edges:
            nets[placed.edge.tail].append(placed)
        for net in nets.values():
            self._find(net)

    def _find(self, net: Sequence[PlacedEdge]) -> None:
        """Find the spots of the branches of a net: what they share belongs to none of them."""
        used: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        for placed in net:
            for y, left, right in _across(placed):
                used[y].append((left, right, placed.edge.id))
        for placed in net:
            arrow, row = placed.path[-1]
            spots = [
                Spot(y, start, end, is_last=(end, y) == (arrow, row))
                for y, left, right in _across(placed)
                for start, end in self._own(placed.edge.id, y, left, right, used[y])
            ]
            best = max(spots, key=lambda spot: spot.room, default=None)
            last = next((spot for spot in spots if spot.is_last), None)
            spot = last if last is not None and best is not None and 2 * last.room >= best.room else best
            if spot is not None and spot.room > 1:
                self.of[placed.edge.id] = spot
                self.at[spot.y].append(placed)

    def _own(
        self, edge: str, y: int, left: int, right: int, used: list[tuple[int, int, str]]
    ) -> list[tuple[int, int]]:
        """Return the plain runs of a piece of line that no other branch has a part in."""
        free = [(left, right + 1)]
        for low, high, other in used:
            if other != edge:
                free = [
                    piece
                    for start, end in free
                    for piece in ((start, min(end, low)), (max(start, high + 1), end))
                    if piece[0] < piece[1]
                ]
        line = self._line(y)
        return [match.span() for start, end in free for match in _RUN.finditer(line, start, end)]

    def _line(self, y: int) -> str:
        line = self._lines.get(y)
        if line is None:
            cells = self._canvas.row(y).cells
            line = self._lines[y] = "".join(_LINE if cell == self._glyph else " " for cell in cells)
        return line


def _across(placed: PlacedEdge) -> list[tuple[int, int, int]]:
    """Return row, first and last column of each level piece of an edge."""
    return [(ay, min(ax, bx), max(ax, bx)) for (ax, ay), (bx, by) in itertools.pairwise(placed.path) if ay == by]


def shown(value: str, room: int, *, ascii_only: bool) -> list[str]:
    """Return the cells of a value in at most so many cells; none if so little is left of it that it says nothing."""
    found = [*SIGN, *cells(value)]
    if len(found) > room:
        if room < LEAST:
            return []
        found = [*SIGN, *cells(value.lstrip("'\" ") or value), ELLIPSIS]
        is_half = not found[room - 1]
        found = [*found[: room - 1], ELLIPSIS]
        if is_half:  # of a wide character
            found[-2] = " "
    return [cell if cell.isascii() and cell else ASCII.get(cell, "?") for cell in found] if ascii_only else found
