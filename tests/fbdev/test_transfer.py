"""Transfers over ports and edges: order, capacity, cancellation, fan-out and fan-in, borders."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbdev.comp.packet import Packet
from fbdev.comp.port import Port, PortSpec, PortType, make_port
from fbdev.exceptions import EndOfInput
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import Node
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import Forward, chain, component, ports, run


async def _idle(self: Any) -> None:
    await asyncio.get_running_loop().create_future()


Passive = component("Passive", _idle, input="inp", output="out")


def net(graph: GraphSpec) -> Node:
    return Node(NodeSpec(GraphComponentFactory.create_component(graph)))


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


# ---------------------------------------------------------------------------------------- capacity


@pytest.mark.parametrize("maxsize", [1, 2, 3, 5])
def test_an_edge_holds_exactly_its_capacity(maxsize: int) -> None:
    async def main() -> None:
        top = net(chain(Passive, maxsize=maxsize))
        done: list[int] = []

        async def feed() -> None:
            for number in range(maxsize + 2):
                await top.ports.input.inp.put(Packet(number))
                done.append(number)

        task = asyncio.ensure_future(feed())
        await turns()
        edge = top.edges["edge0"]
        assert done == list(range(maxsize))
        assert edge.full and len(edge.packets) == maxsize
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(edge.packets) == maxsize and edge.reserved == 0

    run(main())


def test_a_producer_that_always_has_room_does_not_starve_the_others() -> None:
    async def flood(self: Any) -> None:
        while True:
            await self.ports.output.out.put(Packet(0))

    async def main() -> int:
        graph = GraphSpec(ports(output="out"))
        graph.add_node(component("Flood", flood, output="out")) >> graph.ports.output.out
        top = net(graph)
        await top.start()
        await turns(3)
        held = len(top.edges["edge0"].packets)
        await top.stop()
        return held

    assert run(main()) < 1000


@pytest.mark.parametrize("together", [2, 3, 7])
def test_puts_and_gets_that_ask_together_keep_their_order_where_their_line_yields(together: int) -> None:
    async def send(self: Any) -> None:
        for first in range(0, 420, together):
            put = self.ports.output.out.put
            await asyncio.gather(*(put(Packet(first + index)) for index in range(together)))

    async def receive(self: Any) -> None:
        while True:
            packets = await asyncio.gather(*(self.ports.input.inp.get() for _ in range(together)))
            await self.ports.output.out.put(Packet([await packet.consume() for packet in packets]))

    graph = GraphSpec(ports(output="out"))
    sender = graph.add_node(component("Send", send, output="out"))
    sender >> graph.add_node(component("Receive", receive, input="inp", output="out")) >> graph.ports.output.out
    groups = run(BatchExecutor.from_graph(graph).astart(until="rest"))["out"]
    assert [number for group in groups for number in group] == list(range(420))


# ---------------------------------------------------------------------------------------- rendezvous


@pytest.mark.parametrize("first", ["put", "get"])
def test_without_an_edge_the_put_returns_before_the_get_s_caller(first: str) -> None:
    async def main() -> list[str]:
        port: Port = make_port(PortSpec(PortType.OUTPUT, "out"))
        log: list[str] = []

        async def put() -> None:
            await port._put(Packet(1))
            log.append("put")

        async def get() -> None:
            assert await port._get_and_consume() == 1
            log.append("get")

        order = [put, get] if first == "put" else [get, put]
        await asyncio.gather(*(one() for one in order))
        return log

    assert run(main()) == ["put", "get"]


def test_a_message_port_keeps_the_newest_messages() -> None:
    async def main() -> None:
        port: Any = make_port(PortSpec(PortType.MESSAGE, "said"))
        for number in range(100):
            await port.put_value(number)
        assert [await port._get_and_consume() for _ in range(64)] == list(range(36, 100))

    run(main())


# ---------------------------------------------------------------------------------------- cancellation


@settings(max_examples=150, deadline=None)
@given(
    capacity=st.sampled_from([None, 1, 2, 4]),
    script=st.lists(
        st.tuples(
            st.sampled_from(["put", "get", "cancel put", "cancel get", "turn", "time out put", "time out get"]),
            st.integers(0, 7),
        ),
        max_size=60,
    ),
    edges=st.sampled_from([0, 1, 2]),
)
def test_no_packet_is_lost_or_doubled_whatever_is_cancelled(
    capacity: int | None, script: list[tuple[str, int]], edges: int
) -> None:
    """Every put that returned is received once or still there; every put that raised has done nothing."""

    async def main() -> None:
        graph = GraphSpec(ports(input="inp", output="out"))
        for _ in range(edges):
            graph.ports.input.inp >> graph.add_edge(maxsize=capacity) >> graph.ports.output.out
        tail, head, top = _ends(graph, edges)
        delivered: list[int] = []
        received: list[int] = []
        puts: list[asyncio.Task[None]] = []
        gets: list[asyncio.Task[None]] = []

        async def put(number: int, limit: float | None) -> None:
            await asyncio.wait_for(tail._put(Packet(number)), limit)
            delivered.append(number)

        async def get(limit: float | None) -> None:
            received.append(await asyncio.wait_for(head._get_and_consume(), limit))

        for number, (act, which) in enumerate(script):
            if act in {"put", "time out put"}:
                puts.append(asyncio.ensure_future(put(number, 0.0001 if act != "put" else None)))
            elif act in {"get", "time out get"}:
                gets.append(asyncio.ensure_future(get(0.0001 if act != "get" else None)))
            elif act == "turn":
                await turns(which)
            else:
                tasks = puts if act == "cancel put" else gets
                if tasks:
                    tasks[which % len(tasks)].cancel()
        await turns(10)
        for task in (*puts, *gets):
            task.cancel()
        await asyncio.gather(*puts, *gets, return_exceptions=True)
        left = [p._data for e in (top.edges.values() if edges else ()) for p in e.packets]  # type: ignore[attr-defined]
        left += [p._data for p in head.held]  # type: ignore[attr-defined]
        assert sorted(received + left) == sorted(delivered * max(edges, 1))
        for edge in top.edges.values() if edges else ():
            assert edge.reserved == 0
            assert edge.capacity is None or len(edge.packets) <= edge.capacity
        assert tail.putters == head.getters == 0

    run(main())


def _ends(graph: GraphSpec, edges: int) -> tuple[Any, Any, Node]:
    if edges:
        top = net(graph)
        return top.ports.input.inp.inner, top.ports.output.out.inner, top
    port = make_port(PortSpec(PortType.OUTPUT, "out"))
    return port, port, net(graph)


def test_a_cancelled_get_leaves_its_packet_to_the_next() -> None:
    async def main() -> None:
        top = net(chain(Passive))
        head = top.nodes["Passive"].ports.input.inp.inner
        first, second = (asyncio.ensure_future(head._get_and_consume()) for _ in range(2))
        await turns()
        await top.ports.input.inp.put(Packet("one"))
        first.cancel()  # chosen, and cancelled before it went on
        await turns()
        assert second.done() and second.result() == "one"
        assert first.cancelled()

    run(main())


# ---------------------------------------------------------------------------------------- many edges


def test_fan_out_puts_on_all_edges_at_once_or_on_none() -> None:
    async def main() -> None:
        graph = GraphSpec(ports(input="inp", output="a b"))
        graph.ports.input.inp >> graph.add_edge(maxsize=1) >> graph.ports.output.a
        graph.ports.input.inp >> graph.add_edge() >> graph.ports.output.b
        top = net(graph)
        original = Packet("x")
        await top.ports.input.inp.put(original)
        second = asyncio.ensure_future(top.ports.input.inp.put(Packet("y")))
        await turns()
        full, free = top.edges.values()
        assert (len(full.packets), len(free.packets), second.done()) == (1, 1, False)
        a, b = await top.ports.output.a.get(), await top.ports.output.b.get()
        assert a.uuid != b.uuid and a.parents == b.parents == (original.uuid,)
        assert await a.consume() is await b.consume()
        await second
        assert (len(full.packets), len(free.packets)) == (1, 1)

    run(main())


def test_fan_in_takes_in_the_order_of_arrival() -> None:
    async def main() -> None:
        graph = GraphSpec(ports(input="a b", output="out"))
        graph.ports.input.a >> graph.ports.output.out
        graph.ports.input.b >> graph.ports.output.out
        top = net(graph)
        for name in "abbab":
            await top.ports.input[name].put(Packet(name))
        assert [await top.ports.output.out.get_and_consume() for _ in range(5)] == list("abbab")

    run(main())


def nested(depth: int) -> GraphSpec:
    graph = chain(Forward)
    for _ in range(depth):
        graph = chain(GraphComponentFactory.create_component(graph), maxsize=1)
    return graph


def test_packets_cross_borders_without_a_task_and_stay_outside_while_there_is_no_room() -> None:
    async def main() -> None:
        inner = chain(Passive, maxsize=1)
        top = net(chain(GraphComponentFactory.create_component(inner, component_name="Outer"), maxsize=1))
        before = len(asyncio.all_tasks())
        await top.ports.input.inp.put(Packet(1))
        outer, inside = top.edges["edge0"], top.nodes["Outer"].edges["edge0"]
        assert (len(outer.packets), len(inside.packets)) == (0, 1)
        await top.ports.input.inp.put(Packet(2))
        assert (len(outer.packets), len(inside.packets)) == (1, 1)
        assert len(asyncio.all_tasks()) == before
        assert await top.nodes["Outer"].nodes["Passive"].ports.input.inp.inner._get_and_consume() == 1
        assert (len(outer.packets), len(inside.packets)) == (0, 1)

    run(main())


def test_five_levels_deep_is_as_flat() -> None:
    from fbdev import Stream
    from fbdev.runtime import BatchExecutor

    assert BatchExecutor.from_graph(nested(5)).start(Stream(range(50))) == {"out": list(range(50))}


# ---------------------------------------------------------------------------------------- what may be put


def test_what_is_put_is_checked_and_the_error_names_the_port() -> None:
    async def main() -> None:
        port: Any = make_port(PortSpec(PortType.MESSAGE, "n", dtype=int))
        with pytest.raises(ValueError, match="put_value"):
            await port.put(5)
        with pytest.raises(TypeError, match=r"message\.n: expected int, got str"):
            await port.put(Packet("five"))
        used = Packet(5)
        await used.consume()
        with pytest.raises(RuntimeError, match="consumed"):
            await port.put(used)
        await port.put(Packet(True))

    run(main())


def test_an_ended_edge_ends_the_loop_over_its_port_after_the_last_packet() -> None:
    async def main() -> None:
        top = net(chain(Passive))
        port = top.nodes["Passive"].ports.input.inp.inner
        waiting = asyncio.ensure_future(port._get())
        await turns()
        await top.ports.input.inp.put(Packet(1))
        await waiting
        await top.ports.input.inp.put(Packet(2))
        top.ports.input.inp.inner.end()
        assert [await packet.consume() async for packet in port] == [2]
        with pytest.raises(EndOfInput, match=r"TOP->Passive:input\.inp"):
            await port.get()

    run(main())
