"""The states and events of a port. They cost nothing before somebody asks for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fbdev._utils.derived_state import DerivedState
from fbdev._utils.events import EventCollection
from fbdev._utils.states import StateCollection
from fbdev.instrument import Instrument, Move

if TYPE_CHECKING:
    from fbdev.comp.port import Port


class PortWatch(Instrument):
    """Makes the events of one port, and tells its states to whoever waits for them.

    The states are read from the port, so they are always true. Only an event, or a wait, needs to hear of every
    move: then the watch is attached to the net as an instrument.
    """

    def __init__(self, port: Port) -> None:
        self._port = port
        self._attached = False
        self._events = EventCollection("put_requested", "get_requested", "put_fulfilled", "get_fulfilled")
        puts, gets = (lambda: port.putters > 0), (lambda: port.getters > 0)
        blocks = gets if port.is_input_port else puts
        readers = {"put_awaiting": puts, "get_awaiting": gets, "is_blocked": blocks}
        self._handlers = [DerivedState(name, read, self.attach) for name, read in readers.items()]
        self.states = StateCollection()
        """``put_awaiting``, ``get_awaiting``, and ``is_blocked``: whether the component waits here."""
        for handler in self._handlers:
            self.states._add_state(handler)

    @property
    def events(self) -> EventCollection:
        """``put_requested``, ``get_requested``, ``put_fulfilled``, ``get_fulfilled``."""
        self.attach()
        return self._events

    def attach(self) -> None:
        """Hear of every move from now on; those that wait already are asked for anew."""
        if not self._attached:
            self._attached = True
            self._port.hub.add(self)
            self._port.hub.recall()

    def move_requested(self, move: Move) -> None:
        """Tell that a put or a get is asked for."""
        self._happened(move, "requested")

    def move_committed(self, move: Move) -> None:
        """Tell that a put or a get is done."""
        self._happened(move, "fulfilled")

    def move_cancelled(self, move: Move) -> None:
        """Look at the states anew."""
        self._happened(move, None)

    def _happened(self, move: Move, what: str | None) -> None:
        if move.port is not self._port or move.kind == "cross":
            return
        if what is not None:
            self._events[f"{'put' if move.kind == 'send' else 'get'}_{what}"]._trigger()
        asyncio.get_running_loop().call_soon(self._refresh)

    def _refresh(self) -> None:
        for handler in self._handlers:
            handler.refresh()
