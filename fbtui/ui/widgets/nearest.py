"""The thing of a scene that is nearest in a direction: what an arrow key selects."""

from __future__ import annotations

from fbtui.diagram import Scene

Selection = tuple[str, str]


def centres(scene: Scene) -> dict[Selection, tuple[float, float]]:
    """Return the middle of each box and of each edge's label, in cells."""
    found: dict[Selection, tuple[float, float]] = {}
    for placed in scene.boxes:
        found["node", placed.box.id] = (placed.x + placed.width / 2, placed.y + placed.height / 2)
    for edge in scene.edges:
        x, y, width = edge.label
        found["edge", edge.edge.id] = (x + width / 2, y)
    return found


def nearest(start: tuple[float, float], places: dict[Selection, tuple[float, float]], way: str) -> Selection | None:
    """Return the thing that lies in a direction, distance across counting more (a cell is twice as high)."""
    best: tuple[float, Selection] | None = None
    for what, (x, y) in places.items():
        dx, dy = x - start[0], (y - start[1]) * 2
        along, across = {"left": (-dx, dy), "right": (dx, dy), "up": (-dy, dx), "down": (dy, dx)}[way]
        if along > 0.5:
            cost = along + 2 * abs(across)
            if best is None or cost < best[0]:
                best = cost, what
    return best[1] if best is not None else None
