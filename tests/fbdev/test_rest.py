"""When a net is at rest: what is pending outside keeps a run alive, and nothing else does."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio.to_thread
import pytest

from fbdev import BlockedNetError, Stream
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.runtime import BatchExecutor, NetLoop, rest
from tests.fbdev.helpers import Forward, Idle, chain, component, ports, run, turns


def one(work: Callable[[Any, Any], Awaitable[Any]]) -> BatchExecutor:
    """Return a batch of one component that sends what ``work(component, packet)`` makes of its first packet."""

    async def main(self: Any) -> None:
        await self.ports.output.out.put_value(await work(self, await self.ports.input.inp.get_and_consume()))

    graph = GraphSpec(ports(input="inp", output="out"))
    node = graph.add_node(component("One", main, input="inp more", output="out"))
    graph.ports.input.inp >> node.ports.input.inp
    node >> graph.ports.output.out
    return BatchExecutor.from_graph(graph)


# ---------------------------------------------------------------------------------------- outside


async def sleeps(self: Any, value: Any) -> Any:
    await asyncio.sleep(0.01)
    return value


async def times_out(self: Any, value: Any) -> Any:
    try:
        async with asyncio.timeout(0.01):
            await self.ports.input.more.get()
    except TimeoutError:
        return value


async def waits_for(self: Any, value: Any) -> Any:
    try:
        await asyncio.wait_for(self.ports.input.more.get(), 0.01)
    except TimeoutError:
        return value


async def waits_with_a_limit(self: Any, value: Any) -> Any:
    get = asyncio.ensure_future(self.ports.input.more.get())
    await asyncio.wait([get], timeout=0.01)
    get.cancel()
    return value


async def in_a_thread(self: Any, value: Any) -> Any:
    return await asyncio.to_thread(lambda: value)


async def in_a_thread_of_anyio(self: Any, value: Any) -> Any:
    await anyio.to_thread.run_sync(threading.Event().wait, 0.01)
    return value


async def by_a_thread_of_its_own(self: Any, value: Any) -> Any:
    done = asyncio.get_running_loop().create_future()
    here = asyncio.get_running_loop()
    pause = threading.Event()
    thread = threading.Thread(target=lambda: (pause.wait(0.01), here.call_soon_threadsafe(done.set_result, value)))
    thread.start()
    return await done


async def over_a_socket(self: Any, value: Any) -> Any:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await reader.read()
        writer.close()
        await writer.wait_closed()
    return value


async def by_a_process(self: Any, value: Any) -> Any:
    process = await asyncio.create_subprocess_exec("true")
    return await process.wait() + value


OUTSIDE = [
    sleeps,
    times_out,
    waits_for,
    waits_with_a_limit,
    in_a_thread,
    in_a_thread_of_anyio,
    by_a_thread_of_its_own,
    over_a_socket,
    by_a_process,
]


@pytest.mark.parametrize("work", OUTSIDE, ids=lambda work: work.__name__)
@pytest.mark.parametrize("until", ["outputs", "rest"])
def test_what_waits_outside_is_never_called_blocked(work: Any, until: Any, loop: Any) -> None:
    expected = {"outputs": {"out": 7}, "rest": {"out": [7]}}[until]
    assert run(one(work).astart(7, until=until), loop) == expected


async def at_once(value: Any) -> Any:
    return value


async def gathers_what_ends_at_once(self: Any, value: Any) -> Any:
    return (await asyncio.gather(at_once(value), at_once(0)))[0]


async def takes_the_first_to_end(self: Any, value: Any) -> Any:
    more = asyncio.ensure_future(self.ports.input.more.get())
    first = asyncio.ensure_future(at_once(value))
    await asyncio.wait([more, first], return_when=asyncio.FIRST_COMPLETED)
    more.cancel()
    return first.result()


async def shields_what_ends_at_once(self: Any, value: Any) -> Any:
    return await asyncio.shield(asyncio.ensure_future(at_once(value)))


async def fails(self: Any) -> Any:
    raise ZeroDivisionError


async def groups_a_failure(self: Any, value: Any) -> Any:
    more = self.ports.input.more
    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(more.get())
            group.create_task(asyncio.wait_for(fails(self), None))
    return value


@pytest.mark.parametrize(
    "work",
    [*OUTSIDE, gathers_what_ends_at_once, takes_the_first_to_end, shields_what_ends_at_once, groups_a_failure],
    ids=lambda work: work.__name__,
)
@pytest.mark.parametrize("until", ["outputs", "rest"])
def test_a_look_at_any_turn_finds_no_rest(work: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a foreign loop the net is looked at now and then: here at every turn."""
    monkeypatch.setattr(rest, "LOOK_AGAIN", 0)
    expected = {"outputs": {"out": 7}, "rest": {"out": [7]}}[until]
    assert run(one(work).astart(7, until=until), asyncio.SelectorEventLoop) == expected


