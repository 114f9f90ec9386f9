"""Nodes in processes of their own: they transfer like any other node."""

import asyncio
import os
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from fbdev import BlockedNetError, EndOfInput, Stream, UndeliveredWarning
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor, NetLoop
from fbdev.runtime.net_loop import Idle
from fbdev.runtime.undelivered import left_behind, stop_and_gather
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import LOOPS, Forward, component, net, ports, run
from tests.fbdev.remote_components import around

IN_PROCESSES = settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
"""For laws: an example takes a process or two."""


@pytest.fixture(params=LOOPS, ids=["our loop", "a foreign loop"])
def loop(request: pytest.FixtureRequest) -> Any:
    return request.param


def batch(graph: GraphSpec, *args: Any, loop: Any = None, **kwargs: Any) -> Any:
    """Run a graph; a hang ends in an error."""
    return run(BatchExecutor.from_graph(graph).astart(*args, **kwargs), loop)


async def settled(top: BaseNode) -> None:
    """Wait until nothing goes on in the net: neither here nor in its processes."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, NetLoop)
    at_rest = loop.create_future()

    def idle(spinning: bool) -> Idle:
        if spinning or loop.outside() or top.hub.elsewhere() or at_rest.done():
            return Idle.PASS
        at_rest.set_result(None)
        return Idle.WORK

    loop.add_idle_handler(idle)
    await at_rest
    loop.remove_idle_handler(idle)


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


# ----------------------------------------------------------------- messages, signals, config


def test_messages_and_signals() -> None:
    async def main() -> None:
        node = NodeSpec(there.OnSignal, node_type=ProxyNode).create_node()
        await node.start()
        await node.await_message("started")
        await node.send_signal("take")
        await node.ports.input.inp.put(Packet("x"))
        assert await node.ports.message.taken.get_and_consume() == "x"
        await node.stop()
        assert [port.name for port in node.ports.iter_output_ports() for _ in port.inner.held] == ["stopped"]

    run(main())


@pytest.mark.parametrize("kind", [there.Settings, there.SettingsInside])
def test_config_values_defaults_and_optional_ports(kind: Any) -> None:
    graph = GraphSpec()
    graph.add_node(kind, node_type=ProxyNode)
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    for config, seen in [
        ({"must": 1}, (1, 3, None)),
        ({"must": 1, "deep.by": 2, "may": "x"}, (1, 2, "x")),
    ]:
        assert batch(graph, "?", config=config) == {"out": seen}


def test_a_config_value_that_comes_later_is_taken_by_update_config() -> None:
    async def main() -> list[Any]:
        graph = GraphSpec(ports(input="inp", config="must may", output="out"))
        node = graph.add_node(there.Settings, node_type=ProxyNode)
        graph.ports.input.inp >> node >> graph.ports.output.out
        graph.ports.config.must >> node.ports.config.must
        graph.ports.config.may >> node.ports.config.may
        top = net(graph)
        await top.ports.config.must.put(Packet(1))
        await top.start()
        answers = []
        for may in (None, "a", "b"):
            if may is not None:
                await top.ports.config.may.put(Packet(may))
                await top.ports.config.may.put(Packet(may * 2))
            await top.ports.input.inp.put(Packet("?"))
            answers.append(await top.ports.output.out.get_and_consume())
        await top.stop()
        return answers

    assert run(main()) == [(1, 3, None), (1, 3, "aa"), (1, 3, "bb")]


def test_config_values_that_come_while_it_runs_are_told_one_by_one() -> None:
    async def main() -> list[Any]:
        graph = GraphSpec(ports(config="by", message="changed"))
        node = graph.add_node(there.FollowsConfig, node_type=ProxyNode)
        graph.ports.config.by >> node.ports.config.by
        node.ports.message.changed >> graph.ports.message.changed
        top = net(graph)
        await top.start()
        for value in (2, 3):
            await top.ports.config.by.put(Packet(value))
        told = [await top.ports.message.changed.get_and_consume() for _ in range(2)]
        await top.stop()
        return told

    assert run(main()) == [("by", 1, 2), ("by", 2, 3)]


def test_a_function_as_a_component() -> None:
    assert batch(around(there.triple), Stream([1, 2])) == {"out": [3, 6]}


# ------------------------------------------------------------------------------ what cannot move


def test_two_gets_at_once_are_real_gets_and_a_deadlock_is_found(loop: Any) -> None:
    graph = GraphSpec(ports(input="a", output="out"))
    node = graph.add_node(there.Both, node_type=ProxyNode)
    forward = graph.add_node(Forward)
    graph.ports.input.a >> node.ports.input.a
    node.ports.output.out >> forward
    forward.ports.output.out >> node.ports.input.b
    node.ports.output.out >> graph.ports.output.out
    with pytest.raises(BlockedNetError) as caught:
        batch(graph, 1, loop=loop)
    assert str(caught.value) == (
        "deadlock: GRAPH waits for out (empty) <- Both waits for b (empty) <- Forward waits for inp (empty) <- Both"
    )


def test_a_full_edge_behind_a_process_is_named(loop: Any) -> None:
    async def take_one(self: Any) -> None:
        await self.ports.input.inp.get_and_consume()
        await self.ports.input.go.get()

    graph = GraphSpec()
    node = graph.add_node(there.CountUp, node_type=ProxyNode)
    taker = graph.add_node(component("Taker", take_one, input="inp go"))
    node.ports.output.out >> graph.add_edge(maxsize=2) >> taker.ports.input.inp
    with pytest.raises(BlockedNetError) as caught:
        batch(graph, loop=loop)
    assert str(caught.value) == (
        "unconnected: CountUp waits to send out (2/2 full) <- Taker waits for go (nothing leads there)"
    )


def test_a_node_that_waits_for_its_config_in_order_to_start(loop: Any) -> None:
    graph = GraphSpec(ports(input="inp", output="out"))
    node = graph.add_node(there.Settings, node_type=ProxyNode)
    graph.ports.input.inp >> node >> graph.ports.output.out
    with pytest.raises(BlockedNetError, match=r"Settings waits for must \(nothing leads there\)"):
        batch(graph, 1, loop=loop)


def test_a_component_that_waits_for_something_that_is_no_port(loop: Any) -> None:
    with pytest.raises(BlockedNetError, match=r"inside: GRAPH waits for out .* Obey waits inside") as caught:
        batch(around(there.Obey), "wait_inside", loop=loop)
    assert caught.value.verdict == "inside"


@pytest.mark.parametrize("deed", ["sleep", "work", "thread", "process"])
def test_a_process_that_is_at_work_is_no_reason_to_be_blocked(loop: Any, deed: str) -> None:
    result = batch(around(there.Obey), Stream([deed]), loop=loop)
    assert result["out"][0].startswith(deed[:3]) or result["out"][0] == "slept"


# -------------------------------------------------------------------------------------- graphs


@pytest.mark.parametrize("maxsize", [None, 1])
def test_a_graph_in_a_process(maxsize: int | None, loop: Any) -> None:
    result = batch(around(there.Inner, maxsize=maxsize), Stream(range(20)), loop=loop)
    assert result == {"out": [4 * number for number in range(20)]}


@pytest.mark.parametrize("node_type", [Node, ProxyNode])
def test_a_graph_in_a_process_holds_what_a_local_one_holds(node_type: type[BaseNode]) -> None:
    async def main() -> int:
        top = net(around(there.Relay, maxsize=1, node_type=node_type))
        await top.start()
        puts = [asyncio.ensure_future(top.ports.input.inp.put(Packet(number))) for number in range(9)]
        await settled(top)
        done = [put.done() for put in puts].count(True)
        for put in puts:
            put.cancel()
        await top.stop()
        return done

    # one before it, two on the edge inside, one that the node there cannot send, two on each edge behind it
    assert run(main()) == 1 + 2 + 1 + 2 + 1


def test_what_is_left_in_a_graph_in_a_process_is_reported() -> None:
    executor = BatchExecutor.from_graph(around(there.OneOfMany))
    with pytest.warns(UndeliveredWarning, match=r"1 packet was not delivered: TOP->OneOfMany\|edge0"):
        run(executor.astart(Stream(["kept", "left"])))
    ((packet, address, why),) = executor.undelivered
    assert (run(packet.peek()), address, why) == ("left", "TOP->OneOfMany|edge0", "waits on the edge")


# -------------------------------------------------------------------------- the end of the net


def test_a_put_that_waits_in_a_process_is_reported_at_the_end() -> None:
    async def main() -> list[Any]:
        graph = GraphSpec(ports(output="out"))
        graph.add_node(there.CountUp, node_type=ProxyNode) >> graph.add_edge(maxsize=2) >> graph.ports.output.out
        top = net(graph)
        await top.start()
        await settled(top)
        left, problem = await stop_and_gather(top)
        assert problem is None
        return [(await packet.peek(), address, why) for packet, address, why in left]

    assert sorted(run(main())) == [
        (0, "TOP|edge0", "waits on the edge"),
        (1, "TOP|edge0", "waits on the edge"),
        (2, "TOP->CountUp:output.out", "its put was waiting"),
    ]


def test_a_component_in_a_process_can_end_the_net() -> None:
    executor = BatchExecutor.from_graph(around(there.Obey))
    assert run(executor.astart("stop_net")) == {"found": 1}
    assert executor.stop_reason == "as told"


def test_with_on_error_continue_only_the_node_ends_that_fails() -> None:
    graph = GraphSpec(ports(input="a b", output="c d"))
    for kind, into, out in [(there.Obey, "a", "c"), (there.Told, "b", "d")]:
        node = graph.add_node(kind, node_type=ProxyNode)
        graph.ports.input[into] >> node >> graph.ports.output[out]
    executor = BatchExecutor.from_graph(graph, on_error="continue")
    result = run(executor.astart(a=Stream(["sleep", "fail"]), b=Stream(["work", "fail"]), until="rest"))
    assert result == {"c": ["slept"], "d": ["worked"]}
    assert [type(error) for error in executor.errors] == [there.Mine] * 2


def test_a_port_behind_a_process_is_asked_before_its_put_is_done() -> None:
    typed = component("Typed", lambda self: asyncio.sleep(0))
    typed = type("Typed", (typed,), {"port_specs": PortSpecCollection(PortSpec(PortType.INPUT, "inp", dtype=str))})
    graph = GraphSpec(ports(input="inp"))
    node = graph.add_node(there.Double, node_type=ProxyNode)
    graph.ports.input.inp >> node >> graph.add_node(typed)
    with pytest.raises(TypeError, match=r"TOP->Typed:input\.inp does not take it: expected str, got int") as caught:
        batch(graph, 1)
    assert "in node TOP->Double (Double)" in caught.value.__notes__
    BatchExecutor.from_graph(graph, check_types=False).start(Stream([]))


def test_types_are_not_checked_in_a_process_if_they_are_not_here() -> None:
    executor = BatchExecutor.from_graph(around(there.Typed), check_types=False)
    assert run(executor.astart("word")) == {"out": "word"}


# ------------------------------------------------------------------------------------- the node


def test_what_is_in_the_process_cannot_be_reached_from_here() -> None:
    top = net(around(there.Inner))
    node = top.nodes["Inner"]
    assert isinstance(node, ProxyNode)
    assert node.component_type is there.Inner
    assert (node.is_net, node.pid) == (False, None)
    for name in ("component_process", "nodes", "edges"):
        with pytest.raises(RuntimeError, match=r"TOP->Inner runs in a process of its own: its .* cannot be reached"):
            getattr(node, name)


def test_start_and_stop_in_the_wrong_order_are_refused_as_with_any_node() -> None:
    async def main() -> None:
        node = NodeSpec(there.Double, node_type=ProxyNode).create_node()
        with pytest.raises(RuntimeError, match="has not been started"):
            await node.stop()
        await node.start()
        with pytest.raises(RuntimeError, match="already been started"):
            await node.start()
        await node.stop()
        with pytest.raises(RuntimeError, match="already been stopped"):
            await node.stop()
        with pytest.raises(RuntimeError, match="cannot be started again"):
            await node.start()

    run(main())


def test_the_end_of_input_raises_in_a_get() -> None:
    graph = GraphSpec(ports(output="out"))
    node = graph.add_node(there.OneGet, node_type=ProxyNode)
    source = graph.add_node(component("Ends", lambda self: asyncio.sleep(0), output="out"))
    source >> node
    node.ports.output.out >> graph.ports.output.out
    assert batch(graph) == {"out": EndOfInput.__name__}
