"""Graphs as people write them: nodes, their ports, and the edges between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port_spec import PortID, PortsByKind, PortSpec, PortSpecCollection, PortType, is_valid_name

if TYPE_CHECKING:
    from fbdev.graph.net import BaseNode

GRAPH_ID: Final = "GRAPH"


class NodePortSpec(PortSpec):
    """A port of a node of a graph, or of the graph itself: what ``>>`` connects."""

    def __init__(self, spec: PortSpec, graph: GraphSpec, node_id: str) -> None:
        super().__init__(spec.port_type, spec.name, **spec._settings())
        self.graph = graph
        self.node_id = node_id

    @property
    def is_graph_port(self) -> bool:
        """True for a port of the graph itself."""
        return self.node_id == GRAPH_ID

    @property
    def feeds_edges(self) -> bool:
        """True if edges begin here: an output of a node, or an input of the graph seen from inside."""
        return self.is_input_port if self.is_graph_port else self.is_output_port

    @property
    def edges(self) -> tuple[EdgeSpec, ...]:
        """The edges at this port, in the order in which they were made."""
        return tuple(edge for edge in self.graph.edges.values() if (self.node_id, self.id) in edge.ends)

    def connect_to(self, other: NodePortSpec | EdgeSpec) -> None:
        """Connect it to a port by a new edge, or to a free end of an edge."""
        if isinstance(other, NodePortSpec):
            tail, head = (self, other) if self.feeds_edges else (other, self)
            self.graph._connect(tail, head)
        else:
            self.graph.connect_port_to_edge(self, other)

    def __rshift__(self, other: Connectable) -> Connectable:
        return _join(self, other)

    def __lshift__(self, other: Connectable) -> Connectable:
        _join(other, self)
        return other

    def __repr__(self) -> str:
        return f"{self.node_id}:{self.id_str}"


End = tuple[str, PortID]


class EdgeSpec:
    """An edge of a graph: from its tail to its head, holding at most ``maxsize`` packets (None: any number)."""

    def __init__(self, maxsize: int | None = None, id: str | None = None) -> None:  # noqa: A002 - public name
        if maxsize is not None and maxsize < 1:
            raise ValueError(f"An edge holds at least one packet: maxsize={maxsize} is too small.")
        self.id = id if id is not None else ""
        self.maxsize = maxsize
        self.graph: GraphSpec | None = None
        self._tail: End | None = None
        self._head: End | None = None

    @property
    def ends(self) -> tuple[End | None, End | None]:
        """Tail and head as (node id, port id), None where it is free."""
        return self._tail, self._head

    @property
    def is_maxsize_finite(self) -> bool:
        """True if it holds a limited number of packets."""
        return self.maxsize is not None

    def _port(self, end: End | None) -> NodePortSpec | None:
        if self.graph is None:
            raise ValueError(f"Edge '{self.id}' belongs to no graph.")
        return None if end is None else self.graph._port_at(end)

    @property
    def tail_port(self) -> NodePortSpec | None:
        """The port where it begins, None while that end is free."""
        return self._port(self._tail)

    @property
    def head_port(self) -> NodePortSpec | None:
        """The port where it ends, None while that end is free."""
        return self._port(self._head)

    def _owner(self, end: End | None) -> NodeSpec | GraphSpec | None:
        port = self._port(end)
        return None if port is None or self.graph is None else self.graph.get_child_node_by_id(port.node_id)

    @property
    def tail(self) -> NodeSpec | GraphSpec | None:
        """The node where it begins; the graph itself for one of its own ports."""
        return self._owner(self._tail)

    @property
    def head(self) -> NodeSpec | GraphSpec | None:
        """The node where it ends; the graph itself for one of its own ports."""
        return self._owner(self._head)

    @property
    def tail_is_graph(self) -> bool:
        """True if it begins at a port of the graph itself."""
        return self._tail is not None and self._tail[0] == GRAPH_ID

    @property
    def head_is_graph(self) -> bool:
        """True if it ends at a port of the graph itself."""
        return self._head is not None and self._head[0] == GRAPH_ID

    @property
    def rich_id(self) -> str:
        """The id with the capacity: ``edge0, maxsize=3``."""
        return self.id if self.maxsize is None else f"{self.id}, maxsize={self.maxsize}"

    def __rshift__(self, other: Connectable) -> Connectable:
        return _join(self, other)

    def __lshift__(self, other: Connectable) -> Connectable:
        _join(other, self)
        return other

    def __repr__(self) -> str:
        tail, head = (
            "_" if end is None else f"{end[0]}:{end[1][0].label}.{end[1][1]}" for end in (self._tail, self._head)
        )
        return f"EdgeSpec[{self.rich_id}]: {tail} >> {head}"


class NodeSpec:
    """A node of a graph: an id, a component class, and the kind of node that runs it."""

    def __init__(
        self,
        component_type: type[BaseComponent],
        id: str | None = None,  # noqa: A002 - public name
        node_type: type[BaseNode] | None = None,
    ) -> None:
        self.id = id if id is not None else component_type.__name__
        self.component_type = component_type
        self.graph: GraphSpec | None = None
        self._node_type = node_type
        self._ports: PortsByKind | None = None

    @property
    def component_name(self) -> str:
        """The name of the component class."""
        return self.component_type.__name__

    @property
    def node_type(self) -> type[BaseNode]:
        """The class of its node in a net."""
        if self._node_type is None:
            from fbdev.graph.net import Node  # noqa: PLC0415 - a net is made of specs, not the other way round

            return Node
        return self._node_type

    @property
    def port_specs(self) -> PortSpecCollection:
        """The ports of its component."""
        return self.component_type.port_specs

    @property
    def ports(self) -> Any:
        """Its ports by kind and name: ``node.ports.output.out``."""
        if self.graph is None:
            raise ValueError(f"Node '{self.id}' belongs to no graph.")
        if self._ports is None:
            specs = self.port_specs.iter_ports()
            self._ports = PortsByKind({spec.id: NodePortSpec(spec, self.graph, self.id) for spec in specs})
        return self._ports

    @property
    def edge_connections(self) -> Mapping[PortID, tuple[EdgeSpec, ...]]:
        """The edges at each connected port."""
        return {port.id: port.edges for port in self.ports.iter_ports() if port.edges}

    @property
    def subgraph(self) -> GraphSpec | None:
        """The graph inside, if its component is a graph, exposed or not."""
        return getattr(self.component_type, "graph", None)

    @property
    def contains_graph(self) -> bool:
        """True if its component is a graph that shows its inside."""
        return self.subgraph is not None and bool(getattr(self.component_type, "expose_graph", False))

    @property
    def rich_id(self) -> str:
        """Class and id: ``Class[]`` if they are the same, ``Class[...1]`` if the id begins with the class."""
        name = self.component_name
        if self.id == name:
            return f"{name}[]"
        return f"{name}[...{self.id[len(name) :]}]" if self.id.startswith(name) else f"{name}[{self.id}]"

    def create_node(self, parent_net: BaseNode | None = None) -> BaseNode:
        """Return a node that runs the component."""
        return self.node_type(self, parent_net)

    def copy(self) -> NodeSpec:
        """Return an equal node that belongs to no graph."""
        return NodeSpec(self.component_type, self.id, self._node_type)

    def __rshift__(self, other: Connectable) -> Connectable:
        return _join(self, other)

    def __lshift__(self, other: Connectable) -> Connectable:
        _join(other, self)
        return other

    def __repr__(self) -> str:
        return f"NodeSpec[{self.id}]: {self.component_name}"


Connectable = NodePortSpec | EdgeSpec | NodeSpec


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
        return self if node_id == GRAPH_ID else self._nodes[node_id]

    def _port_at(self, end: End) -> NodePortSpec:
        node_id, port_id = end
        found: NodePortSpec = self.get_child_node_by_id(node_id).ports[port_id]
        return found

    # -- building

    def _change(self) -> None:
        if self._readonly:
            raise RuntimeError("GraphSpec is readonly.")

    def make_readonly(self) -> None:
        """Refuse every change from now on."""
        self._readonly = True
        self._port_specs.make_readonly()

    def add_graph_port(self, port_spec: PortSpec) -> NodePortSpec:
        """Add a port of the graph itself, and return it ready to be connected."""
        self._change()
        self._port_specs.add_port(port_spec)
        return NodePortSpec(port_spec, self, GRAPH_ID)

    def update_graph_ports(self, port_specs: PortSpecCollection) -> None:
        """Add several ports of the graph itself."""
        for spec in port_specs.iter_ports():
            self.add_graph_port(spec)

    def remove_graph_port(self, port_spec: PortSpec) -> None:
        """Remove a port of the graph itself; edges there become free."""
        self._change()
        for edge in list(self._edges.values()):
            self._free(edge, (GRAPH_ID, port_spec.id))
        self._port_specs.remove_port(port_spec)

    def add(self, obj: NodeSpec | EdgeSpec | PortSpec) -> NodeSpec | EdgeSpec | NodePortSpec:
        """Add a node, an edge or a port of the graph."""
        if isinstance(obj, PortSpec):
            return self.add_graph_port(obj)
        self._change()
        if obj.graph is not None:
            raise ValueError(f"{obj!r} belongs to a graph already: add a copy.")
        taken: Mapping[str, Any] = self._nodes if isinstance(obj, NodeSpec) else self._edges
        if isinstance(obj, EdgeSpec) and not obj.id:
            obj.id = _free_id("edge", taken, first=0)
        if not is_valid_name(obj.id) or obj.id == GRAPH_ID:
            raise ValueError(f"Invalid id {obj.id!r}: identifiers joined by dots, not 'GRAPH'.")
        if obj.id in taken:
            raise ValueError(f"The graph has a '{obj.id}' already.")
        obj.graph = self
        if isinstance(obj, NodeSpec):
            self._nodes[obj.id] = obj
        else:
            self._edges[obj.id] = obj
        return obj

    def add_node(
        self,
        component_type: type[BaseComponent],
        id: str | None = None,  # noqa: A002 - public name
        node_type: type[BaseNode] | None = None,
    ) -> NodeSpec:
        """Add a node that runs a component class. Without an id it is called like the class, then class1, ..."""
        if not (isinstance(component_type, type) and issubclass(component_type, BaseComponent)):
            raise TypeError(f"A node runs a component class, not {component_type!r}.")
        name = component_type.__name__
        if id is None:
            id = name if name not in self._nodes else _free_id(name, self._nodes, first=1)  # noqa: A001
        node = NodeSpec(component_type, id, node_type)
        self.add(node)
        return node

    def add_edge(self, maxsize: int | None = None, id: str | None = None) -> EdgeSpec:  # noqa: A002 - public name
        """Add an edge with free ends: ``a >> graph.add_edge(maxsize=5) >> b``."""
        self._change()
        edge = EdgeSpec(maxsize, id)
        self.add(edge)
        return edge

    def remove_node(self, node: NodeSpec) -> None:
        """Remove a node; its edges stay, free at that end."""
        self._change()
        for port in node.ports.iter_ports():
            for edge in port.edges:
                self._free(edge, (node.id, port.id))
        del self._nodes[node.id]
        node.graph = node._ports = None

    def remove_edge(self, edge: EdgeSpec) -> None:
        """Remove an edge."""
        self._change()
        del self._edges[edge.id]
        edge._tail = edge._head = edge.graph = None

    # -- connecting

    def connect_port_to_edge(self, port: NodePortSpec, edge: EdgeSpec) -> None:
        """Put a port at the end of an edge that it fits: where edges begin or where they end.

        Raises:
            ValueError: if that end is taken, or they belong to different graphs.
        """
        self._change()
        if port.graph is not self or edge.graph is not self:
            raise ValueError(f"{port!r} and {edge!r} do not both belong to this graph.")
        self._port_at((port.node_id, port.id))
        end = (port.node_id, port.id)
        side, taken = ("tail", edge._tail) if port.feeds_edges else ("head", edge._head)
        if taken is not None:
            raise ValueError(f"The {side} of {edge!r} is connected already: {port!r} cannot be joined there.")
        if port.feeds_edges:
            edge._tail = end
        else:
            edge._head = end

    def disconnect_port_from_edge(self, port: NodePortSpec, edge: EdgeSpec) -> None:
        """Free the end of an edge where a port is.

        Raises:
            ValueError: if the port is not there.
        """
        self._change()
        if not self._free(edge, (port.node_id, port.id)):
            raise ValueError(f"{port!r} is not connected to {edge!r}.")

    @staticmethod
    def _free(edge: EdgeSpec, end: End) -> bool:
        was = edge.ends
        edge._tail = None if edge._tail == end else edge._tail
        edge._head = None if edge._head == end else edge._head
        return edge.ends != was

    def _connect(self, tail: NodePortSpec, head: NodePortSpec) -> EdgeSpec:
        self._change()
        if tail.graph is not self or head.graph is not self:
            raise ValueError(f"{tail!r} and {head!r} do not belong to the same graph.")
        if not tail.feeds_edges or head.feeds_edges:
            raise ValueError(f"Wrong direction of connection {tail!r} >> {head!r}.")
        edge = self.add_edge()
        edge._tail, edge._head = (tail.node_id, tail.id), (head.node_id, head.id)
        return edge

    def add_and_connect_unconnected_child_ports(
        self,
        exclude_port_types: Iterable[PortType] = (PortType.MESSAGE, PortType.SIGNAL),
        prefix_with_node_id: bool = True,
    ) -> None:
        """Give the graph a port like each unconnected port of its nodes, and connect the two."""
        excluded = set(exclude_port_types)
        for node in list(self._nodes.values()):
            for port in node.ports.iter_ports():
                if port.port_type in excluded or port.edges:
                    continue
                name = f"{node.id}.{port.name}" if prefix_with_node_id else port.name
                own = self.add_graph_port(PortSpec(port.port_type, name, **port._settings()))
                own.connect_to(port)

    def copy(self) -> GraphSpec:
        """Return an equal graph that can be changed; the component classes are the same."""
        twin = GraphSpec(self._port_specs, inherit_base_component_ports=False)
        for node in self._nodes.values():
            twin.add(node.copy())
        for edge in self._edges.values():
            other = twin.add_edge(edge.maxsize, edge.id)
            other._tail, other._head = edge.ends
        return twin

    # -- drawing

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


def _free_id(prefix: str, taken: Mapping[str, Any], first: int) -> str:
    number = first + sum(1 for name in taken if name.startswith(prefix)) if first == 0 else first
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"


def _only_port(node: NodeSpec, kind: PortType) -> NodePortSpec:
    ports: list[NodePortSpec] = node.ports.get_all(kind)
    if len(ports) != 1:
        names = ", ".join(port.name for port in ports) or "none"
        raise ValueError(f"Node '{node.id}' has not exactly one {kind.label} port (it has: {names}): name the port.")
    return ports[0]


def _join(left: Connectable, right: Connectable) -> Connectable:
    """Connect what stands on both sides of ``>>``, and return the right side. On an error nothing is changed."""
    if not isinstance(right, Connectable) or not isinstance(left, Connectable):
        raise TypeError(f"Cannot connect {left!r} to {right!r}: ports, nodes and edges are connected.")
    tail = _only_port(left, PortType.OUTPUT) if isinstance(left, NodeSpec) else left
    head = _only_port(right, PortType.INPUT) if isinstance(right, NodeSpec) else right
    if isinstance(tail, NodePortSpec) and not tail.feeds_edges:
        raise ValueError(f"Wrong direction of connection {tail!r} >> {head!r}: no edge begins there.")
    if isinstance(head, NodePortSpec) and head.feeds_edges:
        raise ValueError(f"Wrong direction of connection {tail!r} >> {head!r}: no edge ends there.")
    if isinstance(tail, EdgeSpec) and isinstance(head, EdgeSpec):
        raise TypeError(f"Cannot connect {tail!r} to {head!r}: a port stands between two edges.")
    if isinstance(tail, NodePortSpec):
        tail.connect_to(head)
    elif isinstance(head, NodePortSpec):
        head.connect_to(tail)
    return right
