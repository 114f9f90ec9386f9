"""Components that work in executions."""

import asyncio
from typing import Any, ClassVar

import pytest

from fbdev import BlockedNetError, Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.complib import ExecComponent, func_component
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import chain, ports, run


class Counts(ExecComponent):
    """Counts its executions."""

    count: ClassVar[int] = 0

    async def _execute(self) -> None:
        type(self).count += 1


def counting(**options: Any) -> type[ExecComponent]:
    return type("Counting", (Counts,), {"count": 0, **options})


async def turns(count: int = 8) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def started(kind: type[BaseComponent], test: Any) -> None:
    """Run a test with a started node of a component."""

    async def main() -> None:
        node = NodeSpec(kind).create_node()
        await node.start()
        await test(node)
        await node.stop()

    run(main())


def test_it_executes_after_the_start_and_then_at_each_signal() -> None:
    kind = counting()

    async def test(node: Any) -> None:
        await node.await_message("executed")
        for _ in range(2):
            await node.send_signal("execute")
            await node.await_message("executed")
        await turns()
        assert kind.count == 3

    started(kind, test)


def test_without_execute_after_start_it_waits_for_the_first_signal() -> None:
    kind = counting(execute_after_start=False)

    async def test(node: Any) -> None:
        await turns()
        assert kind.count == 0
        await node.send_signal("execute")
        await node.await_message("executed")
        assert kind.count == 1

    started(kind, test)


def test_it_has_its_own_ports_then_execute_and_executed() -> None:
    class Own(ExecComponent):
        port_specs = ports(input="inp")

        async def _execute(self) -> None: ...

    names = ["input.inp", "signal.execute", "message.executed", "message.started", "message.stopped"]
    assert [spec.id_str for spec in Own.port_specs.iter_ports()] == names


def test_config_that_has_arrived_is_taken_before_each_execution() -> None:
    @func_component(execute_after_start=False)
    def scale(by: int = 1) -> int:
        return by

    async def test(node: Any) -> None:
        for by in (2, 3):
            await node.ports.config.by.put_value(by)
            await node.send_signal("execute")
            assert await node.ports.output.out.get_and_consume() == by

    started(scale, test)


def test_config_put_where_no_edge_leads_is_taken_before_each_execution_too() -> None:
    @func_component(loop_execution=True)
    def scale(inp: int, by: int = 1) -> int:
        return inp * by

    async def main() -> None:
        top: Any = BatchExecutor.from_graph(chain(scale))._node
        await top.start()
        putting = asyncio.ensure_future(top.nodes["scale"].ports.config.by.put_value(10))
        await turns()
        results = []
        for value in (1, 2):
            await top.ports.input.inp.put_value(value)
            results.append(await top.ports.output.out.get_and_consume())
        await putting
        assert results == [1, 20]
        await top.stop()

    run(main())


def test_executed_may_be_the_signal_of_another() -> None:
    first, second = counting(loop_execution=True), counting(execute_after_start=False)
    graph = GraphSpec(ports(input="inp"))

    @func_component(loop_execution=True)
    def takes(inp: Any) -> None:
        first.count += 1

    one, two = graph.add_node(takes), graph.add_node(second)
    graph.ports.input.inp >> one.ports.input.inp
    one.ports.message.executed >> graph.add_edge(maxsize=1) >> two.ports.signal.execute
    BatchExecutor.from_graph(graph).start(Stream(range(50)))
    assert (first.count, second.count) == (50, 50)


def test_a_full_edge_at_executed_holds_it_up() -> None:
    seen = []

    @func_component(loop_execution=True)
    def quick(inp: Any) -> None:
        seen.append(inp)

    @func_component(loop_execution=True)
    def never(missing: Any) -> None: ...

    graph = GraphSpec(ports(input="inp"))
    one, two = graph.add_node(quick), graph.add_node(never)
    graph.ports.input.inp >> one.ports.input.inp
    one.ports.message.executed >> graph.add_edge(maxsize=3) >> two.ports.signal.execute
    with pytest.raises(
        BlockedNetError, match=r"^unconnected: quick waits to send executed \(3/3 full\) <- never waits"
    ):
        BatchExecutor.from_graph(graph).start(Stream(range(50)))
    assert seen == [0, 1, 2, 3]


def test_bug_21_messages_nobody_receives_leave_no_tasks() -> None:
    async def test(node: Any) -> None:
        tasks = len(asyncio.all_tasks())
        await turns(200)
        assert kind.count > 1000
        assert len(asyncio.all_tasks()) == tasks
        assert len(node.ports.message.executed.inner.held) == 64

    kind = counting(loop_execution=True)
    started(kind, test)


def test_bug_21_nor_do_those_that_are_connected_but_not_received() -> None:
    kind = counting(loop_execution=True)

    async def main() -> None:
        top = BatchExecutor.from_component(kind)._node
        await top.start()
        await turns()
        tasks = len(asyncio.all_tasks())
        await turns(200)
        assert kind.count > 1000
        assert len(asyncio.all_tasks()) == tasks
        assert sum(len(edge.packets) for edge in top.all_edges()) == 0
        await top.stop()

    run(main())


