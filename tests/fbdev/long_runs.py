"""Nets that run for long, and how much memory is in use while they do."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterator
from typing import Any

from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.complib import func_component
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import Forward, component, ports

KEPT = 1000
"""Activities of the history: few, so that it is full early."""


async def _consume(self: Any) -> None:
    async for packet in self.ports.input.inp:
        await packet.consume()


async def _drop(self: Any) -> None:
    async for _ in self.ports.input.inp:
        pass


async def _say(self: Any) -> None:
    """Send a message that nobody reads for each packet."""
    async for packet in self.ports.input.inp:
        await packet.consume()
        await self.send_message("note")


async def _wait_in_vain(self: Any) -> None:
    """Cancel a get for each packet."""
    async for _ in self.ports.input.inp:
        vain = asyncio.ensure_future(self.ports.input.never.get())
        await asyncio.sleep(0)
        vain.cancel()


async def _start_tasks(self: Any) -> None:
    async for _ in self.ports.input.inp:
        await self.task_manager.create_task(asyncio.sleep(0))


async def _watch(self: Any) -> None:
    """Look at the states and events of a port while packets come."""
    port = self.ports.input.inp
    async for _ in port:
        port.states.is_blocked.get_state_event(True)
        port.events.get_fulfilled.subscribe()


async def _merge(self: Any) -> None:
    async def take(port: Any) -> None:
        async for packet in port:
            await packet.consume()

    await asyncio.gather(take(self.ports.input.a), take(self.ports.input.b))


@func_component(loop_execution=True)
def pass_on(inp: object) -> object:
    """Return what it is given."""
    return inp


class FollowsConfig(BaseComponent):
    """Takes config values for as long as they come."""

    port_specs = PortSpecCollection(PortSpec(PortType.CONFIG, "inp", default=0))

    async def _post_start(self) -> None:
        self.task_manager.create_task(asyncio.Event().wait())


Sink = component("Sink", _consume, input="inp")
Drop = component("Drop", _drop, input="inp")
Say = component("Say", _say, input="inp", message="note")
WaitInVain = component("WaitInVain", _wait_in_vain, input="inp never")
StartTasks = component("StartTasks", _start_tasks, input="inp")
Watch = component("Watch", _watch, input="inp")
Merge = component("Merge", _merge, input="a b")


def inside(kind: type[BaseComponent], depth: int) -> type[BaseComponent]:
    """Return a component that has another one so many graphs deep inside."""
    for _ in range(depth):
        graph = GraphSpec()
        graph.add_node(kind)
        graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
        kind = GraphComponentFactory.create_component(graph)
    return kind


def row(*kinds: type[BaseComponent], maxsize: int | None = 8) -> GraphSpec:
    """Return a graph of components in a row that has an input ``inp``, and no output."""
    graph = GraphSpec(ports(input="inp"))
    tail: Any = graph.ports.input.inp
    for kind in kinds:
        node = graph.add_node(kind)
        head = (node.ports.config if issubclass(kind, FollowsConfig) else node.ports.input)["inp"]
        tail >> graph.add_edge(maxsize=maxsize) >> head
        tail = node.ports.output.get("out") if kind is not kinds[-1] else None
    return graph


def fan() -> GraphSpec:
    """Return a graph where packets part, and come together again."""
    graph = GraphSpec(ports(input="inp"))
    one, two, merge = graph.add_node(Forward), graph.add_node(Forward), graph.add_node(Merge)
    for node, port in ((one, "a"), (two, "b")):
        graph.ports.input.inp >> graph.add_edge(maxsize=4) >> node
        node.ports.output.out >> graph.add_edge(maxsize=4) >> merge.ports.input[port]
    return graph


def blocks_in_use() -> int:
    """Return how many pieces of memory are in use that the interpreter has given out."""
    gc.collect()
    return sys.getallocatedblocks()


async def growth(graph: GraphSpec, packets: int, *, attach: Any = None) -> int:
    """Return by how much the memory grows while a net passes the second half of its packets.

    Args:
        graph: a graph with an input ``inp``; to run it takes a `Stream`.
        packets: how many there are.
        attach: an instrument.
        read: returns what is in use; by default `blocks_in_use`.
    """
    used: list[int] = []
    executor = BatchExecutor.from_graph(graph)
    executor._node.packet_registry.keep(KEPT)
    if attach is not None:
        executor._node.task_manager.add_instrument(attach)

    def numbers() -> Iterator[int]:
        for number in range(packets):
            if number in {packets // 2, packets - 1}:
                used.append(blocks_in_use())
            yield number

    await executor.astart(Stream(numbers()), until="rest", ports_to_get=())
    return used[1] - used[0]


async def growth_of_a_process(node: Any, packets: int) -> int:
    """Return by how much the memory grows while a running node is put to and got from by turns."""
    used: list[int] = []
    for number in range(packets):
        if number in {packets // 2, packets - 1}:
            used.append(blocks_in_use())
        await node.ports.input.inp.put(Packet(number))
        await node.ports.output.out.get_and_consume()
    return used[1] - used[0]
