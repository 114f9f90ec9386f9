"""What a net holds while it passes ten million packets; run it by hand, it takes some minutes.

``python tests/perf/long_run.py [PACKETS]`` prints the pieces of memory in use and the size of the process each time
that ten times as many packets have passed: for a chain of five components over edges without a capacity, and for one
that is five graphs deep. Target: at the end no more than at 10 000, but for the history, which is full by then.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from fbdev import Stream
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import Forward
from tests.fbdev.long_runs import KEPT, Sink, blocks_in_use, inside, row

PACKETS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
NETS = {
    "five in a row": row(*[Forward] * 5, Sink, maxsize=None),
    "five graphs deep": row(inside(Forward, 5), Sink, maxsize=None),
}


def resident() -> float:
    """Return the size of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def pass_through(graph: GraphSpec) -> None:
    """Run a net, and print what it holds on the way."""
    executor = BatchExecutor.from_graph(graph)
    executor._node.packet_registry.keep(KEPT)
    begin = time.perf_counter()

    def numbers() -> Iterator[int]:
        look = 10_000
        for number in range(1, PACKETS + 1):
            yield number
            if number == look:
                look *= 10
                seconds = time.perf_counter() - begin
                waiting = sum(len(edge.packets) for edge in executor._node.all_edges())
                used = f"{blocks_in_use():9} pieces  {resident():7.1f} MB  {waiting:5} on edges"
                print(f"{number:10} packets  {used}  {seconds:6.1f} s", flush=True)

    executor.start(Stream(numbers()))


for name, graph in NETS.items():
    print(name)
    pass_through(graph)
