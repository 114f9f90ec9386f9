"""Defects of the public library that our runtimes must not have, by their numbers: hangs, silence, masked errors."""

import asyncio
from typing import Any

import pytest

from fbdev import BlockedNetError, LostPacketError
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor, NodeProcess
from tests.fbdev.helpers import Failing, Forward, Idle, chain, component, run, turns


async def _nothing(self: Any) -> None:
    await self.ports.input.inp.get()


OneAndEnd = component("OneAndEnd", _nothing, input="inp", output="out")


# ---------------------------------------------------------------------------------------- loss, hangs, silence


def test_bug_1_a_stop_tells_what_was_in_flight() -> None:
    async def main() -> None:
        process = NodeProcess.from_graph(chain(Idle, maxsize=2))
        await process.astart()
        for number in range(3):
            process.ports.input.inp.put_value(number)
        await turns()
        with pytest.raises(
            LostPacketError, match=r"3 packets were not delivered: TOP\|edge0, TOP:input\.inp"
        ) as lost:
            await process.stop(strict=True)
        assert process.stopped
        told = [(payload_of(packet), place, why) for packet, place, why in process.undelivered]
        assert told == [
            (0, "TOP|edge0", "waits on the edge"),
            (1, "TOP|edge0", "waits on the edge"),
            (2, "TOP:input.inp", "its put was waiting"),
        ]
        assert payload_of(lost.value.packet) == 0

    run(main())


def payload_of(packet: Any) -> Any:
    return packet._data


def test_bug_4_a_blocked_batch_says_so_at_once(loop: Any) -> None:
    with pytest.raises(BlockedNetError, match="starved: GRAPH waits for out"):
        run(BatchExecutor.from_graph(chain(OneAndEnd)).astart(1), loop)


def test_bug_4_a_process_notices_that_every_component_has_ended(loop: Any) -> None:
    async def main() -> None:
        async with NodeProcess.from_graph(chain(OneAndEnd, Forward)) as process:
            await process.astart()
            getting = asyncio.ensure_future(process.ports.output.out.get())
            await turns()
            assert not getting.done()  # at rest, but more may be put
            process.ports.input.inp.put_value(1)
            with pytest.raises(
                BlockedNetError, match=r"starved: GRAPH waits for out .* OneAndEnd, which sends nothing"
            ):
                await getting
            await process.await_stop()
            assert process.stopped

    run(main(), loop)


class Scale(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.CONFIG, "by", dtype=int),
        PortSpec(PortType.CONFIG, "grp.plus", default=0),
        PortSpec(PortType.CONFIG, "unit", is_optional=True),
        PortSpec(PortType.OUTPUT, "out"),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None:
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            await self.ports.output.out.put_value((value * self.config.by + self.config.grp.plus, self.config.unit))


def test_bug_5_and_6_config_reaches_a_process_through_a_graph() -> None:
    async def main() -> None:
        async with NodeProcess.from_component(Scale) as process:
            await process.astart(config={"by": 3, "grp.plus": 1})
            process.ports.input.inp.put_value(2)
            assert await process.gather_outputs("out") == [(7, None)]
        async with NodeProcess.from_component(Scale) as process:
            process.ports.config.by.put_value(4)
            process.ports.config["grp.plus"].put_value(9)
            await process.astart()
            process.ports.input.inp.put_value(2)
            assert await process.gather_outputs("out") == [(17, None)]

    run(main())


def test_bug_13_config_and_dotted_names_reach_a_batch() -> None:
    assert BatchExecutor.from_component(Scale).start(2, config={"by": 3}) == {"out": (6, None)}
    assert BatchExecutor.from_component(Scale).start(2, config={"by": 3, "grp__plus": 2, "unit": "m"}) == {
        "out": (8, "m")
    }
    with pytest.raises(ValueError, match="No value for config 'by'"):
        BatchExecutor.from_component(Scale).start(2)

    async def swap(self: Any) -> None:
        await self.ports.output.b.z.put(await self.ports.input.a.x.get())
        await self.ports.output.b.w.put(await self.ports.input["a.y"].get())

    dotted = component("Dotted", swap, input="a.x a.y", output="b.z b.w")
    assert BatchExecutor.from_component(dotted).start(1, a__y=2) == {"b.z": 1, "b.w": 2}
    assert BatchExecutor.from_component(dotted).start(**{"a.x": 1, "a.y": 2}) == {"b.z": 1, "b.w": 2}


def test_bug_10_the_users_error_is_not_masked(loop: Any) -> None:
    async def batch() -> None:
        async with BatchExecutor.from_graph(chain(Failing)) as executor:
            await executor.astart(1)

    async def process() -> None:
        async with NodeProcess.from_graph(chain(Failing)) as started:
            await started.astart()
            started.ports.input.inp.put_value(1)
            await started.ports.output.out.get()

    async def never_started() -> None:
        async with NodeProcess.from_graph(chain(Failing)):
            pass
        async with BatchExecutor.from_graph(chain(Failing)):
            pass

    for use in (batch, process):
        with pytest.raises(ZeroDivisionError, match="mine") as caught:
            run(use(), loop)
        assert caught.value.__notes__ == ["in node TOP->Failing (Failing)"]
        assert caught.value.__context__ is None and caught.value.__cause__ is None
    run(never_started(), loop)


