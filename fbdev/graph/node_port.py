"""The ports of a node, seen from outside."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from fbdev.comp.packet import BasePacket
from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortID, PortSpec, PortType

if TYPE_CHECKING:
    from fbdev._utils.events import EventCollection
    from fbdev._utils.states import StateCollection
    from fbdev.graph.address import Address
    from fbdev.graph.base_node import BaseNode
    from fbdev.graph.edge import Edge


class BaseNodePort:
    """A port of a node seen from outside: what the component receives from is put to here, and the reverse."""

    __slots__ = ("_port", "node")

    def __init__(self, port: Port, node: BaseNode) -> None:
        self._port = port
        self.node = node

    @property
    def inner(self) -> Port:
        """The port itself, as the component sees it."""
        return self._port

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
    def dtype(self) -> Any:
        """The annotation that payloads are checked against, None for none."""
        return self._port.dtype

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
    def edges(self) -> tuple[Edge, ...]:
        """The edges around the node that end or begin here; more than one is fan-in or fan-out."""
        return self._port.sources if self.is_input_port else self._port.targets

    @property
    def internal_edges(self) -> tuple[Edge, ...]:
        """The edges inside the node, if it holds a net, that begin or end here."""
        return self._port.targets if self.is_input_port else self._port.sources

    @property
    def states(self) -> StateCollection:
        """``put_awaiting``, ``get_awaiting`` and ``is_blocked``, as its component sees it."""
        return self._port.states

    @property
    def events(self) -> EventCollection:
        """``put_requested``, ``get_requested``, ``put_fulfilled`` and ``get_fulfilled``, from now on."""
        return self._port.events

    def __repr__(self) -> str:
        return self.address


class NodePort(BaseNodePort):
    """A port of a node of a net. One of an input-side kind can be put to, the others can be got from."""

    __slots__ = ()

    def __new__(cls, port: Port, node: BaseNode) -> NodePort:
        """Return a port that puts or gets."""
        return object.__new__(_InputSide if port.is_input_port else _OutputSide)


class _InputSide(NodePort):
    __slots__ = ()

    def put(self, packet: BasePacket) -> Coroutine[Any, Any, None]:
        """Send a packet to the component; raises what `OutputPort.put` raises."""
        return self._port._put(packet)

    def put_value(self, value: Any) -> Coroutine[Any, Any, None]:
        """Send a value to the component in a new packet; raises what `OutputPort.put` raises."""
        return self._port._put_value(value)


class _OutputSide(NodePort):
    __slots__ = ()

    def get(self) -> Coroutine[Any, Any, BasePacket]:
        """Return the next packet that the component sends; raises what `InputPort.get` raises."""
        return self._port._get()

    def get_and_consume(self) -> Coroutine[Any, Any, Any]:
        """Return the payload of the next packet; raises what `InputPort.get` raises."""
        return self._port._get_and_consume()
