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
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from fbdev.comp.channel import Channel
from fbdev.comp.dtype import Check
from fbdev.comp.hub import STREAK, Hub, Waiter
from fbdev.comp.line import current_line
from fbdev.comp.packet import BasePacket, Packet
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
from fbdev.instrument import Move

if TYPE_CHECKING:
    from fbdev._utils.events import EventCollection
    from fbdev._utils.states import StateCollection
    from fbdev.graph.net import BaseNode, Edge

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

MAILBOX: Final = 64
"""Messages that a message port without an edge keeps, the newest ones."""


class BasePort(ABC):
    """What a port does."""

    @abstractmethod
    async def _put(self, packet: BasePacket) -> None: ...

    @abstractmethod
    async def _get(self) -> BasePacket: ...

    async def _put_value(self, value: Any) -> None:
        await self._put(Packet(value))

    async def _get_and_consume(self) -> Any:
        return await (await self._get()).consume()


class Port(BasePort):
    """A port of a node of a running net. ``sources`` are the edges that lead to it, ``targets`` those it feeds."""

    node: BaseNode

    def __init__(self, port_spec: PortSpec, hub: Hub | None = None) -> None:
        self.spec = port_spec
        self.sources: tuple[Edge, ...] = ()
        self.targets: tuple[Edge, ...] = ()
        self._hub = hub if hub is not None else Hub()
        self._check = port_spec.checker
        self._is_mailbox = port_spec.port_type is PortType.MESSAGE
        self._held: deque[BasePacket] = deque()
        self._putters: deque[Waiter] = deque()
        self._getters: deque[Waiter] = deque()
        self._port_watch: PortWatch | None = None
        self._promised = 0
        """Packets promised to gets that were chosen; at a rendezvous, gets promised to puts that were."""
        self._arrivals: deque[Channel] | None = None
        """For a port with several sources: where its packets arrived, in order."""
        self.closed = False
        """True once everything that feeds it has ended and been received."""
        self.announced = False
        """True if a packet is sure to come: a component's start waits for an announced config value."""

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
        if self._port_watch is None:
            self._port_watch = PortWatch(self)
        return self._port_watch

    @property
    def putters(self) -> int:
        """How many puts wait."""
        return len(self._putters)

    @property
    def getters(self) -> int:
        """How many gets wait."""
        return len(self._getters)

    @property
    def held(self) -> tuple[BasePacket, ...]:
        """Packets that wait in the port itself: messages nobody asked for."""
        return tuple(self._held)

    def connect(self, *, source: Edge | None = None, target: Edge | None = None) -> None:
        """Join an edge to the port while the net is built."""
        if source is not None:
            self.sources = (*self.sources, source)
            source.head_end = self
            self._arrivals = deque() if len(self.sources) > 1 else None
        if target is not None:
            self.targets = (*self.targets, target)
            target.tail_end = self

    def can_put(self) -> bool:
        """Return whether a put would commit at once."""
        if self._putters:
            return False
        if self.targets:
            return self._has_room()
        return self._is_mailbox or len(self._getters) > self._promised

    def can_get(self) -> bool:
        """Return whether a get would commit at once."""
        return not self._getters and self._available() > 0

    def next_packet(self) -> BasePacket | None:
        """Return the packet that the next get would take, None if there is none yet."""
        if self._available() <= 0:
            return None
        if not self.sources or self._is_mailbox:
            return self._held[0]
        channel = self.sources[0] if self._arrivals is None else self._arrivals[self._promised]
        return channel.packets[0 if self._arrivals is not None else self._promised]

    def check_with(self, check: Check) -> None:
        """Let only those payloads pass from now on that this check has nothing against."""
        self._check = check

    def check_nothing(self) -> None:
        """Let every payload pass from now on, whatever the dtype and the validator say."""
        self._check = None

    # -- put

    async def _put(self, packet: BasePacket) -> None:
        self._accept(packet)
        hub = self._hub
        try:
            if hub.streak >= STREAK:
                await hub.yield_turn()
            if hub.instruments and (self.targets or not self._is_mailbox):
                await self._put_watched(packet)
            elif self.can_put():
                hub.streak += 1
                self._send(packet)
            elif not await self._wait_to_put(packet):
                await self._put_watched(packet)
        except BaseException:
            hub.put_withdrawn(self, packet)
            raise

    def _accept(self, packet: BasePacket) -> None:
        if not isinstance(packet, BasePacket):
            raise ValueError(f"{self}: a packet is put, not {type(packet).__name__}: use put_value().")  # noqa: TRY004
        if packet.is_consumed:
            raise RuntimeError(f"{self}: a packet that is consumed cannot be put.")
        if self._check is not None and isinstance(packet, Packet) and not packet.is_empty:
            try:
                problem = self._check(packet._data)
            except Exception as error:
                error.add_note(f"at port {self!r}")
                raise
            if problem is not None:
                raise TypeError(f"{self}: {problem}")

    async def _put_watched(self, packet: BasePacket) -> None:
        move = Move("send", self, self.targets, packet)
        hub = self._hub
        hub.requested(move)
        try:
            while True:
                if self.targets:
                    await hub.admit(move)
                if self.can_put():
                    hub.streak += 1
                    self._send(packet, move)
                    return
                if await self._wait_to_put(packet, move):
                    return
        except BaseException:
            hub.cancelled(move)
            raise

    async def _wait_to_put(self, packet: BasePacket, move: Move | None = None) -> bool:
        """Wait in line and commit; False if the move was recalled instead."""
        waiter = Waiter(self, packet)
        self._putters.append(waiter)
        while True:
            try:
                await self._hub.wait(waiter)
            except BaseException:
                self._leave_putters(waiter)
                raise
            if waiter.recalled:
                return False
            waiter.chosen = False
            self._unreserve()
            if self.targets or len(self._getters) > self._promised:
                self._send(packet, move)
                return True
            self._putters.appendleft(waiter)  # the get that it was chosen for is gone

    def _leave_putters(self, waiter: Waiter) -> None:
        if waiter.chosen:
            self._unreserve()
            self._serve_putters()
        elif waiter in self._putters:
            self._putters.remove(waiter)

    def _unreserve(self) -> None:
        if self.targets:
            for channel in self.targets:
                channel.reserved -= 1
        else:
            self._promised -= 1

    def _serve_putters(self) -> None:
        """Choose those who may put now, in the order in which they asked."""
        while self._putters and (
            self._has_room() if self.targets else len(self._getters) > self._promised or self._is_mailbox
        ):
            waiter = self._putters.popleft()
            if waiter.future.done():
                continue
            waiter.chosen = True
            if self.targets:
                for channel in self.targets:
                    channel.reserved += 1
            else:
                self._promised += 1
            waiter.wake()

    def _has_room(self) -> bool:
        for channel in self.targets:  # a loop: this is asked at every put
            if channel.capacity is not None and len(channel.packets) + channel.reserved >= channel.capacity:
                return False
        return True

    def _send(self, packet: BasePacket, move: Move | None = None) -> None:
        """Commit a put."""
        line = current_line.get()
        if line is not None:
            line.gave(packet)
        targets = self.targets
        if len(targets) == 1:
            self._enter(targets[0], packet)
        elif targets:
            for channel in targets:
                self._enter(channel, _own_envelope(packet))
        else:
            self._deliver_here(packet)
        if move is not None:
            self._hub.committed(move)
        for channel in targets:
            if channel.head_end is not None:
                channel.head_end.packet_arrived()

    @staticmethod
    def _enter(channel: Channel, packet: BasePacket) -> None:
        channel.packets.append(packet)
        channel.carried += 1
        channel.ended = False
        head = channel.head_end
        if head is not None and head._arrivals is not None:
            head._arrivals.append(channel)

    def _deliver_here(self, packet: BasePacket) -> None:
        """Without an edge: give the packet to the get that waits longest, or keep it as a message."""
        while self._getters:
            waiter = self._getters.popleft()
            if not waiter.future.done():
                waiter.packet = packet
                waiter.chosen = True
                waiter.wake()
                return
        self._keep(packet)

    def _keep(self, packet: BasePacket) -> None:
        if self._is_mailbox and len(self._held) >= MAILBOX:
            self._held.popleft()
        self._held.append(packet)

    # -- get

    async def _get(self) -> BasePacket:
        hub = self._hub
        if hub.streak >= STREAK:
            await hub.yield_turn()
        if hub.instruments and not self._is_mailbox:
            return await self._get_watched()
        if self.can_get():
            hub.streak += 1
            return self._receive()
        packet = await self._wait_to_get()
        return packet if packet is not None else await self._get_watched()

    async def _get_watched(self) -> BasePacket:
        move = Move("receive", self, self.sources)
        hub = self._hub
        hub.requested(move)
        try:
            while True:
                if self.sources and not self.closed:
                    await hub.admit(move)
                if self.can_get():
                    hub.streak += 1
                    return self._receive(move)
                packet = await self._wait_to_get(move)
                if packet is not None:
                    return packet
        except BaseException:
            hub.cancelled(move)
            raise

    async def _wait_to_get(self, move: Move | None = None) -> BasePacket | None:
        """Wait in line and commit; None if the move was recalled instead."""
        if self.closed:
            raise EndOfInput(f"{self}: nothing more will come.")
        waiter = Waiter(self)
        self._getters.append(waiter)
        self._serve_putters_here()
        try:
            await self._hub.wait(waiter)
        except BaseException:
            self._leave_getters(waiter)
            raise
        if waiter.recalled:
            return None
        if waiter.packet is not None:
            return self._took(waiter.packet, move)
        if not waiter.chosen:
            raise EndOfInput(f"{self}: nothing more will come.")
        self._promised -= 1
        return self._receive(move)

    def _serve_putters_here(self) -> None:
        if not self.targets and not self.sources:
            self._serve_putters()

    def _leave_getters(self, waiter: Waiter) -> None:
        if waiter.packet is not None:
            self._held.appendleft(waiter.packet)
            self._serve_getters()
        elif waiter.chosen:
            self._promised -= 1
            self._serve_getters()
        elif waiter in self._getters:
            self._getters.remove(waiter)

    def _available(self) -> int:
        """Packets that are promised to nobody."""
        if self.sources and not self._is_mailbox:
            waiting = len(self.sources[0].packets) if self._arrivals is None else len(self._arrivals)
            return waiting - self._promised
        return len(self._held) - (self._promised if self.sources else 0)

    def _serve_getters(self) -> None:
        """Choose those who may get now, in the order in which they asked."""
        while self._getters and self._available() > 0:
            waiter = self._getters.popleft()
            if waiter.future.done():
                continue
            waiter.chosen = True
            if self.sources:
                self._promised += 1
            else:
                waiter.packet = self._held.popleft()
            waiter.wake()

    def _receive(self, move: Move | None = None) -> BasePacket:
        """Commit a get."""
        if not self.sources or self._is_mailbox:
            return self._took(self._held.popleft(), move)
        channel = self._arrivals.popleft() if self._arrivals is not None else self.sources[0]
        packet = channel.packets.popleft()
        if move is not None:
            move.edges = (channel,)  # type: ignore[assignment]  # every channel of a net is an edge
        self._took(packet, move)
        self._left(channel)
        return packet

    def _took(self, packet: BasePacket, move: Move | None) -> BasePacket:
        line = current_line.get()
        if line is not None:
            line.took(packet)
        if move is not None:
            move.packet = packet
            self._hub.committed(move)
        return packet

    def _left(self, channel: Channel) -> None:
        """A packet has left a channel: there is room for the next, or nothing more to come."""
        if channel.tail_end is not None:
            channel.tail_end.room_appeared()
        if channel.ended and not channel.packets:
            self.source_drained()

    def recall(self, waiter: Waiter) -> None:
        """Take a waiter out of its line; its move is asked for anew."""
        line = self._getters if waiter in self._getters else self._putters
        line.remove(waiter)
        waiter.recalled = True
        waiter.wake()

    # -- what edges tell

    def packet_arrived(self) -> None:
        """A packet is on one of the sources."""
        if self.closed:
            self.closed = False
        if self._relays():
            self._relay()
        else:
            self._serve_getters()

    def room_appeared(self) -> None:
        """One of the targets has room again."""
        if self.sources:
            self._relay()
        if self._putters:
            self._serve_putters()

    def source_drained(self) -> None:
        """One of the sources has ended and is empty."""
        if self.closed or not all(channel.ended and not channel.packets for channel in self.sources):
            return
        self.closed = True
        self._hub.port_closed(self)
        for channel in self.targets:
            channel.end()
        while self._getters:
            waiter = self._getters.popleft()
            if not waiter.future.done():
                waiter.wake()

    def end(self) -> None:
        """Say that nothing will be put here any more."""
        for channel in self.targets:
            channel.end()

    def announce(self) -> None:
        """Say that a packet will be put here: every port that the edges lead to is told."""
        self.announced = True
        for channel in self.targets:
            if channel.head_end is not None:
                channel.head_end.announce()

    # -- the border of a graph

    def _relays(self) -> bool:
        return bool(self.targets) or self._is_mailbox

    def _relay(self) -> None:
        """Hand over what can cross the border now."""
        while self._waits_to_cross() and self._has_room():
            channel = self._arrivals.popleft() if self._arrivals is not None else self.sources[0]
            packet = channel.packets.popleft()
            for target in self.targets:
                self._enter(target, packet if len(self.targets) == 1 else _own_envelope(packet))
            if not self.targets:
                self._keep(packet)
            if self._hub.instruments:
                crossed = (channel, *self.targets)
                self._hub.committed(Move("cross", self, crossed, packet))  # type: ignore[arg-type]
            self._left(channel)
            for target in self.targets:
                if target.head_end is not None:
                    target.head_end.packet_arrived()
            if not self.targets:
                self._serve_getters()

    def _waits_to_cross(self) -> bool:
        return any(channel.packets for channel in self.sources)

    def __repr__(self) -> str:
        node = getattr(self, "node", None)
        return f"{node.address}:{self.spec.id_str}" if node is not None else self.spec.id_str


