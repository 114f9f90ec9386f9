"""The graph as plain data, for the debugger's process."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

from fbdev.graph.graph_spec import EdgeSpec, GraphSpec, NodeSpec
from fbdev.graph.validation import findings
from fbtui.protocol import GRAPH, EdgeInfo, End, FindingInfo, GraphInfo, NodeInfo
from fbtui.target.failure import message_of
from fbtui.target.values import port_info


def describe(graph: GraphSpec) -> GraphInfo:
    """Return a graph, the graphs inside it included."""
    return GraphInfo(
        tuple(port_info(spec, graph) for spec in graph.port_specs.iter_ports()),
        tuple(_node(node) for node in graph.nodes.values()),
        tuple(_edge(edge) for edge in graph.edges.values()),
    )


def found_in(graph: GraphSpec) -> tuple[FindingInfo, ...]:
    """Return what is wrong with a graph, or looks so, before it runs; one that cannot be checked runs, too."""
    try:
        return tuple(FindingInfo(one.code, one.level, one.place, one.sentence) for one in findings(graph))
    except Exception as error:  # it asks the user's classes
        told = f"It cannot be checked: {type(error).__name__}: {message_of(error)}"
        return (FindingInfo("unchecked", "note", GRAPH, told),)


def _node(node: NodeSpec) -> NodeInfo:
    kind = node.component_type
    module = sys.modules.get(kind.__module__)
    return NodeInfo(
        node.id,
        node.component_name,
        tuple(port_info(spec) for spec in node.port_specs.iter_ports()),
        getattr(module, "__file__", None),
        min(_lines(kind), default=None),
        describe(node.subgraph) if node.subgraph is not None else None,
    )


def _lines(kind: type) -> Iterator[int]:
    """Yield the first line of each method that a class defines itself."""
    for member in vars(kind).values():
        function = getattr(member, "__func__", member)
        if isinstance(function, types.FunctionType) and function.__module__ == kind.__module__:
            yield function.__code__.co_firstlineno


def _edge(edge: EdgeSpec) -> EdgeInfo:
    ends = [None if end is None else End(end[0], end[1][0].label, end[1][1]) for end in edge.ends]  # type: ignore[arg-type]
    return EdgeInfo(edge.id, ends[0], ends[1], edge.maxsize)


def places(graph: GraphInfo, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every place below a graph: ``("node", "Outer/A")``, ``("edge", "Outer/edge0")``, in order."""
    for edge in graph.edges:
        yield "edge", path + edge.id
    for node in graph.nodes:
        yield "node", path + node.id
        if node.graph is not None:
            yield from places(node.graph, f"{path}{node.id}/")
