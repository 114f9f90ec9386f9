"""Nodes in processes of their own: they transfer like any other node."""

import asyncio
import os
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fbdev import Stream
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortType
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor
from fbdev.runtime.undelivered import left_behind
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import Forward, batch, component, net, ports, run, settled
from tests.fbdev.remote_components import around

IN_PROCESSES = settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
"""For laws: an example takes a process or two."""


# -------------------------------------------------------------------------------------- transfer


def test_packets_go_to_another_process_and_come_back(loop: Any) -> None:
    result = batch(around(there.TellPid), Stream([1, 2]), loop=loop)
    first, second = result["out"]
    assert first == second != os.getpid()


def test_a_chain_of_processes_and_local_nodes() -> None:
    graph = GraphSpec(ports(input="inp", output="out"))
    kinds = [(there.Double, ProxyNode), (Forward, Node), (there.Double, ProxyNode)]
    nodes = [graph.add_node(kind, node_type=node_type) for kind, node_type in kinds]
    graph.ports.input.inp >> nodes[0] >> nodes[1] >> nodes[2] >> graph.ports.output.out
    assert batch(graph, Stream(range(50))) == {"out": [4 * n for n in range(50)]}


def test_one_value_in_one_value_out(loop: Any) -> None:
    assert batch(around(there.Double), 4, loop=loop) == {"out": 8}


def test_several_gets_and_puts_of_one_port_at_once_keep_the_order() -> None:
    assert batch(around(there.Pairs, maxsize=1), Stream(range(20)))["out"] == list(range(20))


def test_large_payloads() -> None:
    data = os.urandom(5_000_000)
    assert batch(around(there.PassOn, maxsize=1), Stream([data, data]))["out"] == [data] * 2


def test_the_end_of_input_is_told_to_the_process_and_the_end_of_its_output_comes_back() -> None:
    gathered: list[int] = []

    async def gather(self: Any) -> None:
        gathered.extend([await packet.consume() async for packet in self.ports.input.inp])
        gathered.append(-1)

    graph = GraphSpec(ports(input="inp"))
    node = graph.add_node(there.Double, node_type=ProxyNode)
    graph.ports.input.inp >> node >> graph.add_node(component("Gather", gather, input="inp"))
    batch(graph, Stream([1, 2, 3]))
    assert gathered == [2, 4, 6, -1]


