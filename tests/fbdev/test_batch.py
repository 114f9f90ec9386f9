"""Batches: their rules, their errors, and the verdict when nothing moves any more."""

import asyncio
from typing import Any

import pytest

from fbdev import BlockedNetError, Stream, UndeliveredWarning
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.exceptions import ComponentError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor, NetLoop
from tests.fbdev.helpers import Forward, chain, component, ports, run


async def _gather_all(self: Any) -> None:
    gathered = [await packet.consume() async for packet in self.ports.input.inp]
    await self.ports.output.out.put(Packet(gathered))


Collect = component("Collect", _gather_all, input="inp", output="out")


def test_one_value_per_input_gives_one_value_per_output(loop: Any) -> None:
    assert run(BatchExecutor.from_graph(chain(Forward, Forward)).astart(7), loop) == {"out": 7}


def test_a_stream_gives_lists_and_ends_when_the_net_is_at_rest(loop: Any) -> None:
    executor = BatchExecutor.from_graph(chain(Forward, Collect))
    assert run(executor.astart(inp=Stream(range(300))), loop) == {"out": [list(range(300))]}
    assert executor.undelivered == []


def test_a_stream_may_be_asynchronous_and_slow(loop: Any) -> None:
    async def slow() -> Any:
        for number in range(3):
            await asyncio.sleep(0.001)
            yield number

    assert run(BatchExecutor.from_graph(chain(Forward)).astart(Stream(slow())), loop) == {"out": [0, 1, 2]}


def test_what_goes_on_outside_keeps_a_run_alive(loop: Any) -> None:
    async def in_thread(self: Any) -> None:
        value = await self.ports.input.inp.get_and_consume()
        await asyncio.sleep(0.01)
        doubled = await asyncio.to_thread(lambda: value * 2)
        process = await asyncio.create_subprocess_exec("true")
        await self.ports.output.out.put(Packet(doubled + await process.wait()))

    graph = chain(component("Outside", in_thread, input="inp", output="out"))
    assert run(BatchExecutor.from_graph(graph).astart(Stream([21])), loop) == {"out": [42]}


# ---------------------------------------------------------------------------------------- config


class Scale(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=int),
        PortSpec(PortType.CONFIG, "by", dtype=int, default=3),
        PortSpec(PortType.CONFIG, "unit", dtype=str, is_optional=True),
        PortSpec(PortType.OUTPUT, "out"),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None:
        value = await self.ports.input.inp.get_and_consume()
        await self.ports.output.out.put(Packet((value * self.config.by, self.config.unit)))


def scaled(depth: int, **config: Any) -> Any:
    graph = GraphSpec()
    graph.add_node(Scale)
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    for _ in range(depth):
        inside = GraphComponentFactory.create_component(graph)
        graph = GraphSpec()
        graph.add_node(inside)
        graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    return BatchExecutor.from_graph(graph).start(2, config=config)["out"]


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_config_through_graphs_with_defaults_and_optional_ports(depth: int) -> None:
    assert scaled(depth) == (6, None)
    assert scaled(depth, by=5) == (10, None)
    assert scaled(depth, by=5, unit="m") == (10, "m")


def test_what_is_wrong_with_the_arguments_is_said_at_once() -> None:
    graph = chain(Forward)
    for args, kwargs, words in [
        ((), {}, "No value for input 'inp'"),
        ((1, 2), {}, "2 values for 1 input ports"),
        ((1,), {"inp": 2}, "given twice"),
        ((1,), {"other": 2}, "Unexpected inputs 'other': there are inp"),
        ((1,), {"config": {"x": 1}}, "Unexpected config 'x'"),
        ((1,), {"signals": {"go"}}, "Unexpected signals 'go'"),
    ]:
        with pytest.raises(ValueError, match=words):
            BatchExecutor.from_graph(graph).start(*args, **kwargs)


