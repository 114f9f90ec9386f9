"""A scene as text and as plain data, for ``fbtui draw``."""

from __future__ import annotations

from typing import Any

from fbtui.diagram.canvas import Canvas
from fbtui.diagram.scene import PlacedBox, Scene
from fbtui.protocol import GRAPH, End


def to_text(scene: Scene, *, ascii_only: bool = False) -> str:
    """Return the picture as lines of characters, without blanks at their ends."""
    canvas = Canvas(scene, ascii_only=ascii_only)
    return "\n".join("".join(canvas.row(y).cells).rstrip() for y in range(scene.height))


def to_data(scene: Scene) -> dict[str, Any]:
    """Return the picture as data that JSON can hold. Cells count from 0 at the top left."""
    own = [placed for placed in scene.boxes if placed.box.shape == "port"]
    nodes = [_node(placed) for placed in scene.boxes if placed.box.shape in {"node", "frame"}]
    border = [port for placed in own for port in _ports(placed)]
    tails, heads = _cells(scene)
    return {
        "size": [scene.width, scene.height],
        "nodes": [*nodes, {"id": GRAPH, "box": None, "ports": border}],
        "edges": [
            {
                "id": placed.edge.id,
                "tail": _end(placed.edge.tail),
                "head": _end(placed.edge.head),
                "path": [tails[placed.edge.tail], *map(list, placed.path[1:-1]), heads[placed.edge.id]],
            }
            for placed in scene.edges
        ],
    }


def _cells(scene: Scene) -> tuple[dict[End | None, list[int]], dict[str | None, list[int]]]:
    """Return the cell of the port that each net begins at, and of the one that each edge leads to.

    A port of an opened graph is in the side of its frame, for its edges inside, too.
    """
    tails: dict[End | None, list[int]] = {}
    heads: dict[str | None, list[int]] = {}
    for placed in scene.boxes:
        sides = [placed.x + placed.width - 1, placed.x]
        tail, head = sides[::-1] if placed.box.shape == "tag" else sides
        tails |= {row.net: [tail, placed.y + row.y] for row in placed.box.right}
        heads |= {row.edge: [head, placed.y + row.y] for row in placed.box.left}
    return tails, heads


def _node(placed: PlacedBox) -> dict[str, Any]:
    box = [placed.x, placed.y, placed.width, placed.height]
    return {"id": placed.box.id, "box": box, "ports": _ports(placed)}


def _ports(placed: PlacedBox) -> list[dict[str, Any]]:
    sides = ((placed.box.left, placed.x), (placed.box.right, placed.x + placed.width - 1))
    return [
        {"kind": row.port.kind, "name": row.port.name, "at": [x, placed.y + row.y]}
        for rows, x in sides
        for row in rows
    ]


def _end(end: End | None) -> str | None:
    return None if end is None else f"{end.node}.{end.port}"
