"""`ProxyNode`: a node whose component runs in a process of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.line import Line
from fbdev.comp.packet import BasePacket
from fbdev.concurrent.stand_in import StandIn, stand_in_for
from fbdev.exceptions import RemoteNodeError
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.net import Node

__all__ = ["ProxyNode", "RemoteNodeError"]


class ProxyNode(Node):
    """A node whose component runs in a process of its own on this machine.

    Give it as the ``node_type`` of a node: ``graph.add_node(Render, node_type=ProxyNode)``. The component class,
    which may be a graph's, has to be found under its name in its module, which the process imports; for a class that
    a factory has made call `BaseComponent.set_module` there. Payloads are pickled. The ports are in this process,
    and every packet passes the edges of this net, one at a time and each when the component asks for it, so edges
    hold what they hold with any other node. What the component prints is printed here. An error of the component is
    raised here with its own type; if the process dies that is a `RemoteNodeError`. The process ends with the node,
    and with this process.
    """

    _component: StandIn

    def _make_component(self) -> StandIn:
        return stand_in_for(self.component_type, StandIn)()

    def _graph_inside(self) -> GraphSpec | None:
        return None

    @property
    def pid(self) -> int | None:
        """The id of its process; None before the start."""
        return self._component.child.pid if self._component.child is not None else None

    @property
    def lines(self) -> Iterable[Line]:
        """None that are here."""
        return ()

    def left_elsewhere(self) -> Iterator[tuple[BasePacket, str, str]]:
        """Yield, after the stop, each packet that nobody received in the process, its address, and why."""
        return self._component.left()

    # -- what is in the other process

    @property
    def component_process(self) -> BaseComponent:
        """Not to be had.

        Raises:
            RuntimeError: always.
        """
        self._elsewhere("component")

    def _inside(self) -> None:
        self._elsewhere("nodes and edges")

    def _elsewhere(self, what: str) -> NoReturn:
        raise RuntimeError(f"{self.address} runs in a process of its own: its {what} cannot be reached from here.")
