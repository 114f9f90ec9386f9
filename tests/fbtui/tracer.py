"""Reads a drawing back: it sees nothing but the characters."""

from __future__ import annotations

from collections.abc import Iterator

UP, DOWN, LEFT, RIGHT = (0, -1), (0, 1), (-1, 0), (1, 0)
WAYS = {
    "─": {LEFT, RIGHT}, "│": {UP, DOWN}, "╭": {DOWN, RIGHT}, "╮": {DOWN, LEFT}, "╰": {UP, RIGHT}, "╯": {UP, LEFT},
    "├": {UP, DOWN, RIGHT}, "┤": {UP, DOWN, LEFT}, "┬": {LEFT, RIGHT, DOWN}, "┴": {LEFT, RIGHT, UP},
    "╋": {UP, DOWN, LEFT, RIGHT},
}  # fmt: skip
Cell = tuple[int, int]


class Drawing:
    """A picture in Unicode or in ASCII, and the boxes found in it by their corners."""

    def __init__(self, text: str, *, ascii_only: bool = False) -> None:
        self.rows = text.split("\n")
        self.ascii = ascii_only
        self.boxes: dict[tuple[int, int, int, int], list[str]] = {}
        self._find_boxes()

    def at(self, x: int, y: int) -> str:
        return self.rows[y][x] if 0 <= y < len(self.rows) and 0 <= x < len(self.rows[y]) else " "

    def _find_boxes(self) -> None:
        corner = "+" if self.ascii else "┌"
        for y, row in enumerate(self.rows):
            for x, character in enumerate(row):
                if character == corner and not self.box_at(x, y):
                    self._try_box(x, y)

    def _try_box(self, x: int, y: int) -> None:
        side, lower = ("|o", "+") if self.ascii else ("│○", "└")
        if self.at(x - 1, y) == "-" or self.at(x + 1, y) not in "-─" or self.at(x, y + 1) not in side:
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
        self.boxes[x, y, right, bottom] = [self.rows[i][x + 1 : right] for i in range(y, bottom + 1)]

    def box_at(self, x: int, y: int) -> tuple[int, int, int, int] | None:
        return next((box for box in self.boxes if box[0] <= x <= box[2] and box[1] <= y <= box[3]), None)

    def name(self, box: tuple[int, int, int, int]) -> str:
        """The title; of a graph's own port its name."""
        lines = self.boxes[box]
        return lines[0].strip("─- ") or lines[1].strip()

    def starts(self) -> Iterator[tuple[tuple[int, int, int, int], int]]:
        """Yield each row of each box where an edge leaves on the right."""
        for box in self.boxes:
            for y in range(box[1] + 1, box[3]):
                leaves = self.at(box[2] + 1, y) in "-" if self.ascii else self.at(box[2], y) == "├"
                if leaves or (self.ascii and self.at(box[2] + 1, y) in "/\\*+>" and self.at(box[2], y) == "|"):
                    yield box, y

    def trace(self, box: tuple[int, int, int, int], y: int) -> set[tuple[str, int]]:
        """Return where the lines from a row lead: the boxes' names and the rows in them."""
        found: set[tuple[str, int]] = set()
        seen: set[tuple[Cell, Cell]] = set()
        todo: list[tuple[Cell, Cell]] = [((box[2] + 1, y), RIGHT)]
        while todo:
            (x, y), way = todo.pop()
            if ((x, y), way) in seen:
                continue
            seen.add(((x, y), way))
            glyph = self.at(x, y)
            if glyph in "▶>":
                target = self.box_at(x + 1, y)
                assert target is not None and way == RIGHT, f"an arrow into nothing at {x}, {y}"
                found.add((self.name(target), y - target[1]))
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
        glyph = self.at(x, y)
        return glyph in ("-/\\*+>" if way in {LEFT, RIGHT} else "|/\\*+") and not (
            self.box_at(x, y) and glyph not in ">"
        )