def test_signals_are_sent(loop: Any) -> None:
    async def on_signal(self: Any) -> None:
        await self.await_signal("go")
        await self.ports.output.out.put(Packet("gone"))

    graph = GraphSpec(ports(signal="go", output="out"))
    node = graph.add_node(component("Waits", on_signal, signal="go", output="out"))
    graph.ports.signal.go >> node.ports.signal.go
    node >> graph.ports.output.out
    assert run(BatchExecutor.from_graph(graph).astart(signals={"go"}), loop) == {"out": "gone"}


# ---------------------------------------------------------------------------------------- errors


def test_the_user_s_own_error_reaches_the_caller_with_the_node_noted(loop: Any) -> None:
    error = ZeroDivisionError("mine")

    async def fails(self: Any) -> None:
        await self.ports.input.inp.get()
        raise error

    inner = GraphComponentFactory.create_component(
        chain(component("Fails", fails, input="inp", output="out")), component_name="Outer"
    )

    async def main() -> None:
        async with BatchExecutor.from_graph(chain(Forward, inner)) as executor:
            await executor.astart(1)

    with pytest.raises(ZeroDivisionError) as caught:
        run(main(), loop)
    assert caught.value is error
    assert error.__notes__ == ["in node TOP->Outer->Fails (Fails)"]


def test_an_error_at_the_start_stops_everything(loop: Any) -> None:
    class Broken(BaseComponent):
        port_specs = ports(input="inp", output="out")

        async def _post_start(self) -> None:
            raise OSError("no such device")

    executor = BatchExecutor.from_graph(chain(Forward, Broken))
    with pytest.raises(OSError, match="no such device"):
        run(executor.astart(1), loop)
    assert executor.stopped


def test_a_cancellation_that_nobody_asked_for_is_an_error(loop: Any) -> None:
    async def gives_up(self: Any) -> None:
        raise asyncio.CancelledError

    graph = chain(component("GivesUp", gives_up, input="inp", output="out"))
    with pytest.raises(ComponentError, match="gives_up ended by a CancelledError of its own"):
        run(BatchExecutor.from_graph(graph).astart(1), loop)


# ---------------------------------------------------------------------------------------- blocked


def verdict(graph: GraphSpec, loop: Any, *args: Any, **kwargs: Any) -> BlockedNetError:
    with pytest.raises(BlockedNetError) as caught:
        run(BatchExecutor.from_graph(graph).astart(*args, **kwargs), loop)
    return caught.value


def test_starved(loop: Any) -> None:
    async def swallows(self: Any) -> None:
        await self.ports.input.inp.get()

    graph = chain(component("Swallows", swallows, input="inp", output="out"), Forward)
    error = verdict(graph, loop, 1)
    assert str(error) == ("starved: GRAPH waits for out (empty) <- Forward <- Swallows, which sends nothing more")


def test_deadlock(loop: Any) -> None:
    async def join(self: Any) -> None:
        await self.ports.input.a.get()
        await self.ports.input.b.get()
        await self.ports.output.out.put(Packet(1))

    join_type = component("Join", join, input="a b", output="out")
    graph = GraphSpec(ports(input="inp", output="out"))
    first, second = graph.add_node(join_type, "first"), graph.add_node(join_type, "second")
    graph.ports.input.inp >> first.ports.input.a
    second.ports.output.out >> first.ports.input.b
    first.ports.output.out >> second.ports.input.a
    second.ports.output.out >> second.ports.input.b
    second.ports.output.out >> graph.ports.output.out
    for kwargs in ({}, {"until": "rest"}):
        error = verdict(graph, loop, 1, **kwargs)
        assert error.verdict == "deadlock"
        for link in ("second waits for a (empty) <- first", "first waits for b (empty) <- second"):
            assert link in str(error)


