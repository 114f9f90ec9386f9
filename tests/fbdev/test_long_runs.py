"""A net that runs for long needs no more memory than one that has just begun, and none when it is dropped."""

import asyncio
import contextlib
import gc
import weakref
from typing import Any

import pytest

from fbdev import Stream
from fbdev.comp.packet import Packet
from fbdev.graph.graph_spec import GraphSpec
from fbdev.instrument import Instrument
from fbdev.runtime import BatchExecutor, NodeProcess
from tests.fbdev import long_runs as there
from tests.fbdev.helpers import LOOPS, Failing, Forward, Idle, chain, net, run, turns
from tests.fbdev.long_runs import FollowsConfig, Sink, growth, growth_of_a_process, inside, row
from tests.fbdev.remote_components import Double, Obey, PassOn, around

PACKETS = 10_000
"""More than twice what is remembered of anything: all is full by the half of it."""
NOISE = 0.4
"""Pieces of memory for each packet of the second half: packets under way, and what the interpreter keeps."""

NETS = {
    "a sink": row(Sink),
    "a chain": row(Forward, Forward, Sink),
    "without capacities": row(Forward, Forward, Sink, maxsize=None),
    "five deep": row(inside(Forward, 5), Sink),
    "packets that nobody consumes": row(Forward, there.Drop),
    "messages that nobody reads": row(there.Say),
    "a function": row(there.pass_on, Sink),
    "fan-out and fan-in": there.fan(),
    "gets that are cancelled": row(there.WaitInVain),
    "tasks that come and go": row(there.StartTasks),
    "states and events that are watched": row(there.Watch),
    "config that changes": row(FollowsConfig),
}


@pytest.mark.parametrize("graph", NETS.values(), ids=NETS)
def test_a_long_run_needs_no_more_memory(graph: GraphSpec) -> None:
    assert run(growth(graph, PACKETS)) < NOISE * PACKETS / 2


@pytest.mark.parametrize("graph", ["a chain", "five deep", "fan-out and fan-in"])
def test_a_long_run_that_is_observed_needs_no_more_memory(graph: str) -> None:
    assert run(growth(NETS[graph], PACKETS, attach=Instrument())) < NOISE * PACKETS / 2


def test_a_long_run_of_a_process_needs_no_more_memory() -> None:
    async def main() -> int:
        async with NodeProcess.from_graph(chain(Forward)) as process:
            process._node.packet_registry.keep(there.KEPT)
            await process.astart()
            return await growth_of_a_process(process, PACKETS)

    assert run(main()) < NOISE * PACKETS / 2


@pytest.mark.parametrize("kind", [PassOn, Double])
def test_a_long_run_with_a_node_in_its_own_process_needs_no_more_memory(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fbdev.concurrent.stand_in.KEPT", 50)
    monkeypatch.setattr("fbdev.comp.line.REMEMBERED", 50)
    assert run(growth(around(kind, maxsize=4), 800)) < 390


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("depth", [0, 3])
@pytest.mark.parametrize("attach", [None, Instrument()], ids=["plain", "observed"])
def test_an_edge_without_a_capacity_is_not_filled_faster_than_it_is_emptied(
    loop: Any, depth: int, attach: Any
) -> None:
    executor = BatchExecutor.from_graph(row(*[inside(Forward, depth)] * 3, Sink, maxsize=None))
    if attach is not None:
        executor._node.task_manager.add_instrument(attach)
    most = 0

    def numbers() -> Any:
        nonlocal most
        for number in range(4000):
            yield number
            most = max(most, *(len(edge.packets) for edge in executor._node.all_edges()))

    run(executor.astart(Stream(numbers())), loop)
    assert most < 1000


def test_a_source_is_not_held_up_by_a_heap_that_nobody_takes_from() -> None:
    graph = chain(Forward)
    sides = graph.add_node(there.Merge)
    graph.ports.input.inp >> sides.ports.input.a

    async def main() -> int:
        top = net(graph)
        for number in range(3000):
            await top.ports.input.inp.put_value(number)
        return sum(len(edge.packets) for edge in top.all_edges())

    assert run(main()) == 6000


# ---------------------------------------------------------------------------------- what is dropped


class Payload:
    """Something on its way that a test can ask about; it is the same in every process."""


ENDS = {
    "plain": chain(Forward, Forward),
    "nested": row(inside(Forward, 3), Sink),
    "in its own process": around(PassOn),
    "failed": chain(Forward, Failing),
    "failed in its own process": around(Obey),
    "blocked": chain(Forward, Idle),
}


@pytest.mark.parametrize("cancelled", [False, True], ids=["to its end", "cancelled"])
@pytest.mark.parametrize("graph", ENDS.values(), ids=ENDS)
def test_what_a_batch_was_made_of_is_freed_when_it_is_dropped(graph: GraphSpec, cancelled: bool) -> None:
    async def main() -> list[weakref.ref[Any]]:
        executor = BatchExecutor.from_graph(graph)
        places = [*executor._node.walk(), *executor._node.all_edges()]
        ports = [port.inner for node in executor._node.walk() for port in node.ports.iter_ports()]
        refs = [weakref.ref(one) for one in (executor, *places, *(port.hub for port in ports))]
        batch = asyncio.ensure_future(executor.astart(Payload(), until="rest"))
        if cancelled:
            await turns(8)
            batch.cancel()
        await asyncio.gather(batch, return_exceptions=True)
        return refs

    refs = run(main())
    gc.collect()
    assert [one for ref in refs if (one := ref()) is not None] == []


def test_an_executor_that_is_kept_keeps_neither_what_went_in_nor_what_came_out() -> None:
    payload = Payload()
    ref = weakref.ref(payload)
    executor = BatchExecutor.from_graph(chain(Forward))
    result = executor.start(payload)
    assert result["out"] is payload
    gc.disable()
    try:
        del payload, result
        assert ref() is None
    finally:
        gc.enable()
    assert executor.stopped


def test_a_packet_and_its_payload_are_freed_at_once_when_they_are_consumed() -> None:
    async def main() -> list[Any]:
        top = net(chain(inside(Forward, 2)))
        await top.start()
        packet: Any = Packet(Payload())
        refs = [weakref.ref(packet), weakref.ref(await packet.peek())]
        await top.ports.input.inp.put(packet)
        del packet
        await top.ports.output.out.get_and_consume()
        await top.stop()
        return [ref() for ref in refs]

    gc.disable()
    try:
        assert run(main()) == [None, None]
    finally:
        gc.enable()


@pytest.mark.parametrize("failing", [False, True], ids=["finished", "failed"])
def test_many_batches_leave_nothing(failing: bool) -> None:
    def batches(count: int) -> int:
        for _ in range(count):
            executor = BatchExecutor.from_graph(chain(Failing if failing else Forward))
            with contextlib.suppress(ZeroDivisionError):
                executor.start(1)
        gc.collect()
        return len(gc.get_objects())

    batches(3)
    before = batches(1)
    assert batches(30) - before < 30
