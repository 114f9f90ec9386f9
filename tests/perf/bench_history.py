"""Going through long traces: any window, and the state of every edge at any moment, among ten million events.

Writes a trace as a target does, reads it as the debugger does, and prints what each takes. Run it by ``make bench``;
it needs 500 MB on the disk.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from fbtui.trace import History, Kind, Places, TraceReader, TraceWriter  # noqa: E402 - found beside this file

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
EDGES = 20
WINDOW = 100


def write(folder: Path) -> None:
    """Write a trace in which packets go along a chain of edges."""
    writer = TraceWriter(folder, budget=1 << 40)
    nodes = ("GRAPH", *(f"N{number}" for number in range(EDGES)))
    writer.name(Places(nodes, tuple(f"e{number}" for number in range(EDGES))))
    for number in range(EVENTS):
        kind = Kind.SEND if number // EDGES % 2 == 0 else Kind.RECEIVE
        edge, packet = number % EDGES, number // EDGES // 2 * EDGES + number % EDGES + 1
        data = b"%d" % number if kind is Kind.SEND else b""
        writer.write(kind, 0, edge + 1, edge, packet, packet, number + 1, data)
    writer.close()


def worst_and_median(what: str, act: Callable[[], object], goal: float, times: int = 200) -> None:
    """Measure something, and print how long it takes in milliseconds."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1000)
    worst, median = sorted(taken)[int(times * 0.99)], statistics.median(taken)
    print(f"{what:<44} median {median:7.2f} ms, 99 % below {worst:7.2f} ms (goal: under {goal:g} ms)")


def main() -> None:
    """Measure, and print."""
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = time.perf_counter()
        write(folder)
        print(f"written: {EVENTS:,} events in {time.perf_counter() - begun:.1f} s")
        trace = TraceReader(folder)
        history = History(trace)
        begun = time.perf_counter()
        longest = 0.0
        portion = time.perf_counter()
        for _ in history.follow():
            longest, portion = max(longest, time.perf_counter() - portion), time.perf_counter()
        print(f"read once: {time.perf_counter() - begun:.1f} s, at most {longest * 1000:.0f} ms at a time")

        def look_at_a_window() -> None:
            at = chance.randrange(EVENTS - WINDOW)
            for record in trace[at : at + WINDOW]:
                trace.text(record)

        worst_and_median(f"a window of {WINDOW} events, anywhere", look_at_a_window, 1)
        worst_and_median("every edge's state after any event", lambda: history.at(chance.randrange(EVENTS)), 20)
        worst_and_median("the event of any step", lambda: history.after_step(chance.randrange(EVENTS)), 20)
        trace.close()


if __name__ == "__main__":
    main()
