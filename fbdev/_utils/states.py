"""States that can be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any


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
        self._waiting: list[tuple[Any, bool, asyncio.Event]] = []

    def _known(self, value: Any) -> Any:
        if value not in self._values:
            raise ValueError(f"State '{self._name}' is one of {self._values}, not {value!r}.")
        return value

    def get(self) -> Any:
        """Return the state."""
        return self._state

    def check(self, value: Any) -> bool:
        """Return whether the state is ``value``."""
        return bool(self._state == self._known(value))

    def set(self, value: Any) -> None:
        """Change the state.

        Raises:
            ValueError: if ``value`` is none of the states.
        """
        self._state = self._known(value)
        still = []
        for wanted, inside, event in self._waiting:
            if (self._state == wanted) is inside:
                event.set()
            else:
                still.append((wanted, inside, event))
        self._waiting = still

    def get_state_toggle_event(self, value: Any, target_value: bool = True) -> asyncio.Event:
        """Return an event that is set once, when the state is (or, if not ``target_value``, is not) ``value``."""
        event = asyncio.Event()
        if (self._state == self._known(value)) is target_value:
            event.set()
        else:
            self._waiting.append((value, target_value, event))
        return event

    async def wait(self, value: Any, target_value: bool = True) -> None:
        """Wait until the state is (or is not) ``value``."""
        await self.get_state_toggle_event(value, target_value).wait()

    def __str__(self) -> str:
        return f"{self._name}={self._state}"


class StateView:
    """A state to look at and wait for."""

    def __init__(self, handler: StateHandler) -> None:
        self.get = handler.get
        self.check = handler.check
        self.wait = handler.wait
        self.get_state_toggle_event = handler.get_state_toggle_event


class StateCollection:
    """States by name: ``name`` is a view, ``_name`` the handler that can set it."""

    def __init__(self, **states: Any) -> None:
        self._handlers: dict[str, StateHandler] = {}
        for name, value in states.items():
            self._add_state(StateHandler(name, value))

    def __getattr__(self, name: str) -> Any:  # what `_add_state` has set
        raise AttributeError(f"There is no state '{name}'.")

    def _add_state(self, handler: StateHandler, readonly: bool = True) -> None:
        name = handler._name
        self._handlers[name] = handler
        setattr(self, "_" + name, handler)
        setattr(self, name, StateView(handler) if readonly else handler)

    def __str__(self) -> str:
        return f"StateCollection: {', '.join(map(str, self._handlers.values()))}"
