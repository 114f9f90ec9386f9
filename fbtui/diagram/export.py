"""A scene as text and as plain data, for ``fbtui draw``."""

from __future__ import annotations

from typing import Any

from fbtui.diagram.canvas import canvas_of
from fbtui.diagram.scene import PlacedBox, Scene
from fbtui.protocol import GRAPH, End


def to_text(scene: Scene, *, ascii_only: bool = False) -> str:
    """Return the picture as lines of characters, without blanks at their ends."""
    return "\n".join("".join(row).rstrip() for row in canvas_of(scene, ascii_only=ascii_only))


def to_data(scene: Scene) -> dict[str, Any]:
    """Return the picture as data that JSON can hold. Cells count from 0 at the top left."""
    own = [placed for placed in scene.boxes if placed.box.node == GRAPH]
    nodes = [_node(placed) for placed in scene.boxes if placed.box.node != GRAPH]
    border = [port for placed in own for port in _ports(placed)]
    return {
        "size": [scene.width, scene.height],
        "nodes": [*nodes, {"id": GRAPH, "box": None, "ports": border}],
        "edges": [
            {
                "id": placed.edge.id,
                "tail": _end(placed.edge.tail),
                "head": _end(placed.edge.head),
                "path": [list(point) for point in placed.path],
            }
            for placed in scene.edges
        ],
    }


def _node(placed: PlacedBox) -> dict[str, Any]:
    box = [placed.x, placed.y, placed.width, placed.height]
    return {"id": placed.box.id, "box": box, "ports": _ports(placed)}


def _ports(placed: PlacedBox) -> list[dict[str, Any]]:
    rows = [(row, placed.x, i) for i, row in enumerate(placed.box.left, 1)]
    rows += [(row, placed.x + placed.width - 1, i) for i, row in enumerate(placed.box.right, 1)]
    return [{"kind": row.port.kind, "name": row.port.name, "at": [x, placed.y + i]} for row, x, i in rows]


def _end(end: End | None) -> str | None:
    return None if end is None else f"{end.node}.{end.port}"
