"""States that are read when they are asked for, and watched only while somebody waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fbdev._utils.states import StateHandler


class DerivedState(StateHandler):
    """A state that is read from what it is about, rather than set.

    Args:
        name: what it is called.
        read: returns whether it holds now.
        watch: called when somebody begins to wait for it: from then on `refresh` is to be called at every change.
    """

    def __init__(self, name: str, read: Callable[[], bool], watch: Callable[[], None]) -> None:
        super().__init__(name, False)
        self._read = read
        self._watch = watch

    def get(self) -> bool:
        """Return the state."""
        return self._read()

    def _begin_to_watch(self) -> None:
        self._watch()
        self.refresh()

    def refresh(self) -> None:
        """Tell whoever waits if the state has changed."""
        self.set(self._read())

    def _live_event(self, value: bool, target: bool) -> asyncio.Event:
        self._begin_to_watch()
        return super()._live_event(value, target)

    def get_state_toggle_event(self, value: bool, target_value: bool = True) -> asyncio.Event:
        """Return an event that is set once, when the state next becomes (or ceases to be) ``value``."""
        self._begin_to_watch()
        return super().get_state_toggle_event(value, target_value)

    def get_state_changed_event(self) -> asyncio.Event:
        """Return an event that is set once, when the state next changes."""
        self._begin_to_watch()
        return super().get_state_changed_event()
