"""Graphs as data and back: nothing is lost, and what cannot be data is named with its place."""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.complib import func_component
from fbdev.complib.ends import FromIterableFactory
from fbdev.complib.timing import DelayFactory
from fbdev.complib.transform import BatchFactory, FilterFactory
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import ports

INPUT, CONFIG, SIGNAL, OUTPUT, MESSAGE = PortType


class Source(BaseComponent):
    port_specs = ports(output="out")


class Step(BaseComponent):
    port_specs = ports(input="inp grp.second", output="out", config="c", signal="go")

    class Special(BaseComponent):
        port_specs = ports(input="inp", output="out")


class Elsewhere(Node):
    def __init__(self, node_spec: NodeSpec, parent_net: BaseNode | None = None, **args: Any) -> None:
        super().__init__(node_spec, parent_net)


def is_positive(value: Any) -> bool:
    return bool(value > 0)


# ------------------------------------------------------------------------------- the law


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
dtypes = st.sampled_from(
    [
        None,
        int,
        Step,
        Step.Special,
        type(None),
        list[int],
        dict[str, list[Step]],
        tuple[int, ...],
        int | None,
        Optional[Step],  # noqa: UP045 - the old way to write it
        Literal["a", 1],
        Any,
        Iterable[str],
        Callable[[int, str], bool],
        "Step",
    ]
)
names = st.sampled_from(["a", "b", "grp.c", "grp.d", "items"])


@st.composite
def own_ports(draw: st.DrawFn) -> PortSpecCollection:
    found: dict[Any, PortSpec] = {}
    for _ in range(draw(st.integers(0, 5))):
        kind, name = draw(st.sampled_from(list(PortType))), draw(names)
        settings: dict[str, Any] = {}
        if kind is not SIGNAL:
            settings["dtype"] = draw(dtypes)
            settings["data_validator"] = draw(st.sampled_from([None, is_positive]))
        if kind is CONFIG and draw(st.booleans()):
            settings["default"] = draw(json_values)
        elif kind is CONFIG:
            settings["is_optional"] = draw(st.booleans())
        found[kind, name] = PortSpec(kind, name, **settings)
    return PortSpecCollection(*found.values())


@st.composite
def graphs(draw: st.DrawFn, depth: int = 2) -> GraphSpec:
    graph = GraphSpec(draw(own_ports()), draw(st.booleans()))
    for _ in range(draw(st.integers(0, 4))):
        kind: Any = draw(st.sampled_from([Source, Step, Step.Special]))
        if depth and draw(st.booleans()):
            inside = draw(graphs(depth - 1))
            kind = GraphComponentFactory.create_component(inside, draw(st.booleans()), draw(st.sampled_from("XY")))
        elsewhere = draw(st.booleans())
        graph.add_node(kind, node_type=Elsewhere if elsewhere else None, node_args={"n": 1} if elsewhere else None)
    every = [port for one in (graph, *graph.nodes.values()) for port in one.ports.iter_ports()]
    for _ in range(draw(st.integers(0, 6)) if every else 0):
        edge = graph.add_edge(
            draw(st.none() | st.integers(1, 5)), draw(st.none() | st.just(f"e.n{len(graph.edges)}"))
        )
        for port in draw(st.lists(st.sampled_from(every), max_size=2)):
            if (edge.ends[0] if port.feeds_edges else edge.ends[1]) is None:
                port.connect_to(edge)
    return graph


def shape(graph: GraphSpec) -> Any:
    """Return all that there is to say about a graph."""
    return (
        [(spec.id, spec._settings()) for spec in graph.port_specs.iter_ports()],
        [
            (node.id, node.component_name, node.node_type, dict(node.node_args), node.contains_graph)
            + ((shape(node.subgraph),) if node.subgraph else (node.component_type,))
            for node in graph.nodes.values()
        ],
        [(repr(edge), edge.id, edge.maxsize) for edge in graph.edges.values()],
        {port.end: [edge.id for edge in port.edges] for port in graph.ports.iter_ports()},
    )


@given(graphs())
@settings(max_examples=60, deadline=None)
def test_a_graph_comes_back_from_json_as_it_went(graph: GraphSpec) -> None:
    data = graph.to_dict()
    back = GraphSpec.from_dict(json.loads(json.dumps(data)))
    assert shape(back) == shape(graph)
    assert back.to_dict() == data
    assert back.to_mermaid() == graph.to_mermaid()
    back.add_edge()  # it can be changed


