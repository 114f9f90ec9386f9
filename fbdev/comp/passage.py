"""Packets that go on: what a send, a receive and a crossing do to the edges, and who is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, cast

from fbdev.comp.channel import Channel
from fbdev.comp.entry import Entry
from fbdev.comp.history import Path
from fbdev.comp.junction import NO_GETS
from fbdev.comp.line import STREAK, Line
from fbdev.comp.packet import CONSUMED, SPREAD, BasePacket, Nowhere, Packet, Place
from fbdev.comp.port_spec import PortSpec
from fbdev.instrument import Move, MoveKind, Way

if TYPE_CHECKING:
    from fbdev.comp.hub import Hub
    from fbdev.comp.port import Port

MAILBOX: Final = 64
"""Messages that a message port without an edge keeps, the newest ones."""
UNKNOWN: Final = Nowhere("is to be looked at")


class Passage(Entry):
    """An entry with what moves over it.

    Where a put leads to one channel, or a get takes from one, and nobody looks at moves before they commit, there
    is a short way: ``_out`` and ``_in`` are that channel, None if there is none or it has to be found out. The short
    way of a put goes over every border that leads from one edge to one other: such a bridge hands on at once
    whatever has room, so what lies before it is empty while there is room beyond.
    """

    __slots__ = (
        "_expected",
        "_in",
        "_in_move",
        "_in_path",
        "_in_seen",
        "_log",
        "_out",
        "_out_move",
        "_out_path",
        "_out_seen",
        "_tuned",
        "_ways",
    )

    def __init__(self, port_spec: PortSpec, hub: Hub) -> None:
        self._in_path: Path = ()
        self._out_path: Path = ()
        self._ways: dict[Channel | MoveKind, Way] | None = None
        super().__init__(port_spec, hub)
        self.loosen()
        hub.ports.append(cast("Port", self))

    # -- the short way

    def loosen(self) -> None:
        """Forget the short ways: something has changed."""
        self._in: Channel | None = None
        self._out: Channel | None = None
        self._expected: Place = UNKNOWN
        """Where a packet comes from that may be put without a second look."""
        self._log: Callable[[object], None] | None = None
        self._in_seen: Callable[[Any], None] | None = None
        self._out_seen: Callable[[Any], None] | None = None
        """Whoever is told of a packet that has gone the short way: with a move, if there is one to use, else with
        the packet."""
        self._in_move: Move | None = None
        self._out_move: Move | None = None
        """A move to tell of. It is used again for the next packet if nobody has kept it."""
        self._tuned = False

    def _tune(self) -> None:
        """Find the short ways."""
        hub = self.hub
        self._tuned = True
        if self._check is None:
            self._expected = self._place
        if hub.gated or hub.closed:
            return
        self._log = hub.history.log
        if len(self._ins) == 1 and not (self._own or self.relays or self._ins[0].spoiled):
            self._tune_in(self._ins[0])
        if len(self.targets) == 1:
            self._tune_out(self.targets[0])

    def _tune_in(self, channel: Channel) -> None:
        if self._getters is NO_GETS:
            self._make_line_of_gets()
        self._in = channel
        self._in_path = self._step(channel, self._place)
        if self.hub.observed:
            self._in_seen, self._in_move = self.hub.observer(self._way("receive"))

    def _tune_out(self, channel: Channel) -> None:
        self._out_path = self._step(self._place, channel)
        if self.hub.observed:
            self._out_seen, self._out_move = self.hub.observer(self._way("send"))
        else:
            while (head := channel.head_end) is not None and head.is_bridge:
                self._out_path += head._crossing
                channel = head.targets[0]
        self._out = channel

    def _step(self, origin: Place, dest: Place) -> Path:
        return ((origin, dest, cast("Port", self)),)

    @property
    def _crossing(self) -> Path:
        """What a packet does that goes over a bridge."""
        if not self._in_path:
            source, target = self.sources[0], self.targets[0]
            self._in_path = self._step(source, self._place) + self._step(self._place, target)
        return self._in_path

    def _put_before_border(self, packet: BasePacket, line: Line) -> bool:
        """Where the short way ends there is no room: put a packet as far as it comes, if there is a border before.

        What lies beyond that place is full, so nothing goes on from there by itself.
        """
        channel, steps = self._out, len(self._out_path)
        while channel is not None and channel.tail_end is not self:
            channel, steps = channel.tail_end.sources[0], steps - 2  # type: ignore[union-attr]  # it has a bridge
            if len(channel.packets) < channel.limit:
                line.credit -= 1
                line.sent = line.splits
                packet._at = channel
                channel.packets.append(packet)
                if self.hub.history.on:
                    self.hub.history.moved(packet, self._out_path[:steps])
                return True
        return False

    async def _give_way(self, line: Line) -> None:
        """Let the others run: for longer if a heap waits on an edge beyond, as long as they take from it.

        So a source that has nothing else to do does not fill an edge without a capacity faster than it is emptied.
        """
        await line.yield_turn()
        waiting = self._waiting_beyond()
        before = waiting + 1
        while STREAK < waiting < before:
            await line.yield_turn()
            waiting, before = self._waiting_beyond(), waiting

    def _waiting_beyond(self) -> int:
        """Return how many packets wait where the fullest of the edges leads, beyond the borders that are bridges."""
        most = 0
        for edge in self.targets:
            channel: Channel = edge
            while (head := channel.head_end) is not None and head.is_bridge:
                channel = head.targets[0]
            most = max(most, len(channel.packets))
        return most

    # -- moves, the long way

    def _send(self, packet: BasePacket, line: Line, move: Move | None = None) -> None:
        """Commit a put: on every edge at once, or into the port's own queue."""
        line.credit -= 1
        line.sent = line.splits
        hub = self.hub
        if packet._at is hub.outside and self.targets:
            self._note(packet, hub.outside, self._place)
        self._spread(packet)
        if hub.instruments and (self.targets or not self._is_mailbox):
            self._tell(move, self._way("send"), packet, line)
        self._announce_arrival()

    def post(self, packet: BasePacket) -> None:
        """Put a packet at once, if that is possible without waiting; otherwise nothing happens."""
        if self.can_put():
            if not self._tuned:
                self._tune()
            self._accept(packet, self.hub.outsider)
            self._send(packet, self.hub.outsider)

    def _receive(self, line: Line, move: Move | None = None) -> BasePacket:
        """Commit a get.

        Raises:
            RuntimeError: if the packet was consumed while it waited.
        """
        channel = self._arrivals.popleft() if self._arrivals is not None else self._ins[0]
        packet = channel.packets.popleft()
        line.credit -= 1
        if packet.is_consumed:
            self._left(channel)
            raise RuntimeError(f"{self}: {packet!r} was consumed while it waited here.")
        line.took(packet)
        hub = self.hub
        outer = line.node is None and not self.spec.is_input_port
        self._arrive(packet, channel, hub.outside if outer else self._place)
        if hub.instruments and not self._is_mailbox:
            self._tell(move, self._way(channel), packet, line)
        self._left(channel)
        return packet

    def _relay(self) -> None:
        """Hand over what can cross the border of a graph now."""
        while (channel := self._next_to_cross()) is not None and self._has_room():
            if self._arrivals is not None:
                self._arrivals.popleft()
            packet = channel.packets.popleft()
            self._arrive(packet, channel, self._place)
            self._spread(packet)
            if self.hub.instruments:
                self._tell(None, self._way(channel), packet)
            self._left(channel)
            self._announce_arrival()

    def _next_to_cross(self) -> Channel | None:
        if self._arrivals is not None:  # a packet may be on its edge, and not yet have been announced
            return self._arrivals[0] if self._arrivals else None
        return next((edge for edge in self.sources if edge.packets), None)

    def _spread(self, packet: BasePacket) -> None:
        """Put a packet on what lies beyond: on several edges each carries an envelope of its own."""
        if not self.targets:
            self._keep(packet)
        elif len(self.targets) == 1:
            self._enter(self.targets[0], packet)
        else:
            for channel in self.targets:
                twin = _own_envelope(packet)
                twin._at = self._place
                if self.hub.history.on:
                    self.hub.history.created(twin, self._place)
                self._enter(channel, twin)
            packet._at = SPREAD

    def _enter(self, channel: Channel, packet: BasePacket) -> None:
        if channel.ended:
            channel.reopen()
        channel.packets.append(packet)
        channel.entered += 1
        if packet._at is CONSUMED:  # while it waited before a border
            channel.spoil()
            return
        self._note(packet, self._place, channel)
        packet._at = channel

    def _keep(self, packet: BasePacket) -> None:
        own = self.own
        own.packets.append(packet)
        if self._arrivals is not None:
            self._arrivals.append(own)
        if self._is_mailbox and len(own.packets) > MAILBOX:
            own.packets.popleft()

    def _arrive(self, packet: BasePacket, channel: Channel, place: Place) -> None:
        """A packet has come off a channel, or by hand from where it was; a message of a mailbox is nowhere."""
        if packet._at is CONSUMED:
            return
        if channel is not self._own:
            self._note(packet, channel, self._place)
            packet._at = self._place
        at = packet._at
        if at is not None and at is not place:
            self._note(packet, at, place)
            packet._at = place

    def packet_left(self, channel: Channel) -> None:
        """A packet was taken away from a channel."""
        self._left(channel)

    def _left(self, channel: Channel) -> None:
        """A packet has left a channel: there is room for the next, or nothing more to come."""
        if not channel.wanted:
            return
        room = self._move_up(channel)
        if room.wanted and room.tail_end is not None:
            room.tail_end.room_appeared()
        if channel.ended and not channel.packets:
            self.source_drained()

    def _move_up(self, channel: Channel) -> Channel:
        """Let packets that wait before bridges move up, each into the room of the one before; return who has room.

        It is what `_relay` does at each of these borders, for the case that is not to cost anything.
        """
        room = channel
        while (bridge := room.tail_end) is not None and bridge.is_bridge and not self.hub.instruments:
            source = bridge.sources[0]
            if not source.packets or source.spoiled:
                break
            packet = source.packets.popleft()
            packet._at = room
            room.packets.append(packet)
            room.entered += 1
            if self.hub.history.on:
                self.hub.history.moved(packet, bridge._crossing)
            if source.ended and not source.packets:
                bridge.source_drained()
            room = source
        if room is not channel and channel.awaited:
            self.packet_arrived(channel)
        return room

    def _announce_arrival(self) -> None:
        if not self.targets:
            self._serve_getter()
        for channel in self.targets:
            if channel.head_end is not None:
                channel.head_end.packet_arrived(channel)

    # -- who is told

    def _note(self, packet: BasePacket, origin: Place, dest: Place) -> None:
        history = self.hub.history
        if history.on:
            history.moved(packet, self._step(origin, dest))

    def _way(self, key: Channel | MoveKind) -> Way:
        """Return what moves have in common: all sends, all receives as they are asked for, or those that take a
        packet from one channel, receives or crossings."""
        if self._ways is None:
            self._ways = {}
        way = self._ways.get(key)
        if way is None:
            if isinstance(key, Channel):
                way = Way("cross" if self.relays else "receive", cast("Port", self), (key, *self.targets))
            else:
                way = Way(key, cast("Port", self), self.targets if key == "send" else self.sources)
            self._ways[key] = way
        return way

    def _tell(self, move: Move | None, way: Way, packet: BasePacket, line: Line | None = None) -> None:
        """A move has happened, one that was asked for or of its own accord."""
        if move is None:
            move = Move(way)
        move.way, move.packet = way, packet
        self.hub.committed(move, line)


def _own_envelope(packet: BasePacket) -> Packet:
    """On several edges each carries a packet of its own around the same payload."""
    if not isinstance(packet, Packet):
        raise TypeError(f"A {type(packet).__name__} cannot be put on several edges: only a Packet can.")
    return packet.envelope()
