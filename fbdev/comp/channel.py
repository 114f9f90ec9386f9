"""The queue of an edge: packets in order, a capacity, and whether whatever feeds it has ended."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fbdev.comp.packet import BasePacket
    from fbdev.comp.port import Port


class Channel:
    """Holds packets between a tail port and a head port; either end may be free.

    Waiting belongs to the ports: a channel has exactly one of each, so one line at each port keeps the order.
    """

    def __init__(self, capacity: int | None) -> None:
        self.capacity = capacity
        self.packets: deque[BasePacket] = deque()
        self.reserved = 0
        """Places promised to puts that were chosen and have not gone on yet."""
        self.carried = 0
        """Packets that have come so far."""
        self.ended = False
        self.tail_end: Port | None = None
        self.head_end: Port | None = None

    def has_room(self) -> bool:
        """Return whether one more packet fits, counting what is promised."""
        return self.capacity is None or len(self.packets) + self.reserved < self.capacity

    def end(self) -> None:
        """Say that nothing will be put on it any more."""
        if not self.ended:
            self.ended = True
            if self.head_end is not None:
                self.head_end.source_drained()
