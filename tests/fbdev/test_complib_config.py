"""Config values while a component runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fbdev import BlockedNetError, Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.complib.ends import FromIterableFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import ports, run


class Scale(BaseComponent):
    """Multiplies by a config value, and remembers how it was told of others."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.CONFIG, "by", dtype=int, default=1),
        PortSpec(PortType.CONFIG, "unit.name", is_optional=True),
        PortSpec(PortType.OUTPUT, "out"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.told: list[Any] = []

    def on_config_changed(self, name: str, old: Any, new: Any) -> None:
        self.told.append((name, old, new, self.config[name] == new))

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None:
        async for packet in self.ports.input.inp:
            await self.ports.output.out.put(Packet(await packet.consume() * self.config.by))


async def turns(count: int = 8) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def on(kind: type[BaseComponent], test: Callable[[Any], Awaitable[None]]) -> None:
    """Run a test with a started node of a component."""

    async def main() -> None:
        node = NodeSpec(kind).create_node()
        assert isinstance(node, Node)
        await node.start()
        await test(node)
        if not node.states.stopped.get():
            await node.stop()

    run(main())


def configured(kind: type[BaseComponent], maxsize: int | None = None) -> tuple[GraphSpec, Any]:
    """Return a graph of a component whose config port ``by`` comes over an edge."""
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.CONFIG, "by", is_optional=True)))
    node = graph.add_node(kind)
    graph.ports.config.by >> graph.add_edge(maxsize=maxsize) >> node.ports.config.by
    return graph, node


async def started(graph: GraphSpec) -> tuple[Any, Any]:
    """Return the top node of a started graph, and the one component in it."""
    top = BatchExecutor.from_graph(graph)._node
    await top.start()
    (node,) = top.nodes.values()
    return top, node.component_process  # type: ignore[attr-defined]


def test_bug_06d_a_plain_component_is_told_of_values_that_come_while_it_runs() -> None:
    async def test(node: Any) -> None:
        scale = node.component_process
        assert (scale.config.by, scale.config.unit.name) == (1, None)
        await node.ports.config.by.put_value(3)
        await node.ports.config.by.put_value(4)
        await node.ports.config["unit.name"].put_value("m")
        await turns()
        assert scale.told == [("by", 1, 3, True), ("by", 3, 4, True), ("unit.name", None, "m", True)]
        assert (scale.config.by, scale.config.unit.name) == (4, "m")

    on(Scale, test)


def test_over_an_edge_too_and_without_a_task() -> None:
    async def main() -> None:
        top, scale = await started(configured(Scale)[0])
        tasks = asyncio.all_tasks()
        for value in range(300):
            await top.ports.config.by.put_value(value)
        await turns()
        assert len(scale.told) == 300
        assert asyncio.all_tasks() == tasks
        await top.stop()

    run(main())


def test_the_values_that_the_start_waits_for_are_not_told() -> None:
    told: list[Any] = []

    class Watches(Scale):
        def on_config_changed(self, name: str, old: Any, new: Any) -> None:
            told.append((old, new))

    graph = GraphSpec(ports(input="inp", output="out"))
    graph.add_graph_port(PortSpec(PortType.CONFIG, "by", dtype=int))
    node = graph.add_node(Watches)
    graph.ports.input.inp >> node.ports.input.inp
    graph.ports.config.by >> node.ports.config.by
    node >> graph.ports.output.out
    assert BatchExecutor.from_graph(graph).start(5, config={"by": 7}) == {"out": 35}
    assert told == []
    BatchExecutor.from_graph(graph).start(5, config={"by": Stream([7, 8, 9])}, until="rest")
    assert told == [(7, 8), (8, 9)]


def test_one_component_configures_another_while_it_runs() -> None:
    graph = GraphSpec(ports(input="inp", output="out"))
    graph.add_node(FromIterableFactory.create_component([2, 3]), "numbers")
    node = graph.add_node(Scale)
    graph.ports.input.inp >> node.ports.input.inp
    graph.nodes["numbers"].ports.output.out >> node.ports.config.by
    node >> graph.ports.output.out

    async def late() -> Any:
        await asyncio.sleep(0.001)
        yield 10

    assert BatchExecutor.from_graph(graph).start(Stream(late())) == {"out": [30]}


