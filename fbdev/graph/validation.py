"""What can be said about a graph before it runs.

| code | level | what |
|---|---|---|
| ``free-port`` | warning | an input or output that no edge touches, of a node or of the graph itself |
| ``free-edge`` | warning | an edge with a free end |
| ``missing-config`` | error | a config port that needs a value, and no edge leads there |
| ``no-component`` | error | a class that cannot be made: a factory, or an abstract one |
| ``runs-once`` | warning, note | a node that is executed once, though more may come; a note if the graph feeds it |
| ``dtype-mismatch`` | error, note | what an edge brings never, or not always, passes the dtype where it ends |
| ``unreachable-node`` | warning | a node whose inputs nothing ever reaches |
| ``cycle-without-start`` | warning, note | a cycle that a packet from outside it cannot start |
| ``name-clash`` | warning | two things with one name |

Free message ports, free signal ports and free config ports that need no value are no findings.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Final

from fbdev.comp.dtype import describe
from fbdev.comp.dtype_fit import Fit, fit
from fbdev.comp.port_spec import PortType
from fbdev.graph.elements import GRAPH_ID, EdgeSpec, End, NodePortSpec, NodeSpec
from fbdev.graph.finding import Finding
from fbdev.graph.flow_checks import cycles_without_start, unreachable_nodes
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.places import edge_place, inside, port_place

__all__ = ["Finding", "findings"]

_EXECUTE: Final = (PortType.SIGNAL, "execute")
_TOP: Final = "TOP"


def findings(graph: GraphSpec, path: str = "") -> Iterator[Finding]:
    """Yield what is found in a graph, then in the graphs within it.

    Args:
        graph: the graph.
        path: where it is: what stands before its places.
    """
    for check in _CHECKS:
        yield from check(graph, path)
    for node in graph.nodes.values():
        if node.subgraph is not None:
            yield from findings(node.subgraph, inside(path, node.id))


# -------------------------------------------------------------------------------------- free ends


def _free_ports(graph: GraphSpec, path: str) -> Iterator[Finding]:
    for node in graph.nodes.values():
        for port in node.ports.iter_ports():
            if not port.edges:
                yield from _free_port(port, port_place(port, path))


def _free_port(port: NodePortSpec, place: str) -> Iterator[Finding]:
    if port.port_type is PortType.INPUT:
        yield Finding("free-port", "warning", place, "No edge leads to this input: a receive waits for ever.")
    elif port.port_type is PortType.OUTPUT:
        yield Finding("free-port", "warning", place, "No edge leads on from this output: a send waits for ever.")
    elif port.is_required:
        yield Finding(
            "missing-config",
            "error",
            place,
            "This config port needs a value and no edge leads there: connect it, or give it a default.",
        )


def _free_graph_ports(graph: GraphSpec, path: str) -> Iterator[Finding]:
    for port in graph.ports.iter_ports():
        if port.edges or port.port_type in {PortType.MESSAGE, PortType.SIGNAL}:
            continue
        if port.feeds_edges:
            sentence = f"Nothing in the graph takes what comes to this {port.port_type.label}."
        else:
            sentence = "Nothing in the graph feeds this output: whoever awaits it waits for ever."
        yield Finding("free-port", "warning", port_place(port, path), sentence)


def _free_edges(graph: GraphSpec, path: str) -> Iterator[Finding]:
    for edge in graph.edges.values():
        free = [side for side, end in zip(("tail", "head"), edge.ends, strict=True) if end is None]
        if free:
            sentence = f"The {' and the '.join(free)} of this edge {'is' if len(free) == 1 else 'are'} free."
            yield Finding("free-edge", "warning", edge_place(graph, edge, path), sentence)


# ------------------------------------------------------------------------------------- components


def _components(graph: GraphSpec, path: str) -> Iterator[Finding]:
    for node in graph.nodes.values():
        kind, place = node.component_type, path + node.id
        if kind.is_factory:
            sentence = f"{kind.__name__} is a factory: use the class that its create_component() returns."
            yield Finding("no-component", "error", place, sentence)
        elif inspect.isabstract(kind):
            missing = ", ".join(sorted(kind.__abstractmethods__))
            yield Finding("no-component", "error", place, f"{kind.__name__} is abstract: it lacks {missing}.")
        if _runs_once(node):
            sentence = "It is executed once: add loop_execution=True, or connect its signal port 'execute'."
            yield Finding("runs-once", "note" if _is_given(node) else "warning", place, sentence)


def _runs_once(node: NodeSpec) -> bool:
    if getattr(node.component_type, "loop_execution", None) is not False or _EXECUTE not in node.port_specs:
        return False
    return not node.ports[_EXECUTE].edges and any(port.edges for port in node.ports.get_all(PortType.INPUT))


def _is_given(node: NodeSpec) -> bool:
    """Return whether all its inputs are the graph's own, into which a single packet goes as a rule."""
    edges = (edge for port in node.ports.get_all(PortType.INPUT) for edge in port.edges)
    return all(edge.tail_port is not None and edge.tail_port.is_graph_port for edge in edges)


