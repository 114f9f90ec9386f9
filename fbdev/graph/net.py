"""Nets: graphs that run. A node holds a component; a node whose component is a graph holds a net of nodes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from fbdev._utils.errors import add_note, words_of
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.interrupt import Interruptible
from fbdev.comp.line import Line, current_line
from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortID, PortsByKind, PortType
from fbdev.exceptions import ComponentError
from fbdev.graph.address import TOP_NODE_ID, Address
from fbdev.graph.base_node import BaseNode
from fbdev.graph.edge import Edge
from fbdev.graph.elements import GRAPH_ID, End, NodeSpec
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.location import LocationUUID, get_location_uuid, lookup_location_uuid
from fbdev.graph.node_port import BaseNodePort, NodePort
from fbdev.graph.payload_checks import check_on_the_way
from fbdev.task_manager import Chain

__all__ = [
    "TOP_NODE_ID",
    "Address",
    "BaseNode",
    "BaseNodePort",
    "Edge",
    "LocationUUID",
    "Node",
    "NodePort",
    "add_place",
    "get_location_uuid",
    "lookup_location_uuid",
]

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_STOPPED: Final[PortID] = (PortType.MESSAGE, "stopped")

log = logging.getLogger("fbdev")


class Node(BaseNode):
    """A node that runs its component in this process."""

    def __init__(self, node_spec: NodeSpec, parent_net: BaseNode | None = None) -> None:
        super().__init__(node_spec, parent_net)
        self.failed = False
        """True once an error of its own has ended it."""
        self._starting: Interruptible | None = None
        self._ending: asyncio.Future[None] | None = None
        self._stop_is_due = True
        self._ports: PortsByKind | None = None
        self._component = self._make_component()
        self._component._bind(self)
        self._component.task_manager.subscribe(self._component_failed)
        graph = self._graph_inside()
        self._is_net = graph is not None
        self._nodes: Mapping[str, BaseNode] = _NOTHING
        self._edges: Mapping[str, Edge] = _NOTHING
        self._unfinished = 0
        """Nodes in it that have not ended."""
        if graph is not None:
            self._build(graph)
        if self.is_top_node:
            check_on_the_way(self)

    def _make_component(self) -> BaseComponent:
        return self.component_type()

    def _graph_inside(self) -> GraphSpec | None:
        return self.spec.subgraph

    def _build(self, graph: GraphSpec) -> None:
        self._nodes = MappingProxyType({spec.id: spec.create_node(self) for spec in graph.nodes.values()})
        self._edges = MappingProxyType({spec.id: Edge(spec, self) for spec in graph.edges.values()})
        self._unfinished = sum(isinstance(child, Node) for child in self._nodes.values())
        for edge in self._edges.values():
            tail, head = edge.spec.ends
            if tail is not None:
                self._port_at(tail).connect(target=edge)
            if head is not None:
                self._port_at(head).connect(source=edge)

    def _port_at(self, end: End) -> Port:
        node_id, port_id = end
        node = self if node_id == GRAPH_ID else self._nodes[node_id]
        port: Port = node._component.ports[port_id] if isinstance(node, Node) else node.ports[port_id].inner
        return port

    @property
    def component_process(self) -> BaseComponent:
        """Its component."""
        return self._component

    @property
    def tasks(self) -> tuple[asyncio.Task[Any], ...]:
        """The tasks that run for it: its component's and its own."""
        return (*self._component.task_manager.tasks, *super().tasks)

    @property
    def advice(self) -> str:
        """What its author should know if the net is blocked at it, in a few words."""
        return self._component.advice

    @property
    def lines(self) -> Iterable[Line]:
        """The lines of work of its component's tasks."""
        return self._component.task_manager.lines

    @property
    def ports(self) -> PortsByKind:
        """Its ports, seen from outside."""
        if self._ports is None:
            self._ports = PortsByKind({port.id: NodePort(port, self) for port in self.inner_ports()})
        return self._ports

    def inner_ports(self) -> Iterator[Port]:
        """Yield its ports, as its component sees them."""
        return self._component.ports.iter_ports()

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
        return self._nodes

    @property
    def edges(self) -> Mapping[str, Edge]:
        """The edges in it by id.

        Raises:
            RuntimeError: if it is no net.
        """
        self._inside()
        return self._edges

    # -- life

    async def start(self) -> None:
        """Start the nodes in it, then the component. If that fails, all that has begun is stopped again.

        Raises:
            RuntimeError: if it was started or stopped before, or is stopped meanwhile.
        """
        if self.has_stopped:
            raise RuntimeError(f"{self.address} has been stopped: it cannot be started again.")
        if self.begun:
            raise RuntimeError(f"{self.address} has already been started.")
        self.begun = True
        self._tell("starting")
        stretch = self._starting = Interruptible()
        token = current_line.set(Line(self, asyncio.get_running_loop()))
        try:
            with stretch:
                await self._begin()
                return
            raise stretch.error
        finally:
            current_line.reset(token)
            self._starting = None

    async def _begin(self) -> None:
        try:
            await self._start_children()
            await self._component.start()
        except BaseException as error:
            if not await self._could_not_start(error):
                raise
            return
        self._enter(started=True)
        self._tell("running")
        manager = self._component.task_manager
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
        if self._ending is None:
            self._stop_is_due = False
            try:
                await self.end()
            except Exception:
                log.exception("%s failed to stop after it had failed to start", self.address)
        if not isinstance(error, Exception):
            return False
        add_place(error, self)
        if self.is_top_node or not self.hub.goes_on:
            self._tell("failed")
            return False
        self._component.task_manager.submit_exception(None, (error,), (), ())
        self._tasks_ended()
        return True

    def cancel_tasks(self) -> None:
        """Tell its tasks to end, and wait for none of them."""
        super().cancel_tasks()
        self._component.task_manager.cancel_all()

    async def stop(self) -> None:
        """Stop the nodes in it, then the component. If something in there fails, the rest is stopped all the same.

        Raises:
            RuntimeError: if it was not started, or stopped before. After a start that failed all is stopped already,
                and nothing is raised.
        """
        if not self.begun:
            raise RuntimeError(f"{self.address} has not been started.")
        if self.has_stopped and self._stop_is_due:
            raise RuntimeError(f"{self.address} has already been stopped.")
        due, self._stop_is_due = self._stop_is_due, True
        if due:
            await self.end()

    async def end(self) -> None:
        """Stop everything, in whatever state it is, or wait for whoever does; the first error is raised at last."""
        if self._ending is not None:
            await asyncio.shield(self._ending)
            return
        ending = self._ending = asyncio.get_running_loop().create_future()
        try:
            await self._stop_all()
        except asyncio.CancelledError:
            self._ending = None  # the next one has to do it
            raise
        finally:
            ending.set_result(None)

    async def _stop_all(self) -> None:
        self._enter(stopped=True)
        self._component.task_manager.on_idle = None
        if self._starting is not None:
            await self._starting.end(RuntimeError(f"{self.address} was stopped while it was starting."))
        ends = (child.end() for child in self._nodes.values())
        problems = await asyncio.gather(*ends, return_exceptions=True)
        try:
            await self._component._end()
        finally:
            if self._task_manager is not None:
                await self._task_manager.destroy()
            if self.is_top_node:
                self.hub.close()
            if not self.finished:
                self._tell("stopped")
        for problem in problems:
            if problem is not None:
                raise problem

    def _tell(self, state: str) -> None:
        if self.hub.instruments:
            self.hub.tell("node_state", self, state)

    def _tasks_ended(self) -> None:
        """All tasks have returned: nothing more will come out of the node."""
        if self.finished or self._unfinished or not (self.has_started or self.failed):
            return
        if self._component.task_manager.tasks:
            return
        self._finish()
        if not self.failed:
            self._tell("finished")
        for port in self._component.ports.iter_output_ports():
            if port.id != _STOPPED:  # its stop will send it
                port.end()
        if isinstance(self.parent_net, Node):
            self.parent_net._tasks_ended()
        elif self.hub.on_finished is not None:
            self.hub.on_finished()

    def _finish(self) -> None:
        self.finished = True
        if isinstance(self.parent_net, Node):
            self.parent_net._unfinished -= 1

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
        error = ComponentError(f"{self.component_name} at {self.address} failed: {words_of(user_error)}")
        error.__cause__ = exceptions[-1]
        self.task_manager.submit_exception(task, (*exceptions, error), source_trace, tracebacks)

    def _failed(self, error: BaseException) -> None:
        """An error of its own ends the node: with the net, or alone."""
        add_place(error, self)
        self.failed = True
        self._tell("failed")
        if self.hub.goes_on:
            self._component.task_manager.cancel_all()
        elif not self.finished:
            self._finish()


def add_place(error: BaseException, node: BaseNode) -> None:
    """Note on an error which node it came from; the innermost node is noted, once."""
    if not any(note.startswith("in node ") for note in getattr(error, "__notes__", ())):
        add_note(error, f"in node {node.address} ({node.component_name})")
