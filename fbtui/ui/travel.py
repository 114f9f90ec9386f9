"""Packets on their way: while a run is played, the one that was sent is seen travelling."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from textual.timer import Timer

TICK: Final = 1 / 30
"""Seconds between two frames."""
SHARE: Final = 0.6
"""The part of the time between two moves that a packet travels."""


class _SetInterval(Protocol):
    def __call__(self, interval: float, callback: Callable[[], None], *, repeat: int) -> Timer: ...


class Travel:
    """Moves one packet along its edge.

    Args:
        set_interval: starts a timer.
        show: called at each frame.
    """

    def __init__(self, set_interval: _SetInterval, show: Callable[[], None]) -> None:
        self._set_interval = set_interval
        self._show = show
        self._timer: Timer | None = None
        self._way = 0.0

    @property
    def way(self) -> float | None:
        """How much of its way the packet has behind it, 0 to 1; None while none travels."""
        return self._way if self._timer is not None else None

    def begin(self, rate: float) -> None:
        """Send a packet on its way, at a rate of so many moves a second."""
        if self._timer is not None:
            self._timer.stop()
        self._way = 0.0
        frames = max(1, round(SHARE / rate / TICK))
        self._timer = self._set_interval(TICK, lambda: self._move_on(1 / frames), repeat=frames)

    def _move_on(self, share: float) -> None:
        self._way = min(1.0, self._way + share)
        if self._way >= 1.0 and self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._show()
