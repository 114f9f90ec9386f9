"""What every node of a net is, wherever its component runs."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from fbdev._utils.errors import words_of
from fbdev._utils.states import StateCollection
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.hub import Hub
from fbdev.comp.line import Line
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortID, PortsByKind, PortSpecCollection
from fbdev.exceptions import NodeError
from fbdev.graph.address import TOP_NODE_ID, Address, node_lookup_by_address
from fbdev.graph.elements import GRAPH_ID, NodeSpec
from fbdev.graph.location import LocationUUID, get_location_uuid
from fbdev.task_manager import Chain, TaskManager

if TYPE_CHECKING:
    from fbdev.graph.edge import Edge
    from fbdev.graph.node_port import NodePort
    from fbdev.graph.packet_registry import PacketRegistry


TAKEN: Final = "was taken, but not consumed"
"""Why a packet that a node has taken counts as undelivered."""


class BaseNode(ABC):
    """A node of a net; one without a parent is the top node, called ``TOP``.

    Args:
        spec: what it is.
        parent_net: the node whose net it is in.

    Raises:
        ValueError: if the parent holds no net.
    """

    def __init__(self, spec: NodeSpec, parent_net: BaseNode | None = None) -> None:
        if parent_net is not None and not parent_net.is_net:
            raise ValueError(f"{parent_net.address} is no net: it cannot hold a node.")
        self.spec = spec
        self.parent_net = parent_net
        self.hub: Hub = parent_net.hub if parent_net is not None else Hub()
        self._states: StateCollection | None = None
        self._task_manager: TaskManager | None = None
        self._registry: PacketRegistry | None = None
        self.begun = False
        """True once `start` was called."""
        self.has_started = False
        """True once `start` has returned; it stays True."""
        self.has_stopped = False
        """True once `stop` was called."""
        self.finished = False
        """True once all its tasks, or all its nodes, have ended."""

    # -- what it is

    @property
    def id(self) -> str:
        """The id in its graph; ``TOP`` for the top node."""
        return self.spec.id if self.parent_net is not None else TOP_NODE_ID

    @property
    def is_top_node(self) -> bool:
        """True if it is in no net."""
        return self.parent_net is None

    @property
    def top(self) -> BaseNode:
        """The top node of the net."""
        return self if self.parent_net is None else self.parent_net.top

    @property
    def address(self) -> Address:
        """Where it is."""
        return self.id if self.parent_net is None else f"{self.parent_net.address}->{self.id}"

    @property
    def loc_uuid(self) -> LocationUUID:
        """Its identity as a place where packets can be."""
        return get_location_uuid(self)

    @property
    def component_type(self) -> type[BaseComponent]:
        """The class of its component."""
        return self.spec.component_type

    @property
    def component_name(self) -> str:
        """The name of that class."""
        return self.component_type.__name__

    @property
    @abstractmethod
    def component_process(self) -> BaseComponent:
        """Its component."""

    @property
    def port_specs(self) -> PortSpecCollection:
        """The ports of its component, as descriptions."""
        return self.component_type.port_specs

    @property
    def states(self) -> StateCollection:
        """``started`` and ``stopped``; both stay True."""
        if self._states is None:
            self._states = StateCollection(started=self.has_started, stopped=self.has_stopped)
        return self._states

    def _enter(self, *, started: bool = False, stopped: bool = False) -> None:
        self.has_started |= started
        self.has_stopped |= stopped
        if self._states is not None:
            self._states["_started"].set(self.has_started)
            self._states["_stopped"].set(self.has_stopped)

    @property
    def task_manager(self) -> TaskManager:
        """Owns what is done on its behalf from outside, and hears of the errors in it."""
        if self._task_manager is None:
            self._task_manager = TaskManager(self, node=self, hub=self.hub)
            if self.parent_net is not None:
                self._task_manager.subscribe(self._escalate)
        return self._task_manager

    @property
    def tasks(self) -> tuple[asyncio.Task[Any], ...]:
        """The tasks that run for it."""
        return tuple(self._task_manager.tasks) if self._task_manager is not None else ()

    @property
    def advice(self) -> str:
        """What its author should know if the net is blocked at it, in a few words."""
        return ""

    @property
    def lines(self) -> Iterable[Line]:
        """The lines of work of its component's tasks."""
        return ()

    def left_elsewhere(self) -> Iterable[tuple[BasePacket, Address, str]]:
        """Return the packets that nobody received where it runs, if that is elsewhere: each, its address and why."""
        return ()

    # -- its ports and edges

    @property
    @abstractmethod
    def ports(self) -> PortsByKind:
        """Its ports, seen from outside."""

    def inner_ports(self) -> Iterator[Port]:
        """Yield its ports, as its component sees them."""
        return (port.inner for port in self.ports.iter_ports())

    @property
    def edge_connections(self) -> Mapping[PortID, Edge]:
        """The edge around it at each connected port; where there are several the first, ``port.edges`` has all."""
        return {port.id: port.edges[0] for port in self.ports.iter_ports() if port.edges}

    @property
    def internal_edge_connections(self) -> Mapping[PortID, Edge]:
        """The edge inside it at each of its ports that is connected there, as `edge_connections` are outside."""
        return {port.id: port.internal_edges[0] for port in self.ports.iter_ports() if port.internal_edges}

    async def await_message(self, name: str) -> None:
        """Wait for a message of the message port ``name``."""
        await self.ports.message[name].get_and_consume()

    async def send_signal(self, name: str) -> None:
        """Send a signal to the signal port ``name``."""
        await self.ports.signal[name].put(Packet.get_empty())

    # -- what is in it

    @property
    @abstractmethod
    def is_net(self) -> bool:
        """True if it holds nodes of its own."""

    @property
    @abstractmethod
    def nodes(self) -> Mapping[str, BaseNode]:
        """The nodes in it by id."""

    @property
    @abstractmethod
    def edges(self) -> Mapping[str, Edge]:
        """The edges in it by id."""

    def walk(self) -> Iterator[BaseNode]:
        """Yield this node and every node below it, outer ones first."""
        yield self
        if self.is_net:
            for child in self.nodes.values():
                yield from child.walk()

    def all_edges(self) -> Iterator[Edge]:
        """Yield every edge in it and in the nodes below it."""
        for node in self.walk():
            if node.is_net:
                yield from node.edges.values()

    def get_child_node_by_id(self, node_id: str) -> BaseNode:
        """Return a node in it; itself for ``GRAPH``.

        Raises:
            KeyError: if there is none.
        """
        if node_id == GRAPH_ID:
            return self
        if node_id not in self.nodes:
            raise KeyError(f"{self.address} has no node '{node_id}': there are {', '.join(self.nodes) or 'none'}.")
        return self.nodes[node_id]

    def get_child_by_address(self, address: Address) -> BaseNode | Edge | NodePort:
        """Return the node, edge or port with an address relative to this node, at any depth.

        Raises:
            ValueError: if there is none.
        """
        return node_lookup_by_address(self, address)

    @property
    def packet_registry(self) -> PacketRegistry:
        """The history of the packets of the net, one for all its nodes."""
        from fbdev.graph.packet_registry import PacketRegistry  # noqa: PLC0415 - made when asked for

        top = self.top
        if top._registry is None:
            top._registry = PacketRegistry(self.hub)
        return top._registry

    # -- life

    @abstractmethod
    async def start(self) -> None:
        """Start it and everything in it."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop it and everything in it."""

    async def end(self) -> None:
        """Stop it if it was started; unlike `stop` it may be called in any state."""
        if self.has_started and not self.has_stopped:
            await self.stop()

    def cancel_tasks(self) -> None:
        """Tell its tasks to end, and wait for none of them."""
        if self._task_manager is not None:
            self._task_manager.cancel_all()

    def ask_to_stop(self, result: Any = None, reason: str = "") -> None:
        """Have the whole net stopped, by its runtime if it has one."""
        top = self.top
        if self.hub.on_stop is not None:
            self.hub.on_stop(result, reason)
        elif not top.has_stopped:
            top.task_manager.create_task(top.stop())

    def _escalate(
        self,
        task: asyncio.Task[Any] | None,
        exceptions: Chain,
        source_trace: tuple[str, ...],
        tracebacks: tuple[str, ...],
    ) -> None:
        """Tell the net that holds this node of an error in it."""
        assert self.parent_net is not None
        error = NodeError(f"{self.address} ({self.component_name}) failed: {words_of(exceptions[0])}")
        error.__cause__ = exceptions[-1]
        manager = self.parent_net.component_process.task_manager
        manager.submit_exception(task, (*exceptions, error), source_trace, tracebacks)

    def __str__(self) -> str:
        return self.address

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address} {self.component_name}>"
