"""The characters of a scene. What a glyph means is settled here and nowhere else.

``┌┐└┘│─`` are boxes, ``╭╮╰╯`` edges, ``┼`` is two nets crossing, ``├┤┬┴╋`` one net branching; ``├`` may stand in the
side of a box where an edge leaves, ``▶`` where one arrives. Each has a plain twin.
"""

from __future__ import annotations

from typing import Final

from fbtui.diagram.model import Row
from fbtui.diagram.scene import PlacedBox, Scene
from fbtui.protocol import End

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_GLYPHS: Final = {
    _LEFT: "─", _RIGHT: "─", _LEFT | _RIGHT: "─", _UP: "│", _DOWN: "│", _UP | _DOWN: "│",
    _UP | _RIGHT: "╰", _UP | _LEFT: "╯", _DOWN | _RIGHT: "╭", _DOWN | _LEFT: "╮",
    _UP | _DOWN | _RIGHT: "├", _UP | _DOWN | _LEFT: "┤", _LEFT | _RIGHT | _DOWN: "┬", _LEFT | _RIGHT | _UP: "┴",
    _UP | _DOWN | _LEFT | _RIGHT: "╋",
}  # fmt: skip
CROSSING: Final = "┼"
ARROW: Final = "▶"
FREE: Final = "○"
ASCII: Final = {
    "─": "-", "│": "|", "╭": "/", "╯": "/", "╮": "\\", "╰": "\\", "┼": "+", "├": "*", "┤": "*", "┬": "*", "┴": "*",
    "╋": "*", "▶": ">", "○": "o", "●": "@", "◆": "#", "»": "!", "◇": "~", "″": '"', "…": "~",
}  # fmt: skip
_BOX_ASCII: Final = {"┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "|"}

Canvas = list[list[str]]
"""Rows of cells, a character each."""


class Conflict(Exception):  # noqa: N818 - a defect of the layout, never of the input
    """Two nets meet where they do not cross."""


def canvas_of(scene: Scene, *, ascii_only: bool = False) -> Canvas:
    """Return the characters of a scene, nothing that moves included.

    Raises:
        Conflict: if two nets share a cell that is no straight crossing.
    """
    canvas = [[" "] * scene.width for _ in range(scene.height)]
    for (x, y), masks in _masks(scene).items():
        canvas[y][x] = _glyph(masks, x, y)
    for placed in scene.edges:
        x, y = placed.path[-1]
        canvas[y][x] = ARROW
    if ascii_only:
        canvas = [[ASCII.get(cell, cell) for cell in row] for row in canvas]
    for box in scene.boxes:
        _draw_box(canvas, box, ascii_only=ascii_only)
    return canvas


def _masks(scene: Scene) -> dict[tuple[int, int], dict[End, int]]:
    cells: dict[tuple[int, int], dict[End, int]] = {}
    for line in scene.lines:
        (ax, ay), (bx, by) = line.start, line.end
        for x in range(ax, bx + 1):
            for y in range(ay, by + 1):
                mask = (_LEFT if x > ax else 0) | (_RIGHT if x < bx else 0)
                mask |= (_UP if y > ay else 0) | (_DOWN if y < by else 0)
                of_cell = cells.setdefault((x, y), {})
                of_cell[line.net] = of_cell.get(line.net, 0) | mask
    return cells


def _glyph(masks: dict[End, int], x: int, y: int) -> str:
    if len(masks) == 1:
        return _GLYPHS.get(next(iter(masks.values())), "─")
    if sorted(masks.values()) != [_UP | _DOWN, _LEFT | _RIGHT]:
        raise Conflict(f"nets {', '.join(map(str, masks))} meet at {x}, {y}")
    return CROSSING


def _draw_box(canvas: Canvas, placed: PlacedBox, *, ascii_only: bool) -> None:
    box, x, y, width = placed.box, placed.x, placed.y, placed.width
    title = f"─ {box.title} " if box.title else ""
    lines = [f"┌{title.ljust(width - 2, '─')}┐"]
    for i in range(placed.height - 2):
        left = box.left[i] if i < len(box.left) else None
        right = box.right[i] if i < len(box.right) else None
        lines.append(_side(left) + _between(left, right, width - 2) + _side(right))
    lines.append(f"└{'─' * (width - 2)}┘")
    for dy, line in enumerate(lines):
        text = "".join(_BOX_ASCII.get(c) or ASCII.get(c, c) for c in line) if ascii_only else line
        canvas[y + dy][x : x + width] = text


def _side(row: Row | None) -> str:
    if row is None or row.edge is not None:
        return "│"
    return "├" if row.net is not None else FREE


def _between(left: Row | None, right: Row | None, width: int) -> str:
    a = left.text if left is not None else ""
    b = right.text if right is not None else ""
    return f" {a}{b.rjust(width - 2 - len(a))} "
