"""Nets: what nodes, ports and edges say about themselves, and what is checked on the way of a packet."""

import asyncio
from typing import Any

import pytest

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, BaseNodePort, Edge, Node
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import Forward, chain, component, ports, run

INPUT, CONFIG, SIGNAL, OUTPUT, MESSAGE = PortType


def net(graph: GraphSpec) -> Node:
    return Node(NodeSpec(GraphComponentFactory.create_component(graph)))


def wrapped(graph: GraphSpec, depth: int) -> GraphSpec:
    for level in range(1, depth + 1):
        graph = chain(GraphComponentFactory.create_component(graph, component_name=f"N{level}"))
    return graph


def typed(name: str, **dtypes: Any) -> type[BaseComponent]:
    """Return a `Forward` whose ports have dtypes."""
    specs = [PortSpec(INPUT if port == "inp" else OUTPUT, port, dtype=dtype) for port, dtype in dtypes.items()]
    return type(name, (Forward,), {"port_specs": PortSpecCollection(*specs)})


# ------------------------------------------------------------------------------------ what they say


def test_a_node_says_what_it_is() -> None:
    top = net(chain(Forward))
    child = top.nodes["Forward"]
    assert (top.id, top.is_top_node, top.is_net, top.parent_net, top.top) == ("TOP", True, True, None, top)
    assert (child.id, child.is_top_node, child.is_net, child.parent_net, child.top) == (
        "Forward",
        False,
        False,
        top,
        top,
    )
    assert child.spec.component_type is child.component_type is Forward and child.component_name == "Forward"
    assert isinstance(child.component_process, Forward) and child.port_specs is Forward.port_specs
    assert top.component_name == "GraphComponent"
    assert str(child.states) == "StateCollection: started=False, stopped=False"
    assert (str(child), repr(child)) == ("TOP->Forward", "<Node TOP->Forward Forward>")
    assert child.packet_registry is not None and child.task_manager is not top.task_manager


def test_a_node_says_what_it_is_connected_to() -> None:
    top = net(wrapped(chain(Forward), 1))
    node, edges = top.nodes["N1"], top.edges
    assert node.edge_connections == {(INPUT, "inp"): edges["edge0"], (OUTPUT, "out"): edges["edge1"]}
    inside = node.edges
    assert node.internal_edge_connections == {(INPUT, "inp"): inside["edge0"], (OUTPUT, "out"): inside["edge1"]}
    assert top.edge_connections == {} and top.internal_edge_connections == node.edge_connections
    assert node.nodes["Forward"].internal_edge_connections == {}


def test_an_edge_says_what_it_joins() -> None:
    top = net(chain(Forward, maxsize=2))
    edge, child = top.edges["edge0"], top.nodes["Forward"]
    assert isinstance(edge, Edge) and edge.id == "edge0" and edge.spec.maxsize == 2
    assert (edge.tail, edge.head) == (top, child)
    assert (edge.tail_port, edge.head_port) == (top.ports.input.inp, child.ports.input.inp)
    assert (edge.tail_is_connected, edge.head_is_connected) == (True, True)
    assert (edge.tail_is_graph, edge.head_is_graph) == (True, False)
    assert edge.address == "TOP|edge0" and edge.task_manager is top.task_manager


def test_an_edge_can_be_started_and_stopped_without_effect() -> None:
    async def main() -> Any:
        top = net(chain(Forward))
        await top.start()
        for edge in top.all_edges():
            await edge.start()
            await edge.stop()
        await top.ports.input.inp.put_value(1)
        value = await top.ports.output.out.get_and_consume()
        await top.stop()
        return value

    assert run(main()) == 1


def test_a_port_of_a_node_is_the_other_side_of_the_component_s() -> None:
    top = net(chain(typed("A", inp=int, out=str)))
    port = top.nodes["A"].ports.input.inp
    assert isinstance(port, BaseNodePort)
    assert port.node is top.nodes["A"] and port.inner is top.nodes["A"].component_process.ports.input.inp
    assert (port.id, port.name, port.port_type, port.dtype) == ((INPUT, "inp"), "inp", INPUT, int)
    assert port.spec is Forward.port_specs or port.spec.dtype is int
    assert port.internal_edges == () and port.edges == (top.edges["edge0"],)


def test_what_is_no_net_has_no_inside() -> None:
    child = net(chain(Forward)).nodes["Forward"]
    for look in (lambda: child.nodes, lambda: child.edges):
        with pytest.raises(RuntimeError, match="TOP->Forward is no net: it has no nodes and no edges"):
            look()
    with pytest.raises(ValueError, match="TOP->Forward is no net: it cannot hold a node"):
        Node(NodeSpec(Forward), child)


def test_a_child_is_found_by_its_id() -> None:
    top = net(chain(Forward))
    assert top.get_child_node_by_id("GRAPH") is top
    assert top.get_child_node_by_id("Forward") is top.nodes["Forward"]
    with pytest.raises(KeyError, match="TOP has no node 'X': there are Forward"):
        top.get_child_node_by_id("X")


