"""The characters of a scene, a row at a time. What a glyph means is settled here and nowhere else.

``┌┐└┘│─`` are boxes and frames, ``╭╮╰╯`` edges, ``┼`` is two nets crossing, ``├┤┬┴╋`` one net branching; ``├`` may
stand in the side of a box where an edge leaves, ``▶`` where one arrives. Each has a plain twin.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import defaultdict
from typing import Final

from fbtui.diagram.model import Row
from fbtui.diagram.scene import BAND, PlacedBox, Scene
from fbtui.diagram.text import cells as cells_of
from fbtui.protocol.plain import slotted

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_GLYPHS: Final = {
    _UP: "│", _DOWN: "│", _UP | _DOWN: "│",
    _UP | _RIGHT: "╰", _UP | _LEFT: "╯", _DOWN | _RIGHT: "╭", _DOWN | _LEFT: "╮",
    _UP | _DOWN | _RIGHT: "├", _UP | _DOWN | _LEFT: "┤", _LEFT | _RIGHT | _DOWN: "┬", _LEFT | _RIGHT | _UP: "┴",
    _UP | _DOWN | _LEFT | _RIGHT: "╋",
}  # fmt: skip
CROSSING: Final = "┼"
ARROW: Final = "▶"
FREE: Final = "○"
ASCII: Final = {
    "─": "-", "│": "|", "╭": "/", "╯": "/", "╮": "\\", "╰": "\\", "┼": "+", "├": "*", "┤": "*", "┬": "*", "┴": "*",
    "╋": "*", "▶": ">", "○": "o", "●": "@", "◎": "O", "◆": "#", "»": "!", "◇": "~", "″": '"', "…": "~",
    "▪": "w", "■": "h",
}  # fmt: skip
_BOX_ASCII: Final = {"┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "|"}


@slotted()
class CanvasRow:
    """A row of the picture: its cells (the second one of a wide character is empty), and where styles begin."""

    cells: list[str]
    starts: list[int]
    styles: list[str]

    def style(self, begin: int, end: int, style: str) -> None:
        """Give cells another style."""
        first = bisect_right(self.starts, begin) - 1
        last = bisect_right(self.starts, end) - 1
        after = self.styles[last]
        keep = first if self.starts[first] == begin else first + 1
        cut = last + 1
        self.starts[keep:cut] = [begin, end] if end < len(self.cells) else [begin]
        self.styles[keep:cut] = [style, after] if end < len(self.cells) else [style]

    def copy(self) -> CanvasRow:
        """Return a row that can be painted on."""
        return CanvasRow(self.cells[:], self.starts[:], self.styles[:])


class Canvas:
    """Draws the rows of a scene, nothing that moves included; each when it is first asked for.

    Args:
        scene: the scene.
        ascii_only: use plain characters.
    """

    def __init__(self, scene: Scene, *, ascii_only: bool = False) -> None:
        self._scene = scene
        self._ascii = ascii_only
        self._rows: dict[int, CanvasRow] = {}
        self._across: dict[int, dict[tuple[int, int, int], None]] = defaultdict(dict)
        self._down: dict[int, dict[tuple[int, int, int, int], None]] = defaultdict(dict)
        self._arrows: dict[int, list[int]] = defaultdict(list)
        for net, placed in scene.nets:
            for (ax, ay), (bx, by) in itertools.pairwise(placed.path):
                if ay == by:
                    self._across[ay][min(ax, bx), max(ax, bx), net] = None
                else:
                    low, high = min(ay, by), max(ay, by)
                    for band in range(low // BAND, high // BAND + 1):
                        self._down[band][ax, low, high, net] = None
            x, y = placed.path[-1]
            self._arrows[y].append(x)

    def row(self, y: int) -> CanvasRow:
        """Return a row of the picture; who wants to change it takes a copy."""
        row = self._rows.get(y)
        if row is None:
            row = CanvasRow(self._lines(y), [0], ["edge"])
            for placed in self._scene.boxes_at(y):
                self._draw(row, placed, y - placed.y)
            self._rows[y] = row
        return row

    def _lines(self, y: int) -> list[str]:
        cells = [" "] * self._scene.width
        pieces: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for start, end, net in self._across.get(y, ()):
            cells[start : end + 1] = "─" * (end + 1 - start)
            pieces[net].append((start, end))
        upright: dict[tuple[int, int], int] = {}
        for x, low, high, net in self._down.get(y // BAND, ()):
            if low <= y <= high:
                ways = (_UP if y > low else 0) | (_DOWN if y < high else 0)
                upright[x, net] = upright.get((x, net), 0) | ways
        for (x, net), found in upright.items():
            ways = found
            for start, end in pieces.get(net, ()):
                if start <= x <= end:
                    ways |= (_LEFT if start < x else 0) | (_RIGHT if x < end else 0)
            is_crossing = cells[x] != " " and not ways & (_LEFT | _RIGHT)
            cells[x] = CROSSING if is_crossing else _GLYPHS[ways]
        for x in self._arrows.get(y, ()):
            cells[x] = ARROW
        return [ASCII.get(cell, cell) for cell in cells] if self._ascii else cells

    # -- boxes

    def _draw(self, row: CanvasRow, placed: PlacedBox, dy: int) -> None:
        box, x = placed.box, placed.x
        end = x + placed.width
        if box.shape == "tag":
            self._draw_tag(row, placed, dy)
            return
        if dy in {0, placed.height - 1}:
            corners = "┌┐" if dy == 0 else "└┘"
            title = box.title if dy == 0 else ""
            between = ["─", " ", *cells_of(title), " "] if title else []
            line = [corners[0], *between, *"─" * (placed.width - 2 - len(between)), corners[1]]
            self._put(row, x, line, "box")
            if title:
                row.style(x + 3, x + 1 + len(between) - 1, "title")
            return
        left = next((one for one in box.left if one.y == dy), None)
        right = next((one for one in box.right if one.y == dy), None)
        side = "port" if box.shape == "port" else "box"
        if box.shape != "frame":
            between = _between(left, right, placed.width - 2)
            self._put(row, x + 1, between, "port")
        self._put(row, x, [_side(left)], side)
        self._put(row, end - 1, [_side(right)], side)

    def _draw_tag(self, row: CanvasRow, placed: PlacedBox, dy: int) -> None:
        """A tag stands in the side of its frame, which draws its outer end."""
        box, x = placed.box, placed.x
        left = next((one for one in box.left if one.y == dy), None)
        right = next((one for one in box.right if one.y == dy), None)
        if left is None and right is None:
            return
        self._put(row, x + 1, _between(left, right, placed.width - 2), "port")
        inner = x + placed.width - 1 if box.pinned == "left" else x
        self._put(row, inner, [_side(left or right)], "box")

    def _put(self, row: CanvasRow, x: int, cells: list[str], style: str) -> None:
        if self._ascii:
            cells = [_BOX_ASCII.get(cell) or _plain(cell) for cell in cells]
        row.cells[x : x + len(cells)] = cells
        row.style(x, x + len(cells), style)


def _plain(cell: str) -> str:
    if cell.isascii() and cell:
        return cell
    return ASCII.get(cell, "?")


def _side(row: Row | None) -> str:
    if row is None or row.edge is not None:
        return "│"
    return "├" if row.net is not None else FREE


def _between(left: Row | None, right: Row | None, width: int) -> list[str]:
    a = cells_of(left.text) if left is not None else []
    b = cells_of(right.text) if right is not None else []
    return [" ", *a, *" " * (width - 2 - len(a) - len(b)), *b, " "]