def test_an_artificial_deadlock_names_the_edge_to_lengthen(loop: Any) -> None:
    async def sort(self: Any) -> None:
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            await (self.ports.output.small if value < 10 else self.ports.output.large).put_value(value)

    async def pair(self: Any) -> None:
        async for packet in self.ports.input.large:
            await packet.consume()
            await self.ports.input.small.get()

    graph = GraphSpec(ports(input="inp"))
    sorter = graph.add_node(component("Sort", sort, input="inp", output="small large"))
    pairer = graph.add_node(component("Pair", pair, input="small large"))
    graph.ports.input.inp >> sorter
    sorter.ports.output.small >> graph.add_edge(maxsize=2, id="short") >> pairer.ports.input.small
    sorter.ports.output.large >> pairer.ports.input.large
    error = verdict(graph, loop, Stream([1, 2, 3, 40]))
    assert error.verdict == "artificial deadlock"
    assert str(error).endswith("give the edge Sort.small->Pair.small a capacity above 2")
    assert [str(wait) for wait in error.chain] == [
        "Sort waits to send small (2/2 full)",
        "Pair waits for large (empty)",
    ]


def test_a_put_on_an_output_without_an_edge_is_unconnected(loop: Any) -> None:
    async def shouts(self: Any) -> None:
        await self.ports.input.inp.get()
        await self.ports.output.aside.put(Packet(1))

    graph = chain(component("Shouts", shouts, input="inp", output="out"), Forward)
    graph.remove_node(graph.nodes["Shouts"])
    graph = GraphSpec(ports(input="inp", output="out"))
    node = graph.add_node(component("Shouts", shouts, input="inp", output="out aside"))
    graph.ports.input.inp >> node
    node.ports.output.out >> graph.ports.output.out
    assert str(verdict(graph, loop, 1)) == "unconnected: Shouts waits to send aside (nobody takes it)"


def test_waiting_for_no_port_is_inside() -> None:
    async def waits(self: Any) -> None:
        await self.ports.input.inp.get()
        await asyncio.Event().wait()

    graph = chain(component("Waits", waits, input="inp", output="out"))
    error = verdict(graph, NetLoop, 1)
    assert error.verdict == "inside"
    assert "Waits waits inside, for something that is no port" in str(error)


def test_a_ring_that_keeps_its_token_has_finished(loop: Any) -> None:
    graph = chain(Forward)
    graph.nodes["Forward"].ports.output.out >> graph.nodes["Forward"].ports.input.inp
    result: list[int] = []

    async def three_rounds(self: Any) -> None:
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            result.append(value)
            if value < 3:
                await self.ports.output.again.put(Packet(value + 1))

    graph = GraphSpec(ports(input="inp"))
    node = graph.add_node(component("Ring", three_rounds, input="inp", output="again"))
    graph.ports.input.inp >> node
    node.ports.output.again >> node.ports.input.inp
    assert run(BatchExecutor.from_graph(graph).astart(0), loop) == {}
    assert result == [0, 1, 2, 3]


def test_input_that_nobody_took_is_told(loop: Any) -> None:
    async def one(self: Any) -> None:
        await self.ports.output.out.put(await self.ports.input.inp.get())

    executor = BatchExecutor.from_graph(chain(component("One", one, input="inp", output="out")))
    with pytest.raises(BlockedNetError, match="One"):
        run(executor.astart(Stream([1, 2, 3])), loop)
    assert [(await_address, why) for _, await_address, why in executor.undelivered] == [
        ("TOP|edge0", "waits on the edge")
    ] * 2


def test_packets_left_on_an_inner_edge_are_a_warning(loop: Any) -> None:
    async def one(self: Any) -> None:
        await self.ports.output.out.put(await self.ports.input.inp.get())

    graph = chain(Forward, component("One", one, input="inp", output="out"))
    executor = BatchExecutor.from_graph(graph)
    with pytest.warns(UndeliveredWarning, match=r"2 packets were not delivered: TOP\|edge1"):
        assert run(executor.astart(Stream([1, 2, 3])), loop) == {"out": [1]}
