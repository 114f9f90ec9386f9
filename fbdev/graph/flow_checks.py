"""What packets can reach in a graph: nodes that nothing reaches, and cycles that nothing starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fbdev.comp.port_spec import PortType
from fbdev.complib.func_component_factory import FunctionComponentFactory
from fbdev.graph.elements import GRAPH_ID, EdgeSpec, NodePortSpec
from fbdev.graph.finding import Finding
from fbdev.graph.graph_spec import GraphSpec

_Links = Mapping[str, list[str]]
"""For each node, and for the graph itself, the nodes that its edges bring input to."""


def unreachable_nodes(graph: GraphSpec, path: str) -> Iterator[Finding]:
    """Yield a finding for each node whose inputs nothing reaches. Cycles are taken to run."""
    links = _links(graph)
    sources = [node.id for node in graph.nodes.values() if not node.port_specs.get_all(PortType.INPUT)]
    reached: set[str] = set()
    _spread([GRAPH_ID, *sources, *(node_id for cycle in _cycles(links) for node_id in cycle)], links, reached)
    for node_id in graph.nodes:
        if node_id not in reached:
            sentence = "Nothing ever reaches it: no way leads here from an input of the graph or from a source."
            yield Finding("unreachable-node", "warning", path + node_id, sentence)


def cycles_without_start(graph: GraphSpec, path: str) -> Iterator[Finding]:
    """Yield a finding for each cycle in which every node has an input that only the cycle itself feeds."""
    for cycle in _cycles(_links(graph)):
        ring = [node_id for node_id in graph.nodes if node_id in cycle]
        inputs = [_inputs(graph, node_id) for node_id in ring]
        if any(all(_comes_from_outside(port, cycle) for port in ports if _fed_by(port, cycle)) for ports in inputs):
            continue
        entered = [
            node_id
            for node_id, ports in zip(ring, inputs, strict=True)
            if any(_comes_from_outside(port, cycle) for port in ports)
        ]
        # A function has to have all its inputs before it can give anything.
        functions = all(
            issubclass(graph.nodes[node_id].component_type, FunctionComponentFactory) for node_id in ring
        )
        yield Finding(
            "cycle-without-start",
            "note" if entered and not functions else "warning",
            path + ring[0],
            _sentence(", ".join(ring), entered, functions=functions),
        )


def _sentence(ring: str, entered: list[str], *, functions: bool) -> str:
    if not entered:
        return (
            f"No packet from outside comes into the cycle of {ring}:"
            " it goes round only if one of them sends before it has received from the others."
        )
    who = entered[0] if len(entered) == 1 else f"one of {', '.join(entered)}"
    apart = f"What comes from outside and what goes round in the cycle of {ring} arrive at different inputs"
    if functions:
        return f"{apart}, and a function waits for all of its inputs: it never goes round. Lead both to one input."
    return (
        f"{apart}. It goes round if {who} takes from one input without waiting for the others, as a merge does,"
        " or sends before it has received from the cycle; else lead both to one input."
    )


def _inputs(graph: GraphSpec, node_id: str) -> list[NodePortSpec]:
    ports: list[NodePortSpec] = graph.nodes[node_id].ports.get_all(PortType.INPUT)
    return ports


def _fed_by(port: NodePortSpec, cycle: set[str]) -> bool:
    return any(tail in cycle for tail in map(_tail_id, port.edges))


def _comes_from_outside(port: NodePortSpec, cycle: set[str]) -> bool:
    return any(tail is not None and tail not in cycle for tail in map(_tail_id, port.edges))


def _tail_id(edge: EdgeSpec) -> str | None:
    tail = edge.ends[0]
    return None if tail is None else tail[0]


# ---------------------------------------------------------------------------------------- walking


def _links(graph: GraphSpec) -> _Links:
    links: dict[str, list[str]] = {node_id: [] for node_id in (GRAPH_ID, *graph.nodes)}
    for edge in graph.edges.values():
        tail, head = edge.ends
        if tail is not None and head is not None and head[0] != GRAPH_ID and head[1][0] is PortType.INPUT:
            links[tail[0]].append(head[0])
    return links


def _spread(starts: Iterable[str], links: _Links, reached: set[str]) -> set[str]:
    """Add to those reached all that can be reached from the starts, and return which are new."""
    ahead = [start for start in starts if start not in reached]
    new = set(ahead)
    while ahead:
        following = [node for node in links[ahead.pop()] if node not in reached and node not in new]
        new.update(following)
        ahead += following
    reached |= new
    return new


def _cycles(links: _Links) -> Iterator[set[str]]:
    """Yield the sets of nodes each of which leads to all the others of its set (Kosaraju's algorithm)."""
    back: dict[str, list[str]] = {node: [] for node in links}
    for node, following in links.items():
        for other in following:
            back[other].append(node)
    seen: set[str] = set()
    for node in reversed(list(_in_order_of_leaving(links))):
        group = _spread([node], back, seen)
        if len(group) > 1 or any(other in links[other] for other in group):
            yield group


def _in_order_of_leaving(links: _Links) -> Iterator[str]:
    """Yield the nodes as a walk into the depth leaves them for good."""
    seen: set[str] = set()
    for start in links:
        path = [] if start in seen else [(start, iter(links[start]))]
        seen.add(start)
        while path:
            node, rest = path[-1]
            following = next((other for other in rest if other not in seen), None)
            if following is None:
                path.pop()
                yield node
            else:
                seen.add(following)
                path.append((following, iter(links[following])))
