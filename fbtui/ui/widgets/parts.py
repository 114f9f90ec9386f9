"""Which part of an edge is brought into view, where the whole of it may have no room."""

from __future__ import annotations

from typing import Final

from textual.geometry import Region, Size

from fbtui.diagram import PlacedEdge

BESIDE: Final = 4
"""Columns that are seen, too, beside what is brought into view."""


def part_of_edge(edge: PlacedEdge, whole: Region, sends: Region | None, room: Size, *, tail: bool) -> Region:
    """Return all of an edge if it fits, else its label, or its tail.

    Args:
        edge: the edge.
        whole: the cells around it.
        sends: the box at which it begins, if that is to be seen, too: it comes before the rest of the edge.
        room: the size of the window.
        tail: its tail matters more than its label.
    """
    x, y, width = (*edge.path[0], 1) if tail else edge.label
    spot = Region(x, y, width, 1)
    choices = [whole] if sends is None else [whole.union(sends), sends.union(spot)]
    fitting = (one for one in choices if one.width + 2 * BESIDE <= room.width and one.height <= room.height)
    return next(fitting, spot)
