"""Instruments: what they see of a net, and moves that they hold."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable
from typing import Any

import pytest

from fbdev import Stream
from fbdev.comp.packet import Packet
from fbdev.exceptions import BlockedNetError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument, Move, install, uninstall
from fbdev.runtime import BatchExecutor, NodeProcess
from tests.fbdev.helpers import Forward, chain, component, ports, run

# ---------------------------------------------------------------------------------------- instruments


class Log(Instrument):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def move_committed(self, move: Move) -> None:
        where = ", ".join(edge.id for edge in move.edges)
        self.lines.append(f"{move.kind} {move.port!r} {where}{' from outside' if move.external else ''}")

    def firing_began(self, node: Any) -> None:
        self.lines.append(f"{node.id} fires")

    def firing_ended(self, node: Any) -> None:
        self.lines.append(f"{node.id} has fired")


def test_an_instrument_sees_every_move_and_every_firing(loop: Any) -> None:
    executor = BatchExecutor.from_graph(chain(Forward))
    log = Log()
    executor._node.task_manager.add_instrument(log)
    run(executor.astart(Stream([1])), loop)
    assert [line for line in log.lines if "TOP f" not in line and "TOP has" not in line] == [
        "send TOP:input.inp edge0 from outside",
        "Forward fires",
        "receive TOP->Forward:input.inp edge0",
        "send TOP->Forward:output.out edge1",
        "Forward has fired",
        "receive TOP:output.out edge1 from outside",
    ]


def test_a_held_move_waits_and_the_law_of_cancellation_holds(loop: Any) -> None:
    class Hold(Instrument):
        def __init__(self) -> None:
            self.gates: list[asyncio.Future[None]] = []

        def admit(self, move: Move) -> Any:
            gate = asyncio.get_running_loop().create_future()
            self.gates.append(gate)
            return gate

    async def main() -> None:
        from fbdev.graph.graph_spec import NodeSpec
        from fbdev.graph.net import Node

        top = Node(NodeSpec(GraphComponentFactory.create_component(chain(Forward))))
        hold = Hold()
        top.task_manager.add_instrument(hold)
        put = asyncio.ensure_future(top.ports.input.inp.put(Packet(1)))
        await asyncio.sleep(0)
        assert not put.done() and top.edges["edge0"].empty
        put.cancel()
        await asyncio.gather(put, return_exceptions=True)
        assert top.edges["edge0"].empty
        put = asyncio.ensure_future(top.ports.input.inp.put(Packet(2)))
        await asyncio.sleep(0)
        hold.gates[-1].set_result(None)
        await put
        assert not top.edges["edge0"].empty

    run(main(), loop)


def test_an_instrument_that_raises_is_detached_and_the_net_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    class Bad(Instrument):
        def move_committed(self, move: Move) -> None:
            raise RuntimeError("mine")

    executor = BatchExecutor.from_graph(chain(Forward))
    executor._node.task_manager.add_instrument(Bad())
    assert executor.start(1) == {"out": 1}
    assert executor._node.task_manager.instruments == ()
    assert "is detached" in caplog.text


def test_a_join_s_packet_has_both_parents() -> None:
    parents: list[Any] = []

    async def join(self: Any) -> None:
        a, b = await asyncio.gather(self.ports.input.a.get(), self.ports.input.b.get())
        out = Packet(1)
        await self.ports.output.out.put(out)
        parents.append((out.parents, {a.uuid, b.uuid}))

    graph = GraphSpec(ports(input="a b", output="out"))
    node = graph.add_node(component("Join", join, input="a b", output="out"))
    for name in "ab":
        graph.ports.input[name] >> node.ports.input[name]
    node >> graph.ports.output.out
    BatchExecutor.from_graph(graph).start(1, 2)
    ((found, expected),) = parents
    assert set(found) == expected


def test_a_net_is_freed_when_it_is_dropped() -> None:
    executor = BatchExecutor.from_graph(chain(Forward))
    executor.start(1)
    node = weakref.ref(executor._node)
    del executor
    gc.collect()
    assert node() is None


class Starts(Instrument):
    """Notes the nets that start, and how many moves there were by then."""

    def __init__(self) -> None:
        self.moves = 0
        self.found: list[tuple[BaseNode, int]] = []

    def net_starting(self, top: BaseNode) -> None:
        self.found.append((top, self.moves))

    def move_committed(self, move: Move) -> None:
        self.moves += 1


def test_an_installed_instrument_hears_of_every_net_before_anything_moves_in_it() -> None:
    async def talk() -> None:
        async with NodeProcess.from_graph(chain(Forward)) as process:
            await process.astart()
            await process.ports.input.inp.put_value(3)
            assert await process.gather_outputs("out") == [3]

    starts = Starts()
    install(starts)
    try:
        BatchExecutor.from_graph(chain(Forward)).start(1)
        first = starts.moves
        asyncio.run(talk())
    finally:
        uninstall(starts)
    BatchExecutor.from_graph(chain(Forward)).start(1)
    uninstall(starts)
    assert [moves for _, moves in starts.found] == [0, first] and starts.moves == 2 * first > 0
    assert all(top.is_top_node for top, _ in starts.found)


def test_what_an_instrument_holds_back_counts_as_waiting() -> None:
    class Holds(Instrument):
        def admit(self, move: Move) -> Awaitable[None] | None:
            return asyncio.get_running_loop().create_future() if move.kind == "send" else None

    executor = BatchExecutor.from_graph(chain(Forward))
    top = executor._node
    top.task_manager.add_instrument(Holds())
    top.hub.held = lambda: [(top.ports.input.inp.inner, "send")]
    with pytest.raises(BlockedNetError, match="GRAPH waits to send inp"):
        executor.start(1)
