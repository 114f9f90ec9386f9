"""Counts in few cells, and the room that an edge keeps for them."""

from __future__ import annotations

from typing import Final

LABEL: Final = 6
"""Cells that the label of an edge has at most."""
UNBOUNDED: Final = 4
"""Cells for the count on an edge that holds any number: ``1.2k``."""
LEAST: Final = 2
"""The same where there is hardly room."""


def short(count: int) -> str:
    """Return a count in at most four characters: ``999``, ``1.2k``, ``25k``, ``3M``."""
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= limit:
            whole = count / limit
            return f"{whole:.1f}{unit}" if whole < 10 and count % limit >= limit // 10 else f"{int(whole)}{unit}"
    return str(count)


def fill(waiting: int, capacity: int | None, *, ascii_only: bool = False) -> str:
    """Return what waits on an edge as its label: ``3/8``, ``3`` if it holds any number, nothing if none waits."""
    if not waiting:
        return ""
    if capacity is None:
        return short(waiting)
    text = f"{short(waiting)}{':' if ascii_only else '/'}{short(capacity)}"
    return text if len(text) <= LABEL else short(waiting)


def label_width(capacity: int | None) -> int:
    """Return how many cells the label of an edge may take."""
    return max(UNBOUNDED, least_width(capacity))


def least_width(capacity: int | None) -> int:
    """Return how many cells are kept for it where there is hardly room."""
    return LEAST if capacity is None else min(LABEL, 2 * len(short(capacity)) + 1)
