"""Slow motion: steps a run on by itself, so many moves a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from fbtui.session.spec import Phase

SLOWEST: Final = 0.5
FASTEST: Final = 32.0
"""Moves a second that are offered."""


class Player:
    """Plays a run.

    Args:
        step: commits the next move.
        phase: tells what the run is doing.
    """

    def __init__(self, step: Callable[[], object], phase: Callable[[], Phase]) -> None:
        self.rate = 2.0
        """Moves a second."""
        self._step = step
        self._phase = phase
        self._task: asyncio.Task[None] | None = None

    @property
    def playing(self) -> bool:
        """True while it plays."""
        return self._task is not None

    def start(self) -> None:
        """Begin to play, with a move at once."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._play())

    def stop(self) -> None:
        """Play no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def faster(self, factor: float) -> None:
        """Change the rate, within its limits."""
        self.rate = min(FASTEST, max(SLOWEST, self.rate * factor))

    async def _play(self) -> None:
        while self._phase() in {Phase.PAUSED, Phase.RUNNING}:
            if self._phase() is Phase.PAUSED:
                self._step()
            await asyncio.sleep(1 / self.rate)
        self._task = None
