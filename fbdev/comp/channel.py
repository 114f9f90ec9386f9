"""The queue of an edge: packets in order, a capacity, and whether whatever feeds it has ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Sized
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fbdev.comp.hub import Hub
    from fbdev.comp.packet import BasePacket
    from fbdev.comp.port import Port

UNBOUNDED: Final = (1 << 30) - 1
"""More packets than there can be, and still a small number for the interpreter."""
NOBODY: Final[Sized] = ()
ALWAYS: Final[Sized] = ("always",)


class Few(list["BasePacket"]):
    """Used as a queue of a few packets: it takes a tenth of the memory of a deque."""

    __slots__ = ()

    def popleft(self) -> BasePacket:
        """Remove the first packet and return it."""
        return self.pop(0)


class Channel:
    """Holds packets between a tail port and a head port; either end may be free.

    Waiting belongs to the ports: a channel has exactly one of each, so one line at each port keeps the order.
    What a put and a get ask on their way past, when nobody waits, are plain attributes here.
    """

    __slots__ = (
        "awaited",
        "capacity",
        "ended",
        "entered",
        "head_end",
        "limit",
        "packets",
        "spoiled",
        "tail_end",
        "wanted",
    )

    def __init__(self, capacity: int | None, packets: deque[BasePacket] | None = None) -> None:
        self.capacity = capacity
        self.packets: deque[BasePacket] = deque() if packets is None else packets
        self.limit = UNBOUNDED if capacity is None else capacity
        """A put goes past while fewer packets are here: each promised place takes one off, an end all."""
        self.entered = 0
        """Packets that have come so far, but for those that went over a bridge unseen: see `carried`."""
        self.ended = False
        self.spoiled = False
        """True once a packet was consumed while it was here: its gets take a closer look from then on."""
        self.tail_end: Port | None = None
        self.head_end: Port | None = None
        self.awaited: Sized = NOBODY
        """Not empty while the head has to be told of a packet that comes: the line of its gets, as a rule."""
        self.wanted: Sized = NOBODY
        """Not empty while the tail has to be told of a packet that leaves: the line of its puts, as a rule."""

    @property
    def carried(self) -> int:
        """Packets that have come so far."""
        head = self.head_end
        if head is not None and head.is_bridge:
            return head.targets[0].carried + len(self.packets)
        return self.entered

    @property
    def reserved(self) -> int:
        """Places promised to puts that were chosen and have not gone on yet."""
        whole = UNBOUNDED if self.capacity is None else self.capacity
        return whole - self.limit - (UNBOUNDED if self.ended else 0)

    def has_room(self) -> bool:
        """Return whether one more packet fits, counting what is promised."""
        return len(self.packets) < self.limit + (UNBOUNDED if self.ended else 0)

    @property
    def address(self) -> str:
        """Where it is: an edge has an address of its own, a port's own queue is where the port is."""
        return str(self.head_end)

    @property
    def hub(self) -> Hub | None:
        """What the net shares that it is in."""
        end = self.head_end or self.tail_end
        return None if end is None else end.hub

    def spoil(self) -> None:
        """A packet that is here was consumed by whoever put it."""
        self.spoiled = True
        if self.head_end is not None:
            self.head_end.loosen()

    def rejoin(self) -> None:
        """Find out anew who has to be told: an end has changed."""
        self.awaited = NOBODY if self.head_end is None else self.head_end.listeners()
        if self.ended:
            self.wanted = ALWAYS
        else:
            self.wanted = NOBODY if self.tail_end is None else self.tail_end.pressers()

    def end(self) -> None:
        """Say that nothing will be put on it any more."""
        if not self.ended:
            self.ended = True
            self.limit -= UNBOUNDED
            self.rejoin()
            if self.head_end is not None:
                self.head_end.source_drained()

    def reopen(self) -> None:
        """Say that something is put on it after all."""
        if self.ended:
            self.ended = False
            self.limit += UNBOUNDED
            self.rejoin()
