"""The law of transfers, in random nets, under cancellations, time-outs, failures, stops and schedules:

every packet put is received once, or reported as not delivered; none is received twice.
"""

import asyncio
import warnings
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fbdev import Stream, UndeliveredWarning
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument
from fbdev.runtime import BatchExecutor, NodeProcess
from tests.fbdev.helpers import LOOPS, net, ports, run, turns
from tests.fbdev.law import HOWS, INS, OUTS, OUTSIDE, Ledger, Plan, Shuffle, cut, plans, stuck


async def live(plan: Plan) -> NodeProcess:
    """Run a plan in a process, until its turns are over; then stop it."""
    process = NodeProcess(plan.node(), on_error="continue" if plan.goes_on else "stop")
    instrument = plan.instrument()
    if instrument is not None:
        process._node.task_manager.add_instrument(instrument)
    helper = asyncio.ensure_future(_release(instrument))
    calls = [asyncio.ensure_future(_start(process))]
    for act in plan.outside:
        calls.append(asyncio.ensure_future(_act_outside(plan, process, act)))
        await turns(act[3])
    await turns(plan.turns)
    await check_that_all_goes_on(process._node)
    await asyncio.gather(process.stop(), return_exceptions=True)
    assert process.stopped
    await asyncio.gather(*calls, return_exceptions=True)
    await turns()  # for tasks that nobody owns
    helper.cancel()
    await asyncio.wait([helper])
    return process


async def check_that_all_goes_on(top: BaseNode) -> None:
    await turns(2)
    for _ in range(50):
        if not stuck(top):
            return
        await asyncio.sleep(0)
    assert stuck(top) == []


async def _start(process: NodeProcess) -> None:
    await process.astart()


async def _release(instrument: Shuffle | None) -> None:
    while instrument is not None:
        instrument.release()
        await asyncio.sleep(0)


async def _act_outside(plan: Plan, process: NodeProcess, act: tuple[str, str, str, int]) -> None:
    kind, name, how, count = act
    ledger = plan.ledger
    if kind == "get":
        port = process.ports.output[OUTS[INS.index(name)]]
        await cut(ledger.do_get(port.get), how, count)
    elif kind == "watch":  # every move that waits is asked for anew
        process.ports.input[name].events.put_requested.subscribe()
    elif kind == "put":
        put = ledger.watch_put(process.ports.input[name].put, plan.edges_at(OUTSIDE, name))
        if how != "whole":  # else nobody awaits it
            await cut(_awaited(put), how, count)


async def _awaited(put: asyncio.Task[None]) -> None:
    await put


def check_nothing_is_left(top: BaseNode) -> None:
    for node in top.walk():
        assert not node.task_manager.tasks
        for port in node.ports.iter_ports():
            assert (port.inner.putters, port.inner.getters) == (0, 0)
    for edge in top.all_edges():
        assert edge.reserved == 0 and (edge.capacity is None or len(edge.packets) <= edge.capacity)
    assert len(asyncio.all_tasks()) == 1


@settings(max_examples=100, deadline=None)
@given(plans())
def test_a_process_loses_no_packet_and_doubles_none(plan: Plan) -> None:
    async def main() -> None:
        process = await live(plan)
        plan.ledger.check(process.undelivered)
        check_nothing_is_left(process._node)

    run(main())


async def execute(plan: Plan, until: Any, count: int, end: str) -> BatchExecutor:
    """Run a plan as a batch; when its turns are over it is cancelled or stopped, if it goes on.

    What comes out of it is counted, whether it is returned or not.
    """
    executor = BatchExecutor(plan.node(), on_error="continue" if plan.goes_on else "stop")
    instrument = plan.instrument()
    if instrument is not None:
        executor._node.task_manager.add_instrument(instrument)
    helper = asyncio.ensure_future(_release(instrument))
    streams = [Stream(plan.ledger.stream(count, plan.edges_at(OUTSIDE, name))) for name in INS]
    batch = asyncio.ensure_future(executor.astart(*streams, until=until))
    await turns(plan.turns + 1)  # one to begin
    if not batch.done():
        if end == "cancel":
            batch.cancel()
        elif not executor.stopped:
            await executor.stop()
    with warnings.catch_warnings(category=UndeliveredWarning, action="ignore"):
        (result,) = await asyncio.gather(batch, return_exceptions=True)
    await turns(20)
    helper.cancel()
    await asyncio.wait([helper])
    for values in (*executor.received.values(), *(result.values() if isinstance(result, dict) else ())):
        plan.ledger.got.update(values if isinstance(values, list) else [values])
    return executor


@settings(max_examples=100, deadline=None)
@given(
    plan=plans(),
    loop=st.sampled_from(LOOPS),
    until=st.sampled_from([None, "outputs"]),
    count=st.integers(0, 4),
    end=st.sampled_from(["cancel", "stop"]),
)
def test_a_batch_loses_no_packet_and_doubles_none(plan: Plan, loop: Any, until: Any, count: int, end: str) -> None:
    async def main() -> None:
        executor = await execute(plan, until, count, end)
        plan.ledger.check(executor.undelivered)
        check_nothing_is_left(executor._node)

    run(main(), loop)


@settings(max_examples=300, deadline=None)
@given(
    capacity=st.sampled_from([None, 1, 2]),
    edges=st.integers(1, 2),
    script=st.lists(
        st.tuples(st.sampled_from(["put", "get"]), st.sampled_from(HOWS), st.integers(0, 2)), max_size=30
    ),
    instrument=st.sampled_from([None, Instrument()]),
)
def test_whoever_is_cancelled_the_others_go_on(
    capacity: int | None, edges: int, script: list[tuple[str, str, int]], instrument: Instrument | None
) -> None:
    async def main() -> None:
        graph = GraphSpec(ports(input="inp", output="out"))
        for _ in range(edges):
            graph.ports.input.inp >> graph.add_edge(maxsize=capacity) >> graph.ports.output.out
        top, ledger = net(graph), Ledger()
        if instrument is not None:
            top.task_manager.add_instrument(instrument)
        tail, head = top.ports.input.inp, top.ports.output.out

        def call(kind: str, how: str, count: int) -> Any:
            act = ledger.do_get(head.get) if kind == "get" else ledger.do_put(tail, edges, whole=False)
            return asyncio.ensure_future(cut(act, how, count))

        calls = []
        for kind, how, count in script:
            calls.append(call(kind, how, count))
            await turns(count)
        await check_that_all_goes_on(top)
        waiting = sum(not one.done() for one in calls)
        calls += [call(kind, "whole", 0) for kind in ("put", "get") for _ in range(waiting)]
        await check_that_all_goes_on(top)
        for one in calls:
            one.cancel()
        await asyncio.wait(calls) if calls else None
        ledger.check([(packet, edge.address, "") for edge in top.all_edges() for packet in edge.packets])

    run(main())