def test_bug_21_a_message_in_the_background_waits_in_order_and_in_one_task() -> None:
    class Shouts(BaseComponent):
        port_specs = ports(message="progress")

        async def _post_start(self) -> None:
            for _ in range(100):
                await self.send_message("progress")

    async def main() -> None:
        graph = GraphSpec(ports(output="out"))
        node = graph.add_node(Shouts)
        node.ports.message.progress >> graph.add_edge(maxsize=1) >> graph.ports.output.out
        top: Any = BatchExecutor.from_graph(graph)._node
        await top.start()
        assert len(top.nodes["Shouts"].component_process.task_manager.tasks) == 1
        for _ in range(100):
            assert (await top.ports.output.out.get()).is_empty
        await turns()
        assert top.nodes["Shouts"].finished
        await top.stop()

    run(main())


class Log(Instrument):
    def __init__(self) -> None:
        self.tasks = 0
        self.fired: list[str] = []
        self.parents: dict[Any, set[str]] = {}

    def task_started(self, node: Any, task: Any) -> None:
        self.tasks += not node.is_top_node

    def firing_began(self, node: Any) -> None:
        self.fired.append(f"{node.id} fires")

    def firing_ended(self, node: Any) -> None:
        self.fired.append(f"{node.id} has fired")

    def move_committed(self, move: Move) -> None:
        if move.kind == "send" and isinstance(move.packet, Packet) and not move.packet.is_empty:
            self.parents[move.packet._data] = set(move.packet.parents)


def logged(graph: GraphSpec, *args: Any, **kwargs: Any) -> tuple[Log, Any]:
    executor = BatchExecutor.from_graph(graph)
    log = Log()
    executor._node.task_manager.add_instrument(log)
    return log, executor.start(*args, **kwargs)


def test_bug_23_an_execution_needs_no_task_of_its_own() -> None:
    @func_component(loop_execution=True)
    def double(inp: int) -> int:
        return 2 * inp

    log, result = logged(chain(double), Stream(range(500)))
    assert result == {"out": [2 * number for number in range(500)]}
    assert log.tasks == 1


def test_one_execution_is_one_firing_whatever_it_receives_and_sends() -> None:
    class Weave(ExecComponent):
        port_specs = ports(input="inp", output="out")
        loop_execution = True

        async def _execute(self) -> None:
            for _ in range(2):
                value = await self.ports.input.inp.get_and_consume()
                await self.ports.output.out.put(Packet(10 * value))

    log, result = logged(chain(Weave), Stream([1, 2, 3, 4]))
    assert result == {"out": [10, 20, 30, 40]}
    assert [line for line in log.fired if "Weave" in line] == ["Weave fires", "Weave has fired"] * 2
    sizes = {value: len(log.parents[value]) for value in (10, 20, 30, 40)}
    assert sizes == {10: 1, 20: 2, 30: 1, 40: 2}


def test_the_config_that_a_start_waits_for_belongs_to_no_firing() -> None:
    @func_component
    def scale(inp: int, by: int = 1) -> int:
        return inp * by

    graph = chain(scale)
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    log, result = logged(graph, 2, config={"by": 3})
    assert result == {"out": 6}
    assert [line for line in log.fired if "scale" in line] == ["scale fires", "scale has fired"]
    assert len(log.parents[6]) == 1


def test_an_execution_without_a_move_is_a_firing_too() -> None:
    log, _ = logged_node(counting())
    assert log.fired == ["TOP fires", "TOP has fired"]


def logged_node(kind: type[BaseComponent]) -> tuple[Log, Any]:
    log = Log()

    async def main() -> None:
        node = NodeSpec(kind).create_node()
        node.task_manager.add_instrument(log)
        await node.start()
        await node.await_message("executed")
        await turns()
        await node.stop()

    return log, run(main())


def test_end_firing_says_what_a_packet_was_not_made_from() -> None:
    class Drops(BaseComponent):
        port_specs = ports(input="inp", output="out")

        async def _post_start(self) -> None:
            self.task_manager.create_task(self.main())

        async def main(self) -> None:
            await self.ports.input.inp.get()
            self.end_firing()
            kept = await self.ports.input.inp.get_and_consume()
            await self.ports.output.out.put(Packet(10 * kept))

    log, _ = logged(chain(Drops), Stream([1, 2]))
    assert len(log.parents[10 * 2]) == 1


def test_what_is_fed_by_one_that_ran_once_is_told_of_the_end() -> None:
    @func_component
    def three() -> Any:
        yield from range(3)

    class Gathers(BaseComponent):
        port_specs = ports(input="inp", output="out")

        async def _post_start(self) -> None:
            self.task_manager.create_task(self.main())

        async def main(self) -> None:
            await self.ports.output.out.put(Packet([await p.consume() async for p in self.ports.input.inp]))

    graph = GraphSpec(ports(output="out"))
    graph.add_node(three) >> graph.add_node(Gathers) >> graph.ports.output.out
    assert BatchExecutor.from_graph(graph).start() == {"out": [0, 1, 2]}


def test_the_verdict_says_that_it_runs_once() -> None:
    @func_component
    def once(inp: int) -> int:
        return inp

    expected = "starved: once has ended and takes nothing more (it runs once: add loop_execution=True)"
    with pytest.raises(BlockedNetError) as caught:
        BatchExecutor.from_graph(chain(once)).start(Stream([1, 2]))
    assert str(caught.value) == expected


def test_the_user_s_error_comes_from_an_execution_with_its_node() -> None:
    class Fails(ExecComponent):
        async def _execute(self) -> None:
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine") as caught:
        BatchExecutor.from_component(Fails).start()
    assert caught.value.__notes__ == ["in node TOP->Fails (Fails)"]


def test_without_an_execute_it_cannot_be_made() -> None:
    class Lazy(ExecComponent):
        pass

    with pytest.raises(TypeError, match="_execute"):
        NodeSpec(Lazy).create_node()
