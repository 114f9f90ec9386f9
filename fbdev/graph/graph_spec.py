"""Graphs as people write them: nodes, their ports, and the edges between them."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port_spec import PortsByKind, PortSpec, PortSpecCollection, PortType, is_valid_name
from fbdev.comp.port_type import rule_of_names
from fbdev.graph.elements import GRAPH_ID, Connectable, EdgeSpec, End, NodePortSpec, NodeSpec, Placement

if TYPE_CHECKING:
    from fbdev.graph.net import BaseNode
    from fbdev.graph.validation import Finding

__all__ = ["GRAPH_ID", "Connectable", "EdgeSpec", "End", "GraphSpec", "NodePortSpec", "NodeSpec"]


class GraphSpec:
    """A graph: its own ports, its nodes, its edges.

    Args:
        port_spec_collection: the graph's own ports; a copy is made.
        inherit_base_component_ports: add the messages ``started`` and ``stopped``.
    """

    def __init__(
        self,
        port_spec_collection: PortSpecCollection | None = None,
        inherit_base_component_ports: bool = True,
    ) -> None:
        own = port_spec_collection.copy() if port_spec_collection is not None else PortSpecCollection()
        if inherit_base_component_ports:
            for spec in BaseComponent.port_specs.iter_ports():
                if spec.id not in own:
                    own.add_port(spec.copy())
        self._port_specs = own
        self._nodes: dict[str, NodeSpec] = {}
        self._edges: dict[str, EdgeSpec] = {}
        self._edges_at: dict[End, tuple[EdgeSpec, ...]] = {}
        self._kinds: collections.Counter[type[BaseComponent]] = collections.Counter()
        self._readonly = False

    # -- what is in it

    @property
    def nodes(self) -> Mapping[str, NodeSpec]:
        """The nodes by id, in order; read-only."""
        return MappingProxyType(self._nodes)

    @property
    def edges(self) -> Mapping[str, EdgeSpec]:
        """The edges by id, in order; read-only."""
        return MappingProxyType(self._edges)

    @property
    def port_specs(self) -> PortSpecCollection:
        """The graph's own ports, as descriptions."""
        return self._port_specs

    @property
    def ports(self) -> Any:
        """The graph's own ports, to be connected: ``graph.ports.input.inp >> node``."""
        specs = self._port_specs.iter_ports()
        return PortsByKind({spec.id: NodePortSpec(spec, self, GRAPH_ID) for spec in specs})

    def get_child_node_by_id(self, node_id: str) -> NodeSpec | GraphSpec:
        """Return the node with an id; the graph itself for ``GRAPH``.

        Raises:
            KeyError: if there is none.
        """
        if node_id == GRAPH_ID:
            return self
        if node_id not in self._nodes:
            raise KeyError(f"The graph has no node '{node_id}': there are {', '.join(self._nodes) or 'none'}.")
        return self._nodes[node_id]

    def port_at(self, end: End) -> NodePortSpec:
        """Return the port that an end of an edge names.

        Raises:
            KeyError: if there is none.
        """
        node_id, port_id = end
        if node_id == GRAPH_ID:
            return NodePortSpec(self._port_specs[port_id], self, GRAPH_ID)
        port: NodePortSpec = self.get_child_node_by_id(node_id).ports[port_id]
        return port

    def edges_at(self, end: End) -> tuple[EdgeSpec, ...]:
        """Return the edges at a port, in the order in which they were connected."""
        return self._edges_at.get(end, ())

    # -- its own ports

    def _change(self) -> None:
        if self._readonly:
            raise RuntimeError("GraphSpec is readonly.")

    def make_readonly(self) -> None:
        """Refuse every change from now on."""
        self._readonly = True
        self._port_specs.make_readonly()

    def add_graph_port(self, port_spec: PortSpec) -> NodePortSpec:
        """Add a port of the graph itself, and return it ready to be connected.

        Raises:
            ValueError: if its name is no name, or taken.
        """
        self._change()
        self._port_specs.add_port(port_spec.copy())
        return NodePortSpec(port_spec, self, GRAPH_ID)

    def update_graph_ports(self, port_specs: PortSpecCollection) -> None:
        """Add several ports of the graph itself, or none; raises what `add_graph_port` raises."""
        self._change()
        self._port_specs.update(port_specs.copy())

    def remove_graph_port(self, port_spec: PortSpec) -> None:
        """Remove a port of the graph itself; edges there become free.

        Raises:
            KeyError: if it is not there.
        """
        self._change()
        self._port_specs.remove_port(port_spec)
        self._free_all((GRAPH_ID, port_spec.id))

    # -- its nodes and edges

    def add(self, obj: NodeSpec | EdgeSpec | PortSpec) -> NodeSpec | EdgeSpec | NodePortSpec:
        """Add a node, an edge or a port of the graph, and return it.

        Raises:
            ValueError: if its id is no id, or taken, or it belongs to a graph.
        """
        if isinstance(obj, PortSpec):
            return self.add_graph_port(obj)
        self._change()
        if not isinstance(obj, NodeSpec | EdgeSpec):
            raise TypeError(f"A graph has nodes, edges and ports, not {type(obj).__name__}.")
        if obj.graph is not None:
            raise ValueError(f"{obj!r} belongs to a graph already: add a copy.")
        if isinstance(obj, NodeSpec):
            _claim_id(obj.id, self._nodes)
            self._nodes[obj.id] = obj
            self._kinds[obj.component_type] += 1
        else:
            new_id = obj.id or _free_id("edge", len(self._edges), self._edges)
            _claim_id(new_id, self._edges)
            obj._id = new_id
            self._edges[obj.id] = obj
        obj.graph = self
        return obj

    def add_node(
        self,
        component_type: type[BaseComponent],
        id: str | None = None,  # noqa: A002 - public name
        node_type: type[BaseNode] | Placement | None = None,
        node_args: Mapping[str, Any] | None = None,
    ) -> NodeSpec:
        """Add a node that runs a component class. Without an id it is called like the class, then class1, ...

        Raises:
            TypeError: if it is no component class.
        """
        if isinstance(component_type, GraphSpec):
            way = "GraphComponentFactory.create_component(graph) makes one of a graph"
            raise TypeError(f"A node runs a component class, not a graph: {way}.")
        node = NodeSpec(component_type, id, node_type, node_args)
        number = self._kinds[component_type]
        if id is None and (number or node.id in self._nodes):
            node._id = _free_id(node.id, max(number, 1), self._nodes)
        self.add(node)
        return node

    def add_edge(self, maxsize: int | None = None, id: str | None = None) -> EdgeSpec:  # noqa: A002 - public name
        """Add an edge with free ends: ``a >> graph.add_edge(maxsize=5) >> b``."""
        edge = EdgeSpec(maxsize, id)
        self.add(edge)
        return edge

    def remove_node(self, node: NodeSpec) -> None:
        """Remove a node; its edges stay, free at that end.

        Raises:
            ValueError: if it is not in this graph.
        """
        self._change()
        self._own(node)
        for port_id in node.port_specs:
            self._free_all((node.id, port_id))
        del self._nodes[node.id]
        self._kinds[node.component_type] -= 1
        node.graph = node._ports = None

    def remove_edge(self, edge: EdgeSpec) -> None:
        """Remove an edge.

        Raises:
            ValueError: if it is not in this graph.
        """
        self._change()
        self._own(edge)
        for end in edge.ends:
            self._free(edge, end)
        del self._edges[edge.id]
        edge.graph = None

    def _own(self, obj: NodeSpec | EdgeSpec | NodePortSpec) -> None:
        if obj.graph is not self:
            raise ValueError(f"{obj!r} does not belong to this graph.")

    # -- connecting

    def connect_port_to_edge(self, port: NodePortSpec, edge: EdgeSpec) -> None:
        """Put a port at the end of an edge that it fits: where edges begin or where they end.

        Raises:
            ValueError: if that end is taken, or they belong to different graphs.
        """
        self._change()
        self._own(port)
        self._own(edge)
        side, taken = ("tail", edge._tail) if port.feeds_edges else ("head", edge._head)
        if taken is not None:
            raise ValueError(f"The {side} of {edge!r} is connected already: {port!r} cannot be joined there.")
        self._attach(edge, port)

    def connect_ports(self, tail: NodePortSpec, head: NodePortSpec) -> EdgeSpec:
        """Connect two ports by a new edge of any size, and return it.

        Raises:
            ValueError: if no edge begins at the one or ends at the other, or they belong to different graphs.
        """
        self._change()
        if tail.graph is not head.graph:
            raise ValueError(f"{tail!r} and {head!r} do not belong to the same graph.")
        if not tail.feeds_edges or head.feeds_edges:
            raise ValueError(f"Wrong direction of connection {tail!r} >> {head!r}.")
        edge = self.add_edge()
        self._attach(edge, tail)
        self._attach(edge, head)
        return edge

    def disconnect_port_from_edge(self, port: NodePortSpec, edge: EdgeSpec) -> None:
        """Free the end of an edge where a port is.

        Raises:
            ValueError: if the port is not there.
        """
        self._change()
        if edge not in self.edges_at(port.end):
            raise ValueError(f"{port!r} is not connected to {edge!r}.")
        self._free(edge, port.end)

    def _attach(self, edge: EdgeSpec, port: NodePortSpec) -> None:
        end = self.port_at(port.end).end
        if port.feeds_edges:
            edge._tail = end
        else:
            edge._head = end
        self._edges_at[end] = (*self.edges_at(end), edge)

    def _free(self, edge: EdgeSpec, end: End | None) -> None:
        if end is None:
            return
        edge._tail = None if edge._tail == end else edge._tail
        edge._head = None if edge._head == end else edge._head
        self._edges_at[end] = tuple(other for other in self.edges_at(end) if other is not edge)

    def _free_all(self, end: End) -> None:
        for edge in self.edges_at(end):
            self._free(edge, end)

    def add_and_connect_unconnected_child_ports(
        self,
        exclude_port_types: Iterable[PortType] = (PortType.MESSAGE, PortType.SIGNAL),
        prefix_with_node_id: bool = True,
    ) -> None:
        """Give the graph a port like each unconnected port of its nodes, and connect the two.

        Raises:
            ValueError: if two of them have one name; then nothing is changed.
        """
        excluded = set(exclude_port_types)
        free: dict[str, NodePortSpec] = {}
        own = PortSpecCollection()
        for node in self._nodes.values():
            for port in node.ports.iter_ports():
                if port.port_type not in excluded and not port.edges:
                    name = f"{node.id}.{port.name}" if prefix_with_node_id else port.name
                    own.add_port(PortSpec(port.port_type, name, **port._settings()))
                    free[f"{port.port_type.label}.{name}"] = port
        self.update_graph_ports(own)
        for spec in own.iter_ports():
            self.port_at((GRAPH_ID, spec.id)).connect_to(free[spec.id_str])

    # -- other shapes of it

    def copy(self) -> GraphSpec:
        """Return an equal graph that can be changed; the component classes are the same."""
        twin = GraphSpec(self._port_specs, inherit_base_component_ports=False)
        for node in self._nodes.values():
            twin.add(node.copy())
        for edge in self._edges.values():
            other = twin.add_edge(edge.maxsize, edge.id)
            other._tail, other._head = edge.ends
        twin._edges_at = {
            end: tuple(twin._edges[edge.id] for edge in edges) for end, edges in self._edges_at.items()
        }
        return twin

    def to_dict(self) -> dict[str, Any]:
        """Return the graph as data that JSON can hold; see `fbdev.graph.data`.

        Raises:
            ValueError: if something in it has no importable name, or is a value that JSON cannot hold.
        """
        from fbdev.graph.data import graph_to_dict  # noqa: PLC0415 - it reads graphs

        return graph_to_dict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GraphSpec:
        """Return the graph that `to_dict` made the data of.

        Raises:
            ValueError: if the data is no graph; the sentence names the place.
        """
        from fbdev.graph.data import graph_from_dict  # noqa: PLC0415 - it makes graphs

        return graph_from_dict(data)

    def validate(self) -> list[Finding]:
        """Return what is wrong with the graph, or looks so, here and in the graphs within it."""
        from fbdev.graph.validation import findings  # noqa: PLC0415 - it reads graphs

        return list(findings(self))

    def to_mermaid(
        self,
        orientation: str = "",
        hide_unconnected_ports: bool = False,
        hide_port_types: Iterable[PortType] = (),
    ) -> str:
        """Return the graph as a mermaid flowchart; see `fbdev.graph.mermaid.graph_to_mermaid`."""
        from fbdev.graph.mermaid import graph_to_mermaid  # noqa: PLC0415 - drawing reads specs

        return graph_to_mermaid(self, orientation, hide_unconnected_ports, hide_port_types)

    def display_mermaid(
        self,
        orientation: str = "",
        hide_unconnected_ports: bool = False,
        hide_port_types: Iterable[PortType] = (),
    ) -> Any:
        """Return the flowchart as a Markdown object that a notebook shows."""
        from fbdev.graph.mermaid import as_markdown  # noqa: PLC0415 - drawing reads specs

        return as_markdown(self.to_mermaid(orientation, hide_unconnected_ports, hide_port_types))

    def __repr__(self) -> str:
        return f"<GraphSpec: {len(self._nodes)} nodes, {len(self._edges)} edges>"


def _claim_id(new_id: str, taken: Mapping[str, Any]) -> None:
    if new_id == GRAPH_ID:
        raise ValueError(f"Invalid id '{GRAPH_ID}': it stands for the graph itself. Give another by id=.")
    if not is_valid_name(new_id):
        raise ValueError(f"Invalid id {new_id!r}: {rule_of_names(new_id)}. Give another by id=.")
    if new_id in taken:
        raise ValueError(f"The graph has a '{new_id}' already.")


def _free_id(prefix: str, number: int, taken: Mapping[str, Any]) -> str:
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"
