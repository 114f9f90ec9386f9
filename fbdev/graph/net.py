"""Nets: graphs that run. A node holds a component; a node whose component is a graph holds a net of nodes."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from fbdev._utils.states import StateCollection
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.channel import Channel
from fbdev.comp.hub import Hub
from fbdev.comp.interrupt import Interruptible
from fbdev.comp.line import Line, current_line
from fbdev.comp.packet import Packet
from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortID, PortsByKind, PortSpec, PortSpecCollection, PortType
from fbdev.exceptions import ComponentError, NodeError
from fbdev.graph.graph_spec import GRAPH_ID, EdgeSpec, GraphSpec, NodeSpec
from fbdev.task_manager import Chain, TaskManager

if TYPE_CHECKING:
    from fbdev._utils.events import EventCollection
    from fbdev.graph.packet_registry import PacketRegistry

TOP_NODE_ID: Final = "TOP"
STOPPED: Final[PortID] = (PortType.MESSAGE, "stopped")
Address = str
"""``TOP`` the top node, ``TOP->A`` a node in it, ``TOP->A|edge0`` an edge, ``TOP->A:input.inp`` a port."""

log = logging.getLogger("fbdev")


class NodePort:
    """A port of a node seen from outside: what the component receives from is put to here, and the reverse."""

    def __init__(self, port: Port, node: BaseNode) -> None:
        self._port = port
        self.node = node
        if port.is_input_port:
            self.put, self.put_value = port._put, port._put_value
        else:
            self.get, self.get_and_consume = port._get, port._get_and_consume

    @property
    def spec(self) -> PortSpec:
        """The description."""
        return self._port.spec

    @property
    def id(self) -> PortID:
        """Kind and name."""
        return self._port.id

    @property
    def name(self) -> str:
        """The full name."""
        return self._port.name

    @property
    def port_type(self) -> PortType:
        """The kind."""
        return self._port.port_type

    @property
    def is_input_port(self) -> bool:
        """True for a port that the component receives from."""
        return self._port.is_input_port

    @property
    def is_output_port(self) -> bool:
        """True for a port that the component sends by."""
        return self._port.is_output_port

    @property
    def address(self) -> Address:
        """Where it is."""
        return f"{self.node.address}:{self.spec.id_str}"

    @property
    def states(self) -> StateCollection:
        """``put_awaiting``, ``get_awaiting`` and ``is_blocked``, as its component sees it."""
        return self._port.states

    @property
    def events(self) -> EventCollection:
        """``put_requested``, ``get_requested``, ``put_fulfilled`` and ``get_fulfilled``, from now on."""
        return self._port.events

    @property
    def inner(self) -> Port:
        """The port itself, as the component sees it."""
        return self._port

    def __repr__(self) -> str:
        return self.address


class Edge(Channel):
    """An edge of a net: holds packets between two ports."""

    def __init__(self, spec: EdgeSpec, net: BaseNode) -> None:
        super().__init__(spec.maxsize)
        self.spec = spec
        self.net = net

    @property
    def id(self) -> str:
        """The id in its graph."""
        return self.spec.id

    @property
    def address(self) -> Address:
        """Where it is."""
        return f"{self.net.address}|{self.spec.id}"

    @property
    def full(self) -> bool:
        """True if it holds as many packets as it can."""
        return self.capacity is not None and len(self.packets) >= self.capacity

    @property
    def empty(self) -> bool:
        """True if it holds none."""
        return not self.packets

    def __repr__(self) -> str:
        held = len(self.packets) if self.capacity is None else f"{len(self.packets)}/{self.capacity}"
        return f"<Edge {self.address} {held}>"


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
        self.states = StateCollection(started=False, stopped=False)
        self.task_manager = TaskManager(self, node=self, hub=self.hub)
        self.begun = False
        """True once `start` was called."""
        self.finished = False
        """True once all its tasks, or all its nodes, have ended."""
        if parent_net is not None:
            self.task_manager.subscribe(self._escalate)

    @property
    @abstractmethod
    def ports(self) -> PortsByKind:
        """Its ports, seen from outside."""

    @abstractmethod
    async def start(self) -> None:
        """Start it and everything in it."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop it and everything in it."""

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
    def component_type(self) -> type[BaseComponent]:
        """The class of its component."""
        return self.spec.component_type

    @property
    def component_name(self) -> str:
        """The name of that class."""
        return self.component_type.__name__

    @property
    def port_specs(self) -> PortSpecCollection:
        """The ports of its component, as descriptions."""
        return self.component_type.port_specs

    @property
    def packet_registry(self) -> PacketRegistry:
        """The history of the packets of the net, kept from when it is first asked for."""
        from fbdev.graph.packet_registry import PacketRegistry  # noqa: PLC0415 - made when asked for

        for instrument in self.hub.instruments:
            if isinstance(instrument, PacketRegistry):
                return instrument
        registry = PacketRegistry()
        self.task_manager.add_instrument(registry)
        return registry

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
        return self if node_id == GRAPH_ID else self.nodes[node_id]

    async def await_message(self, name: str) -> None:
        """Wait for a message of the message port ``name``."""
        await self.ports.message[name].get_and_consume()

    async def send_signal(self, name: str) -> None:
        """Send a signal to the signal port ``name``."""
        await self.ports.signal[name].put(Packet.get_empty())

    def cancel_tasks(self) -> None:
        """Tell its tasks to end, and wait for none of them."""
        self.task_manager.cancel_all()

    def _escalate(
        self,
        task: asyncio.Task[Any] | None,
        exceptions: Chain,
        source_trace: tuple[str, ...],
        tracebacks: tuple[str, ...],
    ) -> None:
        """Tell the net that holds this node of an error in it."""
        assert isinstance(self.parent_net, Node)
        error = NodeError(f"{self.address} ({self.component_name}) failed: {exceptions[0]!r}")
        error.__cause__ = exceptions[-1]
        manager = self.parent_net.component_process.task_manager
        manager.submit_exception(task, (*exceptions, error), source_trace, tracebacks)

    def ask_to_stop(self, result: Any = None, reason: str = "") -> None:
        """Have the whole net stopped, by its runtime if it has one."""
        top = self.top
        if self.hub.on_stop is not None:
            self.hub.on_stop(result, reason)
        elif not top.states.stopped.get():
            top.task_manager.create_task(top.stop())

    def __str__(self) -> str:
        return self.address

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.address} {self.component_name}>"


