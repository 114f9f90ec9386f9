"""Where the nodes of a graph run, said from outside the graph."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from fbdev.comp.base_component import BaseComponent
from fbdev.graph.address import TOP_NODE_ID
from fbdev.graph.base_node import BaseNode
from fbdev.graph.elements import NodeSpec, Placement
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.net import Node

Places = Mapping[str, type[BaseNode] | Placement | None]
"""A kind of node, as ``node_type`` takes it, for nodes by their addresses: ``Train``, ``Outer/Train``,
``TOP->Outer->Train``. None is this process."""


def place(graph: GraphSpec, places: Places) -> GraphSpec:
    """Return the graph with some of its nodes elsewhere: ``fbdev.place(graph, {"Train": OnEngine()})``.

    The graph itself stays as it is. What a place says wins over the node's own ``node_type``.

    Raises:
        ValueError: if there is no node at an address; the sentence says which nodes there are.
    """
    return _placed(graph, {_path(address): kind for address, kind in places.items()}, ())


def _path(address: str) -> tuple[str, ...]:
    names = tuple(re.split(r"/|->", address))
    return names[1:] if names[0] == TOP_NODE_ID and len(names) > 1 else names


def _placed(graph: GraphSpec, places: Mapping[tuple[str, ...], Any], at: tuple[str, ...]) -> GraphSpec:
    twin = graph.copy()
    for first in dict.fromkeys(path[0] for path in places):
        node = twin.nodes.get(first)
        if node is None:
            where = f"{'/'.join(at)} has" if at else "the graph has"
            raise ValueError(f"{where} no node '{first}': its nodes are {', '.join(twin.nodes) or 'none'}.")
        inside = {path[1:]: kind for path, kind in places.items() if path[0] == first and len(path) > 1}
        if (first,) in places:
            node.run_in(places[first,])
        if inside and node.node_type is not Node:
            raise ValueError(
                f"{'/'.join((*at, first))} runs elsewhere as a whole: there is no place for a node in it."
            )
        if inside:
            node._component_type = _placed_inside(node, inside, (*at, first))
    return twin


def _placed_inside(
    node: NodeSpec, places: Mapping[tuple[str, ...], Any], at: tuple[str, ...]
) -> type[BaseComponent]:
    if node.subgraph is None:
        raise ValueError(f"{'/'.join(at)} is no graph: there are no nodes in it.")
    graph = _placed(node.subgraph, places, at)
    graph.make_readonly()
    kind = node.component_type
    attributes = {"graph": graph, "__module__": kind.__module__}
    return cast("type[BaseComponent]", type(kind.__name__, (kind,), attributes))
