"""States that can be waited for. Their events are made when they are first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal

from fbdev._utils.attr_container import AttrContainer
from fbdev._utils.events import ReadonlyEvent


class StateHandler:
    """A value out of a few, with waiting for it to change.

    Raises:
        ValueError: if the values are not unique, or the first state is none of them.
    """

    def __init__(self, name: str, current_state: Any, state_vals: Sequence[Any] = (True, False)) -> None:
        if len(set(state_vals)) != len(state_vals):
            raise ValueError(f"The values of state '{name}' are not unique.")
        self._name = name
        self._values = tuple(state_vals)
        self._state = self._known(current_state)
        self._live: dict[tuple[Any, bool], asyncio.Event] = {}
        self._toggles: list[tuple[Any, bool, asyncio.Event]] = []
        self._changes: list[asyncio.Event] = []

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name

    def _known(self, value: Any) -> Any:
        if value not in self._values:
            raise ValueError(f"State '{self._name}' is one of {', '.join(map(repr, self._values))}, not {value!r}.")
        return value

    def get(self) -> Any:
        """Return the state."""
        return self._state

    def check(self, value: Any) -> bool:
        """Return whether the state is ``value``."""
        return bool(self.get() == self._known(value))

    def set(self, value: Any) -> None:
        """Change the state.

        Raises:
            ValueError: if ``value`` is none of the states.
        """
        if self._state != self._known(value):
            self._state = value
            self._tell()

    def _tell(self) -> None:
        """The state has changed: set and clear the events that somebody asked for."""
        for (wanted, target), live in self._live.items():
            _set_or_clear(live, (self._state == wanted) is target)
        changes, self._changes = self._changes, []
        for change in changes:
            change.set()
        toggles, self._toggles = self._toggles, []
        for wanted, target, event in toggles:
            if (self._state == wanted) is target:
                event.set()
            else:
                self._toggles.append((wanted, target, event))

    def get_state_event(self, value: Any, target_value: bool = True) -> ReadonlyEvent:
        """Return an event that is set as long as the state is (or, if not ``target_value``, is not) ``value``."""
        return ReadonlyEvent(self._live_event(value, target_value))

    def _live_event(self, value: Any, target: bool) -> asyncio.Event:
        event = self._live.get((self._known(value), target))
        if event is None:
            event = self._live[value, target] = asyncio.Event()
            _set_or_clear(event, (self.get() == value) is target)
        return event

    def get_state_toggle_event(self, value: Any, target_value: bool = True) -> asyncio.Event:
        """Return an event that is set once, when the state next becomes (or ceases to be) ``value``."""
        event = asyncio.Event()
        self._toggles.append((self._known(value), target_value, event))
        return event

    def get_state_changed_event(self) -> asyncio.Event:
        """Return an event that is set once, when the state next changes."""
        event = asyncio.Event()
        self._changes.append(event)
        return event

    async def wait(self, value: Any, target_value: bool = True) -> Literal[True]:
        """Wait until the state is (or is not) ``value``."""
        return await self._live_event(value, target_value).wait()

    def __str__(self) -> str:
        return f"State: {self._name}={self.get()}"

    __repr__ = __str__


class StateView:
    """A state to look at and wait for."""

    __slots__ = ("_handler",)

    def __init__(self, state_handler: StateHandler) -> None:
        self._handler = state_handler

    @property
    def name(self) -> str:
        """What it is called."""
        return self._handler.name

    def get(self) -> Any:
        """Return the state."""
        return self._handler.get()

    def check(self, value: Any) -> bool:
        """Return whether the state is ``value``."""
        return self._handler.check(value)

    async def wait(self, value: Any, target_value: bool = True) -> Literal[True]:
        """Wait until the state is (or is not) ``value``."""
        return await self._handler.wait(value, target_value)

    def get_state_event(self, value: Any, target_value: bool = True) -> ReadonlyEvent:
        """Return an event that is set as long as the state is (or is not) ``value``."""
        return self._handler.get_state_event(value, target_value)

    def get_state_toggle_event(self, value: Any, target_value: bool = True) -> asyncio.Event:
        """Return an event that is set once, when the state next becomes (or ceases to be) ``value``."""
        return self._handler.get_state_toggle_event(value, target_value)

    def get_state_changed_event(self) -> asyncio.Event:
        """Return an event that is set once, when the state next changes."""
        return self._handler.get_state_changed_event()

    def __str__(self) -> str:
        return str(self._handler)

    __repr__ = __str__


class StateCollection(AttrContainer):
    """States by name: ``name`` is a view, ``_name`` the handler that can set it."""

    def __init__(self, **states: Any) -> None:
        super().__init__(obj_name="StateCollection")
        for name, value in states.items():
            self._add_state(StateHandler(name, value))

    def _add_state(self, state_handler: StateHandler, readonly: bool = True) -> None:
        self._set(f"_{state_handler.name}", state_handler)
        self._set(state_handler.name, StateView(state_handler) if readonly else state_handler)

    def __str__(self) -> str:
        states = ", ".join(f"{name}={self[name].get()}" for name in self if f"_{name}" in self)
        return f"StateCollection: {states}"

    __repr__ = __str__


def _set_or_clear(event: asyncio.Event, is_set: bool) -> None:
    if is_set:
        event.set()
    else:
        event.clear()
