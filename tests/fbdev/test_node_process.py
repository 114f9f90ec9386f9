"""Processes: puts and gets from outside while a net goes on, and all the ways in which it ends."""

import asyncio
from typing import Any

import pytest

from fbdev import EndOfInput
from fbdev.comp.port import PortType
from fbdev.exceptions import NetStoppedError
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.runtime import BatchExecutor, NodeProcess
from tests.fbdev.helpers import Failing, Forward, Idle, chain, component, ports, run, turns

# ---------------------------------------------------------------------------------------- puts and gets


def test_a_put_is_a_task_and_outputs_are_gathered_in_the_order_of_the_arguments(loop: Any) -> None:
    async def main() -> None:
        async with NodeProcess.from_graph(chain(Forward)) as process:
            await process.astart()
            inp, out = process.ports.input.inp, process.ports.output.out
            puts = [inp.put_value(number) for number in range(7)]
            assert all(isinstance(put, asyncio.Task) for put in puts)
            assert await process.gather_outputs("out") == [0]
            assert await process.gather_outputs(("out", 2), out) == [1, 2, 3]
            assert await process.gather_outputs((PortType.OUTPUT, "out"), ("output.out", 0)) == [4]
            (packet,) = await process.gather_outputs((out, 1), return_packets=True)
            assert await packet.consume() == 5
            assert await process.gather_outputs() == []
            assert await out.get_and_consume() == 6
            assert await asyncio.gather(*puts) == [None] * 7
            assert inp.is_input_port and out.is_output_port and not hasattr(inp, "get") and not hasattr(out, "put")
            assert (repr(out), out.address, out.name) == ("TOP:output.out", "TOP:output.out", "out")

    run(main(), loop)


def test_what_is_no_output_is_refused() -> None:
    async def main() -> None:
        async with NodeProcess.from_graph(chain(Forward)) as process:
            await process.astart()
            for wrong, words in [
                (("out",), "not a pair of a port and the number"),
                (("out", "x"), "not a pair"),
                (("out", -1), "not a pair"),
                ((), "not a pair"),
                (process.ports.input.inp, "TOP:input.inp is not an output port"),
                ("nope", "'nope' is no output port of the node, which has output.out"),
                (5, "5 is no output port"),
            ]:
                with pytest.raises(ValueError, match=words):
                    await process.gather_outputs(wrong)

    run(main())


def test_a_loop_over_an_output_ends_with_the_process() -> None:
    async def main() -> None:
        got: list[Any] = []

        async def read(process: NodeProcess) -> None:
            got.extend([await packet.consume() async for packet in process.ports.output.out])

        process = NodeProcess.from_graph(chain(Forward))
        await process.astart()
        reading = asyncio.ensure_future(read(process))
        await asyncio.gather(*(process.ports.input.inp.put_value(number) for number in range(3)))
        await turns(20)
        await process.stop()
        await reading
        assert got == [0, 1, 2]
        for call in (process.ports.output.out.get(), process.ports.input.inp.put_value(1)):
            with pytest.raises(NetStoppedError, match=r"NodeProcess has been stopped: stop\(\) was called"):
                await call

    run(main())


def test_a_get_that_is_cancelled_or_times_out_takes_nothing() -> None:
    async def main() -> None:
        async with NodeProcess.from_graph(chain(Forward)) as process:
            await process.astart()
            out = process.ports.output.out
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(out.get(), 0)
                getting = asyncio.ensure_future(out.get())
                await turns()
                getting.cancel()
            process.ports.input.inp.put_value("all there")
            assert await out.get_and_consume() == "all there"

    run(main())


def test_a_gathering_that_fails_reports_what_it_had_taken() -> None:
    async def main() -> None:
        graph = GraphSpec(ports(input="a b", output="x y"))
        for kind, inp, out in ((Forward, "a", "x"), (Failing, "b", "y")):
            node = graph.add_node(kind)
            graph.ports.input[inp] >> node >> graph.ports.output[out]
        process = NodeProcess.from_graph(graph)
        await process.astart()
        process.ports.input.a.put_value("taken")
        gathering = asyncio.ensure_future(process.gather_outputs("x", "y"))
        await turns(20)
        process.ports.input.b.put_value(0)
        with pytest.raises(ZeroDivisionError):
            await gathering
        await process.stop()
        told = [
            (await packet.consume(), place, why)
            for packet, place, why in process.undelivered
            if place == "TOP:output.x"
        ]
        assert told == [("taken", "TOP:output.x", "was taken by a call that failed")]

    run(main())


# ---------------------------------------------------------------------------------------- its life


def test_the_words_of_its_states() -> None:
    async def main() -> None:
        process = NodeProcess.from_graph(chain(Forward))
        with pytest.raises(NotImplementedError, match=r"await astart\(\)"):
            process.start()
        with pytest.raises(RuntimeError, match="NodeProcess has not yet been started"):
            await process.stop()
        await process.astart()
        assert process.started and not process.stopped
        with pytest.raises(RuntimeError, match="NodeProcess has already been started"):
            await process.astart()
        await process.stop()
        with pytest.raises(RuntimeError, match="NodeProcess has already been stopped"):
            await process.stop()
        with pytest.raises(RuntimeError, match="NodeProcess has been stopped: make a new one"):
            await process.astart()

    run(main())