def test_states_follow_a_node_s_life() -> None:
    async def main() -> list[str]:
        top = net(chain(Forward))
        early, late = top.nodes["Forward"].states, [str(top.states)]
        await top.start()
        late += [str(early), str(top.states)]
        await early.started.wait(True)
        await top.stop()
        return [*late, str(early), str(top.nodes["Forward"].states)]

    before, running, after = (
        f"StateCollection: started={started}, stopped={stopped}"
        for started, stopped in ((False, False), (True, False), (True, True))
    )
    assert run(main()) == [before, running, running, after, after]


def test_the_same_states_are_told_of_a_change() -> None:
    async def main() -> None:
        top = net(chain(Forward))
        started = top.states.started.get_state_toggle_event(True)
        await top.start()
        assert started.is_set() and top.states is top.states
        await top.stop()
        assert top.states.stopped.get()

    run(main())


def test_messages_and_signals_from_outside() -> None:
    async def answer(self: Any) -> None:
        await self.await_signal("go")
        await self.send_message("went")

    async def main() -> None:
        node = Node(NodeSpec(component("Answers", answer, signal="go", message="went")))
        await node.start()
        await node.await_message("started")
        await node.send_signal("go")
        await node.await_message("went")
        await node.stop()

    run(main())


# ------------------------------------------------------------------------------------- nested nets


def test_packets_go_through_five_nested_graphs() -> None:
    async def main() -> list[Any]:
        top = net(wrapped(chain(Forward, Forward), 5))
        await top.start()
        assert len(list(top.walk())) == 8 and len(list(top.all_edges())) == 13
        for number in range(3):
            await top.ports.input.inp.put_value(number)
        found = [await top.ports.output.out.get_and_consume() for _ in range(3)]
        tasks = [task for node in top.walk() for task in node.tasks]
        assert len(tasks) == 2  # one for each component that works; the borders have none
        await top.stop()
        return found

    assert run(main()) == [0, 1, 2]


def test_a_node_type_of_one_s_own() -> None:
    class Special(Node):
        pass

    graph = GraphSpec()
    node = graph.add_node(Forward, node_type=Special)
    assert node.node_type is Special
    made: BaseNode = net(graph).nodes["Forward"]
    assert type(made) is Special


# ------------------------------------------------------------------------ what is checked on the way


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_what_a_port_sends_is_checked_against_what_the_other_side_takes(depth: int) -> None:
    taker = wrapped(chain(typed("Taker", inp=int, out=int)), depth)
    graph = GraphSpec(ports(input="inp"))
    kind = GraphComponentFactory.create_component(taker, component_name="Outer")
    graph.ports.input.inp >> graph.add_node(typed("Sender", inp=object, out=object)) >> graph.add_node(kind)
    path = "TOP->Outer" + "".join(f"->N{level}" for level in range(depth, 0, -1))
    with pytest.raises(TypeError) as caught:
        BatchExecutor.from_graph(graph).start("five")
    assert str(caught.value) == (
        f"TOP->Sender:output.out: {path}->Taker:input.inp does not take it: expected int, got str"
    )


def test_what_is_put_from_outside_is_checked_on_its_way_in() -> None:
    with pytest.raises(TypeError, match=r"TOP->Taker:input\.inp does not take it: expected int, got str"):
        BatchExecutor.from_graph(chain(typed("Taker", inp=int, out=int))).start("five")


def test_a_validator_on_the_other_side_is_asked_once() -> None:
    asked: list[int] = []

    def small(value: int) -> bool:
        asked.append(value)
        return value < 5

    specs = PortSpecCollection(PortSpec(INPUT, "inp", data_validator=small), PortSpec(OUTPUT, "out"))
    inner = chain(type("Small", (Forward,), {"port_specs": specs}))
    own = GraphSpec(specs)
    node = own.add_node(GraphComponentFactory.create_component(inner, component_name="Inner"))
    own.ports.input.inp >> node >> own.ports.output.out
    assert BatchExecutor.from_graph(own).start(1) == {"out": 1}
    assert asked == [1]
    with pytest.raises(TypeError, match="refuses a payload of type int"):
        BatchExecutor.from_graph(own).start(9)


def test_with_fan_out_every_side_is_asked() -> None:
    graph = GraphSpec(ports(input="inp"))
    for name, dtype in (("Any", object), ("Int", int), ("Str", str)):
        graph.ports.input.inp >> graph.add_node(typed(name, inp=dtype, out=dtype))
    top = net(graph)

    async def put(value: Any) -> None:
        await top.ports.input.inp.put(Packet(value))

    with pytest.raises(TypeError, match=r"TOP->Int:input\.inp does not take it: expected int, got str"):
        asyncio.run(put("a"))
    with pytest.raises(TypeError, match=r"TOP->Str:input\.inp does not take it: expected str, got int"):
        asyncio.run(put(1))
    assert all(edge.empty for edge in top.all_edges())


def test_borders_that_lead_in_a_circle_are_no_problem() -> None:
    through = GraphSpec(PortSpecCollection(PortSpec(INPUT, "inp", dtype=int), PortSpec(OUTPUT, "out")))
    through.ports.input.inp >> through.ports.output.out
    graph = GraphSpec()
    node = graph.add_node(GraphComponentFactory.create_component(through, component_name="Through"))
    node >> graph.add_edge(maxsize=1) >> node
    assert net(graph).nodes["Through"].ports.input.inp.edges != ()