class Node(BaseNode):
    """A node that runs its component in this process."""

    def __init__(self, node_spec: NodeSpec, parent_net: BaseNode | None = None) -> None:
        super().__init__(node_spec, parent_net)
        self.component_process = self.component_type()
        self.component_process._bind(self)
        self.component_process.task_manager.subscribe(self._component_failed)
        ports = {port.id: NodePort(port, self) for port in self.component_process.ports.iter_ports()}
        self._ports = PortsByKind(ports)
        self.failed = False
        """True once an error of its own has ended it."""
        self._starting: Interruptible | None = None
        self._stop_is_due = True
        self._nodes: dict[str, BaseNode] = {}
        self._edges: dict[str, Edge] = {}
        graph = node_spec.subgraph
        self._is_net = graph is not None
        if graph is not None:
            self._build(graph)

    def _build(self, graph: GraphSpec) -> None:
        for spec in graph.nodes.values():
            self._nodes[spec.id] = spec.create_node(self)
        for edge_spec in graph.edges.values():
            edge = self._edges[edge_spec.id] = Edge(edge_spec, self)
            tail, head = edge_spec.ends
            if tail is not None:
                self.get_child_node_by_id(tail[0]).ports[tail[1]].inner.connect(target=edge)
            if head is not None:
                self.get_child_node_by_id(head[0]).ports[head[1]].inner.connect(source=edge)

    @property
    def ports(self) -> PortsByKind:
        """Its ports, seen from outside."""
        return self._ports

    @property
    def is_net(self) -> bool:
        """True if its component is a graph."""
        return self._is_net

    def _inside(self) -> None:
        if not self._is_net:
            raise RuntimeError(f"{self.address} is no net: it has no nodes and no edges.")

    @property
    def nodes(self) -> Mapping[str, BaseNode]:
        """The nodes in it by id.

        Raises:
            RuntimeError: if it is no net.
        """
        self._inside()
        return MappingProxyType(self._nodes)

    @property
    def edges(self) -> Mapping[str, Edge]:
        """The edges in it by id.

        Raises:
            RuntimeError: if it is no net.
        """
        self._inside()
        return MappingProxyType(self._edges)

    # -- life

    async def start(self) -> None:
        """Start the nodes in it, then the component. If that fails, all that has begun is stopped again.

        Raises:
            RuntimeError: if it was started or stopped before, or is stopped meanwhile.
        """
        if self.states.stopped.get():
            raise RuntimeError(f"{self.address} has been stopped: it cannot be started again.")
        if self.begun:
            raise RuntimeError(f"{self.address} has already been started.")
        self.begun = True
        self._tell("starting")
        self._starting = Interruptible()
        token = current_line.set(Line(self))
        try:
            with self._starting:
                await self._begin()
                return
            raise self._starting.error
        finally:
            current_line.reset(token)

    async def _begin(self) -> None:
        try:
            await self._start_children()
            await self.component_process.start()
        except BaseException as error:
            if not await self._could_not_start(error):
                raise
            return
        self.states._started.set(True)
        self._tell("running")
        manager = self.component_process.task_manager
        manager.on_idle = self._tasks_ended
        if not manager.tasks:
            self._tasks_ended()

    async def _start_children(self) -> None:
        starts = [asyncio.ensure_future(child.start()) for child in self._nodes.values()]
        try:
            await asyncio.gather(*starts)
        except BaseException:
            for start in starts:
                start.cancel()
            await asyncio.gather(*starts, return_exceptions=True)
            raise

    async def _could_not_start(self, error: BaseException) -> bool:
        """Stop what has begun; return whether the rest of the net is to go on without this node."""
        for node in self.walk():
            node.cancel_tasks()
        self._stop_is_due = False
        try:
            await self._end()
        except Exception:
            log.exception("%s failed to stop after it had failed to start", self.address)
        if not isinstance(error, Exception):
            return False
        add_place(error, self)
        if self.is_top_node or not self.hub.goes_on:
            self._tell("failed")
            return False
        self.component_process.task_manager.submit_exception(None, (error,), (), ())
        self._tasks_ended()
        return True

    def cancel_tasks(self) -> None:
        """Tell its tasks to end, and wait for none of them."""
        super().cancel_tasks()
        self.component_process.task_manager.cancel_all()

    async def stop(self) -> None:
        """Stop the nodes in it, then the component. If something in there fails, the rest is stopped all the same.

        Raises:
            RuntimeError: if it was not started, or stopped before. After a start that failed all is stopped already,
                and nothing is raised.
        """
        if not self.begun:
            raise RuntimeError(f"{self.address} has not been started.")
        if self.states.stopped.get() and self._stop_is_due:
            raise RuntimeError(f"{self.address} has already been stopped.")
        due, self._stop_is_due = self._stop_is_due, True
        if due:
            await self._end()

    async def _end(self) -> None:
        """Stop everything, in whatever state it is; the first error is raised in the end."""
        self.states._stopped.set(True)
        self.component_process.task_manager.on_idle = None
        if self._starting is not None:
            await self._starting.end(RuntimeError(f"{self.address} was stopped while it was starting."))
        running = [child for child in self._nodes.values() if child.begun and not child.states.stopped.get()]
        ends = await asyncio.gather(*(child.stop() for child in running), return_exceptions=True)
        try:
            await self.component_process._end()
        finally:
            await self.task_manager.destroy()
            if not self.finished:
                self._tell("stopped")
        for error in ends:
            if error is not None:
                raise error

    def _tell(self, state: str) -> None:
        if self.hub.instruments:
            self.hub.tell("node_state", self, state)

    def _tasks_ended(self) -> None:
        """All tasks have returned: nothing more will come out of the node."""
        if (
            self.finished
            or not (self.states.started.get() or self.failed)
            or self.component_process.task_manager.tasks
        ):
            return
        if any(not child.finished for child in self._nodes.values() if isinstance(child, Node)):
            return
        self.finished = True
        if not self.failed:
            self._tell("finished")
        for port in self._ports.iter_output_ports():
            if port.id != STOPPED:  # its stop will send it
                port.inner.end()
        if isinstance(self.parent_net, Node):
            self.parent_net._tasks_ended()
        elif self.hub.on_finished is not None:
            self.hub.on_finished()

    def _component_failed(
        self,
        task: asyncio.Task[Any] | None,
        exceptions: Chain,
        source_trace: tuple[str, ...],
        tracebacks: tuple[str, ...],
    ) -> None:
        user_error = exceptions[0]
        if len(exceptions) == 1:
            self._failed(user_error)
        error = ComponentError(f"{self.component_name} at {self.address} failed: {user_error!r}")
        error.__cause__ = exceptions[-1]
        self.task_manager.submit_exception(task, (*exceptions, error), source_trace, tracebacks)

    def _failed(self, error: BaseException) -> None:
        """An error of its own ends the node: with the net, or alone."""
        add_place(error, self)
        self.failed = True
        self._tell("failed")
        if self.hub.goes_on:
            self.component_process.task_manager.cancel_all()
        else:
            self.finished = True


def add_place(error: BaseException, node: BaseNode) -> None:
    """Note on an error which node it came from; the innermost node is noted, once."""
    if not any(note.startswith("in node ") for note in getattr(error, "__notes__", ())):
        error.add_note(f"in node {node.address} ({node.component_name})")
