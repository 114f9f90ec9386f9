"""Measures `dot` and ELK on the reference graphs, and freezes their figures in ``tests/fbtui/oracles.json``.

Not a benchmark and not needed to run anything: it wants graphviz' ``dot`` and ``node`` with the package elkjs, whose
folder is the only argument. Boxes have the sizes that they have in our drawings, in cells.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fbtui.diagram.model import Box, Model, build  # noqa: E402 - found beside this file's package
from fbtui.protocol import GraphInfo  # noqa: E402
from tests.fbtui.graphs import SIZES, corpus, reference  # noqa: E402

Point = tuple[float, float]
ELK = """
const ELK = require('elkjs'), fs = require('fs');
new ELK().layout(JSON.parse(fs.readFileSync(process.argv[1]))).then(g => console.log(JSON.stringify(g)));
"""


def main(elk_folder: str) -> None:
    """Measure every graph with both, and write the file."""
    graphs = {f"reference {size}": reference(size) for size in SIZES} | corpus()
    figures = {name: {"dot": dot(graph), "elk": elk(graph, elk_folder)} for name, graph in graphs.items()}
    path = ROOT / "tests" / "fbtui" / "oracles.json"
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(figure)}" for name, figure in figures.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    print(path.read_text(encoding="utf-8"))


def _ends(model: Model) -> Iterable[tuple[str, str, int, str, int]]:
    """Yield for each edge its net, and box and row of its tail and of its head."""
    roots = {row.net: (box.id, i) for box in model.boxes.values() for i, row in enumerate(box.right)}
    heads = {row.edge: (box.id, i) for box in model.boxes.values() for i, row in enumerate(box.left)}
    for net, edges in model.nets.items():
        for edge in edges:
            yield (f"{net.node}.{net.port}", *roots[net], *heads[edge.id])


def dot(graph: GraphInfo) -> dict[str, int]:
    """Return the crossings of dot's drawing: points where edges of two nets meet."""
    model = build(graph)
    names = {box: f"b{i}" for i, box in enumerate(model.boxes)}
    lines = ["digraph {", "rankdir=LR; nodesep=0.1; ranksep=0.5; node [shape=record, margin=0]"]
    for box in model.boxes.values():
        sides = ["|".join(f"<{side}{i}> x" for i in range(len(rows))) for side, rows in _sides(box)]
        label = "|".join(f"{{{side}}}" for side in sides)
        lines.append(f'{names[box.id]} [label="{label}"]')
    nets = []
    for net, tail, i, head, k in _ends(model):
        nets.append(net)
        lines.append(f"{names[tail]}:r{i}:e -> {names[head]}:l{k}:w")
    text = subprocess.run(
        ["dot", "-Tjson"], input="\n".join([*lines, "}"]), capture_output=True, text=True, check=True
    )
    paths = []
    for edge in json.loads(text.stdout).get("edges", []):
        spline = [tuple(map(float, p.split(","))) for p in edge["pos"].removeprefix("e,").split(" ")]
        paths.append((nets[edge["_gvid"]], _flat(spline[1:] + spline[:1])))
    return {"crossings": _crossings(paths)}


def _sides(box: Box) -> list[tuple[str, tuple[Any, ...]]]:
    return [("l", box.left), ("r", box.right)]


def _flat(spline: list[Point]) -> list[Point]:
    """Return points along a chain of Bezier curves."""
    points = [spline[0]]
    for n in range(0, len(spline) - 3, 3):
        a, b, c, d = spline[n : n + 4]
        for step in range(1, 9):
            t = step / 8
            w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            points.append(tuple(sum(f * p[axis] for f, p in zip(w, (a, b, c, d), strict=True)) for axis in (0, 1)))
    return points


def _crossings(paths: list[tuple[str, list[Point]]]) -> int:
    """Count the points where paths of two nets cross."""
    pieces = [(net, a, b) for net, path in paths for a, b in itertools.pairwise(path) if a != b]
    buckets: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, (_, a, b) in enumerate(pieces):
        for x in range(int(min(a[0], b[0]) // 40), int(max(a[0], b[0]) // 40) + 1):
            for y in range(int(min(a[1], b[1]) // 40), int(max(a[1], b[1]) // 40) + 1):
                buckets[x, y].append(i)
    found = set()
    for members in buckets.values():
        for i, k in itertools.combinations(members, 2):
            if pieces[i][0] != pieces[k][0]:
                point = _meet(*pieces[i][1:], *pieces[k][1:])
                if point is not None:
                    nets = tuple(sorted((pieces[i][0], pieces[k][0])))
                    found.add((nets, round(point[0] * 2), round(point[1] * 2)))
    return len(found)


def _meet(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    cross = ux * vy - uy * vx
    if abs(cross) < 1e-9:
        return None
    s = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / cross
    t = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / cross
    return (a[0] + s * ux, a[1] + s * uy) if 0 <= s < 1 and 0 <= t < 1 else None


def elk(graph: GraphInfo, folder: str) -> dict[str, float]:
    """Return crossings, bends per edge, area and length of ELK's layered drawing, in cells."""
    model = build(graph)
    nets, edges = [], []
    for net, tail, i, head, k in _ends(model):
        edges.append({"id": f"e{len(edges)}", "sources": [f"{tail}/r{i}"], "targets": [f"{head}/l{k}"]})
        nets.append(net)
    options = {
        "elk.algorithm": "layered", "elk.direction": "RIGHT", "elk.edgeRouting": "ORTHOGONAL",
        "elk.spacing.nodeNode": "1", "elk.spacing.edgeNode": "1", "elk.spacing.edgeEdge": "1",
        "elk.layered.spacing.nodeNodeBetweenLayers": "8", "elk.layered.spacing.edgeNodeBetweenLayers": "2",
        "elk.layered.spacing.edgeEdgeBetweenLayers": "1", "elk.padding": "[left=0,top=0,right=0,bottom=0]",
        "elk.separateConnectedComponents": "false",
    }  # fmt: skip
    root = {
        "id": "root",
        "layoutOptions": options,
        "edges": edges,
        "children": list(map(_elk_box, model.boxes.values())),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(root, file)
        file.flush()
        command = ["node", "-e", ELK, file.name]
        out = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
    drawn = json.loads(out)
    paths = []
    for net, edge in zip(nets, drawn["edges"], strict=True):
        for section in edge["sections"]:
            points = [section["startPoint"], *section.get("bendPoints", []), section["endPoint"]]
            paths.append((net, [(point["x"], point["y"]) for point in points]))
    length = sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for _, path in paths for a, b in itertools.pairwise(path))
    return {
        "crossings": _crossings(paths),
        "bends": round(sum(len(path) - 2 for _, path in paths) / max(1, len(paths)), 2),
        "area": round(drawn["width"] * drawn["height"]),
        "length": round(length),
    }


def _elk_box(box: Box) -> dict[str, Any]:
    ports = [
        {"id": f"{box.id}/{side}{i}", "x": 0 if side == "l" else box.width, "y": i + 1.5, "width": 0, "height": 0}
        for side, rows in _sides(box)
        for i in range(len(rows))
    ]
    options = {"elk.portConstraints": "FIXED_POS"}
    return {"id": box.id, "width": box.width, "height": box.height, "ports": ports, "layoutOptions": options}


if __name__ == "__main__":
    main(sys.argv[1])
