"""Defects of the public library that our ports and nets must not have, by their numbers: poison, lies, leaks."""

import asyncio
import gc
import itertools
import weakref
from typing import Any

import pytest

from fbdev import Stream
from fbdev._utils import await_any_event
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType, make_port
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor, NodeProcess
from fbdev.task_manager import TaskManager
from tests.fbdev.helpers import Forward, chain, component, net, ports, run, turns


def lone_port(kind: PortType = PortType.OUTPUT) -> Any:
    return make_port(PortSpec(kind, "p"))


@pytest.mark.parametrize("maxsize", [None, 1])
def test_bug_2_a_cancelled_put_or_get_does_not_poison_the_port(maxsize: int | None) -> None:
    async def through(tail: Any, head: Any) -> None:
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(head._get(), 0)
            filled = [asyncio.ensure_future(tail._put(Packet("left"))) for _ in range(3)]
            await turns()
            for put in filled:
                put.cancel()
            await asyncio.wait(filled)
            put = asyncio.ensure_future(tail._put(Packet("taken")))
            got = [await head._get_and_consume()]
            while got[-1] == "left":
                got.append(await head._get_and_consume())
            await put
            assert got[-1] == "taken"

    async def main() -> None:
        alone = lone_port()
        await through(alone, alone)
        graph = GraphSpec(ports(input="inp", output="out"))
        graph.ports.input.inp >> graph.add_edge(maxsize=maxsize) >> graph.ports.output.out
        top = net(graph)
        await through(top.ports.input.inp.inner, top.ports.output.out.inner)

    run(main())


def test_bug_3_port_states_return_to_the_truth_after_a_cancellation() -> None:
    async def main() -> None:
        for kind in (PortType.INPUT, PortType.OUTPUT):
            port = lone_port(kind)
            put, get = (port._put(Packet(1)) for _ in range(2)), (port._get() for _ in range(2))
            for calls, state, other in (
                (put, "put_awaiting", "get_awaiting"),
                (get, "get_awaiting", "put_awaiting"),
            ):
                tasks = [asyncio.ensure_future(call) for call in calls]
                await turns()
                blocked = kind.is_input_port is (state == "get_awaiting")
                assert port.states[state].get() and not port.states[other].get()
                assert port.states.is_blocked.get() is blocked
                tasks[0].cancel()
                await turns()
                assert port.states[state].get()
                tasks[1].cancel()
                await turns()
                assert not port.states[state].get() and not port.states.is_blocked.get()

    run(main())


def test_bug_3_port_states_can_be_waited_for() -> None:
    async def main() -> None:
        port = lone_port()
        begun = asyncio.ensure_future(port.states.put_awaiting.wait(True))
        put = asyncio.ensure_future(port._put(Packet(1)))
        await begun
        over = asyncio.ensure_future(port.states.put_awaiting.wait(False))
        changed = port.states.is_blocked.get_state_changed_event()
        await turns()
        assert not over.done() and not changed.is_set()
        await port._get()
        await put
        await over
        assert changed.is_set()

    run(main())


@pytest.mark.parametrize("kind", [PortType.INPUT, PortType.OUTPUT])
def test_the_events_of_a_transfer_come_in_order(kind: PortType) -> None:
    async def main() -> None:
        port, log = lone_port(kind), []
        for name, event in port.events.items():
            event.register_callback(lambda name=name: log.append(name))
        fulfilled = port.events.get_fulfilled.subscribe()
        put = asyncio.ensure_future(port._put(Packet(1)))
        await turns()
        await port._get()
        await put
        assert log == ["put_requested", "get_requested", "put_fulfilled", "get_fulfilled"]
        assert fulfilled.is_set()

    run(main())


def test_a_net_that_is_watched_while_its_puts_and_gets_wait_loses_none() -> None:
    async def main() -> None:
        top = net(chain(Forward, maxsize=1))
        puts = [asyncio.ensure_future(top.ports.input.inp.put(Packet(number))) for number in range(3)]
        get = asyncio.ensure_future(top.ports.output.out.get_and_consume())
        await turns()
        assert not top.ports.input.inp.events.put_fulfilled.subscribe().is_set()
        await top.start()
        got = [await get, *[await top.ports.output.out.get_and_consume() for _ in range(2)]]
        assert got == [0, 1, 2]
        await asyncio.gather(*puts)
        await top.stop()

    run(main())