def test_the_data_is_as_documented() -> None:
    inside = GraphSpec(ports(input="inp"), inherit_base_component_ports=False)
    inside.ports.input.inp >> inside.add_edge(3) >> inside.add_node(Step.Special)
    graph = GraphSpec(inherit_base_component_ports=False)
    graph.add_graph_port(PortSpec(CONFIG, "c", dtype=int | None, data_validator=is_positive, default=1))
    graph.add_node(Source)
    graph.add_node(GraphComponentFactory.create_component(inside, False, "Inner"), "I", Elsewhere, {"n": 1})
    graph.nodes["Source"] >> graph.nodes["I"]
    graph.add_edge(id="free")
    here = __name__
    assert graph.to_dict() == {
        "format": 1,
        "ports": [
            {
                "type": "config",
                "name": "c",
                "dtype": {"any_of": ["int", "None"]},
                "validator": f"{here}:is_positive",
                "default": 1,
            }
        ],
        "nodes": [
            {"id": "Source", "component": f"{here}:Source"},
            {
                "id": "I",
                "name": "Inner",
                "exposed": False,
                "graph": {
                    "format": 1,
                    "ports": [{"type": "input", "name": "inp"}],
                    "nodes": [{"id": "Special", "component": f"{here}:Step.Special"}],
                    "edges": [{"id": "edge0", "tail": "GRAPH:input.inp", "head": "Special:input.inp", "maxsize": 3}],
                },
                "node_type": f"{here}:Elsewhere",
                "node_args": {"n": 1},
            },
        ],
        "edges": [
            {"id": "edge0", "tail": "Source:output.out", "head": "I:input.inp"},
            {"id": "free", "tail": None, "head": None},
        ],
    }


class LimitFactory(BaseComponent):
    is_factory = True
    made_with: Mapping[str, Any] | None = None

    @classmethod
    def create_component(cls, *args: Any, **kwargs: Any) -> type[BaseComponent]:
        return cls.limit(*args, **kwargs)

    @classmethod
    def limit(cls, test: Any, names: Any, component_name: str | None = None) -> type[BaseComponent]:
        made_with = {"test": test, "names": tuple(names)}
        attrs = {"made_with": made_with, "port_specs": ports(input=" ".join(names))}
        return cls._create_component_class(component_name, attrs)


def test_what_a_factory_has_made_is_made_again() -> None:
    graph = GraphSpec(inherit_base_component_ports=False)
    graph.add_node(LimitFactory.create_component(is_positive, ("a", "b"), component_name="Made"))
    data = graph.to_dict()
    assert data["nodes"] == [
        {
            "id": "Made",
            "name": "Made",
            "factory": f"{__name__}:LimitFactory",
            "made_with": {"test": {"import": f"{__name__}:is_positive"}, "names": {"value": ["a", "b"]}},
        }
    ]
    made = GraphSpec.from_dict(json.loads(json.dumps(data))).nodes["Made"].component_type
    assert made.parent_factory is LimitFactory and made.__name__ == "Made"
    assert list(made.port_specs.input) == ["a", "b"]
    graph.add_node(LimitFactory.create_component(lambda value: value, "c"), id="Other")
    with pytest.raises(ValueError, match=r"^Other, test: .*<lambda> cannot be imported by its name"):
        graph.to_dict()


@func_component(loop_execution=True)
def doubled(value: int) -> int:
    return 2 * value


def test_the_standard_components_and_functions_come_back() -> None:
    graph = GraphSpec(ports(output="out"))
    nodes = [
        graph.add_node(kind)
        for kind in (
            FromIterableFactory.create_component([1, -2, 3]),
            FilterFactory.create_component(is_positive),
            doubled,
            BatchFactory.create_component(2),
            DelayFactory.create_component(0.0, component_name="Rest"),
        )
    ]
    for left, right in itertools.pairwise(nodes):
        left >> right
    nodes[-1] >> graph.ports.output.out
    back = GraphSpec.from_dict(json.loads(json.dumps(graph.to_dict())))
    assert list(back.nodes) == ["FromIterable", "Filter", "doubled", "Batch", "Rest"]
    assert BatchExecutor.from_graph(back).start(until="rest") == {"out": [[2, 6]]}


# ------------------------------------------------------------------------ what cannot be data


def outer(inside: GraphSpec) -> GraphSpec:
    graph = GraphSpec()
    graph.add_node(GraphComponentFactory.create_component(inside), id="Outer")
    return graph


def with_port(*args: Any, **settings: Any) -> GraphSpec:
    return outer(GraphSpec(PortSpecCollection(PortSpec(*args, **settings))))


def local_class() -> GraphSpec:
    class Local(BaseComponent):
        port_specs = ports(input="inp")

    graph = GraphSpec()
    graph.add_node(Local, id="L")
    return outer(graph)


