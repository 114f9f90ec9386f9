"""Nets that end early: errors that end one node, and batches that are stopped."""

import asyncio
import warnings
from typing import Any

import pytest

from fbdev import BlockedNetError, Stream, UndeliveredWarning
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor, NodeProcess
from tests.fbdev.helpers import Failing, Forward, Idle, chain, component, ports, run, turns

# ---------------------------------------------------------------------------------------- errors that end one node


def fork(*kinds: type[BaseComponent]) -> GraphSpec:
    graph = GraphSpec(ports(input="inp", output=" ".join(kind.__name__ for kind in kinds)))
    for kind in kinds:
        graph.ports.input.inp >> graph.add_node(kind) >> graph.ports.output[kind.__name__]
    return graph


def test_with_continue_an_error_ends_its_node_alone(loop: Any) -> None:
    async def main() -> None:
        inner = GraphComponentFactory.create_component(chain(Failing), component_name="Inner")
        process = NodeProcess.from_graph(fork(Forward, inner), on_error="continue")
        await process.astart()
        for number in range(2):
            process.ports.input.inp.put_value(number)
            assert await process.gather_outputs("Forward") == [number]
        with pytest.raises(BlockedNetError, match=r"starved: .* which an error has ended") as caught:
            await process.ports.output.Inner.get()
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
        assert caught.value.__cause__.__notes__ == ["in node TOP->Inner->Failing (Failing)"]
        assert [repr(error) for error in process.errors] == ["ZeroDivisionError('mine')"]
        await process.stop()

    run(main(), loop)


def test_with_continue_the_other_tasks_of_the_node_end_too() -> None:
    ended: list[str] = []

    async def main(self: Any) -> None:
        async def other() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("other")

        self.task_manager.create_task(other())
        await self.ports.input.inp.get()
        raise ZeroDivisionError("mine")

    kind = component("Two", main, input="inp", output="out")
    executor = BatchExecutor.from_graph(fork(Forward, kind), on_error="continue")
    result = executor.start(5, until="rest")
    assert result == {"Forward": [5], "Two": []} and ended == ["other"]
    assert [str(error) for error in executor.errors] == ["mine"]


def test_with_continue_what_waits_for_the_node_that_failed_is_not_blocked(loop: Any) -> None:
    graph = GraphSpec(ports(input="a b", output="a b"))
    first, second, good = (graph.add_node(kind) for kind in (Forward, Failing, Forward))
    graph.ports.input.a >> first >> graph.add_edge(maxsize=1) >> second >> graph.ports.output.a
    graph.ports.input.b >> good >> graph.ports.output.b
    executor = BatchExecutor.from_graph(graph, on_error="continue")
    with pytest.warns(UndeliveredWarning, match="8 packets were not delivered"):
        result = run(executor.astart(Stream(range(9)), Stream(range(9))), loop)
    assert result == {"a": [], "b": list(range(9))}


def test_with_continue_a_batch_that_lacks_an_output_says_which_error_was_first(loop: Any) -> None:
    executor = BatchExecutor.from_graph(fork(Forward, Failing), on_error="continue")
    with pytest.raises(BlockedNetError, match="GRAPH waits for Failing") as caught:
        run(executor.astart(5), loop)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_with_continue_a_node_that_cannot_start_is_left_out(loop: Any) -> None:
    class Broken(BaseComponent):
        port_specs = ports(input="inp", output="out")

        async def _post_start(self) -> None:
            raise OSError("no such device")

    executor = BatchExecutor.from_graph(fork(Forward, Broken), on_error="continue")
    with pytest.warns(UndeliveredWarning, match=r"1 packet was not delivered: TOP\|edge2"):
        assert run(executor.astart(5, until="rest"), loop) == {"Forward": [5], "Broken": []}
    assert [repr(error) for error in executor.errors] == ["OSError('no such device')"]
    with pytest.raises(ValueError, match="on_error is 'stop' or 'continue', not 'ignore'"):
        BatchExecutor.from_graph(chain(Forward), on_error="ignore")


def test_what_is_wrong_with_the_input_ends_a_batch_all_the_same() -> None:
    graph = GraphSpec(
        PortSpecCollection(PortSpec(PortType.INPUT, "inp", dtype=int), PortSpec(PortType.OUTPUT, "out"))
    )
    graph.ports.input.inp >> graph.add_node(Forward) >> graph.ports.output.out
    with pytest.raises(TypeError, match="expected int"):
        BatchExecutor.from_graph(graph, on_error="continue").start("x")


# ---------------------------------------------------------------------------------------- a batch that is ended


def test_a_batch_that_is_stopped_returns_what_has_come(loop: Any) -> None:
    async def main() -> None:
        executor = BatchExecutor.from_graph(fork(Forward, Idle))
        running = asyncio.ensure_future(executor.astart(5))
        await turns(20)
        await executor.stop()
        assert await running == {"Forward": 5}
        assert executor.stopped and executor.stop_reason == "stop() was called"
        assert [place for _, place, _ in executor.undelivered] == ["TOP|edge2"]

    run(main(), loop)


def test_a_component_may_end_a_batch_without_a_result(loop: Any) -> None:
    async def main(self: Any) -> None:
        await self.ports.output.out.put_value(await self.ports.input.inp.get_and_consume())
        await turns()
        await self.stop_net(reason="that will do")

    graph = fork(component("Ends", main, input="inp", output="out"), Idle)
    for until, expected in (("outputs", {"Ends": 5}), ("rest", {"Ends": [5], "Idle": []})):
        executor = BatchExecutor.from_graph(graph)
        with warnings.catch_warnings(category=UndeliveredWarning, action="ignore"):
            assert run(executor.astart(5, until=until), loop) == expected
        assert executor.stop_reason == "that will do"


def test_a_component_that_is_in_no_net_cannot_stop_it() -> None:
    async def main() -> None:
        with pytest.raises(RuntimeError, match="Forward is in no net that it could stop"):
            await Forward().stop_net()

    run(main())


def test_packets_that_were_taken_and_not_consumed_are_reported() -> None:
    async def main(self: Any) -> None:
        await self.ports.input.a.get()
        await self.ports.input.b.get()

    async def use() -> None:
        process = NodeProcess.from_component(component("Join", main, input="a b"))
        await process.astart()
        process.ports.input.a.put(Packet("held"))
        await turns(20)
        await process.stop()
        assert [(await packet.consume(), place, why) for packet, place, why in process.undelivered] == [
            ("held", "TOP->Join", "was taken, but not consumed")
        ]

    run(use())
