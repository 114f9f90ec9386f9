"""Addresses: where something is in a running net, as text, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fbdev.comp.port_type import PortType

if TYPE_CHECKING:
    from fbdev.graph.base_node import BaseNode
    from fbdev.graph.edge import Edge
    from fbdev.graph.node_port import NodePort

TOP_NODE_ID: Final = "TOP"
Address = str
"""``TOP`` the top node, ``TOP->A`` a node in it, ``TOP->A|edge0`` an edge, ``TOP->A:input.inp`` a port."""


def node_lookup_by_address(node: BaseNode, address: Address) -> BaseNode | Edge | NodePort:
    """Return the node, edge or port with an address, at any depth.

    Args:
        node: where to begin.
        address: relative to it: its first part is the node's own id, or empty.

    Raises:
        ValueError: if there is none.
    """
    try:
        return _lookup(node, address)
    except (LookupError, ValueError, RuntimeError) as error:
        raise ValueError(f"There is nothing at the address '{address}': {error.args[0]}") from None


def _lookup(node: BaseNode, address: Address) -> BaseNode | Edge | NodePort:
    path, bar, edge_id = address.partition("|")
    path, colon, port = path.partition(":")
    own, *names = path.split("->")
    if own not in {"", node.id}:
        raise LookupError(f"here it begins with '{node.id}', or with nothing.")
    for name in names:
        node = node.get_child_node_by_id(name)
    if bar:
        return _edge(node, edge_id)
    return _port(node, port) if colon else node


def _edge(node: BaseNode, edge_id: str) -> Edge:
    if edge_id not in node.edges:
        raise LookupError(f"{node.address} has no edge '{edge_id}': there are {', '.join(node.edges) or 'none'}.")
    return node.edges[edge_id]


def _port(node: BaseNode, id_str: str) -> NodePort:
    label, _, name = id_str.partition(".")
    port: NodePort = node.ports[PortType.get(label), name]
    return port
