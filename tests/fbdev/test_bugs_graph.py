"""The defects of the public library in its graph specs, each with a test that would show it."""

from collections.abc import Callable
from typing import Any

import pytest

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import EdgeSpec, GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from tests.fbdev.helpers import Forward, component, ports, run

INPUT, CONFIG, SIGNAL, OUTPUT, MESSAGE = PortType


async def _nothing(self: Any) -> None:
    pass


Two = component("Two", _nothing, input="a b", output="c d")


def edges(graph: GraphSpec) -> list[str]:
    return [repr(edge) for edge in graph.edges.values()]


# ------------------------------------------------------------------------- 30: fan-out, fan-in


def fan() -> GraphSpec:
    graph = GraphSpec(ports(input="inp", output="out"))
    nodes = [graph.add_node(Forward) for _ in range(4)]
    graph.ports.input.inp >> nodes[0]
    nodes[0] >> nodes[1] >> nodes[3]
    nodes[0] >> graph.add_edge(2) >> nodes[2] >> nodes[3]
    nodes[3] >> graph.ports.output.out
    return graph


def test_bug_30_fan_out_and_fan_in_are_explicit_and_outlive_a_copy() -> None:
    graph = fan()
    for one in (graph, graph.copy(), graph.copy().copy()):
        out, inp = one.nodes["Forward"].ports.output.out, one.nodes["Forward3"].ports.input.inp
        assert [repr(edge) for edge in out.edges] == [
            "EdgeSpec[edge1]: Forward:output.out >> Forward1:input.inp",
            "EdgeSpec[edge3, maxsize=2]: Forward:output.out >> Forward2:input.inp",
        ]
        assert [edge.id for edge in inp.edges] == ["edge2", "edge4"]
        assert all(edge.graph is one for edge in (*out.edges, *inp.edges))
        assert one.nodes["Forward"].edge_connections == {
            (INPUT, "inp"): one.edges["edge0"],
            (OUTPUT, "out"): one.edges["edge1"],
        }


def test_bug_30_an_edge_of_a_copy_is_freed_at_both_its_ports() -> None:
    graph = fan().copy()
    graph.remove_edge(graph.edges["edge1"])
    assert [edge.id for edge in graph.nodes["Forward"].ports.output.out.edges] == ["edge3"]
    assert graph.nodes["Forward1"].ports.input.inp.edges == ()


# --------------------------------------------------------------------------------- 42: add(port)


def test_bug_42_a_port_can_be_added_like_anything_else() -> None:
    graph = GraphSpec()
    port = graph.add(PortSpec(INPUT, "inp", dtype=int))
    assert repr(port) == "GRAPH:input.inp" and graph.port_specs.input.inp.dtype is int
    node, edge = graph.add(NodeSpec(Forward)), graph.add(EdgeSpec())
    port >> edge >> node  # type: ignore[operator]
    assert edges(graph) == ["EdgeSpec[edge0]: GRAPH:input.inp >> Forward:input.inp"]


def test_bug_42_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="nodes, edges and ports, not int"):
        GraphSpec().add(42)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------- 43: removal


def test_bug_43_remove_edge_removes_it() -> None:
    graph = fan()
    edge = graph.edges["edge1"]
    graph.remove_edge(edge)
    assert "edge1" not in graph.edges and edge.graph is None
    assert repr(edge) == "EdgeSpec[edge1]: _ >> _"
    with pytest.raises(ValueError, match="does not belong to this graph"):
        graph.remove_edge(edge)


def test_bug_43_a_removed_graph_port_leaves_free_ends() -> None:
    graph = fan()
    graph.remove_graph_port(PortSpec(INPUT, "inp"))
    assert (INPUT, "inp") not in graph.port_specs
    assert edges(graph)[0] == "EdgeSpec[edge0]: _ >> Forward:input.inp"
    assert graph.edges["edge0"].tail is None and graph.edges["edge0"].tail_port is None
    new = graph.add_graph_port(PortSpec(INPUT, "inp"))
    new >> graph.edges["edge0"]
    assert edges(graph)[0] == "EdgeSpec[edge0]: GRAPH:input.inp >> Forward:input.inp"


def test_bug_43_a_removed_node_leaves_its_edges_with_free_ends() -> None:
    graph = fan()
    node = graph.nodes["Forward"]
    graph.remove_node(node)
    assert edges(graph)[:2] == [
        "EdgeSpec[edge0]: GRAPH:input.inp >> _",
        "EdgeSpec[edge1]: _ >> Forward1:input.inp",
    ]
    assert node.graph is None
    with pytest.raises(ValueError, match="belongs to no graph"):
        node.ports  # noqa: B018 - it raises


