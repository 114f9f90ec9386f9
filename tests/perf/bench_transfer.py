"""What a transfer costs: chains of components that pass packets on, beside the same chains over `asyncio.Queue`.

Every figure is of the same run: the variants take turns, round by round, on the same kind of loop, and the best of
the rounds counts, in processor time, which a busy machine disturbs less than the time of day. A *hop* is one put
and one get: a chain of N components has N + 1 of them. Printed are nanoseconds a hop and how many times the queues'
they are; the targets are in the last columns. Run it by ``make bench``, or by itself with ``--rounds 15``.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fbdev.comp.packet import Packet
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime import NetLoop
from tests.fbdev.helpers import chain, component

TRANSFERS = 22_000
"""Hops in one round of one variant."""
PUBLIC: dict[int, int] = {1: 7_000, 10: 1_500, 50: 280}
"""Packets a second of the public fbdev 0.0.5 by the length of the chain, as measured when ours was designed. It
cannot be measured beside ours: both are called fbdev."""
CAPACITIES = (1, 16, None)

Setup = Callable[[Node], None]
clock = time.process_time


class Count(Instrument):
    """Observes every transfer."""

    def __init__(self) -> None:
        self.moves = 0

    def move_committed(self, move: Move) -> None:
        self.moves += 1


class Admit(Instrument):
    """Is asked before every transfer, and lets it go."""

    def admit(self, move: Move) -> None:
        return None


async def pass_on(self: Any) -> None:
    source, target = self.ports.input.inp, self.ports.output.out
    while True:
        await target.put(await source.get())


PassOn = component("PassOn", pass_on, input="inp", output="out")


def untracked(top: Node) -> None:
    top.packet_registry.keep(None)


def as_it_is(top: Node) -> None:
    """Leave the history on, as it is by default."""


def observed(top: Node) -> None:
    top.task_manager.add_instrument(Count())


def gated(top: Node) -> None:
    top.task_manager.add_instrument(Admit())


async def net_chain(graph: GraphSpec, packets: int, setup: Setup) -> float:
    """Return the seconds that a net takes for so many packets, from the first put to the last get."""
    top = Node(NodeSpec(GraphComponentFactory.create_component(graph)))
    setup(top)
    await top.start()
    made = [Packet(number) for number in range(packets)]
    put, get = top.ports.input.inp.put, top.ports.output.out.get

    async def feed() -> None:
        for packet in made:
            await put(packet)

    async def collect() -> None:
        for _ in range(packets):
            await get()

    begun = clock()
    await top.task_manager.exec_coros(feed(), collect())
    taken = clock() - begun
    await top.stop()
    return taken


async def queue_chain(length: int, capacity: int | None, packets: int) -> float:
    """Return the seconds that the same chain takes over queues."""
    queues: list[asyncio.Queue[int]] = [asyncio.Queue(capacity or 0) for _ in range(length + 1)]

    async def pass_on(source: asyncio.Queue[int], target: asyncio.Queue[int]) -> None:
        while True:
            await target.put(await source.get())

    async def feed() -> None:
        for number in range(packets):
            await queues[0].put(number)

    async def collect() -> None:
        for _ in range(packets):
            await queues[-1].get()

    tasks = [asyncio.create_task(pass_on(*pair)) for pair in itertools.pairwise(queues)]
    begun = clock()
    await asyncio.gather(feed(), collect())
    taken = clock() - begun
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return taken


def run(main: Coroutine[Any, Any, float]) -> float:
    with asyncio.Runner(loop_factory=NetLoop) as runner:
        return runner.run(main)


def nested(length: int, capacity: int | None, depth: int) -> GraphSpec:
    graph = chain(*[PassOn] * length, maxsize=capacity)
    for _ in range(depth):
        graph = chain(GraphComponentFactory.create_component(graph), maxsize=capacity)
    return graph


def in_turns(variants: dict[str, Callable[[], Coroutine[Any, Any, float]]], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each round of each variant; the first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in variants}
    for number in range(rounds + 1):
        for name, variant in variants.items():
            seconds = run(variant())
            if number:
                taken[name].append(seconds)
    return taken


def compare(length: int, capacity: int | None, rounds: int) -> None:
    packets = TRANSFERS // (length + 1)
    graph = chain(*[PassOn] * length, maxsize=capacity)
    setups = {"history=None": untracked, "tracking": as_it_is, "observed": observed, "gated": gated}
    variants = {"Queue": lambda: queue_chain(length, capacity, packets)} | {
        name: lambda setup=setup: net_chain(graph, packets, setup) for name, setup in setups.items()
    }
    taken = in_turns(variants, rounds)
    hop = {name: min(times) / packets / (length + 1) * 1e9 for name, times in taken.items()}
    spread = statistics.median(taken["tracking"]) / min(taken["tracking"])
    cells = "".join(f"{hop[name]:7,.0f} {hop[name] / hop['Queue']:5.2f}" for name in setups)
    rate = packets / min(taken["tracking"])
    print(
        f"{length:3} {capacity or '-':>4} {hop['Queue']:7,.0f}{cells} {hop['observed'] / hop['tracking']:9.2f}"
        f" {rate:10,.0f} {rate / PUBLIC[length]:8.0f}x {spread:7.2f}"
    )


def compare_nested(capacity: int | None, rounds: int) -> None:
    length, packets = 10, TRANSFERS // 11
    graphs = {str(depth): nested(length, capacity, depth) for depth in (0, 1, 5)}
    variants = {name: lambda graph=graph: net_chain(graph, packets, as_it_is) for name, graph in graphs.items()}
    flat, *deep = (min(times) for times in in_turns(variants, rounds).values())
    print(f"{capacity or '-':>12} {packets / flat:12,.0f}{''.join(f'{time / flat:8.2f}' for time in deep)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print(f"nanoseconds a hop, and times asyncio.Queue; the best of {rounds} rounds, processor time")
    print(
        "  N  cap   Queue  history=None     tracking     observed        gated  obs/track  packets/s  public     med"
    )
    for length in (1, 10, 50):
        for capacity in CAPACITIES:
            compare(length, capacity, rounds)
    print("targets at N = 10 and 50: history=None at most 1.0; tracking at most 1.1 (capacity 1), 1.3 (16), 1.6")
    print("(unbounded); observed / tracking at most 1.3; at least 20 times the public fbdev 0.0.5")
    print("\na chain of 10, tracking, inside so many graphs: its time by that of the flat chain (target: 1)")
    print("    capacity    packets/s  1 deep  5 deep")
    for capacity in CAPACITIES:
        compare_nested(capacity, rounds)


if __name__ == "__main__":
    main()
