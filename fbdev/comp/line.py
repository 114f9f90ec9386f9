"""Lines of work: which packets a packet was made from, what one firing of a node is, and whose turn it is.

A task that a task manager starts, together with the tasks it starts itself, is one line of work. A firing is a
run of receives followed by a run of sends. The packets received on a line since the first receive after its
last send are the parents of those it sends next.
"""

from __future__ import annotations

import types
from asyncio import AbstractEventLoop, get_running_loop
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Final

from fbdev.comp.packet import BasePacket, Identity, identity_of

if TYPE_CHECKING:
    from fbdev.comp.hub import Hub
    from fbdev.comp.junction import Junction
    from fbdev.graph.net import BaseNode

REMEMBERED: Final = 4096
"""Parents of one packet at most: who gathers more than that keeps the first ones."""
STREAK: Final = 128
"""Puts and gets that go through in a row before their task lets the others run."""


_NO_PORTS: Final[frozenset[Junction]] = frozenset()


class Line:
    """One line of work of a node, kept in a context variable so that the tasks it starts share it."""

    __slots__ = ("_parents", "_read", "credit", "ended", "firing", "loop", "node", "received", "sent", "splits")

    def __init__(self, node: BaseNode | None, loop: AbstractEventLoop | None) -> None:
        self.node = node
        self.loop = loop
        """The loop it runs on: known here, it need not be asked for at every wait, which costs a system call."""
        self.credit = STREAK
        """Puts and gets that may still go through before others get their turn; a wait makes it whole again."""
        self.sent = True
        """Whether something was sent since the last receive: the next one begins a new list of parents."""
        self.splits = True
        """Whether a send says so at all: what a put gives to `sent`."""
        self.received: BasePacket | list[BasePacket] = []
        """The packets received since: the one alone, or several."""
        self._parents: tuple[object, tuple[Identity, ...]] = ((), ())
        self.ended = False
        """True once its tasks were told to end."""
        self.firing = False
        self._read: frozenset[Junction] = _NO_PORTS

    @types.coroutine
    def yield_turn(self) -> Generator[None]:
        """Let the other tasks of the loop run: this one went on for long enough.

        Those of its line that ask meanwhile wait behind it.
        """
        yield
        self.credit = STREAK

    # -- lineage

    def took(self, packet: BasePacket) -> None:
        """Remember a packet received."""
        received = self.received
        if self.sent:
            self.sent = False
            self.received = packet
        elif isinstance(received, BasePacket):
            self.received = [received, packet]
        elif len(received) < REMEMBERED:
            received.append(packet)

    @property
    def parents(self) -> tuple[Identity, ...]:
        """What a packet was made from that is sent now."""
        received = self.received
        if not received:
            return ()
        if not isinstance(received, list):
            return (received._identity,)
        known, parents = self._parents
        if known is not received or len(parents) != len(received):
            parents = tuple(map(identity_of, received))
            self._parents = received, parents
        return parents

    def holds(self) -> list[BasePacket]:
        """Return the packets that were received and neither consumed nor followed by a send."""
        if self.sent:
            return []
        received = [self.received] if isinstance(self.received, BasePacket) else self.received
        return [packet for packet in received if not (packet.is_consumed or packet.is_empty)]

    # -- firings

    @property
    def read(self) -> frozenset[Junction]:
        """The ports that the firing which goes on has received from; known while an instrument hears firings."""
        return self._read

    def end_firing(self, hub: Hub) -> None:
        """End the firing, if there is one."""
        if self.firing and self.node is not None:
            self.firing = False
            self._read = _NO_PORTS
            hub.firing_ended(self.node)

    def conclude(self, hub: Hub) -> None:
        """End the firing, and forget what was received in it: the next packet is not made from that."""
        self.end_firing(hub)
        self.received = []
        self.sent = True

    def asks(self, port: Junction, hub: Hub) -> None:
        """A receive is asked for: it ends a firing that has sent, or has read this port before."""
        if self.firing and (self.sent or port in self._read):
            self.end_firing(hub)

    def fires(self, port: Junction, hub: Hub, *, receives: bool) -> None:
        """A move has committed: it begins a firing if none goes on."""
        if receives:
            self._read |= {port}
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

    def __init__(self, node: BaseNode | None, loop: AbstractEventLoop | None) -> None:
        super().__init__(node, loop)
        self.splits = False

    def asks(self, port: Junction, hub: Hub) -> None:
        """A receive is asked for: it ends nothing."""

    def conclude(self, hub: Hub) -> None:
        """End the firing; one that made no move is told all the same."""
        self._begin_firing(hub)
        super().conclude(hub)


class _Unlinked(Line):
    """A line that remembers nothing: what it sends has no parents, and nothing fires."""

    __slots__ = ()

    def __init__(self, node: BaseNode | None, loop: AbstractEventLoop | None) -> None:
        super().__init__(node, loop)
        self.sent = self.splits = False  # so that whatever is received is given to `took`, which forgets it

    def took(self, packet: BasePacket) -> None:
        """Remember nothing."""

    def fires(self, port: Junction, hub: Hub, *, receives: bool) -> None:
        """A move has committed: it begins nothing."""


class Quiet(_Unlinked):
    """The line of what belongs to no firing and is nobody's parent: the taking of config values."""

    __slots__ = ()


class Outsider(_Unlinked):
    """Whoever puts and gets from outside the net."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(None, None)


NOBODY: Final = Outsider()
"""Stands for the line of a task that no task manager started: its port takes the net's own outsider for it."""
NOBODY.credit = 0

current_line: ContextVar[Line] = ContextVar("fbdev_line", default=NOBODY)


@contextmanager
def quietly(node: BaseNode | None) -> Iterator[None]:
    """Belong to no firing of the node meanwhile."""
    token = current_line.set(Quiet(node, get_running_loop()))
    try:
        yield
    finally:
        current_line.reset(token)


def off_line() -> Context:
    """Return the caller's context without its line of work: for a task that is to end that line."""
    context = copy_context()
    context.run(current_line.set, NOBODY)
    return context