class Log(Instrument):
    """Writes the moves of a net down, and what becomes of its packets."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.packets: list[Any] = []

    def packet_created(self, packet: Any, node: BaseNode) -> None:
        self.packets.append(packet)
        self.lines.append(f"packet {self.packets.index(packet)} from {node.address}")

    def move_committed(self, move: Move) -> None:
        edges = " ".join(edge.id for edge in move.edges)
        self.lines.append(f"{move.kind} {self.packets.index(move.packet)} {move.port!r} {edges}")

    def packet_consumed(self, packet: Any) -> None:
        self.lines.append(f"packet {self.packets.index(packet)} consumed")

    def firing_began(self, node: BaseNode) -> None:
        self.lines.append(f"{node.id} fires")

    def firing_ended(self, node: BaseNode) -> None:
        self.lines.append(f"{node.id} has fired")

    def node_state(self, node: BaseNode, state: str) -> None:
        self.lines.append(f"{node.id} {state}")

    def port_closed(self, port: Any) -> None:
        self.lines.append(f"closed {port!r}")


@pytest.mark.parametrize("kind", [there.Double, there.PassOn])
def test_an_instrument_sees_the_same_as_with_a_local_node(kind: Any) -> None:
    logs = []
    for node_type in (Node, ProxyNode):
        executor = BatchExecutor.from_graph(around(kind, node_type=node_type))
        log = Log()
        executor._node.task_manager.add_instrument(log)
        run(executor.astart(Stream([1])))
        logs.append(log.lines)
    local, remote = logs
    assert sorted(remote) == sorted(local)
    of_node = [[line for line in log if kind.__name__ in line] for log in logs]
    assert of_node[0] == of_node[1]


def test_packets_keep_their_uuid_and_the_registry_sees_that_they_are_consumed() -> None:
    executor = BatchExecutor.from_graph(around(there.Double))
    registry = executor._node.packet_registry
    run(executor.astart(Stream([5])))
    first = registry.history()[0].packet_uuid
    assert [type(one).__name__ for one in registry.history(first)] == [
        "PacketCreation",
        "PacketMovement",
        "PacketMovement",
        "PacketConsumption",
    ]
    assert registry.history(first)[-1].location == "TOP->Double"


def test_a_packet_passed_on_is_the_same_and_one_made_there_has_its_parents() -> None:
    async def main(kind: Any) -> tuple[Packet, Any]:
        top = net(around(kind))
        await top.start()
        packet = Packet(5)
        await top.ports.input.inp.put(packet)
        other = await top.ports.output.out.get()
        await top.stop()
        return packet, other

    packet, other = run(main(there.PassOn))
    assert other is packet
    packet, other = run(main(there.Double))
    assert other.uuid != packet.uuid
    assert other.parents == (packet.uuid,)


# --------------------------------------------------------------------------------- back-pressure


def test_an_edge_to_a_process_holds_what_it_holds_and_a_packet_leaves_when_it_is_asked_for() -> None:
    async def main() -> None:
        graph = GraphSpec(ports(input="inp", signal="take", message="taken"))
        node = graph.add_node(there.OnSignal, node_type=ProxyNode)
        edge = graph.add_edge(maxsize=2)
        graph.ports.input.inp >> edge >> node
        graph.ports.signal.take >> node.ports.signal.take
        node.ports.message.taken >> graph.ports.message.taken
        top = net(graph)
        await top.start()
        held = top.edges[edge.id]
        puts = [asyncio.ensure_future(top.ports.input.inp.put(Packet(number))) for number in range(5)]
        await settled(top)
        assert [put.done() for put in puts] == [True, True, False, False, False]
        for number in range(3):
            await top.send_signal("take")
            assert await top.ports.message.taken.get_and_consume() == number
            await settled(top)
            assert len(held.packets) == 2
            assert [put.done() for put in puts].count(True) == 3 + number
        await top.stop()

    run(main())


def test_a_put_in_a_process_is_done_when_the_edge_has_taken_the_packet() -> None:
    async def main() -> None:
        graph = GraphSpec(ports(output="out", message="sent"))
        node = graph.add_node(there.CountUp, node_type=ProxyNode)
        edge = graph.add_edge(maxsize=3)
        node.ports.output.out >> edge >> graph.ports.output.out
        node.ports.message.sent >> graph.ports.message.sent
        top = net(graph)
        await top.start()
        sent = top.ports.message.sent.inner
        for taken in range(3):
            await settled(top)
            assert len(top.edges[edge.id].packets) == 3
            assert len(sent.held) == 3 + taken
            assert await top.ports.output.out.get_and_consume() == taken
        await top.stop()

    run(main())


def test_an_output_without_an_edge_waits_for_whoever_takes_it() -> None:
    async def main() -> None:
        node = NodeSpec(there.CountUp, node_type=ProxyNode).create_node()
        await node.start()
        await settled(node)
        assert not node.ports.message.sent.inner.held
        assert await node.ports.output.out.get_and_consume() == 0
        assert await node.ports.message.sent.get_and_consume() == 0
        await node.stop()

    run(main())


def test_a_node_on_its_own_takes_what_is_put_from_outside() -> None:
    async def main() -> int:
        node = NodeSpec(there.Double, node_type=ProxyNode).create_node()
        await node.start()
        put = asyncio.ensure_future(node.ports.input.inp.put(Packet(21)))
        value: int = await node.ports.output.out.get_and_consume()
        await put
        await node.stop()
        return value

    assert run(main()) == 42


# ---------------------------------------------------------------------------------- cancellation


@IN_PROCESSES
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(1, 3))
def test_a_cancelled_get_in_a_process_loses_nothing(pauses: list[int], maxsize: int) -> None:
    graph = in_haste(there.GetInHaste, maxsize)
    result = batch(graph, Stream(range(20)), config={"turns": pauses})
    assert result["out"] == list(range(20))


@IN_PROCESSES
@given(st.lists(st.integers(0, 60), min_size=1, max_size=6), st.integers(1, 3))
def test_a_cancelled_put_in_a_process_has_done_nothing(pauses: list[int], maxsize: int) -> None:
    graph = in_haste(there.PutInHaste, maxsize)
    result = batch(graph, Stream(range(20)), config={"turns": pauses})
    assert result["out"] == list(range(20))


def in_haste(kind: Any, maxsize: int) -> GraphSpec:
    graph = around(kind, maxsize=maxsize)
    (node,) = graph.nodes.values()
    graph.add_graph_port(PortSpec(PortType.CONFIG, "turns", default=[1])) >> node.ports.config.turns
    return graph


def test_a_stop_while_packets_are_under_way_loses_none() -> None:
    async def main() -> None:
        top = net(around(there.PassOn, maxsize=2))
        await top.start()
        for number in range(3):
            await top.ports.input.inp.put(Packet(number))
        await top.stop()
        left = [await packet.peek() for packet, _, _ in left_behind(top)]
        assert sorted(left) == [0, 1, 2]

    run(main())


# --------------------------------------------------------- instruments that hold, pauses of a net


def test_a_held_send_of_a_process_waits_and_so_does_its_put() -> None:
    class Hold(Instrument):
        def __init__(self) -> None:
            self.gates: list[tuple[Move, asyncio.Future[None]]] = []

        def admit(self, move: Move) -> Any:
            if move.node.id != "CountUp":
                return None
            gate = asyncio.get_running_loop().create_future()
            self.gates.append((move, gate))
            return gate

    async def main() -> None:
        graph = GraphSpec(ports(output="out"))
        node = graph.add_node(there.CountUp, node_type=ProxyNode)
        node.ports.output.out >> graph.ports.output.out
        top = net(graph)
        hold = Hold()
        top.task_manager.add_instrument(hold)
        await top.start()
        await settled(top)
        ((move, gate),) = hold.gates
        assert (move.kind, await move.packet.peek(), move.can_go()) == ("send", 0, True)  # type: ignore[union-attr]
        assert top.edges["edge0"].empty
        gate.set_result(None)
        await settled(top)
        assert len(top.edges["edge0"].packets) == 1
        assert len(hold.gates) == 2
        await top.stop()

    run(main())


def test_moves_that_wait_are_asked_for_anew_when_they_are_recalled() -> None:
    class See(Instrument):
        def __init__(self) -> None:
            self.seen: list[str] = []

        def admit(self, move: Move) -> None:
            if move.node.id == "PassOn":
                self.seen.append(move.kind)

    async def main() -> list[str]:
        top = net(around(there.PassOn, maxsize=1))
        await top.start()
        await settled(top)
        see = See()
        top.task_manager.add_instrument(see)
        top.hub.recall()
        await settled(top)
        for number in range(3):
            await top.ports.input.inp.put(Packet(number))
        await settled(top)
        top.hub.recall()
        await settled(top)
        await top.stop()
        return see.seen

    # a get recalled, and carried out; a put; the next get; a put that waits for room, recalled
    assert run(main()) == ["receive", "send", "receive", "send", "send"]
