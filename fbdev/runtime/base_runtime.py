"""What every runtime shares: its states, and how it is made from a graph or a component."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port_spec import PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode


class BaseRuntime(ABC):
    """Runs a node. A subclass takes the node in its ``__init__`` and sets ``_started`` and ``_stopped``."""

    _node: BaseNode

    def __init__(self) -> None:
        self._started = False
        self._stopped = False

    @property
    def started(self) -> bool:
        """True once it has been started."""
        return self._started

    @property
    def stopped(self) -> bool:
        """True once it has been stopped."""
        return self._stopped

    def _refuse_second_start(self) -> None:
        if self._stopped:
            raise RuntimeError(f"{type(self).__name__} has been stopped: make a new one.")
        if self._started:
            raise RuntimeError(f"{type(self).__name__} has already been started.")

    @abstractmethod
    def start(self, *args: Any, **kwargs: Any) -> Any:
        """Start it, outside of an event loop.

        Raises:
            RuntimeError: if it was started or stopped before.
        """
        self._refuse_second_start()

    @abstractmethod
    async def astart(self, *args: Any, **kwargs: Any) -> Any:
        """Start it in the running event loop.

        Raises:
            RuntimeError: if it was started or stopped before.
        """
        self._refuse_second_start()

    @abstractmethod
    async def stop(self) -> None:
        """Stop it.

        Raises:
            RuntimeError: if it was not started, or stopped before.
        """
        if not self._started:
            raise RuntimeError(f"{type(self).__name__} has not yet been started.")
        if self._stopped:
            raise RuntimeError(f"{type(self).__name__} has already been stopped.")

    # -- making one

    @classmethod
    def from_graph(cls, graph: GraphSpec, *args: Any, **kwargs: Any) -> Self:
        """Return a runtime for a copy of the graph; further arguments go to the class."""
        component = GraphComponentFactory.create_component(graph)
        return cls._from_node(NodeSpec(component).create_node(), *args, **kwargs)

    @classmethod
    def from_component(
        cls,
        component: type[BaseComponent],
        *args: Any,
        prefix_ports_with_node_id: bool = False,
        **kwargs: Any,
    ) -> Self:
        """Return a runtime for a graph of this one component, all its ports connected to the graph's own."""
        graph = graph_of(component, prefix_ports_with_node_id=prefix_ports_with_node_id)
        return cls.from_graph(graph, *args, **kwargs)

    @classmethod
    def _from_node(cls, node: BaseNode, *args: Any, **kwargs: Any) -> Self:
        return cls(node, *args, **kwargs)  # type: ignore[call-arg]  # a runtime takes the node first

    @classmethod
    def execute_graph(cls, graph: GraphSpec, *args: Any, **kwargs: Any) -> Any:
        """Run a graph to its end, outside of an event loop, and return what `start` returns."""
        return cls.from_graph(graph).start(*args, **kwargs)

    @classmethod
    async def aexecute_graph(cls, graph: GraphSpec, *args: Any, **kwargs: Any) -> Any:
        """Run a graph to its end in the running event loop, and return what `astart` returns."""
        async with cls.from_graph(graph) as runtime:
            return await runtime.astart(*args, **kwargs)

    # -- with

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left to stop: `start` ends with its own event loop."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._started and not self._stopped:
            await self.stop()
        elif not self._started and self._node.states.started.get() and not self._node.states.stopped.get():
            await self._node.stop()


def graph_of(component: type[BaseComponent], *, prefix_ports_with_node_id: bool = False) -> GraphSpec:
    """Return a graph of one component, all its ports connected to ports of the graph like them."""
    graph = GraphSpec(inherit_base_component_ports=False)
    graph.add_node(component)
    graph.add_and_connect_unconnected_child_ports((), prefix_ports_with_node_id)
    has = {name for kind, name in graph.port_specs if kind is PortType.MESSAGE}
    for spec in BaseComponent.port_specs.iter_ports():
        if spec.name not in has:
            graph.add_graph_port(spec.copy())
    return graph
