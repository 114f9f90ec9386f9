"""Nodes in processes of their own: config, graphs, verdicts, and the end of the net."""

import asyncio
from typing import Any

import pytest

from fbdev import BlockedNetError, EndOfInput, Stream, UndeliveredWarning
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from fbdev.runtime import BatchExecutor
from fbdev.runtime.undelivered import stop_and_gather
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import Forward, batch, component, net, ports, run, settled
from tests.fbdev.remote_components import around

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
