"""How the application follows a run that goes on: what it has written is read bit by bit, and keys go first."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property, partial
from time import monotonic
from typing import Final

from textual import events
from textual.timer import Timer
from textual.worker import Worker

from fbtui.session import Phase
from fbtui.ui.base import Commands
from fbtui.ui.outside import BUSY
from fbtui.ui.travel import TICK

READING: Final = 0.004
"""Seconds of a tick in which is read what a run has written: a key must not wait for all of it."""
GIVEN: Final = 0.025
"""Seconds that a key has for itself, until its frame is painted."""


class Following(Commands):
    """The part of the application that follows a run. There is no timer while nothing goes on."""

    is_busy = False
    """Whether a component has kept the run busy for long; where it is, the record says."""
    _tick: Timer | None = None
    _touched = 0.0
    """When the newest key was pressed."""
    _gave_way = False

    @cached_property
    def _coming(self) -> set[Callable[[], None]]:
        """What is shown again at the next tick."""
        return set()

    @abstractmethod
    def show_session(self) -> None:
        """Show what has changed, and what it asks for."""

    def keep_up(self) -> None:
        """Follow the run from now on, or no longer, as it goes on or stands."""
        goes_on = self.session.phase in {Phase.RUNNING, Phase.STARTING} or self.session.record.is_behind
        if goes_on and self._tick is None:
            self._tick = self.set_interval(TICK, self._on_tick)
        elif not goes_on and self._tick is not None:
            self._tick.stop()
            self._tick = None
            self._comes_round()

    def _comes_round(self) -> None:
        self.is_busy, self.session.record.busy = False, None

    def show_soon(self, show: Callable[[], None]) -> None:
        """Show something again at the next tick, once however often it is asked for: there is more to read of it."""
        if self._tick is None and show not in self._coming:  # while a run is followed all is shown then anyway
            self._coming.add(show)
            self.set_timer(TICK, partial(self._show_now, show))

    def _show_now(self, show: Callable[[], None]) -> None:
        self._coming.discard(show)
        if self.is_running:
            show()

    async def on_event(self, event: events.Event) -> None:
        """Note when something was pressed."""
        if isinstance(event, events.InputEvent):
            self._touched = monotonic()
        await super().on_event(event)

    def _gives_way(self) -> bool:
        """Return whether a tick is left out for a key; not twice in a row, however fast somebody types."""
        self._gave_way = not self._gave_way and monotonic() < self._touched + GIVEN
        return self._gave_way

    def _on_tick(self) -> None:
        if not self.is_running or self._gives_way():
            return
        self.session.refresh(READING)
        silence = self.session.silence()
        if silence > BUSY:
            if not self.is_busy:
                _: Worker[None] = self.run_worker(self._ask_where, group="where")
            self.is_busy = True
        elif self.is_busy:
            self._comes_round()
        if self.session.phase is Phase.RUNNING:
            self.update()
        else:
            self.show_session()  # it may have read all there is: then there is no tick any more

    async def _ask_where(self) -> None:
        await self.session.where()
        if not self.is_busy:
            self._comes_round()
