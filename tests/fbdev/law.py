"""Random nets for the law of transfers: every packet put is received once, or reported as not delivered."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.exceptions import NetStoppedError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument, Move
from tests.fbdev.helpers import component, ports, turns

INS, OUTS = "ab", "xy"
OUTSIDE = -1


class Ledger:
    """Counts what was put and what was received, by the number that each packet carries."""

    def __init__(self) -> None:
        self.begun: dict[int, int] = {}
        """Numbers whose put has begun, with how many edges they go to."""
        self.put: set[int] = set()
        self.streamed: set[int] = set()
        self.ended: set[int] = set()
        """Numbers whose put was ended by a stop, and not by its caller."""
        self.got: Counter[int] = Counter()

    def begin(self, edges: int) -> int:
        """Return a new number: the payload of a packet that goes to so many edges."""
        number = len(self.begun)
        self.begun[number] = max(1, edges)
        return number

    def packet(self, edges: int) -> Packet:
        return Packet(self.begin(edges))

    def stream(self, count: int, edges: int) -> Iterator[int]:
        """Yield payloads that are put by somebody else, who says of each that it was put, or was waiting."""
        for _ in range(count):
            number = self.begin(edges)
            self.streamed.add(number)
            yield number

    async def do_put(self, port: Any, edges: int, *, whole: bool) -> None:
        packet = self.packet(edges)
        number = packet._data
        was_open = not port.node.hub.closed
        try:
            await port.put(packet)
        except (asyncio.CancelledError, NetStoppedError):
            if whole and was_open:
                self.ended.add(number)
            raise
        self.put.add(number)

    def watch_put(self, put: Callable[[Packet], asyncio.Task[None]], edges: int) -> asyncio.Task[None]:
        """Begin a put that goes on by itself."""
        packet = self.packet(edges)
        number = packet._data
        task = put(packet)
        task.add_done_callback(
            lambda task: None if task.cancelled() or task.exception() is not None else self.put.add(number)
        )
        return task

    async def do_get(self, get: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.got[await (await get()).consume()] += 1

    def check(self, undelivered: list[tuple[Any, str, str]]) -> None:
        left: Counter[int] = Counter()
        waited: Counter[int] = Counter()
        for packet, _, why in undelivered:
            (waited if why == "its put was waiting" else left)[packet._data] += 1
        for number, edges in self.begun.items():
            if number in self.put or (number in self.streamed and not waited[number]):
                spread = self.got[number] + left[number] == edges
                at_border = (self.got[number], left[number]) == (0, 1)  # of a graph, and not yet on its edges
                assert spread or at_border, f"{number}: {self.got[number]} and {left[number]} of {edges}"
                assert waited[number] == 0
            else:
                assert self.got[number] + left[number] == 0, f"{number} was not put"
                assert waited[number] == 1 or number not in self.ended, f"{number} was ended"
        assert not self.got.keys() - self.begun.keys()


@dataclass
class Plan:
    """A net and what goes on in it."""

    edges: list[tuple[int, str, int, str, int | None]]
    scripts: list[list[tuple[str, str, str, int]]]
    outside: list[tuple[str, str, str, int]]
    depths: list[int]
    turns: int
    seed: int
    watched: str
    goes_on: bool
    alone: bool
    """Whether the first worker is the net, its ports without edges."""
    ledger: Ledger = field(default_factory=Ledger)

    def edges_at(self, worker: int, port: str) -> int:
        return sum((tail, name) == (worker, port) for tail, name, *_ in self.edges)

    def node(self) -> BaseNode:
        if self.alone:
            self.edges.clear()
            return NodeSpec(self._worker(0)).create_node()
        return NodeSpec(GraphComponentFactory.create_component(self._graph())).create_node()

    def _graph(self) -> GraphSpec:
        graph = GraphSpec(ports(input="a b", output="x y"))
        nodes = [graph.add_node(self._worker(index), f"w{index}") for index in range(len(self.scripts))]

        def end(index: int, name: str, *, tail: bool) -> Any:
            owner, kind = (graph, not tail) if index == OUTSIDE else (nodes[index], tail)
            return (owner.ports.output if kind else owner.ports.input)[name]

        for tail, out, head, into, capacity in self.edges:
            edge = graph.add_edge(maxsize=capacity)
            end(tail, out, tail=True) >> edge >> end(head, into, tail=False)
        return graph

    def _worker(self, index: int) -> type[BaseComponent]:
        async def main(component: Any) -> None:
            for act in self.scripts[index]:
                await self.act(act, component.ports, component, index)

        kind = component(f"W{index}", main, input=" ".join(INS), output=" ".join(OUTS))
        for _ in range(self.depths[index]):
            graph = GraphSpec()
            graph.add_node(kind)
            graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
            kind = GraphComponentFactory.create_component(graph)
        return kind

    async def act(self, act: tuple[str, str, str, int], at: Any, component: Any, index: int) -> None:
        kind, name, how, count = act
        if kind == "get":
            await cut(self.ledger.do_get(at.input[name].get), how, count)
        elif kind == "put":
            port = at.output[OUTS[INS.index(name)]]
            edges = self.edges_at(index, port.name)
            await cut(self.ledger.do_put(port, edges, whole=how == "whole"), how, count)
        elif kind == "pass":
            while True:
                await self.ledger.do_get(at.input[name].get)
                port = at.output[OUTS[INS.index(name)]]
                await self.ledger.do_put(port, self.edges_at(index, port.name), whole=True)
        elif kind == "turns":
            await turns(count)
        elif kind == "both":
            await asyncio.gather(
                *(self.act((act, name, how, count), at, component, index) for act in ("get", "put"))
            )
        elif kind == "task":
            work = ("put", "get", "pass")[count % 3]
            component.task_manager.create_task(self.act((work, name, how, count), at, component, index))
        elif kind == "fail":
            raise ArithmeticError("planned")
        elif kind == "stop":
            await component.stop_net()
        elif kind == "leave":
            await component.stop()

    def instrument(self) -> Shuffle | None:
        return {"not": None, "by an observer": Shuffle(None), "by a scheduler": Shuffle(self.seed)}[self.watched]


async def cut(call: Coroutine[Any, Any, None], how: str, count: int) -> None:
    """Make a call that may be cancelled or time out on the way."""
    if how == "whole":
        await call
    elif how == "time out":
        try:
            async with asyncio.timeout(0):
                await call
        except TimeoutError:
            pass
    else:
        task = asyncio.ensure_future(call)
        await (_chosen(task) if how == "snatch" else turns(count))
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()


def stuck(top: BaseNode) -> list[str]:
    """Return the ports where somebody waits although the move could be made."""
    found = []
    for node in top.walk():
        for port in (one.inner for one in node.ports.iter_ports()):
            has_room = bool(port.targets) and all(len(edge.packets) != edge.capacity for edge in port.targets)
            has_packet = any(edge.packets for edge in port.sources)
            meet = not port.targets and not port.sources and port.putters and port.getters
            if (port.putters and has_room) or (port.getters and has_packet) or (has_room and has_packet) or meet:
                found.append(repr(port))
    return found


async def _chosen(task: asyncio.Task[Any]) -> None:
    """Wait for the moment between the choice of a put or get that waits and its going on."""
    while not task.done():
        waits_for = task._fut_waiter
        if waits_for is not None and waits_for.done():
            return
        await asyncio.sleep(0)


class Shuffle(Instrument):
    """Holds every move, and lets them go in a random order; without a seed it holds none."""

    def __init__(self, seed: int | None) -> None:
        self._random = random.Random(seed)
        self._holds = seed is not None
        self._held: list[asyncio.Future[None]] = []

    def admit(self, move: Move) -> asyncio.Future[None] | None:
        if not self._holds:
            return None
        gate = asyncio.get_running_loop().create_future()
        self._held.append(gate)
        return gate

    def release(self) -> None:
        if self._held:
            gate = self._held.pop(self._random.randrange(len(self._held)))
            if not gate.done():
                gate.set_result(None)


ACTS = ["get", "put", "pass", "turns", "both", "task", "fail", "stop", "leave"]
HOWS = ["whole", "whole", "whole", "time out", "cancel", "snatch"]


def acts(kinds: list[str], most: int) -> st.SearchStrategy[list[tuple[str, str, str, int]]]:
    act = st.tuples(st.sampled_from(kinds), st.sampled_from(INS), st.sampled_from(HOWS), st.integers(0, 3))
    return st.lists(act, max_size=most)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    workers = draw(st.integers(1, 4))
    inside = st.integers(0, workers - 1)
    anywhere = st.integers(OUTSIDE, workers - 1)
    capacity = st.sampled_from([None, 1, 1, 1, 2, 3])

    def tail_name(tail: int, name: int) -> str:
        return (INS if tail == OUTSIDE else OUTS)[name]

    def head_name(head: int, name: int) -> str:
        return (OUTS if head == OUTSIDE else INS)[name]

    side = st.integers(0, 1)
    drawn = draw(st.lists(st.tuples(anywhere, side, anywhere, side, capacity), max_size=8))
    drawn += [(OUTSIDE, 0, draw(inside), 0, draw(capacity)), (draw(inside), 0, OUTSIDE, 0, draw(capacity))]
    edges = [
        (tail, tail_name(tail, out), head, head_name(head, into), size) for tail, out, head, into, size in drawn
    ]
    return Plan(
        edges=edges,
        scripts=[draw(acts(ACTS[:5] * 2 + ACTS[5:6] * 6 + ACTS[6:], 10)) for _ in range(workers)],
        outside=draw(acts(["get", "put", "put", "turns", "watch"], 12)),
        depths=[draw(st.sampled_from([0, 0, 1, 2])) for _ in range(workers)],
        turns=draw(st.integers(0, 40)),
        seed=draw(st.integers(0, 1 << 16)),
        watched=draw(st.sampled_from(["not", "by an observer", "by a scheduler"])),
        goes_on=draw(st.booleans()),
        alone=draw(st.sampled_from([False, False, False, True])),
    )
