"""Lines of work: which packets a packet was made from, and what one firing of a node is.

A task that a task manager starts, together with the tasks it starts itself, is one line of work. A firing is a
run of receives followed by a run of sends. The packets received on a line since the first receive after its
last send are the parents of those it sends next.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from fbdev.comp.packet import BasePacket, Packet, PacketUUID

if TYPE_CHECKING:
    from fbdev.comp.hub import Hub
    from fbdev.comp.port import Port
    from fbdev.graph.net import BaseNode

REMEMBERED: Final = 4096
"""Parents of one packet at most: who gathers more than that keeps the first ones."""


class Line:
    """One line of work of a node, kept in a context variable so that the tasks it starts share it."""

    __slots__ = ("_parents", "_read", "_received", "_sent", "ended", "firing", "node")

    def __init__(self, node: BaseNode | None) -> None:
        self.node = node
        self.firing = False
        self.ended = False
        """True once its tasks were told to end."""
        self._received: list[BasePacket] = []
        self._parents: tuple[PacketUUID, ...] | None = ()
        self._sent = False
        self._read: set[Port] = set()

    def took(self, packet: BasePacket) -> None:
        """Remember a packet received."""
        if self._sent:
            self._received.clear()
            self._sent = False
        if len(self._received) < REMEMBERED:
            self._received.append(packet)
            self._parents = None

    def gave(self, packet: BasePacket) -> None:
        """Tell a packet that is sent what it was made from, unless its maker said so."""
        self._sent = True
        if isinstance(packet, Packet) and packet._parents is None:
            if self._parents is None:
                self._parents = tuple(parent.uuid for parent in self._received)
            packet._parents = self._parents

    def holds(self) -> list[BasePacket]:
        """Return the packets that were received and neither consumed nor followed by a send."""
        return [packet for packet in self._received if not (self._sent or packet.is_consumed or packet.is_empty)]

    def end_firing(self, hub: Hub) -> None:
        """End the firing, if there is one."""
        if self.firing and self.node is not None:
            self.firing = False
            self._read.clear()
            hub.firing_ended(self.node)

    def conclude(self, hub: Hub) -> None:
        """End the firing, and forget what was received in it: the next packet is not made from that."""
        self.end_firing(hub)
        self._received.clear()
        self._parents = ()
        self._sent = False

    def asks(self, port: Port, hub: Hub) -> None:
        """A receive is asked for: it ends a firing that has sent, or has read this port before."""
        if self.firing and (self._sent or port in self._read):
            self.end_firing(hub)

    def fires(self, port: Port, hub: Hub, *, receives: bool) -> None:
        """A move has committed: it begins a firing if none goes on."""
        if receives:
            self._read.add(port)
        self._begin_firing(hub)

    def _begin_firing(self, hub: Hub) -> None:
        if not self.firing and self.node is not None:
            self.firing = True
            hub.firing_began(self.node)


class Execution(Line):
    """The line of a component that says itself when a firing is over, by `conclude`.

    However its receives and sends follow each other, a packet that it sends is made from all that it has received
    in the firing so far.
    """

    __slots__ = ()

    def took(self, packet: BasePacket) -> None:
        """Remember a packet received."""
        self._sent = False
        super().took(packet)

    def asks(self, port: Port, hub: Hub) -> None:
        """A receive is asked for: it ends nothing."""

    def conclude(self, hub: Hub) -> None:
        """End the firing; one that made no move is told all the same."""
        self._begin_firing(hub)
        super().conclude(hub)


class Quiet(Line):
    """The line of what belongs to no firing and is nobody's parent: the taking of config values."""

    __slots__ = ()

    def took(self, packet: BasePacket) -> None:
        """Remember nothing."""

    def fires(self, port: Port, hub: Hub, *, receives: bool) -> None:
        """A move has committed: it begins nothing."""


current_line: ContextVar[Line | None] = ContextVar("fbdev_line", default=None)


@contextmanager
def quietly(node: BaseNode | None) -> Iterator[None]:
    """Belong to no firing of the node meanwhile."""
    token = current_line.set(Quiet(node))
    try:
        yield
    finally:
        current_line.reset(token)
