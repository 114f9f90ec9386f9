"""What the ports of one net share: its history, its instruments, and who is outside."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

from fbdev.comp.history import History, Kept
from fbdev.comp.line import Line, Outsider
from fbdev.comp.packet import BasePacket, Place
from fbdev.comp.port_type import PortType
from fbdev.instrument import FIRINGS, GATES, HOOKS, Instrument, Move, Way

if TYPE_CHECKING:
    from fbdev.comp.port import Port
    from fbdev.graph.net import BaseNode

log = logging.getLogger("fbdev")

Hooks = tuple[tuple[Instrument, Callable[..., Any]], ...]
"""A hook of those instruments that define it."""


class Outside:
    """The place of a packet that is with whoever puts and gets from outside the net."""

    address: Final = None

    def __init__(self, hub: Hub) -> None:
        self.hub = hub


class Hub:
    """Shared by all ports of a net."""

    def __init__(self) -> None:
        self.instruments: tuple[Instrument, ...] = ()
        self.history = History()
        self.outside = Outside(self)
        self.outsider = Outsider()
        """The line of work of whoever puts and gets from outside."""
        self.ports: list[Port] = []
        self.on_wait: Callable[[], None] | None = None
        """Called whenever one more put or get has to wait or a task has ended: is the net at rest?"""
        self.on_stop: Callable[[Any, str], None] | None = None
        """Called when a component asks for the end of the net, with its result and its reason."""
        self.on_finished: Callable[[], None] | None = None
        """Called when every node of the net has ended."""
        self.held: Callable[[], Iterable[tuple[Port, Literal["send", "receive"]]]] = tuple
        """Returns the ports whose puts and gets an instrument holds back: they wait, too."""
        self.goes_on = False
        """True if an error ends the node that it happens in, and not the net."""
        self.withdrawn: list[tuple[BasePacket, Port]] = []
        """The packets of puts that were under way when their task was told to end, or the net had stopped."""
        self.closed = False
        """True once the net has stopped."""
        self.peers: dict[asyncio.Future[Any], Callable[[], tuple[str, ...]]] = {}
        """Futures that other processes fulfil. The function says what goes on there meanwhile, in the words of
        `NetLoop.outside`; nothing if that process waits for packets alone."""
        self.follows = self.history.on
        """Whether it is noted or told that a payload was taken."""
        self.gated = False
        """Whether an instrument looks at moves before they commit, or at firings: every move goes the long way."""
        self._fires = False
        self._hooks: dict[str, Hooks] = dict.fromkeys(HOOKS, ())

    # -- waiting

    def waiting(self) -> dict[asyncio.Future[Any], tuple[Port, BasePacket | None]]:
        """Return the puts and gets that wait and have not been chosen, by what their tasks wait for."""
        return {wake: (port, packet) for port in self.ports for wake, packet in port.waiting()}

    def recall(self) -> None:
        """Send every waiting move back to be admitted again (a run that was free is to be scheduled)."""
        for port in self.ports:
            port.recall()

    def elsewhere(self) -> tuple[str, ...]:
        """Return what goes on in other processes on behalf of the net, in the words of `NetLoop.outside`."""
        return tuple(dict.fromkeys(word for goes_on in self.peers.values() for word in goes_on()))

    def put_withdrawn(self, port: Port, packet: BasePacket, line: Line) -> None:
        """A put has ended without effect. If its task had no say in that, the packet is kept for the record."""
        if (line.ended or self.closed) and port.port_type is not PortType.MESSAGE:
            self.withdrawn.append((packet, port))

    def close(self) -> None:
        """The net has stopped: whoever still waits, or comes later, is a task that nobody owns, and is refused."""
        if not self.closed:
            self.closed, self.gated = True, False
            self._loosen()
            self.recall()

    # -- history

    def keep_history(self, kept: Kept) -> None:
        """Say how many activities the history keeps from now on: see `History.keep`."""
        self.history.keep(kept)
        self._loosen()

    # -- instruments

    def add(self, instrument: Instrument, *, first: bool = False) -> None:
        """Attach an instrument to the net."""
        self.instruments = (instrument, *self.instruments) if first else (*self.instruments, instrument)
        self._look_up_hooks()

    def remove(self, instrument: Instrument) -> None:
        """Detach an instrument."""
        self.instruments = tuple(one for one in self.instruments if one is not instrument)
        self._look_up_hooks()

    def _look_up_hooks(self) -> None:
        for name in HOOKS:
            calls = ((one, getattr(one, name)) for one in self.instruments)
            self._hooks[name] = tuple((one, call) for one, call in calls if _defines(call, name))
        self.gated = any(self._hooks[name] for name in GATES)
        self._fires = any(self._hooks[name] for name in FIRINGS)
        self._loosen()

    def _loosen(self) -> None:
        self.follows = self.history.on or self.hears("packet_consumed")
        for port in self.ports:
            port.loosen()

    def hears(self, hook: str) -> bool:
        """Return whether some instrument defines a hook."""
        return bool(self._hooks[hook])

    def tell(self, hook: str, *event: Any) -> None:
        """Call a hook of every instrument that defines it; one that raises is detached."""
        for instrument, call in self._hooks[hook]:
            try:
                call(*event)
            except Exception:
                self._detach(instrument, hook)

    def _detach(self, instrument: Instrument, hook: str) -> None:
        log.exception("instrument %r failed in %s and is detached", instrument, hook)
        self.remove(instrument)

    # -- moves

    def requested(self, way: Way, line: Line, packet: BasePacket | None = None) -> Move:
        """A move is asked for."""
        move = Move(way, packet)
        if self._fires and packet is None:
            line.asks(way.port, self)
        self.tell("move_requested", move)
        return move

    def admit(self, move: Move) -> Awaitable[None] | None:
        """Ask every instrument to let a move go; return what is to be awaited before it may."""
        gates = self._hooks["admit"]
        for number, (instrument, call) in enumerate(gates, 1):
            held = self._ask(instrument, call, move)
            if held is not None:
                return self._admit_later(held, move, gates[number:])
        return None

    async def _admit_later(self, held: Awaitable[None], move: Move, others: Hooks) -> None:
        await held
        for instrument, call in others:
            more = self._ask(instrument, call, move)
            if more is not None:
                await more

    def _ask(self, instrument: Instrument, call: Callable[..., Any], move: Move) -> Awaitable[None] | None:
        try:
            held: Awaitable[None] | None = call(move)
        except Exception:
            self._detach(instrument, "admit")
            return None
        return held

    def committed(self, move: Move, line: Line | None) -> None:
        """A move has happened, the long way."""
        if self._fires and line is not None:
            line.fires(move.port, self, receives=move.kind == "receive")
        self.tell("move_committed", move)

    @property
    def observed(self) -> bool:
        """Whether some instrument is told of moves."""
        return self.hears("move_committed")

    def observer(self, way: Way) -> tuple[Callable[[Any], None], Move | None]:
        """Return what is called with each packet that has gone a way by the short one; with a move instead, if it
        comes with one to use."""
        hooks = self._hooks["move_committed"]
        if len(hooks) > 1:
            return partial(self.tell, "move_committed"), Move(way)
        ((instrument, call),) = hooks
        watcher = instrument.watch(way)
        return (watcher, None) if watcher is not None else (call, Move(way))

    def observer_failed(self) -> None:
        """The one hook itself has raised: its error is being handled."""
        self._detach(self._hooks["move_committed"][0][0], "move_committed")

    def consumed(self, packet: BasePacket, place: Place, dtype: type) -> None:
        """A payload was taken."""
        if self.history.on:
            self.history.consumed(packet, place, dtype)
        if self.instruments:
            self.tell("packet_consumed", packet)

    def firing_began(self, node: BaseNode) -> None:
        """A firing begins."""
        self.tell("firing_began", node)

    def firing_ended(self, node: BaseNode) -> None:
        """A firing has ended."""
        self.tell("firing_ended", node)


def _defines(call: Callable[..., Any], name: str) -> bool:
    return getattr(call, "__func__", call) is not getattr(Instrument, name)
