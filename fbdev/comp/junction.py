"""Where edges meet: who waits at a port, who is chosen, and what follows when a packet comes or leaves.

Nothing here awaits: a `Port` does, in the lines that are kept here. A port without an edge has a queue of its own:
for a message port a mailbox of the newest messages, for any other a place where a put hands its packet to a get.
"""

from __future__ import annotations

from asyncio import Future
from collections import deque
from collections.abc import Iterator, Sized
from enum import Enum
from typing import TYPE_CHECKING, Final, cast

from fbdev.comp.channel import ALWAYS, Channel, Few
from fbdev.comp.line import STREAK, Line
from fbdev.comp.packet import DROPPED, BasePacket
from fbdev.comp.port_spec import PortSpec, PortType
from fbdev.exceptions import NetStoppedError

if TYPE_CHECKING:
    from fbdev.comp.hub import Hub
    from fbdev.comp.port import Port
    from fbdev.graph.net import BaseNode, Edge
    from fbdev.instrument import Move


class Woken(Enum):
    """Why a put or a get that waited goes on."""

    CHOSEN = "its place or its packet is reserved"
    RECALLED = "it has to ask anew"
    CLOSED = "nothing more will come"


CHOSEN: Final = Woken.CHOSEN
Wake = Future[Woken]

NO_PUTS: Final[list[tuple[Wake, BasePacket]]] = []
NO_GETS: Final[list[Wake]] = []
"""The lines of every port where nobody has waited yet: many never need one of their own."""


def _was_chosen(wake: Wake) -> bool:
    return wake.done() and not wake.cancelled() and wake.result() is CHOSEN


