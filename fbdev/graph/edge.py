"""Edges of a net."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fbdev._utils.derived_state import DerivedState
from fbdev._utils.states import StateCollection
from fbdev.comp.channel import Channel
from fbdev.graph.location import LocationUUID, get_location_uuid
from fbdev.instrument import Instrument, Move

if TYPE_CHECKING:
    from fbdev.comp.port import Port
    from fbdev.graph.address import Address
    from fbdev.graph.base_node import BaseNode
    from fbdev.graph.elements import EdgeSpec
    from fbdev.graph.node_port import NodePort
    from fbdev.task_manager import TaskManager


class Edge(Channel):
    """An edge of a net: holds packets between two ports. It has no tasks; it works from when it is made."""

    __slots__ = ("__weakref__", "_watch", "net", "spec")

    def __init__(self, edge_spec: EdgeSpec, net: BaseNode) -> None:
        super().__init__(edge_spec.maxsize)
        self.spec = edge_spec
        self.net = net
        """The node whose net it is in."""
        self._watch: EdgeWatch | None = None

    @property
    def id(self) -> str:
        """The id in its graph."""
        return self.spec.id

    @property
    def address(self) -> Address:
        """Where it is."""
        return f"{self.net.address}|{self.spec.id}"

    @property
    def loc_uuid(self) -> LocationUUID:
        """Its identity as a place where packets can be."""
        return get_location_uuid(self)

    @property
    def task_manager(self) -> TaskManager:
        """The task manager of its net: an edge has no tasks of its own."""
        return self.net.task_manager

    # -- what it joins

    @property
    def tail(self) -> BaseNode | None:
        """The node where it begins, the net itself for one of its own ports; None if that end is free."""
        return None if self.tail_end is None else self.tail_end.node

    @property
    def head(self) -> BaseNode | None:
        """The node where it ends, the net itself for one of its own ports; None if that end is free."""
        return None if self.head_end is None else self.head_end.node

    @property
    def tail_port(self) -> NodePort | None:
        """The port where it begins, seen from outside its node; None if that end is free."""
        return _from_outside(self.tail_end)

    @property
    def head_port(self) -> NodePort | None:
        """The port where it ends, seen from outside its node; None if that end is free."""
        return _from_outside(self.head_end)

    @property
    def tail_is_connected(self) -> bool:
        """True if it begins at a port."""
        return self.tail_end is not None

    @property
    def head_is_connected(self) -> bool:
        """True if it ends at a port."""
        return self.head_end is not None

    @property
    def tail_is_graph(self) -> bool:
        """True if it begins at a port of the net itself."""
        return self.spec.tail_is_graph

    @property
    def head_is_graph(self) -> bool:
        """True if it ends at a port of the net itself."""
        return self.spec.head_is_graph

    # -- its states

    @property
    def full(self) -> bool:
        """True if it holds as many packets as it can."""
        return self.capacity is not None and len(self.packets) >= self.capacity

    @property
    def empty(self) -> bool:
        """True if it holds none."""
        return not self.packets

    @property
    def running(self) -> bool:
        """True while its net is started and not stopped."""
        return self.net.has_started and not self.net.has_stopped

    @property
    def states(self) -> StateCollection:
        """``running``, ``full`` and ``empty``."""
        if self._watch is None:
            self._watch = EdgeWatch(self)
        return self._watch.states

    async def start(self) -> None:
        """Do nothing: it starts with its net."""

    async def stop(self) -> None:
        """Do nothing: it stops with its net."""

    def __repr__(self) -> str:
        held = len(self.packets) if self.capacity is None else f"{len(self.packets)}/{self.capacity}"
        return f"<Edge {self.address} {held}>"


def _from_outside(port: Port | None) -> NodePort | None:
    found: NodePort | None = None if port is None else port.node.ports[port.id]
    return found


class EdgeWatch(Instrument):
    """Tells the states of one edge to whoever waits for them; only then it is attached to the net."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._attached = False
        readers = {"running": lambda: edge.running, "full": lambda: edge.full, "empty": lambda: edge.empty}
        self._handlers = [DerivedState(name, read, self._attach) for name, read in readers.items()]
        self.states = StateCollection()
        for handler in self._handlers:
            self.states._add_state(handler)

    def _attach(self) -> None:
        if not self._attached:
            self._attached = True
            self._edge.net.hub.add(self)

    def _refresh(self) -> None:
        for handler in self._handlers:
            handler.refresh()

    def move_committed(self, move: Move) -> None:
        """A packet has come or gone, perhaps here."""
        if self._edge in move.edges:
            self._refresh()

    def node_state(self, node: BaseNode, state: str) -> None:
        """A node has started or stopped, perhaps the one around it."""
        if node is self._edge.net:
            self._refresh()
