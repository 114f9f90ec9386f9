"""Ports of a running net, and the transfer of packets between them.

A put on a port with edges commits to all of them at once as soon as each has room; a get takes from the edge
whose head packet arrived first. A port without edges is a rendezvous: a put and a get wait for each other. A
message port without an edge is a mailbox of the newest 64 packets. A port on the border of a graph has edges on
both sides and hands packets over by itself, without a task.

The law of cancellation: a put or get that raises has done nothing, one that returns has committed, and nothing
is awaited between its commit and its return. A waiter is *chosen* when room or a packet appears, in the order of
request; its place is reserved, newcomers queue behind it, and it commits when it goes on. If it is cancelled
before, the next one is chosen. Only where there is no edge the put hands its packet to the get, which gives it
back if it is cancelled before it goes on.

A put and a get try the short way first, which is written out in one function each and calls nothing it can do
without: it is what a net spends its time on. Whatever is unusual goes the long way.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from sys import getrefcount
from time import time
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, cast

from fbdev.comp.base_port import BasePort
from fbdev.comp.hub import Hub
from fbdev.comp.junction import CHOSEN, Wake
from fbdev.comp.line import NOBODY, STREAK, Line, current_line
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.passage import Passage
from fbdev.comp.port_spec import (
    PortGroup,
    PortID,
    PortsByKind,
    PortSpec,
    PortSpecCollection,
    PortType,
    is_valid_name,
)
from fbdev.comp.port_watch import PortWatch
from fbdev.exceptions import EndOfInput
from fbdev.instrument import UNKEPT, Move

if TYPE_CHECKING:
    from fbdev._utils.events import EventCollection
    from fbdev._utils.states import StateCollection
    from fbdev.graph.net import BaseNode

__all__ = [
    "BasePort",
    "InputPort",
    "OutputPort",
    "Port",
    "PortCollection",
    "PortGroup",
    "PortID",
    "PortSpec",
    "PortSpecCollection",
    "PortType",
    "PortsByKind",
    "is_valid_name",
    "make_port",
]

Transfer = TypeVar("Transfer", bound=Callable[..., Any])

_line: Final = current_line.get
"""Bound once: it is called for every put and get."""


class Port(Passage, BasePort):
    """A port of a node of a running net."""

    __slots__ = ("_watch",)

    def __init__(self, port_spec: PortSpec, hub: Hub) -> None:
        super().__init__(port_spec, hub)
        self._watch: PortWatch | None = None

    # -- what it is

    @property
    def name(self) -> str:
        """The full name."""
        return self.spec.name

    @property
    def id(self) -> PortID:
        """Kind and name."""
        return self.spec.id

    @property
    def dtype(self) -> Any:
        """The annotation that payloads are checked against, None for none."""
        return self.spec.dtype

    @property
    def port_type(self) -> PortType:
        """The kind."""
        return self.spec.port_type

    @property
    def is_input_port(self) -> bool:
        """True for a port that the component receives from."""
        return self.spec.is_input_port

    @property
    def is_output_port(self) -> bool:
        """True for a port that the component sends by."""
        return self.spec.is_output_port

    @property
    def states(self) -> StateCollection:
        """``put_awaiting``, ``get_awaiting`` and ``is_blocked``."""
        return self._watched().states

    @property
    def events(self) -> EventCollection:
        """``put_requested``, ``get_requested``, ``put_fulfilled`` and ``get_fulfilled``, from now on."""
        return self._watched().events

    def _watched(self) -> PortWatch:
        if self._watch is None:
            self._watch = PortWatch(self)
        return self._watch

    def bind(self, node: BaseNode) -> None:
        """Become a port of a node of a net."""
        self.node = self._place = node
        self.hub = node.hub
        self.hub.ports.append(self)

    # -- put

    async def _put(self, packet: BasePacket) -> None:
        line = _line()
        try:
            at = packet._at
        except AttributeError:  # it is no packet, or one of the user's own making
            at = None
        if at is not self._expected:
            self._accept(packet, line)
        channel = self._out
        if channel is None or not line.credit:
            return await self._put_slowly(packet, line)
        if len(channel.packets) >= channel.limit:
            return None if self._put_before_border(packet, line) else await self._put_slowly(packet, line)
        line.credit -= 1
        line.sent = line.splits
        packet._at = channel
        channel.packets.append(packet)
        channel.entered += 1
        log = self._log
        if log is not None:
            log(packet._identity)
            log(time())
            log(self._out_path)
        seen = self._out_seen
        if seen is not None:
            move = self._out_move
            try:
                if move is None:
                    seen(packet)
                else:
                    move.packet = packet
                    seen(move)
                    if getrefcount(move) > UNKEPT:
                        self._out_move = Move(move.way)
                    else:
                        move.packet = None
            except Exception:
                self.hub.observer_failed()
        if channel.awaited:
            channel.head_end.packet_arrived(channel)  # type: ignore[union-attr]  # somebody is there who awaits
        return None

    async def _put_slowly(self, packet: BasePacket, line: Line) -> None:
        """Put a packet the long way: ask the instruments, and wait until there is room on every edge."""
        hub = self.hub
        if line is NOBODY:
            line = hub.outsider
        if not self._tuned:
            self._tune()
        move: Move | None = None
        wake: Wake | None = None
        chosen = False
        try:
            if not line.credit:
                await self._give_way(line)
            while True:
                if hub.gated and (self.targets or not self._is_mailbox):
                    move = move or hub.requested(self._way("send"), line, packet)
                    if self.targets and (held := hub.admit(move)) is not None:
                        await held
                        if self._was_dropped(packet, line, move):
                            return
                if self.can_put():
                    break
                wake = self._line_up_to_put(packet, line, first=chosen)
                woken = await wake
                wake, chosen = None, woken is CHOSEN
                if chosen and self._may_put_now(packet):
                    break
        except BaseException:
            if wake is not None:
                self._leave_putters(wake)
            if move is not None:
                hub.tell("move_cancelled", move)
            hub.put_withdrawn(self, packet, line)
            raise
        self._send(packet, line, move)

    def _may_put_now(self, packet: BasePacket) -> bool:
        """A put was chosen, and goes on: return False if the get that it was chosen for is gone."""
        self._reserve(-1)
        if packet.is_consumed:
            self._serve_putters()
            raise RuntimeError(f"{self}: {packet!r} was consumed while it waited to be put.")
        return bool(self.targets) or self._has_room()

    # -- get

    async def _get(self, ends: bool = False) -> BasePacket:  # noqa: PLR0912 - the short way is written out
        line = _line()
        channel = self._in
        if channel is None or not line.credit:
            return await self._get_slowly(line, ends)
        if self._promised or not channel.packets:
            if self.closed:
                return await self._get_slowly(line, ends)
            line.credit = STREAK
            wake: Wake = Future(loop=line.loop)
            self._getters.append(wake)
            if self.hub.on_wait is not None:
                self.hub.on_wait()
            try:
                woken = await wake
            except BaseException:
                self._leave_getters(wake)
                raise
            if woken is not CHOSEN:
                return await self._get_slowly(line, ends)
            self._promised -= 1
            if self._in is None:  # an instrument has come
                return self._receive(line)
        packet = channel.packets.popleft()
        packet._at = self._place
        line.credit -= 1
        if line.sent:
            line.sent = False
            line.received = packet
        else:
            line.took(packet)
        log = self._log
        if log is not None:
            log(packet._identity)
            log(time())
            log(self._in_path)
        seen = self._in_seen
        if seen is not None:
            move = self._in_move
            try:
                if move is None:
                    seen(packet)
                else:
                    move.packet = packet
                    seen(move)
                    if getrefcount(move) > UNKEPT:
                        self._in_move = Move(move.way)
                    else:
                        move.packet = None
            except Exception:
                self.hub.observer_failed()
        if channel.wanted:
            self._left(channel)
        return packet

    async def _get_slowly(self, line: Line, ends: bool) -> BasePacket:
        """Return the next packet, the long way: ask the instruments, and wait until there is one.

        Raises:
            EndOfInput: if nothing will come any more; StopAsyncIteration instead if that ``ends`` a loop.
        """
        hub = self.hub
        if line is NOBODY:
            line = hub.outsider
        if not self._tuned:
            self._tune()
        if not line.credit:
            await line.yield_turn()
        move: Move | None = None
        wake: Wake | None = None
        try:
            while True:
                if hub.gated and not self._is_mailbox:
                    move = move or hub.requested(self._way("receive"), line)
                    if self.sources and not self.closed and (held := hub.admit(move)) is not None:
                        await held
                if self.can_get():
                    break
                if self.closed:
                    self._refuse_to_wait(ends)
                wake = self._line_up_to_get(line)
                woken = await wake
                wake = None
                if woken is CHOSEN:
                    self._promised -= 1
                    break
        except BaseException:
            if wake is not None:
                self._leave_getters(wake)
            if move is not None:
                hub.tell("move_cancelled", move)
            raise
        return self._receive(line, move)

    def _refuse_to_wait(self, ends: bool) -> NoReturn:
        if ends:
            raise StopAsyncIteration
        error = EndOfInput(f"{self}: nothing more will come.")
        error.port = self.name
        raise error

    def __repr__(self) -> str:
        node = getattr(self, "node", None)
        return f"{node.address}:{self.spec.id_str}" if node is not None else self.spec.id_str


def _own(function: Transfer) -> Transfer:
    """Return the same function with code of its own.

    The interpreter fits code to the types that it meets. A port's two sides are put to and got from by the same
    code, a component's own side by a copy: so each meets one type of port.
    """
    copy = FunctionType(function.__code__.replace(), function.__globals__, function.__name__, function.__defaults__)
    return cast("Transfer", copy)


class InputPort(Port):
    """A port that the component receives from. ``async for packet in port`` ends when its input has ended."""

    __slots__ = ()

    get = _own(Port._get)

    def get_and_consume(self) -> Coroutine[Any, Any, Any]:
        """Return the payload of the next packet.

        Raises:
            EndOfInput: if nothing will ever come any more.
        """
        return self._get_and_consume()

    def __aiter__(self) -> AsyncIterator[BasePacket]:
        return self

    def __anext__(self) -> Coroutine[Any, Any, BasePacket]:
        return self.get(True)


class OutputPort(Port):
    """A port that the component sends by."""

    __slots__ = ()

    put = _own(Port._put)

    def put_value(self, value: Any) -> Coroutine[Any, Any, None]:
        """Send a value in a new packet; raises what `put` raises."""
        return self.put(Packet(value))


def make_port(port_spec: PortSpec, hub: Hub | None = None) -> Port:
    """Return the port that a spec describes."""
    return (InputPort if port_spec.is_input_port else OutputPort)(port_spec, hub if hub is not None else Hub())


class PortCollection(PortsByKind):
    """The ports of a component, as it sees them."""

    _group_type = PortGroup

    def __init__(
        self,
        port_specs: PortSpecCollection,
        hub: Hub | None = None,
        make: Callable[[PortSpec, Hub], Port] = make_port,
    ) -> None:
        shared = hub if hub is not None else Hub()
        ports: Mapping[PortID, Port] = {spec.id: make(spec, shared) for spec in port_specs.iter_ports()}
        super().__init__(ports)
