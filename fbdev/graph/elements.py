"""What graphs are made of: nodes, their ports, edges, and the operators that connect them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port_spec import PortID, PortsByKind, PortSpec, PortSpecCollection, PortType

if TYPE_CHECKING:
    from fbdev.graph.graph_spec import GraphSpec
    from fbdev.graph.net import BaseNode

GRAPH_ID: Final = "GRAPH"
"""Stands for the graph itself where an end of an edge names its node."""

End = tuple[str, PortID]
"""Where an edge begins or ends: a node's id, or `GRAPH_ID`, and a port's."""

_Other = TypeVar("_Other", bound="Connectable")


class Connectable:
    """What ``>>`` and ``<<`` connect: ports, nodes and edges. Both return what stands on their right."""

    def __rshift__(self, other: _Other) -> _Other:
        _join(self, other)
        return other

    def __lshift__(self, other: _Other) -> _Other:
        _join(other, self)
        return other


class NodePortSpec(PortSpec, Connectable):
    """A port of a node of a graph, or of the graph itself."""

    def __init__(self, spec: PortSpec, graph: GraphSpec, node_id: str) -> None:
        super().__init__(spec.port_type, spec.name, **spec._settings())
        self.graph = graph
        self.node_id = node_id

    @property
    def end(self) -> End:
        """How the ends of edges name it."""
        return self.node_id, self.id

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
        """The edges at this port, in the order in which they were connected; more than one is fan-out or fan-in."""
        return self.graph.edges_at(self.end)

    def connect_to(self, other: NodePortSpec | EdgeSpec) -> None:
        """Connect it to a port by a new edge, or to a free end of an edge.

        Raises:
            ValueError: if the two do not fit, belong to different graphs, or the edge's end is not free.
        """
        if isinstance(other, EdgeSpec):
            self.graph.connect_port_to_edge(self, other)
        else:
            tail, head = (self, other) if self.feeds_edges else (other, self)
            self.graph.connect_ports(tail, head)

    def __repr__(self) -> str:
        return f"{self.node_id}:{self.id_str}"


class EdgeSpec(Connectable):
    """An edge of a graph: from its tail to its head, holding at most ``maxsize`` packets (None: any number).

    Raises:
        TypeError: if ``maxsize`` is no whole number.
        ValueError: if it is below one.
    """

    def __init__(self, maxsize: int | None = None, id: str | None = None) -> None:  # noqa: A002 - public name
        if maxsize is not None and (not isinstance(maxsize, int) or isinstance(maxsize, bool)):
            raise TypeError(f"An edge's maxsize is a whole number or None, not {maxsize!r}.")
        if maxsize is not None and maxsize < 1:
            raise ValueError(f"An edge holds at least one packet: maxsize={maxsize} is too small.")
        self._id = id if id is not None else ""
        self._maxsize = maxsize
        self.graph: GraphSpec | None = None
        self._tail: End | None = None
        self._head: End | None = None

    @property
    def id(self) -> str:
        """The id in its graph, which gives it one when it is added without."""
        return self._id

    @property
    def maxsize(self) -> int | None:
        """The packets that it holds at most, None for any number."""
        return self._maxsize

    @property
    def is_maxsize_finite(self) -> bool:
        """True if it holds a limited number of packets."""
        return self._maxsize is not None

    @property
    def ends(self) -> tuple[End | None, End | None]:
        """Tail and head as (node id, port id), None where it is free."""
        return self._tail, self._head

    def _port(self, end: End | None) -> NodePortSpec | None:
        if self.graph is None:
            raise ValueError(f"Edge '{self.id}' belongs to no graph.")
        return None if end is None else self.graph.port_at(end)

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
        return None if port is None else port.graph.get_child_node_by_id(port.node_id)

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

    def __repr__(self) -> str:
        return f"EdgeSpec[{self.rich_id}]: {end_str(self._tail)} >> {end_str(self._head)}"


def end_str(end: End | None) -> str:
    """Return an end of an edge as text: ``A:output.out``, ``_`` for a free one."""
    return "_" if end is None else f"{end[0]}:{end[1][0].label}.{end[1][1]}"


class Placement(Protocol):
    """Where a node runs: the class of the node and the arguments for it, as `OnEngine` has them."""

    node_type: type[BaseNode]
    node_args: Mapping[str, Any]


class NodeSpec(Connectable):
    """A node of a graph: an id, a component class, and the kind of node that runs it.

    Args:
        component_type: the class of its component.
        id: its id, by default the name of that class.
        node_type: the class of its node in a net, by default `fbdev.graph.net.Node`; or a `Placement`.
        node_args: further keyword arguments for that class.

    Raises:
        TypeError: if ``component_type`` is no component class.
    """

    def __init__(
        self,
        component_type: type[BaseComponent],
        id: str | None = None,  # noqa: A002 - public name
        node_type: type[BaseNode] | Placement | None = None,
        node_args: Mapping[str, Any] | None = None,
    ) -> None:
        if not (isinstance(component_type, type) and issubclass(component_type, BaseComponent)):
            raise TypeError(f"A node runs a component class, not {component_type!r}.")
        self._id = id if id is not None else component_type.__name__
        self._component_type = component_type
        self.run_in(node_type, node_args)
        self.graph: GraphSpec | None = None
        self._ports: PortsByKind | None = None

    @property
    def id(self) -> str:
        """The id in its graph."""
        return self._id

    def run_in(self, place: type[BaseNode] | Placement | None, args: Mapping[str, Any] | None = None) -> None:
        """Say where it runs, and the further arguments for that."""
        kind: Any = place
        given = dict(args or {})
        if place is not None and not isinstance(place, type):
            kind, given = place.node_type, {**place.node_args, **given}
        self._node_type: type[BaseNode] | None = kind
        self.node_args: Mapping[str, Any] = MappingProxyType(given)
        """Further keyword arguments for its `node_type`."""

    @property
    def component_type(self) -> type[BaseComponent]:
        """The class of its component."""
        return self._component_type

    @property
    def component_name(self) -> str:
        """The name of that class."""
        return self._component_type.__name__

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
        return self._component_type.port_specs

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
    def edge_connections(self) -> Mapping[PortID, EdgeSpec]:
        """The edge at each connected port; where there are several the first, ``port.edges`` has all."""
        return {port.id: port.edges[0] for port in self.ports.iter_ports() if port.edges}

    @property
    def subgraph(self) -> GraphSpec | None:
        """The graph inside, if its component is a graph, exposed or not."""
        return getattr(self._component_type, "graph", None)

    @property
    def contains_graph(self) -> bool:
        """True if its component is a graph that shows its inside."""
        return self.subgraph is not None and bool(getattr(self._component_type, "expose_graph", False))

    @property
    def rich_id(self) -> str:
        """Class and id: ``Class[]`` if they are the same, ``Class[...1]`` if the id begins with the class."""
        name = self.component_name
        if self.id == name:
            return f"{name}[]"
        return f"{name}[...{self.id[len(name) :]}]" if self.id.startswith(name) else f"{name}[{self.id}]"

    def create_node(self, parent_net: BaseNode | None = None) -> BaseNode:
        """Return a node that runs the component."""
        return self.node_type(self, parent_net, **self.node_args)

    def copy(self) -> NodeSpec:
        """Return an equal node that belongs to no graph."""
        return NodeSpec(self._component_type, self.id, self._node_type, self.node_args)

    def __repr__(self) -> str:
        return f"NodeSpec[{self.id}]: {self.component_name}"


def _join(left: Connectable, right: Connectable) -> None:
    """Connect what stands on both sides of ``>>``. On an error nothing is changed."""
    for side in (left, right):
        if not isinstance(side, Connectable):
            raise TypeError(f"Cannot connect {left!r} to {right!r}: ports, nodes and edges are connected.")
    tail = _only_port(left, PortType.OUTPUT) if isinstance(left, NodeSpec) else left
    head = _only_port(right, PortType.INPUT) if isinstance(right, NodeSpec) else right
    if isinstance(tail, NodePortSpec) and not tail.feeds_edges:
        raise ValueError(f"Wrong direction of connection {tail!r} >> {head!r}: no edge begins there.")
    if isinstance(head, NodePortSpec) and head.feeds_edges:
        raise ValueError(f"Wrong direction of connection {tail!r} >> {head!r}: no edge ends there.")
    if isinstance(tail, NodePortSpec) and isinstance(head, NodePortSpec | EdgeSpec):
        tail.connect_to(head)
    elif isinstance(head, NodePortSpec) and isinstance(tail, EdgeSpec):
        head.connect_to(tail)
    else:
        raise TypeError(f"Cannot connect {tail!r} to {head!r}: a port stands between two edges.")


def _only_port(node: NodeSpec, kind: PortType) -> NodePortSpec:
    ports: list[NodePortSpec] = node.ports.get_all(kind)
    if len(ports) != 1:
        names = ", ".join(port.name for port in ports) or "none"
        raise ValueError(f"Node '{node.id}' has not exactly one {kind.label} port (it has: {names}): name the port.")
    return ports[0]