def test_bug_8_dtype_and_validator_are_checked_and_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = GraphSpec(
        PortSpecCollection(
            PortSpec(PortType.INPUT, "inp", dtype=int, data_validator=lambda value: value > 0),
            PortSpec(PortType.OUTPUT, "out"),
        )
    )
    graph.ports.input.inp >> graph.add_node(Forward) >> graph.ports.output.out
    with pytest.raises(TypeError, match=r"TOP:input\.inp: expected int, got str"):
        BatchExecutor.from_graph(graph).start("five")
    with pytest.raises(TypeError, match=r"TOP:input\.inp: its data_validator refuses"):
        BatchExecutor.from_graph(graph).start(-5)
    assert BatchExecutor.from_graph(graph, check_types=False).start("five") == {"out": "five"}
    monkeypatch.setenv("FBDEV_CHECK_TYPES", "0")
    assert BatchExecutor.from_graph(graph).start("five") == {"out": "five"}
    with pytest.raises(TypeError, match="expected int"):
        BatchExecutor.from_graph(graph, check_types=True).start("five")


def test_an_error_of_a_validator_names_the_port() -> None:
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp", data_validator=lambda value: value["no"])))
    graph.ports.input.inp >> graph.add_node(component("Sink", lambda self: turns(), input="inp"))
    with pytest.raises(KeyError) as caught:
        BatchExecutor.from_graph(graph).start({})
    assert caught.value.__notes__ == ["at port TOP:input.inp", "while TOP:input.inp was fed"]


class Payload:
    """Something that can be watched by a weak reference."""


def test_bug_20_a_payload_is_free_once_it_is_consumed() -> None:
    seen: list[weakref.ref[Payload]] = []

    async def work(self: Any) -> None:
        async for packet in self.ports.input.inp:
            seen.append(weakref.ref(await packet.consume()))
            assert [one() for one in seen[:-1]] == [None] * (len(seen) - 1)

    graph = GraphSpec(ports(input="inp"))
    graph.ports.input.inp >> graph.add_edge(maxsize=1) >> graph.add_node(component("Work", work, input="inp"))
    executor = BatchExecutor.from_graph(graph)
    assert executor._node.packet_registry is not None
    executor.start(Stream(Payload() for _ in range(20)))
    assert len(seen) == 20


@pytest.mark.parametrize("connected", [False, True])
def test_bug_21_messages_that_nobody_reads_leave_no_tasks_behind(connected: bool) -> None:
    async def says(self: Any) -> None:
        for _ in range(300):
            await self.send_message("said")
        await self.ports.output.out.put_value(len(self.task_manager.tasks))

    chatty = component("Chatty", says, output="out", message="said")

    async def main() -> None:
        graph = GraphSpec(ports(output="out", message="said"))
        node = graph.add_node(chatty)
        node >> graph.ports.output.out
        if connected:
            node.ports.message.said >> graph.add_edge(maxsize=1) >> graph.ports.message.said
        process = NodeProcess.from_graph(graph)
        await process.astart()
        assert await process.gather_outputs("out") == [1]
        kept = process._node.ports.message.said if connected else process._node.nodes["Chatty"].ports.message.said
        assert len(kept.inner.held) == 64
        await process.stop()
        assert process.undelivered == []
        assert len(asyncio.all_tasks()) == 1

    run(main())


def test_bug_21_messages_wait_for_room_in_order_with_one_task() -> None:
    async def says(self: Any) -> None:
        for _ in range(5):
            await self.send_message("said")
        await self.ports.output.tasks.put_value(len(self.task_manager.tasks))

    async def hears(self: Any) -> None:
        await self.await_signal("go")
        count = 0
        while count < 5:
            assert (await self.ports.input.heard.get()).is_empty
            count += 1
        await self.ports.output.count.put_value(count)

    graph = GraphSpec(ports(output="tasks count", signal="go"))
    speaker = graph.add_node(component("Says", says, output="tasks", message="said"))
    hearer = graph.add_node(component("Hears", hears, input="heard", output="count", signal="go"))
    speaker.ports.message.said >> graph.add_edge(maxsize=1) >> hearer.ports.input.heard
    speaker >> graph.ports.output.tasks
    graph.ports.signal.go >> hearer.ports.signal.go
    hearer >> graph.ports.output.count
    assert BatchExecutor.from_graph(graph).start(signals=["go"]) == {"tasks": 2, "count": 5}