# ----------------------------------------------------------------------------------------- dtypes


def _dtypes(graph: GraphSpec, path: str) -> Iterator[Finding]:
    for edge in graph.edges.values():
        tail, head = edge.ends
        if tail is not None and head is not None:
            for sender in _typed(graph, tail):
                for taker in _typed(graph, head):
                    yield from _compare(edge, sender, taker, edge_place(graph, edge, path))


def _typed(graph: GraphSpec, end: End) -> Iterator[NodePortSpec]:
    """Yield the port at an end; one without a dtype on the border of a graph stands for those inside."""
    port = graph.port_at(end)
    within = None if port.is_graph_port else graph.nodes[port.node_id].subgraph
    if port.has_dtype or within is None:
        yield port
        return
    own: End = (GRAPH_ID, port.id)
    for edge in within.edges_at(own):
        for other in edge.ends:
            if other is not None and other != own:
                yield from _typed(within, other)


def _compare(edge: EdgeSpec, sender: NodePortSpec, taker: NodePortSpec, place: str) -> Iterator[Finding]:
    if taker.port_type is PortType.SIGNAL or sender.port_type is PortType.SIGNAL:
        return
    result = fit(sender.dtype, taker.dtype)
    if result is Fit.ALWAYS:
        return
    sent, taken = describe(sender.dtype), describe(taker.dtype)
    if result is Fit.NEVER:
        yield Finding("dtype-mismatch", "error", place, f"It brings {sent}, and {taken} is expected where it ends.")
    else:
        sentence = f"It brings {sent}: not everything of that is {taken}, which is expected where it ends."
        yield Finding("dtype-mismatch", "note", place, sentence)


# ------------------------------------------------------------------------------------------ names


def _names(graph: GraphSpec, path: str) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for what, name in _named(graph):
        if name in taken:
            sentence = f"This is the name of {taken[name]} and of {what}: give one of them another."
            yield Finding("name-clash", "warning", path + name, sentence)
        taken[name] = what
    if _TOP in graph.nodes:
        sentence = f"'{_TOP}' is what the top node of every net is called: give this one another id."
        yield Finding("name-clash", "warning", path + _TOP, sentence)


def _named(graph: GraphSpec) -> Iterator[tuple[str, str]]:
    for port in graph.ports.iter_ports():
        yield "a port of the graph", port_place(port)
    for node in graph.nodes.values():
        yield "a node", node.id
        for port in node.ports.iter_ports():
            yield f"a port of the node '{node.id}'", port_place(port)
    for edge_id in graph.edges:
        yield "an edge", edge_id


_CHECKS: Final[tuple[Callable[[GraphSpec, str], Iterator[Finding]], ...]] = (
    _free_ports,
    _free_graph_ports,
    _free_edges,
    _components,
    _dtypes,
    unreachable_nodes,
    cycles_without_start,
    _names,
)