def _own_envelope(packet: BasePacket) -> BasePacket:
    """On several edges each carries a packet of its own around the same payload."""
    if not isinstance(packet, Packet):
        raise TypeError(f"A {type(packet).__name__} cannot be put on several edges: only a Packet can.")
    return packet.envelope()


class InputPort(Port):
    """A port that the component receives from. ``async for packet in port`` ends when its input has ended."""

    async def get(self) -> BasePacket:
        """Return the next packet.

        Raises:
            EndOfInput: if nothing will ever come any more.
        """
        return await self._get()

    async def get_and_consume(self) -> Any:
        """Return the payload of the next packet.

        Raises:
            EndOfInput: if nothing will ever come any more.
        """
        return await (await self._get()).consume()

    def __aiter__(self) -> AsyncIterator[BasePacket]:
        return self

    async def __anext__(self) -> BasePacket:
        try:
            return await self._get()
        except EndOfInput:
            raise StopAsyncIteration from None


class OutputPort(Port):
    """A port that the component sends by."""

    async def put(self, packet: BasePacket) -> None:
        """Send a packet: returns when it is on every edge of the port.

        Raises:
            ValueError: if it is no packet.
            RuntimeError: if it is consumed.
            TypeError: if the payload is not what the port's dtype and validator ask for.
        """
        await self._put(packet)

    async def put_value(self, value: Any) -> None:
        """Send a value in a new packet; raises what `put` raises."""
        await self._put(Packet(value))


def make_port(port_spec: PortSpec, hub: Hub | None = None) -> Port:
    """Return the port that a spec describes."""
    return (InputPort if port_spec.is_input_port else OutputPort)(port_spec, hub)


class PortCollection(PortsByKind):
    """The ports of a component, as it sees them."""

    _group_type = PortGroup

    def __init__(self, port_specs: PortSpecCollection, hub: Hub | None = None) -> None:
        shared = hub if hub is not None else Hub()
        ports: Mapping[PortID, Port] = {spec.id: make_port(spec, shared) for spec in port_specs.iter_ports()}
        super().__init__(ports)