# ---------------------------------------------------------------------------------------- in ports


async def gathers(self: Any, value: Any) -> Any:
    await asyncio.gather(self.ports.input.inp.get(), self.ports.input.inp.get())


async def waits_for_tasks(self: Any, value: Any) -> Any:
    await asyncio.wait([asyncio.ensure_future(self.ports.input.inp.get()) for _ in range(2)])


async def groups_tasks(self: Any, value: Any) -> Any:
    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(self.ports.input.inp.get())


async def shields(self: Any, value: Any) -> Any:
    await asyncio.shield(asyncio.ensure_future(self.ports.input.inp.get()))


@pytest.mark.parametrize("work", [gathers, waits_for_tasks, groups_tasks, shields], ids=lambda work: work.__name__)
def test_waiting_for_tasks_that_wait_in_ports_is_waiting_in_ports(work: Any, loop: Any) -> None:
    with pytest.raises(BlockedNetError, match=r"GRAPH waits for out \(empty\) <- One waits for inp \(empty\)"):
        run(one(work).astart(1), loop)


def test_waiting_inside_is_seen_on_our_loop_also_after_threads_have_worked() -> None:
    async def work(self: Any, value: Any) -> Any:
        await asyncio.to_thread(int)
        await anyio.to_thread.run_sync(int)
        await asyncio.Event().wait()

    with pytest.raises(BlockedNetError, match="inside"):
        run(one(work).astart(1), NetLoop)


def test_a_run_without_outputs_and_inputs_ends_with_its_last_task(loop: Any) -> None:
    done: list[int] = []

    async def main(self: Any) -> None:
        for number in range(3):
            await asyncio.sleep(0.001)
            done.append(number)

    graph = chain(Forward)
    graph.remove_node(graph.nodes["Forward"])
    graph.add_node(component("Alone", main))
    assert run(BatchExecutor.from_graph(graph).astart(Stream([]), ports_to_get=[]), loop) == {}
    assert done == [0, 1, 2]


def test_a_start_that_takes_its_time_is_no_rest(loop: Any) -> None:
    class Slow(Forward):
        async def _post_start(self) -> None:
            await asyncio.sleep(0.01)
            await super()._post_start()

    assert run(BatchExecutor.from_graph(chain(Slow)).astart(1), loop) == {"out": 1}
    assert run(BatchExecutor(NodeSpec(Slow).create_node()).astart(1), loop) == {"out": 1}


# ---------------------------------------------------------------------------------------- several nets


def test_a_net_inside_a_component_ends_before_the_net_around_it(loop: Any) -> None:
    async def work(self: Any, value: Any) -> Any:
        inner = BatchExecutor.from_graph(chain(Forward, Forward))
        return await inner.astart(Stream([value, value + 1]))

    assert run(one(work).astart(1), loop) == {"out": {"out": [1, 2]}}


def test_a_net_that_is_blocked_inside_a_component_is_an_error_there(loop: Any) -> None:
    async def work(self: Any, value: Any) -> Any:
        with pytest.raises(BlockedNetError):
            await one(gathers).astart(value)
        return "caught"

    assert run(one(work).astart(1), loop) == {"out": "caught"}


def test_nets_beside_each_other_may_wait_for_one_another(loop: Any) -> None:
    async def main() -> list[Any]:
        ready = asyncio.Event()

        async def waits(self: Any, value: Any) -> Any:
            await ready.wait()
            return value

        async def first() -> Any:
            result = await BatchExecutor.from_graph(chain(Forward)).astart(Stream([1]))
            await turns()
            ready.set()
            return result

        return await asyncio.gather(first(), one(waits).astart(Stream([2])))

    assert run(main(), loop) == [{"out": [1]}, {"out": [2]}]


def test_a_blocked_batch_beside_other_work_of_the_loop_is_told(loop: Any) -> None:
    async def main() -> None:
        busy = asyncio.ensure_future(asyncio.Event().wait())
        with pytest.raises(BlockedNetError):
            await one(gathers).astart(1)
        busy.cancel()

    run(main(), loop)


def test_a_busy_loop_does_not_keep_a_batch_from_its_end(loop: Any) -> None:
    async def main() -> Any:
        async def come_and_go() -> None:
            while True:
                await asyncio.gather(asyncio.sleep(0.001), asyncio.sleep(0.002))

        others = [asyncio.ensure_future(come_and_go()) for _ in range(3)]
        result = await BatchExecutor.from_graph(chain(Forward)).astart(Stream([1, 2]))
        for other in others:
            other.cancel()
        return result

    assert run(main(), loop) == {"out": [1, 2]}


def test_start_refuses_to_run_inside_a_loop() -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match=r"one runs here: await astart\(\)"):
            BatchExecutor.from_graph(chain(Idle)).start(1)

    run(main())
