"""Findings about graphs: each kind where it should be, and none where a graph is fine."""

from abc import abstractmethod
from typing import Any

import pytest

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.complib import func_component
from fbdev.graph.finding import Finding
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from tests.fbdev.helpers import Forward, chain, component, ports

INPUT, CONFIG, SIGNAL, OUTPUT, MESSAGE = PortType


async def _nothing(self: Any) -> None:
    pass


Join = component("Join", _nothing, input="a b", output="out")
Source = component("Source", _nothing, output="out", message="told")
Sink = component("Sink", _nothing, input="inp", signal="go")


def typed(name: str, inp: Any = None, out: Any = None) -> type[BaseComponent]:
    specs = PortSpecCollection(PortSpec(INPUT, "inp", dtype=inp), PortSpec(OUTPUT, "out", dtype=out))
    return type(name, (BaseComponent,), {"port_specs": specs})


def found(graph: GraphSpec, *codes: str) -> list[tuple[str, str, str]]:
    return [(f.code, f.level, f.place) for f in graph.validate() if not codes or f.code in codes]


def wrap(graph: GraphSpec, node_id: str = "Outer") -> GraphSpec:
    """Return a graph that holds this one as a node, all its inputs and outputs connected."""
    outer = GraphSpec()
    outer.add_node(GraphComponentFactory.create_component(graph), id=node_id)
    outer.add_and_connect_unconnected_child_ports()
    return outer


def test_a_graph_that_is_fine_has_none() -> None:
    assert chain(Forward, Forward).validate() == []
    assert wrap(wrap(chain(Forward), "Inner")).validate() == []


def test_a_finding_reads_as_a_line() -> None:
    finding = Finding("free-port", "warning", "A.inp", "No edge leads there.")
    assert str(finding) == "warning: A.inp: No edge leads there. [free-port]"


# -------------------------------------------------------------------------------------- free ends


def test_free_inputs_and_outputs() -> None:
    graph = GraphSpec()
    graph.add_node(Source) >> graph.add_node(Join).ports.input.a
    assert found(graph) == [("free-port", "warning", "Join.b"), ("free-port", "warning", "Join.out")]


def test_free_messages_signals_and_config_that_needs_no_value_are_none() -> None:
    specs = ports(signal="go", message="told")
    specs.add_port(PortSpec(CONFIG, "hint", is_optional=True))
    specs.add_port(PortSpec(CONFIG, "limit", default=3))
    graph = GraphSpec(ports(signal="go", message="told"))
    graph.add_node(type("Quiet", (BaseComponent,), {"port_specs": specs}))
    assert graph.validate() == []


def test_config_that_needs_a_value() -> None:
    graph = GraphSpec()
    graph.add_node(component("Needy", _nothing, config="limit"))
    assert found(graph) == [("missing-config", "error", "Needy.limit")]
    assert found(wrap(graph)) == [("missing-config", "error", "Outer/Needy.limit")]


def test_ports_of_the_graph_itself() -> None:
    graph = GraphSpec(ports(input="inp", output="out", config="c"))
    assert found(graph) == [("free-port", "warning", f"GRAPH.{name}") for name in ("inp", "out", "c")]
    assert ("free-port", "warning", "Outer/GRAPH.inp") in found(wrap(graph))


def test_free_edges() -> None:
    graph = chain(Forward)
    graph.add_edge(id="loose")
    graph.nodes["Forward"].ports.message.started >> graph.add_edge(id="half")
    assert [(f.place, f.sentence) for f in graph.validate()] == [
        ("loose", "The tail and the head of this edge are free."),
        ("half", "The head of this edge is free."),
    ]


# -------------------------------------------------------------------------------------- components


def test_what_cannot_be_made() -> None:
    class Abstract(BaseComponent):
        @abstractmethod
        def work(self) -> None: ...

    graph = GraphSpec()
    graph.add_node(GraphComponentFactory)
    graph.add_node(Abstract)
    assert [(f.code, f.place, f.sentence) for f in graph.validate()] == [
        (
            "no-component",
            "GraphComponentFactory",
            "GraphComponentFactory is a factory: use the class that its create_component() returns.",
        ),
        ("no-component", "Abstract", "Abstract is abstract: it lacks work."),
    ]


def test_what_is_executed_once_though_more_may_come() -> None:
    once = component("Once", _nothing, input="inp", output="out", signal="execute")
    once.loop_execution = False  # type: ignore[attr-defined]
    assert found(chain(once)) == [("runs-once", "note", "Once")]
    assert found(chain(Forward, once)) == [("runs-once", "warning", "Once")]
    looping = type("Looping", (once,), {"loop_execution": True})
    assert found(chain(looping)) == []
    graph = chain(once)
    graph.add_graph_port(PortSpec(SIGNAL, "go")) >> graph.nodes["Once"].ports.signal.execute
    assert found(graph) == []


# ------------------------------------------------------------------------------------------ dtypes


