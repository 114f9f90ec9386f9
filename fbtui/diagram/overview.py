"""A whole scene in few cells: the picture from far away, and the minimap.

Each cell is a braille character of two by four dots; in plain characters ``#`` is a box and ``.`` a line.
"""

from __future__ import annotations

import itertools
from typing import Final

from fbtui.diagram.scene import Scene
from fbtui.protocol.plain import plain

DOTS: Final = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bits of a braille character, by column and row."""
BLANK: Final = 0x2800
LINE_ASCII, BOX_ASCII = ".", "#"


@plain
class Overview:
    """The picture from far away: rows of ``width`` cells for a scene of a certain size."""

    rows: tuple[str, ...]
    width: int
    size: tuple[int, int]
    """Columns and rows of the scene."""

    def cell(self, x: int, y: int) -> tuple[int, int]:
        """Return the cell that stands for one of the scene."""
        return x * self.width // self.size[0], y * len(self.rows) // self.size[1]

    def spot(self, x: int, y: int) -> tuple[int, int]:
        """Return the middle of what a cell stands for, in cells of the scene."""
        return _middle(x, self.width, self.size[0]), _middle(y, len(self.rows), self.size[1])


def _middle(part: int, parts: int, whole: int) -> int:
    first, following = (-(-n * whole // parts) for n in (part, part + 1))
    return (first + following - 1) // 2


def overview(scene: Scene, width: int, height: int, *, ascii_only: bool = False) -> Overview:
    """Return a scene as seen from far away, in at most so many cells; frames are drawn as lines."""
    columns, rows = min(scene.width, max(1, width)), min(scene.height, max(1, height))
    grid = _Dots(scene, columns, rows) if ascii_only else _Dots(scene, 2 * columns, 4 * rows)
    for placed in scene.edges:
        for (ax, ay), (bx, by) in itertools.pairwise(placed.path):
            grid.fill(min(ax, bx), min(ay, by), max(ax, bx), max(ay, by), 1)
    for box in scene.boxes:
        x, y, right, bottom = box.x, box.y, box.x + box.width - 1, box.y + box.height - 1
        if box.box.shape == "frame":
            for side in ((x, y, right, y), (x, bottom, right, bottom), (x, y, x, bottom), (right, y, right, bottom)):
                grid.fill(*side, 1)
        elif box.box.shape != "tag":
            grid.fill(x, y, right, bottom, 2)
    lines = grid.plain() if ascii_only else grid.braille()
    return Overview(tuple(lines), columns, (scene.width, scene.height))


class _Dots:
    def __init__(self, scene: Scene, width: int, height: int) -> None:
        self._rows = [bytearray(width) for _ in range(height)]
        self._size = scene.width, scene.height
        self._width, self._height = width, height

    def fill(self, left: int, top: int, right: int, bottom: int, value: int) -> None:
        a, b = (x * self._width // self._size[0] for x in (left, right))
        for y in range(top * self._height // self._size[1], bottom * self._height // self._size[1] + 1):
            self._rows[y][a : b + 1] = bytes([value]) * (b + 1 - a)

    def plain(self) -> list[str]:
        return [row.translate(_PLAIN).decode() for row in self._rows]

    def braille(self) -> list[str]:
        lines = []
        for top in range(0, self._height, 4):
            line = []
            for x in range(0, self._width, 2):
                bits = sum(DOTS[dx][dy] for dx in (0, 1) for dy in range(4) if self._rows[top + dy][x + dx])
                line.append(chr(BLANK + bits) if bits else " ")
            lines.append("".join(line))
        return lines


_PLAIN: Final = bytes.maketrans(bytes([0, 1, 2]), f" {LINE_ASCII}{BOX_ASCII}".encode())