def test_bug_11_execute_graph_runs_a_graph_with_its_config() -> None:
    graph = GraphSpec()
    graph.add_node(Scale)
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    assert BatchExecutor.execute_graph(graph, 2, config={"by": 2}) == {"out": (4, None)}
    assert BatchExecutor.execute_graph(graph, 2, config_vals={"by": 2}) == {"out": (4, None)}
    assert run(BatchExecutor.aexecute_graph(graph, inp=2, config={"by": 2})) == {"out": (4, None)}


def test_bug_12_signals_are_sent_and_messages_returned(loop: Any) -> None:
    async def main(self: Any) -> None:
        await self.await_signal("go")
        await self.ports.message.same.put_value("said")
        await self.ports.output.same.put_value("sent")

    asked = component("Asked", main, signal="go", output="same", message="same")

    def start(**kwargs: Any) -> Any:
        return run(BatchExecutor.from_component(asked).astart(signals=["go"], **kwargs), loop)

    assert start() == {"same": "sent"}
    assert start(ports_to_get=[(PortType.MESSAGE, "same")]) == {"same": "said"}
    assert start(ports_to_get=["same", "message.same"]) == {"same": "sent", "message.same": "said"}
    with pytest.raises(ValueError, match="'other' is no output port of the node"):
        start(ports_to_get=["other"])


def test_bug_12_what_is_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 1 input ports"):
        BatchExecutor.from_graph(chain(Forward)).start(1, 2)


def _no_words(self: Any, *_: Any) -> Any:
    raise RuntimeError("it cannot")


@pytest.mark.parametrize("broken", ["__str__", "__repr__", "add_note", "__eq__"])
def test_bug_10_an_error_of_an_odd_class_is_not_masked(broken: str) -> None:
    odd: type[Exception] = type("Odd", (Exception,), {broken: _no_words, "__hash__": Exception.__hash__})

    async def fail(self: Any) -> None:
        await self.ports.input.inp.get()
        raise odd("mine")

    async def main() -> type[BaseException]:
        executor = BatchExecutor.from_graph(chain(component("Fails", fail, input="inp", output="out")))
        (error,) = await asyncio.gather(executor.astart(1), return_exceptions=True)
        assert any("in node TOP->Fails" in note for note in error.__notes__)
        return type(error)

    assert run(main()) is odd


def test_bug_14_an_error_reaches_a_get_a_put_and_the_stop(loop: Any) -> None:
    async def main() -> None:
        process = NodeProcess.from_graph(chain(Failing, maxsize=1))
        await process.astart()
        getting = asyncio.ensure_future(process.ports.output.out.get_and_consume())
        await turns()
        puts = [process.ports.input.inp.put_value(number) for number in range(4)]
        for waiting in (getting, puts[3], process.ports.output.out.get(), process.await_stop()):
            with pytest.raises(ZeroDivisionError, match="mine"):
                await waiting
        await puts[0]
        await process.stop()
        assert process.stopped and process._node.states.stopped.get()
        assert [payload_of(packet) for packet, _, _ in process.undelivered] == [1, 2, 3]
        with pytest.raises(RuntimeError, match="NodeProcess has already been stopped"):
            await process.stop()

    run(main(), loop)


def test_bug_14_an_error_that_nobody_has_heard_of_is_raised_by_the_stop() -> None:
    async def main() -> None:
        process = NodeProcess.from_graph(chain(Failing))
        await process.astart()
        process.ports.input.inp.put_value(1)
        await turns(20)
        with pytest.raises(ZeroDivisionError):
            await process.stop()
        assert process.stopped

    run(main())


def test_bug_14_the_error_of_a_put_that_nobody_awaits_is_not_lost() -> None:
    async def main() -> None:
        graph = chain(Forward)
        typed = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp", dtype=int)))
        typed.add_graph_port(PortSpec(PortType.OUTPUT, "out"))
        inside = typed.add_node(GraphComponentFactory.create_component(graph))
        typed.ports.input.inp >> inside >> typed.ports.output.out
        async with NodeProcess.from_graph(typed) as process:
            await process.astart()
            with pytest.raises(TypeError, match=r"TOP:input\.inp: expected int, got str"):
                await process.ports.input.inp.put_value("heard")
            getting = asyncio.ensure_future(process.ports.output.out.get())
            await turns()
            process.ports.input.inp.put_value("unheard")
            with pytest.raises(TypeError, match="expected int"):
                await getting
            process.ports.input.inp.put_value("unheard, too")
            await turns()
            with pytest.raises(TypeError, match="expected int"):
                await process.gather_outputs("out")
            process.ports.input.inp.put_value(5)
            assert await process.gather_outputs("out") == [5]

    run(main())
