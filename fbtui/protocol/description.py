"""The graph as plain data: what the target tells of it and what the diagram draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, Literal

from fbtui.protocol.plain import plain

GRAPH: Final = "GRAPH"
"""The place that stands for the top graph's own border: external puts and gets happen there."""

PortKind = Literal["input", "config", "signal", "output", "message"]


@plain
class PortInfo:
    """A port of a node or of a graph: its kind, its name and, for people, its dtype."""

    kind: PortKind
    name: str
    dtype: str | None = None
    required: bool = False
    """True for an input, and for a config port with neither default nor optional: it needs a value."""
    dtype_by: str = ""
    """The place of the port that asks for the dtype, ``A.inp``, if the port, a graph's, has none itself."""
    default: str | None = None
    """What a config port holds until a value comes, in short; None if it has no default."""


@plain
class End:
    """One end of an edge: a port of a node, or of the enclosing graph (``node == "GRAPH"``)."""

    node: str
    kind: PortKind
    port: str


@plain
class EdgeInfo:
    """An edge between two ports; ``tail`` or ``head`` is None while that end is free."""

    id: str
    tail: End | None
    head: End | None
    capacity: int | None = None


@plain
class NodeInfo:
    """A node of a graph. ``id`` is its own name inside that graph, not the path."""

    id: str
    component: str
    ports: tuple[PortInfo, ...]
    file: str | None = None
    line: int | None = None
    graph: GraphInfo | None = None


@plain
class GraphInfo:
    """A graph as plain data: its own ports, its nodes and its edges, each in order of declaration."""

    ports: tuple[PortInfo, ...]
    nodes: tuple[NodeInfo, ...]
    edges: tuple[EdgeInfo, ...]


@plain
class FindingInfo:
    """Something that is, or may be, wrong with a graph, at a place in it."""

    code: str
    level: Literal["error", "warning", "note"]
    place: str
    sentence: str


@plain
class SourceFile:
    """A local file that a run was made of: its absolute path, and the digest of what was read (empty: nothing)."""

    path: str
    digest: str


def digest(content: bytes) -> str:
    """Return the digest by which contents of files are compared."""
    import hashlib  # noqa: PLC0415 - the first frame does not need it

    return hashlib.blake2b(content, digest_size=16).hexdigest()


def node_name(end: End, path: str) -> str:
    """Return the place of the node at an end of an edge, in the graph at a path such as ``Outer/``."""
    return path.rstrip("/") or GRAPH if end.node == GRAPH else path + end.node


def end_name(end: End | None, path: str) -> str:
    """Return an end of an edge as people write it: ``Outer/A.out``."""
    return "_" if end is None else f"{node_name(end, path)}.{end.port}"


def edge_name(edge: EdgeInfo, path: str) -> str:
    """Return an edge as people write it: ``A.out->B.inp``."""
    return f"{end_name(edge.tail, path)}->{end_name(edge.head, path)}"


def edges_in(graph: GraphInfo, path: str = "") -> Iterator[tuple[str, EdgeInfo]]:
    """Yield every edge of a graph and of those inside it, each with the path of its graph."""
    for edge in graph.edges:
        yield path, edge
    for node in graph.nodes:
        if node.graph is not None:
            yield from edges_in(node.graph, f"{path}{node.id}/")


def nodes_in(graph: GraphInfo, path: str = "") -> Iterator[tuple[str, NodeInfo]]:
    """Yield every node of a graph and of those inside it, each with its place, from the outside in."""
    for node in graph.nodes:
        yield path + node.id, node
        if node.graph is not None:
            yield from nodes_in(node.graph, f"{path}{node.id}/")


def edge_names(graph: GraphInfo) -> dict[str, str]:
    """Return the name of each edge by its place; of edges between the same ends the id tells them apart."""
    names = {path + edge.id: (edge_name(edge, path), edge.id) for path, edge in edges_in(graph)}
    counts = Counter(name for name, _ in names.values())
    return {place: name if counts[name] == 1 else f"{name} ({id_})" for place, (name, id_) in names.items()}
