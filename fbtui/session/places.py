"""Places as people write them: ``A.out->B.inp``, ``A``, ``A.out``, ``Outer/A``, ``GRAPH.inp``, ``edge3``.

A place is looked up among those of the graph, never taken apart at its dots. Any part that fits only one will do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fbtui.protocol import (
    GRAPH,
    EdgeInfo,
    GraphInfo,
    NodeInfo,
    PortInfo,
    edge_name,
    edges_in,
    end_name,
    node_name,
    nodes_in,
)


class NoPlace(Exception):  # noqa: N818 - a sentence for the person
    """A text names no place, or several; the sentence lists the candidates."""


def edge_at(graph: GraphInfo, place: str) -> tuple[EdgeInfo | None, str]:
    """Return the edge at a place such as ``Outer/edge0``, and the path of the graph it is in: ``Outer/``."""
    path = ""
    *outer, edge_id = place.split("/")
    for name in outer:
        node = next((node for node in graph.nodes if node.id == name), None)
        if node is None or node.graph is None:
            return None, path
        graph, path = node.graph, f"{path}{name}/"
    return next((edge for edge in graph.edges if edge.id == edge_id), None), path


def node_in(graph: GraphInfo, place: str) -> NodeInfo | None:
    """Return the node at a place such as ``Outer/A``, None if there is none."""
    inside: GraphInfo | None = graph
    node = None
    for name in place.split("/"):
        node = next((one for one in inside.nodes if one.id == name), None) if inside is not None else None
        inside = node.graph if node is not None else None
    return node


def ends_of(graph: GraphInfo | None, place: str) -> str:
    """Return an edge as people write it: ``A.out->B.inp``; what is no edge of the graph stays as it is."""
    if graph is None:
        return place
    edge, path = edge_at(graph, place)
    return place if edge is None else edge_name(edge, path)


def port_at(graph: GraphInfo, place: str) -> tuple[str, PortInfo] | None:
    """Return the node and the port at a place such as ``Outer/A.output.out`` or ``GRAPH.input.inp``."""
    return next(((node, port) for node, port in ports_in(graph) if f"{node}.{port.kind}.{port.name}" == place), None)


def ports_in(graph: GraphInfo, path: str = "") -> Iterator[tuple[str, PortInfo]]:
    """Yield every port with the place of its node, those of the graphs within nodes too."""
    for port in graph.ports if not path else ():
        yield GRAPH, port
    for node in graph.nodes:
        for port in node.ports:
            yield path + node.id, port
        if node.graph is not None:
            yield from ports_in(node.graph, f"{path}{node.id}/")


def edges_at(graph: GraphInfo, place: str) -> list[str]:
    """Return the edges at a port, by place."""
    return [
        path + edge.id
        for path, edge in edges_in(graph)
        for end in (edge.tail, edge.head)
        if end is not None and f"{node_name(end, path)}.{end.kind}.{end.port}" == place
    ]


def box_name(graph: GraphInfo, place: str) -> str:
    """Return what people call a node or a port: a node its place, a port ``A.out`` unless its node has two of it."""
    return port_names(graph).get(place, place)


def edges_around(graph: GraphInfo, what: tuple[str, str]) -> list[str]:
    """Return the edges at what is selected, by place: an edge itself, those at a port, or at any port of a node."""
    kind, place = what
    if kind == "edge":
        return [place]
    if port_at(graph, place) is not None:
        return edges_at(graph, place)
    ends = ((path + edge.id, path, end) for path, edge in edges_in(graph) for end in (edge.tail, edge.head))
    return list(dict.fromkeys(edge for edge, path, end in ends if end is not None and node_name(end, path) == place))


def port_names(graph: GraphInfo) -> dict[str, str]:
    """Return what people call each port, by place; see `box_name`."""
    names = {f"{node}.{port.kind}.{port.name}": f"{node}.{port.name}" for node, port in ports_in(graph)}
    counts = Counter(names.values())
    return {place: name if counts[name] == 1 else place for place, name in names.items()}


def name_of(graph: GraphInfo, what: tuple[str, str]) -> str:
    """Return what people call something that can be selected, a kind (edge, node, port) and a place."""
    kind, name = what
    return ends_of(graph, name) if kind == "edge" else box_name(graph, name)


def node_at(text: str, graph: GraphInfo) -> str:
    """Return the node that a text names: its place, or a part that fits only one.

    Raises:
        NoPlace: if no node is called so, or several are.
    """
    nodes = [place for place, _ in nodes_in(graph)]
    if text in nodes:
        return text
    fitting = [node for node in nodes if node.endswith(f"/{text}")]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise NoPlace(f"'{text}' may be any of: {', '.join(fitting[:8])}")
    raise NoPlace(f"there is no node '{text}' in the graph: its nodes are {', '.join(nodes[:8])}")


def stops_at(text: str, graph: GraphInfo) -> tuple[str, ...]:
    """Return the moves before which a run stops that is to stop at a place, as `Resume.stop_at` has them.

    An edge stops before its send, an output port before any send of it, an input port before the receive, a node
    before it receives. ``send`` or ``receive`` before the place says otherwise.

    Raises:
        NoPlace: if no place is called so, or several are.
    """
    kind, _, rest = text.partition(" ")
    if kind in {"send", "receive"} and rest:
        return tuple(f"{kind} {stop.partition(' ')[2]}" for stop in _find(rest.strip(), graph))
    return _find(text, graph)


def _find(text: str, graph: GraphInfo) -> tuple[str, ...]:
    places: dict[str, list[str]] = {}
    for name, stop in _names(graph, ""):
        stops = places.setdefault(name, [])
        if stop not in stops:
            stops.append(stop)
    if text in places:
        return tuple(places[text])
    candidates = {tuple(stops): name for name, stops in reversed(places.items()) if text in name}
    if len(candidates) == 1:
        return next(iter(candidates))
    if not candidates:
        known = ", ".join(sorted(name for name in places if "->" in name)[:8])
        raise NoPlace(f"there is no place '{text}' in the graph: its edges are {known}")
    raise NoPlace(f"'{text}' may be any of: {', '.join(sorted(candidates.values())[:8])}")


def _names(graph: GraphInfo, path: str) -> Iterator[tuple[str, str]]:
    """Yield every name of every place, and a move that stops there."""
    for edge in graph.edges:
        place = path + edge.id
        tail, head = end_name(edge.tail, path), end_name(edge.head, path)
        yield edge_name(edge, path), f"send {place}"
        yield place, f"send {place}"
        for end, kind, words in ((edge.tail, "send", tail), (edge.head, "receive", head)):
            if end is None:
                continue
            yield words, f"{kind} {place}"
            yield f"{node_name(end, path)}.{end.kind}.{end.port}", f"{kind} {place}"
            if kind == "receive" or not _is_fed(end.node, graph):
                yield node_name(end, path), f"{kind} {place}"
    for node in graph.nodes:
        if node.graph is not None:
            yield from _names(node.graph, f"{path}{node.id}/")


def _is_fed(node: str, graph: GraphInfo) -> bool:
    return any(edge.head is not None and edge.head.node == node for edge in graph.edges)
