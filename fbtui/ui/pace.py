"""How fast a run goes, and for how long already."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

OVER: Final = 1.0
"""Seconds over which the rate is measured."""
SOON: Final = 0.5
"""Seconds after which a run that goes on is worth a word about its pace."""
MINUTE: Final = 60


def duration(seconds: float) -> str:
    """Return a length of time as people write it: ``0.25 ms``, ``12.4 s``, ``3:05 min``, ``1:02:03``."""
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    if seconds < MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02} min"


class Pace:
    """Measures a run while it goes on.

    Args:
        clock: tells the time, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()
        """When how many moves had been made, over the last second."""
        self._since: float | None = None

    def rest(self) -> None:
        """The run does not go on now."""
        self._since = None
        self._seen.clear()

    def measure(self, moves: int) -> tuple[float, float] | None:
        """Return for how many seconds the run has gone on, and how many moves a second it makes now.

        Args:
            moves: how many it has made.

        Returns:
            None as long as it is too early to tell.
        """
        now = self._clock()
        if self._since is None or (self._seen and moves < self._seen[-1][1]):
            self.rest()
            self._since = now
        self._seen.append((now, moves))
        while len(self._seen) > 2 and now - self._seen[1][0] >= OVER:
            self._seen.popleft()
        (start, before), length = self._seen[0], now - self._since
        if length < SOON or now == start:
            return None
        return length, (moves - before) / (now - start)
