"""How long a net of 1000 nodes takes to be made and started, and what an idle node of it weighs.

Prints the best of several runs in processor time, beside what asyncio alone takes for 1000 tasks that wait: a
machine that is slow or busy shows in both. Targets: a start under 100 ms, 8 kB a node.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import tracemalloc
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import NodeSpec
from fbdev.graph.net import Node
from tests.fbdev.helpers import Forward, chain

NODES = 1000
RUNS = 7
SPEC = NodeSpec(GraphComponentFactory.create_component(chain(*[Forward] * NODES)))


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def timed_net() -> tuple[float, float]:
    """Return the seconds to make the net, and to start it until every node waits for input."""
    begin = time.process_time()
    top = Node(SPEC)
    made = time.process_time()
    await top.start()
    await settle()
    end = time.process_time()
    await top.stop()
    return made - begin, end - made


async def timed_tasks() -> float:
    """Return the seconds that asyncio takes to start as many tasks that wait for a future."""

    async def wait() -> None:
        await asyncio.get_running_loop().create_future()

    begin = time.process_time()
    tasks = [asyncio.create_task(wait()) for _ in range(NODES)]
    await settle()
    end = time.process_time()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return end - begin


async def weighed() -> tuple[float, float]:
    """Return the bytes that a node of a net takes: when it is made, and when it waits for input."""
    await settle()
    gc.collect()
    tracemalloc.start()
    top = Node(SPEC)
    gc.collect()
    made = tracemalloc.get_traced_memory()[0]
    await top.start()
    await settle()
    gc.collect()
    started = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    await top.stop()
    return made / NODES, started / NODES


def main() -> None:
    nets = [asyncio.run(timed_net()) for _ in range(RUNS)]
    make, start = (min(times) for times in zip(*nets, strict=True))
    bare = min(asyncio.run(timed_tasks()) for _ in range(RUNS))
    print(f"{NODES} nodes in a chain, best of {RUNS} runs")
    print(f"  made     {make * 1e3:6.1f} ms  {make / bare:5.1f} times asyncio's own {NODES} tasks")
    print(f"  started  {start * 1e3:6.1f} ms  {start / bare:5.1f} times    (target: below 100 ms)")
    print(f"  asyncio  {bare * 1e3:6.1f} ms")
    idle, waiting = asyncio.run(weighed())
    print(
        f"memory of a node: made {idle:,.0f} bytes, started and waiting {waiting:,.0f} bytes  (target: below 8,192)"
    )


if __name__ == "__main__":
    main()
