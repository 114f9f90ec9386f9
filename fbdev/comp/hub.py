"""What the ports of one net share: its instruments, who waits, and the count that keeps it fair."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from fbdev.comp.line import current_line
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port_spec import PortType
from fbdev.instrument import Instrument, Move

if TYPE_CHECKING:
    from fbdev.comp.port import Port
    from fbdev.graph.net import BaseNode

STREAK: Final = 128
"""Puts and gets that go through in a row before their task lets the others run."""

log = logging.getLogger("fbdev")


class Waiter:
    """A put or a get that waits in its port's line until it is chosen."""

    __slots__ = ("chosen", "future", "packet", "port", "recalled")

    def __init__(self, port: Port, packet: BasePacket | None = None) -> None:
        self.port = port
        self.packet = packet
        self.future: asyncio.Future[None]
        self.chosen = False
        self.recalled = False

    def wake(self) -> None:
        """Let the waiting task go on."""
        self.future.set_result(None)


class Hub:
    """Shared by all ports of a net. With no instrument a transfer looks at it once."""

    def __init__(self) -> None:
        self.instruments: tuple[Instrument, ...] = ()
        self.streak = 0
        self.waiting: dict[asyncio.Future[None], Waiter] = {}
        self.on_wait: Callable[[], None] | None = None
        """Called whenever one more put or get has to wait or a task has ended: is the net at rest?"""
        self.on_stop: Callable[[Any, str], None] | None = None
        """Called when a component asks for the end of the net, with its result and its reason."""
        self.on_finished: Callable[[], None] | None = None
        """Called when every node of the net has ended."""
        self.goes_on = False
        """True if an error ends the node that it happens in, and not the net."""
        self.withdrawn: list[tuple[BasePacket, Port]] = []
        """The packets of puts that were under way when their task was told to end."""

    # -- waiting

    async def wait(self, waiter: Waiter) -> None:
        """Wait until a waiter is woken."""
        self.streak = 0
        future = waiter.future = asyncio.get_running_loop().create_future()
        self.waiting[future] = waiter
        if self.on_wait is not None:
            self.on_wait()
        try:
            await future
        finally:
            del self.waiting[future]

    async def yield_turn(self) -> None:
        """Let the other tasks of the loop run: one went on for long enough."""
        self.streak = 0
        await asyncio.sleep(0)

    def recall(self) -> None:
        """Send every waiting move back to be admitted again (a run that was free is to be scheduled)."""
        for waiter in list(self.waiting.values()):
            if not waiter.chosen and not waiter.future.done():
                waiter.port.recall(waiter)

    def put_withdrawn(self, port: Port, packet: BasePacket) -> None:
        """A put has ended without effect. If its task had no say in that, the packet is kept for the record."""
        line = current_line.get()
        if line is not None and line.ended and port.port_type is not PortType.MESSAGE:
            self.withdrawn.append((packet, port))

    # -- instruments

    def add(self, instrument: Instrument) -> None:
        """Attach an instrument to the net."""
        self.instruments = (*self.instruments, instrument)

    def remove(self, instrument: Instrument) -> None:
        """Detach an instrument."""
        self.instruments = tuple(one for one in self.instruments if one is not instrument)

    def tell(self, hook: str, *event: Any) -> None:
        """Call a hook of every instrument that defines it; one that raises is detached."""
        for instrument in self.instruments:
            try:
                getattr(instrument, hook)(*event)
            except Exception:
                log.exception("instrument %r failed in %s and is detached", instrument, hook)
                self.remove(instrument)

    async def admit(self, move: Move) -> None:
        """Ask every instrument to let a move go, and wait for those that hold it."""
        for instrument in self.instruments:
            held: Awaitable[None] | None = None
            try:
                held = instrument.admit(move)
            except Exception:
                log.exception("instrument %r failed in admit and is detached", instrument)
                self.remove(instrument)
            if held is not None:
                self.streak = 0
                await held

    def requested(self, move: Move) -> None:
        """A move is asked for."""
        if move.kind == "send" and isinstance(move.packet, Packet) and move.packet._hub is not self:
            move.packet._hub = self
            self.tell("packet_created", move.packet, move.node)
        line = current_line.get()
        if line is not None and move.kind == "receive":
            line.asks(move.port, self)
        self.tell("move_requested", move)

    def committed(self, move: Move) -> None:
        """A move has happened."""
        line = current_line.get()
        if line is not None and move.kind != "cross":
            line.fires(move.port, self, receives=move.kind == "receive")
        self.tell("move_committed", move)

    def cancelled(self, move: Move) -> None:
        """A move asked for will not happen."""
        self.tell("move_cancelled", move)

    def packet_consumed(self, packet: BasePacket) -> None:
        """A payload was taken."""
        self.tell("packet_consumed", packet)

    def port_closed(self, port: Port) -> None:
        """Nothing will arrive at a port any more."""
        if self.instruments:
            self.tell("port_closed", port)

    def firing_began(self, node: BaseNode) -> None:
        """A firing begins."""
        self.tell("firing_began", node)

    def firing_ended(self, node: BaseNode) -> None:
        """A firing has ended."""
        self.tell("firing_ended", node)
