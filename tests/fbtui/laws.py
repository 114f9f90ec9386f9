"""What every picture must be: readable from its characters alone, and without a false meeting."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

from fbtui.diagram import PlacedBox, Scene, to_text
from tests.fbtui.tracer import Drawing, Rect

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8


def crossings(scene: Scene) -> int:
    """Count the cells where nets cross."""
    return sum(len(nets) > 1 for nets in masks(scene).values())


def bends(scene: Scene) -> float:
    """Return the corners an edge has on average."""
    return sum(len(placed.path) - 2 + (len(placed.path) < 2) for placed in scene.edges) / max(1, len(scene.edges))


def length(scene: Scene) -> int:
    """Return the cells of all edges, shared ones counted for each."""
    return sum(len(placed.cells()) for placed in scene.edges)


def masks(scene: Scene) -> dict[tuple[int, int], dict[int, int]]:
    """Return for each cell with a line the ways that each net goes there."""
    cells: dict[tuple[int, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for net, placed in scene.nets:
        for (ax, ay), (bx, by) in itertools.pairwise(placed.cells()):
            way = RIGHT if bx > ax else LEFT if bx < ax else DOWN if by > ay else UP
            back = {RIGHT: LEFT, LEFT: RIGHT, UP: DOWN, DOWN: UP}[way]
            cells[ax, ay][net] |= way
            cells[bx, by][net] |= back
    return cells


def check_geometry(scene: Scene) -> None:
    """No two nets meet but in a straight crossing, no boxes overlap, no line runs through a box."""
    for cell, nets in masks(scene).items():
        if len(nets) > 1:
            assert sorted(nets.values()) == [UP | DOWN, LEFT | RIGHT], f"nets meet at {cell}"
    taken: Counter[tuple[int, int]] = Counter()
    for placed in scene.boxes:
        assert placed.x >= 0 and placed.x + placed.width <= scene.width
        assert placed.y >= 0 and placed.y + placed.height <= scene.height
        taken.update(_cells(placed))
    assert all(count == 1 for count in taken.values()), "boxes overlap"
    for edge in scene.edges:
        assert not any(cell in taken for cell in edge.cells()), f"{edge.edge.id} runs through a box"


def _cells(placed: PlacedBox) -> set[tuple[int, int]]:
    """The cells that belong to a box; of a frame its sides, which tags interrupt."""
    x, y, end, bottom = placed.x, placed.y, placed.x + placed.width, placed.y + placed.height
    if placed.box.shape != "frame":
        cells = {(a, b) for a in range(x, end) for b in range(y, bottom)}
        if placed.box.shape == "tag":
            outer = x if placed.box.pinned == "left" else end - 1
            cells -= {(outer, b) for b in range(y, bottom)}
        return cells
    return {(a, b) for a in range(x, end) for b in (y, bottom - 1)} | {
        (a, b) for a in (x, end - 1) for b in range(y, bottom)
    }


def check_traces(scene: Scene, *, ascii_only: bool) -> None:
    """A tracer that sees only characters finds every edge and no other."""
    text = to_text(scene, ascii_only=ascii_only)
    drawing = Drawing(text, ascii_only=ascii_only)
    rects = {(p.x, p.y, p.x + p.width - 1, p.y + p.height - 1): p for p in scene.boxes if p.box.shape != "tag"}
    assert drawing.boxes.keys() == rects.keys(), text
    tails, heads = _ends(scene)
    expected: dict[tuple[Rect, int, bool], set[tuple[Rect, int, bool]]] = defaultdict(set)
    for placed in scene.edges:
        expected[tails[placed.edge.tail]].add(heads[placed.edge.id])
    traced = {(box, row, inside): drawing.trace(cell) for box, row, inside, cell in drawing.starts()}
    assert traced == expected, text


Place = tuple[Rect, int, bool]
"""A box, a row in it, and whether the inside of a frame is meant."""


def _ends(scene: Scene) -> tuple[dict[object, Place], dict[object, Place]]:
    """Return where each net begins, and where each edge ends."""
    boxes = {placed.box.id: placed for placed in scene.boxes}
    tails: dict[object, Place] = {}
    heads: dict[object, Place] = {}
    for placed in scene.boxes:
        inside = placed.box.shape == "tag"
        frame = boxes[placed.box.node] if inside else placed
        rect = (frame.x, frame.y, frame.x + frame.width - 1, frame.y + frame.height - 1)
        for rows, found in ((placed.box.right, tails), (placed.box.left, heads)):
            for row in rows:
                key = row.net or row.edge
                if key is not None:
                    found[key] = (rect, placed.y + row.y - frame.y, inside)
    return tails, heads


def moved(before: Scene, after: Scene) -> int:
    """Count the nodes that stand more than two rows or columns from where they stood."""
    pairs = [(placed, after.box[placed.box.id]) for placed in before.boxes if placed.box.id in after.box]
    return sum(abs(a.x - b.x) > 2 or abs(a.y - b.y) > 2 for a, b in pairs)
