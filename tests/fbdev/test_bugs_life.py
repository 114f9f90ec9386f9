"""Defects of the public library that our nets must not have, by their numbers: start, stop, words."""

import asyncio
import inspect
import pkgutil
from typing import Any

import pytest

import fbdev
from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.exceptions import ComponentError, NodeError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import NodeSpec
from fbdev.graph.net import Node
from fbdev.runtime import BatchExecutor, NodeProcess
from fbdev.task_manager import TaskManager
from tests.fbdev.helpers import Failing, Forward, Idle, chain, component, net, ports, run, turns


def test_bug_15_exec_coros_raises_an_error_once_and_ends_its_coroutines(capsys: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        manager = TaskManager("host")
        other = asyncio.ensure_future(asyncio.sleep(0))
        cancelled: list[str] = []

        async def waits() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append("ended")
                raise

        async def fails() -> None:
            await other
            raise ValueError("mine")

        with pytest.raises(ValueError, match="mine"):
            await manager.exec_coros(waits(), fails())
        manager.create_task(fails())
        with pytest.raises(ValueError, match="mine"):
            await manager.exec_coros(waits())
        manager.create_task(fails())
        await turns()
        with pytest.raises(ValueError, match="mine"):
            await manager.exec_coros(waits())
        assert await manager.exec_coros(asyncio.sleep(0, "fine")) == "fine"
        task = asyncio.ensure_future(manager.exec_coros(waits()))
        await turns()
        task.cancel()
        await asyncio.wait([task])
        assert cancelled == ["ended"] * 3 and manager.tasks == ()

    run(main())
    assert capsys.readouterr().out == ""


class Started(BaseComponent):
    port_specs = ports(input="inp", output="out")
    alive: int = 0

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None:
        type(self).alive += 1
        try:
            await asyncio.Event().wait()
        finally:
            type(self).alive -= 1


class Broken(BaseComponent):
    port_specs = ports(input="inp", output="out")

    async def _post_start(self) -> None:
        await turns(3)
        raise OSError("no such device")


def test_bug_16_a_failed_start_leaves_nothing_running() -> None:
    async def main() -> None:
        top = net(chain(Started, Broken, Started))
        with pytest.raises(OSError, match="no such device") as caught:
            await top.start()
        assert caught.value.__notes__ == ["in node TOP->Broken (Broken)"]
        assert Started.alive == 0 and len(asyncio.all_tasks()) == 1
        await top.stop()  # in a finally: nothing is raised that would mask the error
        with pytest.raises(RuntimeError, match="has already been stopped"):
            await top.stop()
        process = NodeProcess.from_graph(chain(Started, Broken))
        with pytest.raises(OSError, match="no such device"):
            await process.astart()
        await process.stop()
        assert process.stopped and Started.alive == 0

    run(main())


def test_bug_16_a_start_that_goes_on_can_be_stopped() -> None:
    waits = component("Waits", lambda self: asyncio.Event().wait(), input="inp", config="never", output="out")

    async def main() -> None:
        top = net(chain(waits))
        starting = asyncio.ensure_future(top.start())
        await turns()
        await top.stop()
        with pytest.raises(RuntimeError, match="was stopped while it was starting"):
            await starting
        lone = waits()
        starting = asyncio.ensure_future(lone.start())
        await turns()
        await lone.stop()
        with pytest.raises(RuntimeError, match="was stopped while it was starting"):
            await starting
        assert len(asyncio.all_tasks()) == 1

    run(main())


def test_bug_17_a_component_may_stop_itself_from_its_own_task(loop: Any) -> None:
    after: list[str] = []

    async def main(self: Any) -> None:
        self.task_manager.create_task(asyncio.Event().wait())
        await self.ports.output.out.put(await self.ports.input.inp.get())
        await asyncio.gather(self.stop())
        after.append("went on")

    graph = chain(component("Stops", main, input="inp", output="out"))
    assert run(BatchExecutor.from_graph(graph).astart(Stream([1])), loop) == {"out": [1]}
    assert after == ["went on"]


def test_bug_17_a_component_may_stop_the_whole_net(loop: Any) -> None:
    async def main(self: Any) -> None:
        value = await self.ports.input.inp.get_and_consume()
        await self.stop_net(result={"early": value}, reason="enough")
        raise AssertionError("stop_net does not return")

    inner = GraphComponentFactory.create_component(chain(component("Stops", main, input="inp", output="out")))

    async def use() -> None:
        executor = BatchExecutor.from_graph(chain(inner, Idle))
        assert await executor.astart(5) == {"early": 5}
        assert executor.stopped and executor.stop_reason == "enough"
        process = NodeProcess.from_graph(chain(inner, Idle))
        await process.astart()
        process.ports.input.inp.put_value(6)
        assert await process.await_stop() == {"early": 6}
        assert process.stopped and process.stop_reason == "enough"
        top = net(chain(inner))
        await top.start()
        await top.ports.input.inp.put(Packet(7))
        await top.states.stopped.wait(True)

    run(use(), loop)


def test_bug_18_a_cancelled_error_of_its_own_does_not_disappear() -> None:
    async def gives_up(self: Any) -> None:
        raise asyncio.CancelledError("by a library")

    async def main() -> None:
        async with NodeProcess.from_graph(
            chain(component("GivesUp", gives_up, input="inp", output="out"))
        ) as process:
            with pytest.raises(ComponentError, match="gives_up ended by a CancelledError of its own") as caught:
                await process.astart()
            assert isinstance(caught.value.__cause__, asyncio.CancelledError)

    run(main())


def test_bug_33_wrappers_say_where_and_sources_are_addresses() -> None:
    async def main() -> list[Any]:
        inner = GraphComponentFactory.create_component(chain(Failing), component_name="Outer")
        executor = BatchExecutor.from_graph(chain(inner))
        with pytest.raises(ZeroDivisionError):
            await executor.astart(1)
        return executor._node.task_manager.get_exceptions()

    ((_, exceptions, sources, texts),) = run(main())
    kinds = [ZeroDivisionError, ComponentError, NodeError, ComponentError, NodeError, ComponentError]
    assert [type(error) for error in exceptions] == kinds
    assert sources == (
        "TOP->Outer->Failing(Failing)",
        "TOP->Outer->Failing",
        "TOP->Outer(Outer)",
        "TOP->Outer",
        "TOP(GraphComponent)",
        "TOP",
    )
    assert len(texts) == len(sources) and all("ZeroDivisionError: mine" in text for text in texts)
    for error, cause in zip(exceptions[1:], exceptions, strict=False):
        assert error.__cause__ is cause
    assert str(exceptions[2]) == "TOP->Outer->Failing (Failing) failed: ZeroDivisionError('mine')"


def test_bug_48_states_are_named_in_words() -> None:
    async def main() -> None:
        executor, top = BatchExecutor.from_graph(chain(Forward)), net(chain(Forward))
        with pytest.raises(RuntimeError, match="BatchExecutor has not yet been started"):
            await executor.stop()
        await executor.astart(1)
        with pytest.raises(RuntimeError, match="BatchExecutor has already been stopped"):
            await executor.stop()
        with pytest.raises(RuntimeError, match="BatchExecutor has been stopped: make a new one"):
            await executor.astart(1)
        with pytest.raises(RuntimeError, match="TOP has not been started"):
            await top.stop()
        await top.start()
        with pytest.raises(RuntimeError, match="TOP has already been started"):
            await top.start()
        await top.stop()
        with pytest.raises(RuntimeError, match="TOP has already been stopped"):
            await top.stop()

    run(main())


def test_bug_48_a_constructor_that_leaves_out_the_base_s_is_told() -> None:
    class Forgets(BaseComponent):
        def __init__(self) -> None:
            pass

    with pytest.raises(RuntimeError, match=r"Forgets\.__init__ does not call super\(\)\.__init__\(\)"):
        Node(NodeSpec(Forgets))
    with pytest.raises(RuntimeError, match="does not call super"):
        Forgets().ports  # noqa: B018
    with pytest.raises(AttributeError, match="'Forgets' object has no attribute 'other'"):
        Forgets().other  # noqa: B018


def test_bug_50_no_default_is_shared_between_calls() -> None:
    for info in pkgutil.walk_packages(fbdev.__path__, "fbdev."):
        module = pkgutil.resolve_name(info.name)
        for _, owner in [(module.__name__, module), *inspect.getmembers(module, inspect.isclass)]:
            for name, function in inspect.getmembers(owner, inspect.isfunction):
                for parameter in inspect.signature(function).parameters.values():
                    assert not isinstance(parameter.default, list | dict | set), f"{owner}.{name}: {parameter}"
