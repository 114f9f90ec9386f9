"""Slow motion: steps a run on by itself, so many moves a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

SLOWEST: Final = 0.5
FASTEST: Final = 32.0
"""Moves a second that are offered."""


class Player:
    """Plays a run.

    Args:
        step: commits the next move, or goes to the next recorded one.
        state: says whether there is a next one: now, later (None) or never (False).
    """

    def __init__(self, step: Callable[[], object], state: Callable[[], bool | None]) -> None:
        self.rate = 2.0
        """Moves a second."""
        self._step = step
        self._state = state
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
        while (state := self._state()) is not False:
            if state:
                self._step()
            await asyncio.sleep(1 / self.rate)
        self._task = None
