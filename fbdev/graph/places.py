"""The names of places in a graph, as findings, errors and the debugger write them.

``A`` is a node, ``A.out`` a port, ``A.out->B.inp`` an edge, ``Outer/A`` a node inside another, ``GRAPH.inp`` a
graph's own port. A port's name that a node has under several kinds is written with the kind, ``A.output.x``.
"""

from __future__ import annotations

from fbdev.graph.elements import EdgeSpec, End, NodePortSpec
from fbdev.graph.graph_spec import GraphSpec


def inside(path: str, node_id: str) -> str:
    """Return the path of what is inside a node: ``Outer/``, to stand before the places there."""
    return f"{path}{node_id}/"


def port_place(port: NodePortSpec, path: str = "") -> str:
    """Return the place of a port."""
    return path + _name(port.graph, port.end)


def edge_place(graph: GraphSpec, edge: EdgeSpec, path: str = "") -> str:
    """Return the place of an edge; its id if one of its ends is free."""
    tail, head = edge.ends
    if tail is None or head is None:
        return path + edge.id
    return f"{path}{_name(graph, tail)}->{_name(graph, head)}"


def _name(graph: GraphSpec, end: End) -> str:
    node_id, (kind, name) = end
    owner = graph.get_child_node_by_id(node_id)
    namesakes = [other for other, taken in owner.port_specs if taken == name]
    return f"{node_id}.{name}" if len(namesakes) == 1 else f"{node_id}.{kind.label}.{name}"