def args_of(**args: Any) -> GraphSpec:
    graph = GraphSpec()
    graph.add_node(Source, node_type=Elsewhere, node_args=args)
    return graph


@pytest.mark.parametrize(
    ("graph", "sentence"),
    [
        (with_port(CONFIG, "c", default=(1, 2)), r"Outer/GRAPH\.c, default: JSON cannot hold \(1, 2\)"),
        (with_port(CONFIG, "c", default={1: 2}), r"Outer/GRAPH\.c, default: JSON cannot hold \{1: 2\}"),
        (with_port(CONFIG, "c", default=float("nan")), r"Outer/GRAPH\.c, default: JSON cannot hold nan"),
        (with_port(CONFIG, "c", default={"a": [Source]}), r"Outer/GRAPH\.c, default: JSON cannot hold"),
        (with_port(INPUT, "i", dtype=list[type("T", (), {})]), r"Outer/GRAPH\.i, dtype: T cannot be imported"),
        (
            with_port(INPUT, "i", data_validator=lambda _: True),
            r"Outer/GRAPH\.i, data_validator: <lambda> cannot be",
        ),
        (local_class(), r"Outer/L: local_class\.<locals>\.Local cannot be imported by its name"),
        (args_of(where=Source), r"Source, node_args: JSON cannot hold"),
    ],
)
def test_what_cannot_be_data_is_named(graph: GraphSpec, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        graph.to_dict()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (5, r"GRAPH: a mapping is expected, not 5\."),
        ({"format": 2}, r"GRAPH: the format is 2; this version reads 1\."),
        ({"nodes": {}}, r"GRAPH: 'nodes' is \{\}, which is no list\."),
        ({"vertices": []}, r"GRAPH: 'vertices' is unknown here: there can be format, ports, nodes, edges\."),
        ({"ports": [{"type": "in", "name": "a"}]}, r"GRAPH port 0: No port type 'in'"),
        ({"ports": [{"type": "input"}]}, r"GRAPH port 0: 'name' is missing\."),
        ({"ports": [{"type": "input", "name": "a b"}]}, r"GRAPH\.a b: Invalid port name 'a b'"),
        (
            {"ports": [{"type": "input", "name": "a", "dtype": "no:Such"}]},
            r"GRAPH port 0, dtype: 'no:Such' cannot be",
        ),
        (
            {"ports": [{"type": "input", "name": "a", "dtype": {"x": 1}}]},
            r"GRAPH port 0, dtype: \{'x': 1\} is no anno",
        ),
        (
            {"ports": [{"type": "input", "name": "a", "optional": True}]},
            r"GRAPH port 0: Only ports of type PortType",
        ),
        ({"nodes": [{"id": "A"}]}, r"A: 'component' is missing\."),
        (
            {"nodes": [{"id": "A", "component": "json:Nobody"}]},
            r"A: 'json:Nobody' cannot be imported: json has no 'N",
        ),
        ({"nodes": [{"id": "A", "component": "int"}]}, r"A: A node runs a component class"),
        ({"nodes": [{"id": "GRAPH", "component": f"{__name__}:Source"}]}, r"node 0: Invalid id 'GRAPH'"),
        ({"nodes": [{"id": "A", "graph": {"nodes": [{"id": "B"}]}}]}, r"A/B: 'component' is missing\."),
        (
            {"nodes": [{"id": "A", "factory": f"{__name__}:LimitFactory", "made_with": {"x": {"value": 1}}}]},
            r"A: LimitFactory\.limit\(\) got an unexpected keyword argument 'x'",
        ),
        ({"edges": [{"id": "e", "maxsize": 0}]}, r"edge 0: An edge holds at least one packet"),
        ({"edges": [{"id": "e", "tail": "A.out"}]}, r"edge 0 \('e'\), tail: an end is written as 'A:output\.out'"),
        ({"edges": [{"id": "e", "tail": "A:output.out"}]}, r"edge 0 \('e'\), tail: The graph has no node 'A'"),
        (
            {"ports": [{"type": "input", "name": "a"}], "edges": [{"id": "e", "head": "GRAPH:input.a"}]},
            r"edge 0 \('e'\), head: no edge ends at GRAPH:input\.a",
        ),
    ],
)
def test_data_that_is_no_graph_is_refused(data: Mapping[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        GraphSpec.from_dict(data)


def test_a_graph_as_a_node_is_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match=r"not a graph: GraphComponentFactory\.create_component\(graph\) makes one"):
        GraphSpec(PortSpecCollection()).add_node(GraphSpec(PortSpecCollection()))  # type: ignore[arg-type]