def test_bug_22_a_manager_lets_go_of_tasks_that_have_ended() -> None:
    async def main() -> None:
        manager = TaskManager("host")
        first = weakref.ref(manager.create_task(asyncio.sleep(0)))
        for _ in range(1000):
            manager.create_task(asyncio.sleep(0))
        await turns()
        assert manager.tasks == () and manager.get_task_coro_qualnames() == {}
        gc.collect()
        assert first() is None

    run(main())


def test_bug_29_free_ended_edges_do_not_stop_a_stop() -> None:
    async def main() -> None:
        graph = chain(Forward)
        graph.nodes["Forward"].ports.output.out >> graph.add_edge(id="nowhere")
        graph.add_edge(id="from_nowhere") >> graph.add_node(Forward, "Second")
        graph.add_edge(id="alone")
        process = NodeProcess.from_graph(graph)
        await process.astart()
        process.ports.input.inp.put_value(1)
        assert await process.gather_outputs("out") == [1]
        await process.stop()
        assert [place for _, place, _ in process.undelivered] == ["TOP|nowhere"]

    run(main())


def test_bug_31_waiting_for_any_event_leaves_no_waiter() -> None:
    async def main() -> None:
        winner, loser = asyncio.Event(), asyncio.Event()
        winner.set()
        await await_any_event(winner, loser)
        await turns(2)
        assert len(asyncio.all_tasks()) == 1 and not loser._waiters
        waiting = asyncio.ensure_future(await_any_event(loser))
        await turns()
        waiting.cancel()
        await turns()
        assert len(asyncio.all_tasks()) == 1

    run(main())


def test_bug_32_a_single_component_says_started_and_stopped_once() -> None:
    async def main() -> None:
        process = NodeProcess.from_component(Forward)
        await process.astart()
        messages = process._node.ports.message
        await process.await_message("started")
        stopped = asyncio.ensure_future(messages.stopped.get())
        await turns()
        assert messages.started.inner.held == () and not stopped.done()
        await process.stop()
        assert (await stopped).is_empty and messages.stopped.inner.held == ()

    run(main())


def test_messages_wait_for_whoever_asks_later() -> None:
    async def main() -> None:
        for make in (NodeProcess.from_component, lambda kind: NodeProcess.from_graph(chain(kind))):
            async with make(Forward) as process:
                await process.astart()
                await turns()
                await process.await_message("started")

    run(main())


def test_packets_keep_their_order_when_gets_are_cancelled_after_they_were_chosen() -> None:
    async def main() -> None:
        port = lone_port()
        for cancelled in itertools.product([True, False], repeat=3):
            gets = [asyncio.ensure_future(port._get_and_consume()) for _ in cancelled]
            await turns()
            for number in range(3):
                await port._put(Packet(number))
            for get, cancel in zip(gets, cancelled, strict=True):
                if cancel:
                    get.cancel()
            await turns()
            got = [get.result() for get in gets if not get.cancelled()]
            left = [await port._get_and_consume() for cancel in cancelled if cancel]
            assert got + left == [0, 1, 2]

    run(main())


def test_a_border_with_several_edges_on_either_side_hands_on_every_envelope() -> None:
    async def main() -> None:
        graph = GraphSpec(ports(input="inp", output="out"))
        inside = graph.add_node(GraphComponentFactory.create_component(chain(Forward)))
        for _ in range(2):
            graph.ports.input.inp >> inside.ports.input.inp
        inside >> graph.ports.output.out
        top = net(graph)
        await top.start()
        await top.ports.input.inp.put(Packet("x"))
        assert [await top.ports.output.out.get_and_consume() for _ in range(2)] == ["x", "x"]
        await top.stop()

    run(main())
