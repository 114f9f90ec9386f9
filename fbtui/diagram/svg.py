"""A scene as an SVG picture: the same cells, drawn with lines."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from fbtui.diagram.model import Row
from fbtui.diagram.route import Point
from fbtui.diagram.scene import PlacedBox, PlacedEdge, Scene

CELL: Final = (8, 17)
"""Width and height of a cell in pixels."""
MARGIN: Final = 2
"""Cells around the picture."""
RADIUS: Final = 4.0
HEAD: Final = 0.5
"""Rows that a box with a title reaches up into the row of its upper side, so that the title has a row to itself."""
_STYLE: Final = """
  svg { color: #1f2328; background: #ffffff; font: 13px ui-monospace, 'DejaVu Sans Mono', Menlo, monospace }
  .box { fill: #f6f8fa; stroke: #57606a } .frame { fill: none; stroke: #8c959f; stroke-dasharray: 4 3 }
  .edge { fill: none; stroke: #0969da; stroke-width: 1.4 } .arrow { fill: #0969da }
  text { fill: currentColor; white-space: pre } .title { font-weight: bold }
  @media (prefers-color-scheme: dark) {
    svg { color: #e6edf3; background: #0d1117 } .box { fill: #161b22; stroke: #8b949e } .frame { stroke: #6e7681 }
    .edge { stroke: #58a6ff } .arrow { fill: #58a6ff }
  }
"""


def to_svg(scene: Scene) -> str:
    """Return the picture as an SVG document, which follows the reader's light or dark theme."""
    width, height = (scene.width + 2 * MARGIN) * CELL[0], (scene.height + 2 * MARGIN) * CELL[1]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<style>{_STYLE}</style>",
    ]
    for placed in scene.boxes:
        parts += _box(placed)
    for edge in scene.edges:
        parts += _edge(edge)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _middle(x: float, y: float) -> tuple[float, float]:
    return (x + MARGIN + 0.5) * CELL[0], (y + MARGIN + 0.5) * CELL[1]


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    left, middle = _middle(x - 0.5, y)
    kind = f' class="{style}"' if style else ""
    return f'<text x="{left:g}" y="{middle + 4:g}" text-anchor="{anchor}"{kind}>{escape(text, quote=False)}</text>'


def _box(placed: PlacedBox) -> Iterator[str]:
    box, x, y = placed.box, placed.x, placed.y
    if box.shape != "tag":
        left, top = _middle(x, y - HEAD if box.title else y)
        right, bottom = _middle(x + placed.width - 1, y + placed.height - 1)
        kind = "frame" if box.shape == "frame" else "box"
        size = f'x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}"'
        yield f'<rect class="{kind}" {size} rx="3"><title>{escape(box.id, quote=False)}</title></rect>'
        if box.title:
            yield _text(x + 2, y, box.title, "title")
    yield from (_text(x + 2, y + row.y, row.text) for row in box.left if row.text)
    end = x + placed.width - 2
    yield from (_text(end, y + row.y, row.text, anchor="end") for row in box.right if row.text)
    yield from (_port(placed, row) for row in (*box.left, *box.right) if row.is_free)


def _port(placed: PlacedBox, row: Row) -> str:
    """A port without an edge is a ring in the side of its box."""
    is_left = row in placed.box.left
    x, y = _middle(placed.x if is_left else placed.x + placed.width - 1, placed.y + row.y)
    return f'<circle class="box" cx="{x:g}" cy="{y:g}" r="3"/>'


def _edge(placed: PlacedEdge) -> Iterator[str]:
    points = [_middle(x, y) for x, y in _with_ends(placed.path)]
    way = f"M{points[0][0]:g} {points[0][1]:g}"
    for i in range(1, len(points) - 1):
        before, at, after = points[i - 1], points[i], points[i + 1]
        a, b = _towards(at, before), _towards(at, after)
        way += f"L{a[0]:g} {a[1]:g}Q{at[0]:g} {at[1]:g} {b[0]:g} {b[1]:g}"
    x, y = points[-1]
    yield f'<path class="edge" d="{way}L{x - 5:g} {y:g}"><title>{escape(placed.edge.id, quote=False)}</title></path>'
    yield f'<path class="arrow" d="M{x:g} {y:g}l-7 -4v8z"/>'


def _with_ends(path: tuple[Point, ...]) -> list[Point]:
    """A path begins and ends beside a box; a line touches it."""
    (x, y), (end, row) = path[0], path[-1]
    return [(x - 1, y), *path[1:-1], (end + 1, row)] if len(path) > 1 else [(x - 1, y), (end + 1, row)]


def _towards(at: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    dx, dy = other[0] - at[0], other[1] - at[1]
    distance = abs(dx) + abs(dy)
    part = min(RADIUS, distance / 2) / distance
    return at[0] + dx * part, at[1] + dy * part
