"""Folding: the columns of a long, thin picture stand in rows one below the other, as the words of a text do.

A line that leads on to the next row runs back below its own row, as an edge that runs backwards does.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final

from fbtui.diagram.model import Model

SCREEN: Final = 132
"""Columns of cells that a row has at most: what the debugger shows beside its panels."""
LONG: Final = 308
"""Columns of cells from which on a picture is folded."""
THIN: Final = 12
"""Rows of cells up to which it is."""
CHANNEL: Final = 8
"""Columns of cells that are reckoned for a channel."""
FULL: Final = 0.7
"""Part of a row that is filled before it is broken where few lines pass."""


def folds(model: Model, rank: Mapping[str, int]) -> list[int]:
    """Return the rank that each row of columns begins with; 0 alone if the picture is not folded."""
    count = max(rank.values(), default=0) + 1
    widths, heights, passing = [0] * count, [0] * count, [0] * count
    for box in model.boxes.values():
        at = rank[box.id]
        widths[at] = max(widths[at], box.width)
        heights[at] += box.height + 1
    ends = list(accumulate(width + CHANNEL for width in widths))
    if ends[-1] <= LONG or max(heights) > THIN:
        return [0]
    for tail, edges in model.nets.items():
        ranks = [rank[model.box_of[end]] for end in (tail, *(edge.head for edge in edges)) if end is not None]
        for at in range(min(ranks) + 1, max(ranks) + 1):
            passing[at] += 1
    if max(height + lines - 1 for height, lines in zip(heights, passing, strict=True)) > THIN:
        return [0]
    cuts = [0]
    while ends[-1] - (begin := ends[cuts[-1] - 1] if cuts[-1] else 0) > SCREEN:
        most = max(bisect_right(ends, begin + SCREEN), cuts[-1] + 1)
        least = max(bisect_right(ends, begin + SCREEN * FULL), cuts[-1] + 1)
        cuts.append(min(range(least, most + 1), key=lambda at: (passing[at], -at)))
    return cuts


def spot(rank: int, cuts: Sequence[int]) -> tuple[int, int]:
    """Return in which row of columns a rank stands, and in which column."""
    row = bisect_right(cuts, rank) - 1
    return row, rank - cuts[row]