def test_a_packet_at_the_stop_port_stops_it(loop: Any) -> None:
    async def main() -> None:
        for stop_port in ((PortType.OUTPUT, "out"), "out", "output.out"):
            async with NodeProcess.from_graph(chain(Forward), stop_port=stop_port) as process:
                await process.astart()
                stopping = asyncio.ensure_future(process.await_stop())
                await turns()
                assert not stopping.done()
                process.ports.input.inp.put_value(1)
                await stopping
                assert process.stopped and process.stop_reason == "a packet came to TOP:output.out"
        for wrong in ("nope", (PortType.OUTPUT, "nope"), (PortType.INPUT, "inp")):
            with pytest.raises(ValueError, match="output port"):
                NodeProcess.from_graph(chain(Forward), stop_port=wrong)

    run(main(), loop)


def test_a_message_may_stop_it() -> None:
    async def main(self: Any) -> None:
        await self.ports.input.inp.get()
        await self.send_message("over")

    async def use() -> None:
        kind = component("Says", main, input="inp", message="over")
        process = NodeProcess.from_component(kind, stop_port=(PortType.MESSAGE, "over"))
        await process.astart()
        process.ports.input.inp.put_value(1)
        await process.await_stop()
        assert process.stopped

    run(use())


def test_a_stop_ends_those_that_wait_and_itself_only_once(loop: Any) -> None:
    async def main() -> None:
        process = NodeProcess.from_graph(chain(Idle, maxsize=1))
        await process.astart()
        waiting = [
            asyncio.ensure_future(process.await_stop()),
            asyncio.ensure_future(process.ports.output.out.get()),
            asyncio.ensure_future(process.gather_outputs("out")),
            process.ports.input.inp.put_value(1),
            process.ports.input.inp.put_value(2),
        ]
        await turns()
        await process.stop()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        assert ends[0] is None and ends[3] is None
        assert [type(end) for end in (ends[1], ends[2], ends[4])] == [NetStoppedError] * 3
        assert all(isinstance(end, EndOfInput) for end in (ends[1], ends[2]))
        assert len(asyncio.all_tasks()) == 1

    run(main(), loop)


def test_messages_and_signals_reach_the_outside_and_the_inside() -> None:
    async def main(self: Any) -> None:
        await self.await_signal("go")
        await self.send_message("gone")

    async def use() -> None:
        async with NodeProcess.from_component(component("Goes", main, signal="go", message="gone")) as process:
            await process.astart(signals=["go"])
            await process.await_message("started")
            await process.await_message("gone")
        with pytest.raises(ValueError, match="Unexpected signals 'other'"):
            await NodeProcess.from_graph(chain(Forward)).astart(signals=["other"])

    run(use())


def test_a_component_alone_may_be_the_node() -> None:
    async def main() -> None:
        async with NodeProcess(NodeSpec(Forward).create_node()) as process:
            await process.astart()
            process.ports.input.inp.put_value(1)
            assert await process.gather_outputs("out") == [1]

    run(main())


def test_an_error_in_the_block_is_not_hidden_by_one_of_the_stop() -> None:
    class Untidy(Forward):
        async def _pre_stop(self) -> None:
            raise OSError("cannot close")

    async def main() -> None:
        with pytest.raises(LookupError, match="mine"):
            async with NodeProcess.from_graph(chain(Untidy)) as process:
                await process.astart()
                raise LookupError("mine")
        assert process.stopped and process._node.nodes["Untidy"].component_process.stopped
        with pytest.raises(OSError, match="cannot close"):
            async with NodeProcess.from_graph(chain(Untidy, Forward)) as process:
                await process.astart()
        assert process.stopped and process._node.nodes["Forward"].component_process.stopped
        with pytest.raises(OSError, match="cannot close"):
            await BatchExecutor.from_graph(chain(Untidy)).astart(1)

    run(main())


def test_a_net_that_has_stopped_refuses_tasks_that_nobody_owns() -> None:
    seen: list[Any] = []

    async def main(self: Any) -> None:
        async def stray() -> None:
            for _ in range(3):
                try:
                    await self.ports.output.out.put_value("stray")
                except NetStoppedError as error:
                    seen.append(str(error))

        self.task_kept = asyncio.ensure_future(stray())

    async def use() -> None:
        graph = GraphSpec(ports(output="out"))
        (
            graph.add_node(component("Strays", main, output="out"))
            >> graph.add_edge(maxsize=1)
            >> graph.ports.output.out
        )
        process = NodeProcess.from_graph(graph)
        await process.astart()
        await turns()
        await process.stop()
        assert [(await packet.consume(), why) for packet, _, why in process.undelivered] == [
            ("stray", "its put was waiting"),
            ("stray", "waits on the edge"),
        ]
        await turns()
        assert seen == ["TOP->Strays:output.out: the net has been stopped."] * 2

    run(use())