def test_the_hook_may_be_a_coroutine_function() -> None:
    seen = []

    class Slow(Scale):
        async def on_config_changed(self, name: str, old: Any, new: Any) -> None:  # type: ignore[override]
            await asyncio.sleep(0)
            seen.append((name, old, new))

    async def test(node: Any) -> None:
        await node.ports.config.by.put_value(3)
        await turns()
        assert seen == [("by", 1, 3)]

    on(Slow, test)


def test_an_error_in_the_hook_is_the_component_s_error() -> None:
    error = ValueError("not that one")

    class Refuses(Scale):
        def on_config_changed(self, name: str, old: Any, new: Any) -> None:
            raise error

    async def main() -> None:
        top, _ = await started(configured(Refuses)[0])
        with pytest.raises(ValueError, match="not that one") as caught:
            await top.task_manager.exec_coros(top.ports.config.by.put_value(3), asyncio.Event().wait())
        assert caught.value is error
        assert error.__notes__ == ["in node TOP->Refuses (Refuses)"]
        await top.stop()

    run(main())


def test_update_config_takes_at_once_what_has_arrived_and_waits_for_nothing() -> None:
    async def main() -> None:
        top, scale = await started(configured(Scale)[0])
        await scale.update_config()
        await top.ports.config.by.put_value(3)
        await scale.update_config()
        assert scale.told == [("by", 1, 3, True)]
        inside = scale._node.ports.config["unit.name"]  # no edge leads there: a put waits until it is asked for
        putting = asyncio.ensure_future(inside.put_value("m"))
        await turns()
        assert not putting.done()
        await scale.update_config()
        await putting
        assert scale.config.unit.name == "m"
        await top.stop()

    run(main())


def test_what_was_not_taken_before_the_stop_stays_on_the_edge() -> None:
    async def main() -> None:
        top, scale = await started(configured(Scale)[0])
        await top.ports.config.by.put_value(3)
        await scale.stop()
        assert scale.told == []
        assert [await packet.consume() for edge in top.all_edges() for packet in edge.packets] == [3]
        await top.stop()

    run(main())


class Log(Instrument):
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.gates: list[asyncio.Future[None]] = []

    def admit(self, move: Move) -> Any:
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        return gate

    def move_committed(self, move: Move) -> None:
        self.lines.append(f"{move.kind} {move.port!r}")

    def move_cancelled(self, move: Move) -> None:
        self.lines.append(f"cancelled {move.port!r}")

    def firing_began(self, node: Any) -> None:
        self.lines.append(f"{node.id} fires")


def test_an_instrument_sees_and_holds_the_taking_of_a_value_which_is_no_firing() -> None:
    async def main() -> None:
        executor = BatchExecutor.from_graph(configured(Scale)[0])
        top: Any = executor._node
        log = Log()
        top.task_manager.add_instrument(log)
        await top.start()
        scale = top.nodes["Scale"].component_process
        putting = asyncio.ensure_future(top.ports.config.by.put_value(3))
        await turns()
        for gate in log.gates:
            gate.set_result(None)
        await putting
        await turns()
        await scale.update_config()
        assert scale.told == [("by", 1, 3, True)]
        await top.stop()
        assert [line for line in log.lines if "Scale" in line and "inp" not in line] == [
            "receive TOP->Scale:config.by",
            "cancelled TOP->Scale:config.by",
        ]

    run(main())


def test_the_pending_get_is_no_wait_in_a_verdict() -> None:
    async def never(self: Any) -> None:
        await self.ports.input.inp.get()
        await self.ports.output.out.put(Packet(1))

    class Ring(BaseComponent):
        port_specs = PortSpecCollection(
            PortSpec(PortType.CONFIG, "by", is_optional=True),
            PortSpec(PortType.INPUT, "inp"),
            PortSpec(PortType.OUTPUT, "out"),
        )

        async def _post_start(self) -> None:
            self.task_manager.create_task(never(self))

    graph = GraphSpec(ports(output="out"))
    a, b = graph.add_node(Ring, "A"), graph.add_node(Ring, "B")
    a >> b.ports.input.inp
    b >> a.ports.input.inp
    a.ports.output.out >> b.ports.config.by
    b.ports.output.out >> graph.ports.output.out
    with pytest.raises(BlockedNetError) as caught:
        BatchExecutor.from_graph(graph).start()
    assert str(caught.value) == (
        "deadlock: GRAPH waits for out (empty) <- B waits for inp (empty) <- A waits for inp (empty) <- B"
    )