def test_bug_43_ids_given_after_a_removal_are_free() -> None:
    graph = GraphSpec()
    nodes = [graph.add_node(Forward) for _ in range(3)]
    made = [graph.add_edge() for _ in range(3)]
    assert [node.id for node in nodes] == ["Forward", "Forward1", "Forward2"]
    assert [edge.id for edge in made] == ["edge0", "edge1", "edge2"]
    graph.remove_node(nodes[1])
    graph.remove_edge(made[1])
    assert graph.add_node(Forward).id == "Forward3"
    assert graph.add_edge().id == "edge3"
    assert len(graph.nodes) == len(graph.edges) == 3


def test_bug_43_classes_of_one_name_get_ids_of_their_own() -> None:
    graph = GraphSpec()
    other = component("Forward", _nothing, input="inp", output="out")
    assert [graph.add_node(kind).id for kind in (Forward, other, Forward, other)] == [
        "Forward",
        "Forward1",
        "Forward2",
        "Forward3",
    ]


# -------------------------------------------------------------------- 45: ports like the children's


class Configured(BaseComponent):
    port_specs = ports(input="inp", output="out", signal="go")
    port_specs.add_port(PortSpec(CONFIG, "limit", dtype=int, default=3))
    port_specs.add_port(PortSpec(CONFIG, "hint", dtype=str, is_optional=True))
    port_specs.add_port(PortSpec(CONFIG, "rate", data_validator=lambda rate: rate > 0))


def test_bug_45_the_graph_s_ports_are_like_the_children_s() -> None:
    graph = GraphSpec()
    node = graph.add_node(Configured, id="C")
    graph.add_and_connect_unconnected_child_ports()
    for name in ("limit", "hint", "rate"):
        own, child = graph.port_specs[CONFIG, f"C.{name}"], node.ports[CONFIG, name]
        assert (own.dtype, own.data_validator, own.is_optional) == (
            child.dtype,
            child.data_validator,
            child.is_optional,
        )
        assert own.has_default == child.has_default and own.is_required == child.is_required
    assert graph.port_specs.config.C.limit.default == 3
    assert (SIGNAL, "C.go") not in graph.port_specs
    assert edges(graph) == [
        "EdgeSpec[edge0]: GRAPH:input.C.inp >> C:input.inp",
        "EdgeSpec[edge1]: C:output.out >> GRAPH:output.C.out",
        "EdgeSpec[edge2]: GRAPH:config.C.limit >> C:config.limit",
        "EdgeSpec[edge3]: GRAPH:config.C.hint >> C:config.hint",
        "EdgeSpec[edge4]: GRAPH:config.C.rate >> C:config.rate",
    ]


def test_bug_45_two_ports_of_one_name_change_nothing() -> None:
    graph = GraphSpec()
    graph.add_node(Forward)
    graph.add_node(Forward)
    with pytest.raises(ValueError, match=r"There is a port 'input\.inp' already"):
        graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    assert not graph.edges and list(graph.port_specs) == list(BaseComponent.port_specs)


# ------------------------------------------------------------------------------ 46: connecting


@pytest.mark.parametrize(
    ("join", "error", "words"),
    [
        (lambda g, a, b: a >> b, ValueError, "'Two' has not exactly one output port .it has: c, d.: name the port"),
        (lambda g, a, b: a.ports.output.c >> b, ValueError, "'Two1' has not exactly one input port"),
        (lambda g, a, b: a.ports.input.a >> b.ports.input.a, ValueError, "Wrong direction of connection"),
        (lambda g, a, b: a.ports.output.c >> b.ports.output.c, ValueError, "Wrong direction of connection"),
        (lambda g, a, b: g.ports.input.inp >> g.ports.input.inp, ValueError, "Wrong direction of connection"),
        (lambda g, a, b: a.ports.output.c << b.ports.input.a, ValueError, "Wrong direction of connection"),
        (lambda g, a, b: a.ports.input.a.connect_to(b.ports.input.b), ValueError, "Wrong direction"),
        (lambda g, a, b: a.ports.output.c >> GraphSpec(ports(output="o")).ports.output.o, ValueError, "same graph"),
        (lambda g, a, b: a.ports.output.c >> 42, TypeError, "ports, nodes and edges are connected"),
        (lambda g, a, b: a >> "b", TypeError, "ports, nodes and edges are connected"),
        (lambda g, a, b: a.ports.output.c >> PortSpec(INPUT, "x"), TypeError, "ports, nodes and edges"),
    ],
)
def test_bug_46_a_connection_that_fails_leaves_nothing(
    join: Callable[[GraphSpec, NodeSpec, NodeSpec], Any], error: type[Exception], words: str
) -> None:
    graph = GraphSpec(ports(input="inp"))
    left, right = graph.add_node(Two), graph.add_node(Two)
    with pytest.raises(error, match=words):
        join(graph, left, right)
    assert not graph.edges and not left.edge_connections and not right.edge_connections


