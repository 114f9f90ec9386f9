"""What every runtime shares: its states, its settings, and how it is made from a graph or a component."""

from __future__ import annotations

import asyncio
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port_spec import PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode
from fbdev.instrument import attach_installed
from fbdev.runtime.undelivered import Undelivered

OnError = Literal["stop", "continue"]

log = logging.getLogger("fbdev")


class BaseRuntime(ABC):
    """Runs a node. A subclass takes the node in its ``__init__`` and sets ``_started`` and ``_stopped``.

    Args:
        on_error: what an error in a component ends: the net (``"stop"``), or that node alone (``"continue"``).
        check_types: whether payloads are checked against the ports' dtypes and validators; by default unless the
            environment has ``FBDEV_CHECK_TYPES=0``.
    """

    _node: BaseNode

    def __init__(self, *, on_error: OnError = "stop", check_types: bool | None = None) -> None:
        if on_error not in {"stop", "continue"}:
            raise ValueError(f"on_error is 'stop' or 'continue', not {on_error!r}.")
        self._goes_on = on_error == "continue"
        self._checks = check_types if check_types is not None else os.environ.get("FBDEV_CHECK_TYPES") != "0"
        self._started = False
        self._stopped = False
        self.undelivered: list[Undelivered] = []
        """After the run: each packet that nobody received, its address, and why."""
        self.stop_reason = ""
        """Why a component has ended the net, in its own words."""

    def _take(self, node: BaseNode) -> None:
        """Take the node that is to be run, and apply the settings to it."""
        self._node = node
        node.hub.goes_on = self._goes_on
        if not self._checks:
            for inside in node.walk():
                for port in inside.ports.iter_ports():
                    port.inner.check_nothing()

    @property
    def started(self) -> bool:
        """True once it has been started."""
        return self._started

    @property
    def stopped(self) -> bool:
        """True once it has been stopped."""
        return self._stopped

    @property
    def errors(self) -> list[BaseException]:
        """The errors of components so far, each the user's own exception."""
        return [failure.error for failure in self._node.task_manager.get_exceptions()]

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
        attach_installed(self._node)

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
        prefix_ports_with_node_id: bool = False,
        *args: Any,
        **kwargs: Any,
    ) -> Self:
        """Return a runtime for a graph of this one component, all its ports connected to the graph's own."""
        graph = graph_of(component, prefix_ports_with_node_id=prefix_ports_with_node_id)
        return cls.from_graph(graph, *args, **kwargs)

    @classmethod
    def _from_node(cls, node: BaseNode, *args: Any, **kwargs: Any) -> Self:
        make: Callable[..., Self] = cls  # a subclass takes the node first
        return make(node, *args, **kwargs)

    @classmethod
    def execute_graph(
        cls, graph: GraphSpec, *args: Any, config_vals: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Run a graph to its end, outside of an event loop, and return what `start` returns."""
        return cls.from_graph(graph).start(*args, **_with_config(config_vals, kwargs))

    @classmethod
    async def aexecute_graph(
        cls, graph: GraphSpec, *args: Any, config_vals: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        """Run a graph to its end in the running event loop, and return what `astart` returns."""
        async with cls.from_graph(graph) as runtime:
            return await runtime.astart(*args, **_with_config(config_vals, kwargs))

    # -- with

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._is_running():
            return
        if loop_runs():
            self._leaving = asyncio.get_running_loop().create_task(self._leave(error))
        else:
            asyncio.run(self._leave(error))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._leave(error)

    def _is_running(self) -> bool:
        return self._started and not self._stopped

    async def _leave(self, error: BaseException | None) -> None:
        """Stop what runs. What goes wrong in that does not hide an error that is on its way."""
        try:
            if self._is_running():
                await self.stop()
            elif self._node.states.started.get() and not self._node.states.stopped.get():
                await self._node.stop()
        except Exception as problem:
            if error is None:
                raise
            if problem is not error:
                log.warning("%s failed to stop", type(self).__name__, exc_info=problem)


def loop_runs() -> bool:
    """Return whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _with_config(config_vals: Mapping[str, Any] | None, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a start; the public library calls the config of one ``config_vals`` in two places."""
    return kwargs if config_vals is None else {"config": config_vals, **kwargs}


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
