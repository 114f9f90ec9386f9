"""What every picture must be: readable from its characters alone, and without a false meeting."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

from fbtui.diagram import PlacedBox, PlacedEdge, Scene, to_text
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
    expected: dict[tuple[Rect, int, bool], set[tuple[Rect, int, bool]]] = defaultdict(set)
    for placed in scene.edges:
        tail, head = _ends(scene, placed)
        expected[tail].add(head)
    traced = {(box, row, inside): drawing.trace(cell) for box, row, inside, cell in drawing.starts()}
    assert traced == expected, text


def _ends(scene: Scene, placed: PlacedEdge) -> list[tuple[Rect, int, bool]]:
    """Return box, row and side of both ends of an edge."""
    edge = placed.edge
    found = []
    for is_tail in (True, False):
        for box in scene.boxes:
            rows = [r for r in box.box.right if r.net == edge.tail] if is_tail else box.box.left
            row = next((r for r in rows if is_tail or r.edge == edge.id), None)
            if row is not None:
                y, inside = box.y + row.y, box.box.shape == "tag"
                frame = next(b for b in scene.boxes if b.box.id == box.box.node) if inside else box
                rect = (frame.x, frame.y, frame.x + frame.width - 1, frame.y + frame.height - 1)
                found.append((rect, y - frame.y, inside))
                break
    return found


def moved(before: Scene, after: Scene) -> int:
    """Count the nodes that stand more than two rows or columns from where they stood."""
    pairs = [(placed, after.box[placed.box.id]) for placed in before.boxes if placed.box.id in after.box]
    return sum(abs(a.x - b.x) > 2 or abs(a.y - b.y) > 2 for a, b in pairs)