def test_bug_46_an_edge_s_end_is_taken_once() -> None:
    graph = GraphSpec()
    left, right, other = (graph.add_node(Forward) for _ in range(3))
    edge = graph.add_edge()
    left >> edge >> right
    for join in (lambda: other >> edge, lambda: edge >> other, lambda: right << edge):
        with pytest.raises(ValueError, match="is connected already"):
            join()
    with pytest.raises(TypeError, match="a port stands between two edges"):
        edge >> graph.add_edge(id="next")
    assert edges(graph) == [
        "EdgeSpec[edge0]: Forward:output.out >> Forward1:input.inp",
        "EdgeSpec[next]: _ >> _",
    ]
    assert other.edge_connections == {}


def test_bug_46_a_port_connects_to_a_node_and_back() -> None:
    graph = GraphSpec(ports(input="inp", output="out"))
    left, right = graph.add_node(Forward), graph.add_node(Forward)
    assert (graph.ports.input.inp >> left) is left
    assert (left.ports.output.out >> right) is right
    assert repr(graph.ports.output.out << right) == "NodeSpec[Forward1]: Forward"
    assert edges(graph) == [
        "EdgeSpec[edge0]: GRAPH:input.inp >> Forward:input.inp",
        "EdgeSpec[edge1]: Forward:output.out >> Forward1:input.inp",
        "EdgeSpec[edge2]: Forward1:output.out >> GRAPH:output.out",
    ]


@pytest.mark.parametrize("maxsize", [0, -1])
def test_bug_46_an_edge_holds_at_least_one_packet(maxsize: int) -> None:
    with pytest.raises(ValueError, match=f"maxsize={maxsize} is too small"):
        GraphSpec().add_edge(maxsize=maxsize)


@pytest.mark.parametrize("maxsize", [1.5, "3", True])
def test_bug_46_an_edge_holds_whole_packets(maxsize: Any) -> None:
    with pytest.raises(TypeError, match="a whole number or None"):
        GraphSpec().add_edge(maxsize=maxsize)


def test_bug_46_a_child_called_top_does_not_hide_the_root() -> None:
    graph = GraphSpec()
    graph.add_node(Forward, id="TOP")
    top = Node(NodeSpec(GraphComponentFactory.create_component(graph)))
    child = top.nodes["TOP"]
    assert top.id == child.id == "TOP" and child.address == "TOP->TOP"
    assert top.get_child_by_address("TOP") is top
    assert top.get_child_by_address("TOP->TOP") is child


# ---------------------------------------------------------------------------- 47: what was missing


class Worker(Node):
    def __init__(self, node_spec: NodeSpec, parent_net: BaseNode | None = None, *, host: str = "") -> None:
        super().__init__(node_spec, parent_net)
        self.host = host


def test_bug_47_node_args_go_to_the_class_of_the_node() -> None:
    graph = GraphSpec()
    assert graph.add_node(Forward).node_args == {}
    graph.add_node(Forward, id="Far", node_type=Worker, node_args={"host": "b"})
    top = Node(NodeSpec(GraphComponentFactory.create_component(graph)))
    far = top.nodes["Far"]
    assert isinstance(far, Worker) and far.host == "b"


def test_bug_47_a_graph_component_without_a_node_does_not_seem_to_run() -> None:
    graph = GraphComponentFactory.create_component(fan())()
    with pytest.raises(RuntimeError, match="runs inside a node"):
        run(graph.start())
    assert not graph.started


# --------------------------------------------------------------------------------- 50: sharing


def test_bug_50_nothing_given_is_shared() -> None:
    own = ports(input="inp")
    args = {"host": "a"}
    first, second = GraphSpec(own), GraphSpec(own)
    node = first.add_node(Forward, node_type=Worker, node_args=args)
    own.add_port(PortSpec(INPUT, "late"))
    args["host"] = "b"
    first.add_graph_port(PortSpec(OUTPUT, "out"))
    assert (INPUT, "late") not in first.port_specs and (OUTPUT, "out") not in second.port_specs
    assert node.node_args == {"host": "a"}


def test_bug_50_a_component_s_graph_is_its_own() -> None:
    graph = fan()
    kind = GraphComponentFactory.create_component(graph)
    graph.add_node(Forward)
    inside = kind.graph  # type: ignore[attr-defined]
    assert len(inside.nodes) == 4
    with pytest.raises(RuntimeError, match=r"GraphSpec is readonly\."):
        inside.add_edge()
