"""Packets through a node in a process of its own, against bytes there and back over a `multiprocessing.Pipe`.

A packet costs two exchanges: the component asks for it, and asks for room for its answer. Each edge holds one
packet, so nothing is done ahead of time. The first thousand packets are compared with those around the ten
thousandth, with the registry of the net off and on: what a packet costs must not grow. Run it by ``make bench``.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import AsyncIterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor

PACKETS = 11_000
WINDOW = 1000
STARTS = 5


class Echo(BaseComponent):
    """Sends back what it receives."""

    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None:
        async for packet in self.ports.input.inp:
            await self.ports.output.out.put_value(await packet.consume())


def graph() -> GraphSpec:
    """Return a graph of one such node, between edges of one packet."""
    found = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
    node = found.add_node(Echo, node_type=ProxyNode)
    found.ports.input.inp >> found.add_edge(1) >> node >> found.add_edge(1) >> found.ports.output.out
    return found


def through_a_node(*, registry: bool) -> list[float]:
    """Return when each packet was asked for."""
    times: list[float] = []

    async def numbers() -> AsyncIterator[int]:
        for number in range(PACKETS):
            times.append(time.perf_counter())
            yield number

    executor = BatchExecutor.from_graph(graph())
    if registry:
        assert executor._node.packet_registry.history() == []
    executor.start(Stream(numbers()))
    return times


def echo(end: Connection) -> None:
    """Send back what comes."""
    while True:
        end.send(end.recv())


def through_a_pipe() -> float:
    """Return the seconds of one round trip."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=echo, args=(theirs,), daemon=True)
    process.start()
    begun = time.perf_counter()
    for number in range(PACKETS):
        ours.send(number)
        ours.recv()
    taken = (time.perf_counter() - begun) / PACKETS
    process.kill()
    process.join()
    return taken


async def start_and_stop() -> tuple[float, float]:
    """Return the seconds that a node takes to start and to stop."""
    node: Any = next(iter(graph().nodes.values())).create_node()
    begun = time.perf_counter()
    await node.start()
    started = time.perf_counter()
    await node.stop()
    return started - begun, time.perf_counter() - started


def tell(what: str, seconds: float, ratio: str = "") -> None:
    """Print a time."""
    print(f"{what:<24} {seconds * 1e6:6.0f} µs {1 / seconds:8.0f}/s  {ratio}")


def main() -> None:
    """Measure, and print times and ratios."""
    pipe = through_a_pipe()
    tell("pipe, there and back", pipe)
    for registry in (False, True):
        times = through_a_node(registry=registry)
        first = (times[WINDOW] - times[0]) / WINDOW
        last = (times[-1] - times[-1 - WINDOW]) / WINDOW
        print(f"node, registry {'on' if registry else 'off'}:")
        tell(f"  packets 1 to {WINDOW}", first, f"{first / pipe:5.1f} x the pipe")
        tell("  around packet 10 000", last, f"{last / first:5.2f} x the first")
    starts, stops = zip(*(asyncio.run(start_and_stop()) for _ in range(STARTS)), strict=True)
    print(f"start {statistics.median(starts) * 1000:.0f} ms, stop {statistics.median(stops) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
