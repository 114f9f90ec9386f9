"""Reads a drawing back: it sees nothing but the characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

UP, DOWN, LEFT, RIGHT = (0, -1), (0, 1), (-1, 0), (1, 0)
WAYS = {
    "─": {LEFT, RIGHT}, "│": {UP, DOWN}, "╭": {DOWN, RIGHT}, "╮": {DOWN, LEFT}, "╰": {UP, RIGHT}, "╯": {UP, LEFT},
    "├": {UP, DOWN, RIGHT}, "┤": {UP, DOWN, LEFT}, "┬": {LEFT, RIGHT, DOWN}, "┴": {LEFT, RIGHT, UP},
    "╋": {UP, DOWN, LEFT, RIGHT},
}  # fmt: skip
TAG = re.compile(r" +(?:[◆»◇#!~] )?[^ ─│┌┐└┘├┤┬┴╋┼╭╮╰╯▶○|*+>/\\-][^ ]* +([│├○|o])")
"""After the left side of a frame: a port's name, and the side that it has inside."""
Cell = tuple[int, int]
Rect = tuple[int, int, int, int]
"""Columns and rows of the upper left and of the lower right corner."""


def cells_of(line: str) -> list[str]:
    """A wide character takes two cells, a combining one none."""
    cells: list[str] = []
    for character in line:
        if unicodedata.combining(character):
            continue
        cells.append(character)
        if unicodedata.east_asian_width(character) in "WF":
            cells.append("\0")
    return cells


class Drawing:
    """A picture in Unicode or in ASCII, and the boxes found in it by their corners."""

    def __init__(self, text: str, *, ascii_only: bool = False) -> None:
        self.rows = [cells_of(line) for line in text.split("\n")]
        self.ascii = ascii_only
        self.boxes: dict[Rect, str] = {}
        """Each box with its title."""
        self._by_row: dict[int, list[Rect]] = {}
        self._find_boxes()

    def at(self, x: int, y: int) -> str:
        return self.rows[y][x] if 0 <= y < len(self.rows) and 0 <= x < len(self.rows[y]) else " "

    def _find_boxes(self) -> None:
        corner = "+" if self.ascii else "┌"
        for y, row in enumerate(self.rows):
            for x, character in enumerate(row):
                if character == corner:
                    self._try_box(x, y)

    def _try_box(self, x: int, y: int) -> None:
        side, lower = ("|o", "+") if self.ascii else ("│○", "└")
        if self.at(x - 1, y) != " " or self.at(x + 1, y) not in "-─" or self.at(x, y + 1) not in side:
            return  # a crossing, which has a line on its left, too
        bottom = y + 1
        while self.at(x, bottom) in side:
            bottom += 1
        if self.at(x, bottom) != lower or self.at(x + 1, bottom) not in "-─":
            return
        right = x + 1
        while self.at(right, bottom) in "-─":
            right += 1
        if self.at(right, bottom) not in "+┘" or self.at(right, y) not in "+┐":
            return
        title = "".join(self.rows[y][x + 1 : right]).replace("\0", "")
        self.boxes[x, y, right, bottom] = title.strip("─- ")
        for row in range(y, bottom + 1):
            self._by_row.setdefault(row, []).append((x, y, right, bottom))

    def box_at(self, x: int, y: int) -> Rect | None:
        """The innermost box that has a cell."""
        return max((box for box in self._by_row.get(y, ()) if box[0] <= x <= box[2]), default=None)

    def starts(self) -> Iterator[tuple[Rect, int, bool, Cell]]:
        """Yield where a line leaves: the box, the row in it, whether it leaves to the inside, and its first cell."""
        for box in self.boxes:
            for y in range(box[1] + 1, box[3]):
                if self._leaves(box[2], y):
                    yield box, y - box[1], False, (box[2] + 1, y)
                tag = TAG.match("".join(self.rows[y][box[0] + 1 : box[2]]))
                if tag is not None and self._leaves(box[0] + 1 + tag.start(1), y):
                    yield box, y - box[1], True, (box[0] + 2 + tag.start(1), y)

    def _leaves(self, x: int, y: int) -> bool:
        if not self.ascii:
            return self.at(x, y) == "├"
        return self.at(x, y) == "|" and self.at(x + 1, y) in "-/\\*+>"

    def trace(self, start: Cell) -> set[tuple[Rect, int, bool]]:
        """Return where a line leads: the boxes, the rows in them, and whether they are reached from inside."""
        found: set[tuple[Rect, int, bool]] = set()
        seen: set[tuple[Cell, Cell]] = set()
        todo: list[tuple[Cell, Cell]] = [(start, RIGHT)]
        while todo:
            (x, y), way = todo.pop()
            if ((x, y), way) in seen:
                continue
            seen.add(((x, y), way))
            glyph = self.at(x, y)
            if glyph in "▶>":
                target = self.box_at(x + 1, y)
                assert target is not None and way == RIGHT, f"an arrow into nothing at {x}, {y}"
                found.add((target, y - target[1], target[0] < x))
                continue
            todo += [((x + dx, y + dy), (dx, dy)) for dx, dy in self._onward(glyph, way, x, y)]
        return found

    def _onward(self, glyph: str, way: Cell, x: int, y: int) -> set[Cell]:
        back = (-way[0], -way[1])
        if glyph in "┼+":
            return {way}
        if not self.ascii:
            assert glyph in WAYS and back in WAYS[glyph], f"the line breaks at {x}, {y}: {glyph!r}"
            return WAYS[glyph] - {back}
        if glyph == "*":
            return {d for d in (UP, DOWN, LEFT, RIGHT) if d != back and self._joins(x + d[0], y + d[1], d)}
        turns = {
            "/": {RIGHT: UP, LEFT: DOWN, UP: RIGHT, DOWN: LEFT},
            "\\": {RIGHT: DOWN, LEFT: UP, UP: LEFT, DOWN: RIGHT},
        }
        if glyph in turns:
            return {turns[glyph][way]}
        assert glyph == ("-" if way in {LEFT, RIGHT} else "|"), f"the line breaks at {x}, {y}: {glyph!r}"
        return {way}

    def _joins(self, x: int, y: int, way: Cell) -> bool:
        if self.at(x, y) not in ("-/\\*+>" if way in {LEFT, RIGHT} else "|/\\*+"):
            return False
        return not any(y in box[1::2] and box[0] <= x <= box[2] for box in self._by_row.get(y, ()))