@pytest.mark.parametrize(
    ("sent", "taken", "level"),
    [
        (int, str, "error"),
        (list[int], list[str], "error"),
        (Forward, Source, "error"),
        (int | None, int, "note"),
        (BaseComponent, Forward, "note"),
        (int, float, None),
        (Forward, BaseComponent, None),
        (int, int | str, None),
        (None, int, None),
        (int, Any, None),
    ],
)
def test_dtypes_over_an_edge(sent: Any, taken: Any, level: str | None) -> None:
    graph = chain(typed("A", out=sent), typed("B", inp=taken))
    assert found(graph) == ([] if level is None else [("dtype-mismatch", level, "A.out->B.inp")])


def test_a_dtype_mismatch_is_told_in_words() -> None:
    (finding,) = chain(typed("A", out=int), typed("B", inp=str)).validate()
    assert finding.sentence == "It brings int, and str is expected where it ends."


def test_dtypes_over_the_border_of_a_graph() -> None:
    taker = GraphComponentFactory.create_component(chain(typed("B", inp=str)), component_name="Takes")
    sender = GraphComponentFactory.create_component(chain(typed("A", out=int)), component_name="Sends")
    assert found(chain(sender, taker)) == [("dtype-mismatch", "error", "Sends.out->Takes.inp")]


# ------------------------------------------------------------------------------ what packets reach


def test_nodes_that_nothing_reaches() -> None:
    graph = chain(Forward)
    lost = [graph.add_node(Forward, id=name) for name in ("L1", "L2")]
    lost[0] >> lost[1] >> graph.add_node(Sink)
    assert [place for _, _, place in found(graph, "unreachable-node")] == ["L1", "L2", "Sink"]
    graph.add_node(Source) >> lost[0]
    assert found(graph) == []


def ring(*kinds: type[BaseComponent]) -> tuple[GraphSpec, list[NodeSpec]]:
    graph = GraphSpec(ports(input="inp", output="out"))
    nodes = [graph.add_node(kind, id=f"N{number}") for number, kind in enumerate(kinds)]
    for left, right in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
        left.ports.output.out >> right.ports.get_all(INPUT)[0]
    return graph, nodes


def test_a_cycle_that_nothing_enters() -> None:
    graph, _ = ring(Forward, Forward, Forward)
    (finding,) = (f for f in graph.validate() if f.code == "cycle-without-start")
    assert (finding.level, finding.place) == ("warning", "N0")
    assert "the cycle of N0, N1, N2" in finding.sentence
    assert found(graph, "unreachable-node") == []


def test_a_cycle_entered_by_another_port_only() -> None:
    graph, nodes = ring(Join, Forward)
    graph.ports.input.inp >> nodes[0].ports.input.b
    nodes[1] >> graph.ports.output.out
    assert found(graph) == [("cycle-without-start", "note", "N0")]
    (finding,) = graph.validate()
    assert "if N0 takes from one input without waiting for the others, as a merge does, or sends" in finding.sentence
    assert finding.sentence.endswith("else lead both to one input.")


def test_a_cycle_of_functions_cannot_start_by_itself() -> None:
    @func_component(loop_execution=True)
    def add(a: int, b: int) -> int:
        return a + b

    graph, nodes = ring(add, add)
    for node, name in zip(nodes, ("first", "second"), strict=True):
        graph.add_graph_port(PortSpec(INPUT, name)) >> node.ports.input.b
    (finding,) = (f for f in graph.validate() if f.code == "cycle-without-start")
    assert (finding.level, finding.place) == ("warning", "N0")
    assert "a function waits for all of its inputs: it never goes round" in finding.sentence


def test_a_cycle_that_packets_enter_where_they_come_round() -> None:
    graph, nodes = ring(Forward, Forward)
    graph.ports.input.inp >> nodes[0]
    nodes[1] >> graph.ports.output.out
    assert found(graph) == []


def test_a_node_that_feeds_itself() -> None:
    graph, _ = ring(Forward)
    assert found(graph, "cycle-without-start") == [("cycle-without-start", "warning", "N0")]


def test_a_long_graph_is_no_problem() -> None:
    assert chain(*[Forward] * 3000).validate() == []


# ------------------------------------------------------------------------------------------- names


def test_names_that_clash() -> None:
    graph = GraphSpec()
    for node_id in ("edge0", "A", "A.out", "TOP", "GRAPH.started"):
        graph.add_node(Source, id=node_id)
    graph.add_edge()
    assert found(graph, "name-clash") == [
        ("name-clash", "warning", "A.out"),
        ("name-clash", "warning", "GRAPH.started"),
        ("name-clash", "warning", "edge0"),
        ("name-clash", "warning", "TOP"),
    ]


def test_a_name_under_two_kinds_is_told_apart() -> None:
    graph = GraphSpec()
    graph.add_node(component("Both", _nothing, input="x", output="x"))
    assert [place for _, _, place in found(graph, "free-port")] == ["Both.input.x", "Both.output.x"]
