"""The live picture: what it costs to show a step, in a window of 200x50 over graphs of 25, 200 and 1000 nodes.

Each step is a new overlay, as in the application. Times are of the processor, the least of some runs. Run it by
``make bench``.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fbtui.diagram import Overlay, Painter, Scene, lay_out  # noqa: E402 - found beside its package
from fbtui.protocol import NodeState  # noqa: E402
from fbtui.session import Phase, Session  # noqa: E402
from fbtui.trace import Kind, Marking, Places, TraceReader, TraceWriter  # noqa: E402
from fbtui.trace.journey import WINDOW, Journeys  # noqa: E402
from fbtui.trace.shares import PORTION, Load  # noqa: E402
from fbtui.ui.overlay import Live  # noqa: E402
from tests.fbtui.graphs import SIZES, reference  # noqa: E402
from tests.perf.bench_diagram import milliseconds  # noqa: E402

WIDTH, HEIGHT = 200, 50


def busy_session(scene: Scene) -> Session:
    """Return what the overlay reads of a session in which every edge holds packets and every node has fired."""
    marking = Marking()
    for placed in scene.edges:
        mark = marking.edge(placed.edge.id)
        mark.waiting.extend((1, 2, 3))
        mark.recent.append((0, "{'id': 1}"))
    for box in scene.boxes:
        marking.node(box.box.id).firings = 12
    paused = SimpleNamespace(parked=[], next=None, nodes=[NodeState(one.box.id, "waiting") for one in scene.boxes])
    record = SimpleNamespace(cursor=None, shown=marking, trace=None)
    controls = SimpleNamespace(breakpoints=SimpleNamespace(points=[]), held=[])
    found = SimpleNamespace(
        record=record, paused=paused, phase=Phase.PAUSED, done=None, graph=None, controls=controls
    )
    found.changes = SimpleNamespace(edits=())
    return cast("Session", found)


def picture(size: int) -> None:
    """Print what a window and a step cost."""
    scene = lay_out(reference(size))
    session = busy_session(scene)
    painter, live = Painter(scene), Live(session, ascii_only=False)
    left, top = max(0, (scene.width - WIDTH) // 2), max(0, (scene.height - HEIGHT) // 2)
    marks = session.record.shown.edges
    seen = [placed.edge.id for placed in scene.edges if top <= placed.path[-1][1] < top + HEIGHT]
    moving = itertools.cycle(seen or [scene.edges[0].edge.id])

    def move() -> Overlay:
        waiting = marks[next(moving)].waiting
        waiting.pop() if len(waiting) > 3 else waiting.append(1)
        return live.overlay(scene, None)

    def window(overlay: Overlay) -> None:
        painter.lines(overlay, left=left, top=top, width=WIDTH, height=HEIGHT)

    state = {"shown": move(), "next": move()}

    def step() -> None:
        for y in painter.changed(state["shown"], state["next"]):
            painter.lines(state["next"], left=left, top=y, width=WIDTH, height=1)
        state["shown"] = state["next"]

    def steps() -> float:
        state["next"] = move()
        return milliseconds(step, 1)

    window(state["shown"])
    whole = milliseconds(lambda: window(state["shown"]), 20)
    making = milliseconds(move, 20)
    one = min(steps() for _ in range(40))
    live.values = True
    valued = live.overlay(scene, None)
    window(valued)
    print(
        f"{size:5} nodes: window {whole:.2f} ms, with values {milliseconds(lambda: window(valued), 20):.2f} (goal 2)"
        f"  a step {one:.2f} ms (goal 0.3)  making its overlay {making:.2f} ms"
    )


def trace(folder: Path, count: int) -> None:
    """Print what it costs to look into a trace."""
    writer = TraceWriter(folder)
    writer.name(Places(("GRAPH", "A", "B"), ("a_b", "b_a")))
    for number in range(1, count // 2 + 1):
        writer.record(Kind.SEND, node=1, edge=0, packet=number, step=2 * number - 1, data=b"value")
        writer.record(Kind.RECEIVE, node=2, edge=0, packet=number, step=2 * number)
    reader: Any = TraceReader(folder)
    far = milliseconds(lambda: Journeys(reader).at(count).journey(count // 2), 3)
    load = milliseconds(lambda: Load(reader, {"a_b": 8}).at(count), 3)
    print(
        f"{count} records: the way of a packet, the last {WINDOW} records, {far:.0f} ms;"
        f" a portion of {PORTION} for the heat {load:.0f} ms"
    )


def main() -> None:
    """Print everything."""
    for size in SIZES:
        picture(size)
    with tempfile.TemporaryDirectory() as folder:
        trace(Path(folder), 100_000)


if __name__ == "__main__":
    main()