class Junction:
    """The edges of a port, and the puts and gets that wait at it."""

    __slots__ = (
        "_arrivals",
        "_getters",
        "_ins",
        "_is_mailbox",
        "_own",
        "_promised",
        "_putters",
        "announced",
        "closed",
        "hub",
        "is_bridge",
        "node",
        "relays",
        "sources",
        "spec",
        "targets",
    )

    node: BaseNode

    def __init__(self, port_spec: PortSpec, hub: Hub) -> None:
        self.spec = port_spec
        self.hub = hub
        self.sources: tuple[Edge, ...] = ()
        """The edges that lead to it."""
        self.targets: tuple[Edge, ...] = ()
        """The edges that it feeds."""
        self.relays = False
        """True on the border of a graph: what comes is handed on."""
        self.is_bridge = False
        """True if packets go from one edge to one other over the port."""
        self.closed = False
        """True once everything that feeds it has ended and been received."""
        self.announced = False
        """True if a packet is sure to come: a component's start waits for an announced config value."""
        self._is_mailbox = port_spec.port_type is PortType.MESSAGE
        self._own: Channel | None = None
        self._ins: tuple[Channel, ...] = ()
        """Where a get takes from: the sources, or the port's own queue."""
        self._arrivals: deque[Channel] | None = None
        """If a get may take from several: where packets arrived, in order."""
        self._putters = NO_PUTS
        self._getters = NO_GETS
        self._promised = 0
        """Packets promised to gets that were chosen and have not gone on yet."""

    # -- edges

    def connect(self, *, source: Edge | None = None, target: Edge | None = None) -> None:
        """Join an edge to the port while the net is built."""
        if source is not None:
            self.sources = (*self.sources, source)
            source.head_end = cast("Port", self)
            if not self._is_mailbox:
                self._take_from(source)
        if target is not None:
            self.targets = (*self.targets, target)
            target.tail_end = cast("Port", self)
        self._join()

    def _take_from(self, channel: Channel) -> None:
        self._ins = (*self._ins, channel)
        if len(self._ins) > 1:
            self._arrivals = deque(one for one in self._ins for _ in one.packets)

    def _join(self) -> None:
        self.relays = bool(self.sources) and (bool(self.targets) or self._is_mailbox)
        self.is_bridge = len(self.sources) == 1 == len(self.targets)
        for channel in {*self.sources, *self.targets, *self._ins}:
            channel.rejoin()
        self.loosen()

    @property
    def own(self) -> Channel:
        """The port's own queue, for what is put where no edge leads on."""
        if self._own is None:
            self._own = Channel(None, cast("deque[BasePacket]", Few()))
            self._own.head_end = self._own.tail_end = cast("Port", self)
            self._take_from(self._own)
            self._join()
        return self._own

    def listeners(self) -> Sized:
        """Return what is not empty while the port has to be told of a packet that comes to it."""
        return ALWAYS if self.relays or self._arrivals is not None else self._getters

    def pressers(self) -> Sized:
        """Return what is not empty while the port has to be told of a packet that leaves one of its targets."""
        if not self.sources:
            return self._putters
        return self.sources[0].packets if self.is_bridge else ALWAYS

    # -- what it holds, and who waits

    @property
    def held(self) -> tuple[BasePacket, ...]:
        """Packets that wait in the port itself: messages, and what was given back by a get that is gone."""
        return tuple(self._own.packets) if self._own is not None else ()

    @property
    def putters(self) -> int:
        """How many puts wait."""
        return len(self._putters)

    @property
    def getters(self) -> int:
        """How many gets wait."""
        return len(self._getters)

    def waiting(self) -> Iterator[tuple[Wake, BasePacket | None]]:
        """Yield the puts, with their packets, and the gets that wait and have not been chosen."""
        for wake, packet in self._putters:
            if not wake.done():
                yield wake, packet
        for wake in self._getters:
            if not wake.done():
                yield wake, None

    def can_put(self) -> bool:
        """Return whether a put would commit at once."""
        return not self._putters and self._has_room() and not self._has_stopped

    def can_get(self) -> bool:
        """Return whether a get would commit at once."""
        return not self._getters and self._available() > 0 and not self._has_stopped

    @property
    def _has_stopped(self) -> bool:
        return self.hub.closed and not self._is_mailbox

    def next_packet(self) -> BasePacket | None:
        """Return the packet that the next get would take, None if there is none yet."""
        if self._available() <= 0:
            return None
        if self._arrivals is None:
            return self._ins[0].packets[self._promised]
        coming = list(self._arrivals)[: self._promised + 1]
        return coming[-1].packets[coming.count(coming[-1]) - 1]

    def _has_room(self) -> bool:
        targets = self.targets
        for channel in targets:  # a loop: this is asked at every put that waits
            if len(channel.packets) >= channel.limit and not channel.has_room():
                return False
        return bool(targets) or self._is_mailbox or len(self._getters) > self.own.reserved

    def _available(self) -> int:
        """Packets that are promised to nobody."""
        if self._arrivals is not None:
            return len(self._arrivals) - self._promised
        return len(self._ins[0].packets) - self._promised if self._ins else 0

    # -- lines

    def _line_up_to_put(self, packet: BasePacket, line: Line, *, first: bool) -> Wake:
        wake = self._line_up(line)
        if self._putters is NO_PUTS:
            self._putters = []
            for channel in self.targets:
                channel.rejoin()
        if first:
            self._putters.insert(0, (wake, packet))
        else:
            self._putters.append((wake, packet))
        self._lined_up()
        return wake

    def _was_dropped(self, packet: BasePacket, line: Line, move: Move | None) -> bool:
        """Return whether a packet was dropped while its put was held: the put ends as if it had been made."""
        if packet._at is not DROPPED:
            return False
        line.sent = line.splits
        if move is not None:
            self.hub.tell("move_cancelled", move)
        return True

    def _line_up_to_get(self, line: Line) -> Wake:
        wake = self._line_up(line)
        if self._getters is NO_GETS:
            self._make_line_of_gets()
        self._getters.append(wake)
        if self._putters and not self.targets:
            self._serve_putters()
        self._lined_up()
        return wake

    def _make_line_of_gets(self) -> None:
        self._getters = []
        for channel in self._ins:
            channel.rejoin()

    def _line_up(self, line: Line) -> Wake:
        if self._has_stopped:
            line.credit = 0  # whoever asks again lets the others go on first
            raise NetStoppedError(f"{self}: the net has been stopped.")
        line.credit = STREAK
        return Future(loop=line.loop)

    def _lined_up(self) -> None:
        if self.hub.on_wait is not None:
            self.hub.on_wait()

    def _serve_putters(self) -> None:
        """Choose those who may put now, in the order in which they asked."""
        while self._putters and self._has_room():
            wake, _ = self._putters.pop(0)
            if not wake.done():
                self._reserve(1)
                wake.set_result(CHOSEN)

    def _serve_getter(self) -> None:
        """A packet is there that is promised to nobody: choose the get that asked first."""
        while self._getters:
            wake = self._getters.pop(0)
            if not wake.done():
                self._promised += 1
                wake.set_result(CHOSEN)
                return

    def _reserve(self, places: int) -> None:
        """Promise a place on every edge to a put, or take the promise back (-1)."""
        for channel in self.targets or (self.own,):
            channel.limit -= places

    def _leave_putters(self, wake: Wake) -> None:
        """A put is cancelled: whoever comes next has its place."""
        if _was_chosen(wake):
            self._reserve(-1)
        else:
            self._putters[:] = [one for one in self._putters if one[0] is not wake]
        self._serve_putters()

    def _leave_getters(self, wake: Wake) -> None:
        """A get is cancelled: whoever comes next has its packet."""
        if _was_chosen(wake):
            self._promised -= 1
            self._serve_getter()
        elif wake in self._getters:
            self._getters.remove(wake)

    def recall(self) -> None:
        """Send back whoever waits; their moves are asked for anew."""
        waiting = [wake for wake, _ in self.waiting()]
        self._putters.clear()
        self._getters.clear()
        for wake in waiting:
            wake.set_result(Woken.RECALLED)

    # -- what edges tell

    def packet_arrived(self, channel: Channel) -> None:
        """A packet has come to a channel that the port takes from."""
        self.closed = False
        if self._arrivals is not None:
            self._arrivals.append(channel)
        if self.relays:
            self._relay()
            return
        while self._getters:  # as in `_serve_getter`, which is not called because this is often done
            wake = self._getters.pop(0)
            if not wake.done():
                self._promised += 1
                wake.set_result(CHOSEN)
                return

    def forget_arrival(self, channel: Channel, index: int) -> None:
        """The packet that was the n-th on a channel, from 0, has been taken away."""
        if self._arrivals is not None:
            places = [at for at, one in enumerate(self._arrivals) if one is channel]
            del self._arrivals[places[index]]

    def room_appeared(self) -> None:
        """A packet has left a channel that the port puts on."""
        if self.sources:
            self._relay()
        if self._putters:
            self._serve_putters()

    def source_drained(self) -> None:
        """One of the sources has ended and is empty."""
        if self.closed or not all(channel.ended and not channel.packets for channel in self.sources):
            return
        self.closed = True
        self.hub.tell("port_closed", self)
        self.end()
        for wake in self._getters:
            if not wake.done():
                wake.set_result(Woken.CLOSED)
        self._getters.clear()

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

    # -- what moves

    def loosen(self) -> None:
        """Forget what was found out about the edges: something has changed."""
        raise NotImplementedError

    def _relay(self) -> None:
        """Hand over what can cross the border of a graph now."""
        raise NotImplementedError
