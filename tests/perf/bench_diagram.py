"""The diagram beside its oracles: time, crossings, bends, area and length of each drawing, and ELK's and dot's.

The graphs are random ones of 25, 200 and 1000 nodes, and the corpus; the oracles' figures are frozen in
``tests/fbtui/oracles.json`` (see ``oracles.py``). Then the hard cases and one edit of 200 nodes. Run it by
``make bench``.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fbtui.diagram import lay_out  # noqa: E402 - found beside its package
from fbtui.protocol import GraphInfo  # noqa: E402
from tests.fbtui.graphs import EDITS, SIZES, corpus, edited, hard_cases, reference  # noqa: E402
from tests.fbtui.laws import bends, crossings, length, moved  # noqa: E402

ORACLES = json.loads((ROOT / "tests" / "fbtui" / "oracles.json").read_text(encoding="utf-8"))
GOALS = {25: 10, 200: 50, 1000: 300}
"""Milliseconds for a cold layout."""


def milliseconds(run: Callable[[], object], times: int = 3) -> float:
    """Return the least processor time of some runs."""
    taken = []
    for _ in range(times):
        begun = time.process_time()
        run()
        taken.append((time.process_time() - begun) * 1000)
    return min(taken)


def quality(name: str, graph: GraphInfo) -> None:
    """Print one graph beside the oracles."""
    scene = lay_out(graph)
    dot, elk = ORACLES[name]["dot"], ORACLES[name]["elk"]
    area = scene.width * scene.height
    print(
        f"{name:16} {milliseconds(lambda: lay_out(graph)):5.0f} ms"
        f"  crossings {crossings(scene):5} (dot {dot['crossings']:5}, ELK {elk['crossings']:5})"
        f"  bends/edge {bends(scene):.2f} (ELK {elk['bends']:.2f})"
        f"  area {area:7} ({area / elk['area']:.2f} of ELK)"
        f"  length {length(scene):6} ({length(scene) / elk['length']:.2f})"
    )


def edits(size: int, count: int = 24) -> None:
    """Print what one edit of each kind costs, and how much it moves."""
    graphs = [reference(size, seed) for seed in (1, 2, 3)]
    scenes = [lay_out(graph) for graph in graphs]
    print(f"one edit of {size} nodes, {count} of each kind; goal: 15 ms, 2 % of the nodes moved more than two cells")
    for what in EDITS:
        times, shares = [], []
        for seed in range(count):
            before = scenes[seed % 3]
            after = edited(graphs[seed % 3], random.Random(seed), what)
            times.append(milliseconds(lambda: lay_out(after, previous=before), 1))  # noqa: B023 - runs at once
            shares.append(moved(before, lay_out(after, previous=before)) / size)
        print(
            f"{what:16} median {statistics.median(times):3.0f} ms"
            f"  moved: mean {statistics.mean(shares):5.2%}, most {max(shares):5.1%}"
        )


def main() -> None:
    """Print everything."""
    for size in SIZES:
        quality(f"reference {size}", reference(size))
    print("goals: " + ", ".join(f"{size} nodes in {most} ms" for size, most in GOALS.items()))
    for name, graph in corpus().items():
        quality(name, graph)
    for name, graph in hard_cases().items():
        scene = lay_out(graph)
        took = milliseconds(lambda: lay_out(graph), 1)  # noqa: B023 - runs at once
        print(f"{name:24} {took:5.0f} ms (goal 1500)  {scene.width}x{scene.height}, {crossings(scene)} crossings")
    edits(200)


if __name__ == "__main__":
    main()
