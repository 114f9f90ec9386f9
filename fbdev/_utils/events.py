"""Events to subscribe to, and waiting for several of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Literal, Protocol

from fbdev._utils.attr_container import AttrContainer


class Waitable(Protocol):
    """What can be waited for: an ``asyncio.Event``, or a `ReadonlyEvent`."""

    async def wait(self) -> Literal[True]:
        """Wait until it is set."""


class ReadonlyEvent:
    """An event that is set and cleared by its owner alone."""

    __slots__ = ("_event",)

    def __init__(self, event: asyncio.Event) -> None:
        self._event = event

    def is_set(self) -> bool:
        """Return whether it is set now."""
        return self._event.is_set()

    async def wait(self) -> Literal[True]:
        """Wait until it is set."""
        return await self._event.wait()


class EventHandler:
    """Something that happens again and again."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._events: list[asyncio.Event] = []
        self._callbacks: list[Callable[[], object]] = []

    def subscribe(self) -> asyncio.Event:
        """Return a fresh event that is set when it happens next."""
        event = asyncio.Event()
        self._events.append(event)
        return event

    def register_callback(self, callback: Callable[[], object]) -> None:
        """Have a function called, without arguments and at once, each time that it happens."""
        self._callbacks.append(callback)

    def _trigger(self) -> None:
        events, self._events = self._events, []
        for event in events:
            event.set()
        for callback in self._callbacks:
            callback()

    def __repr__(self) -> str:
        return f"EventHandler(name={self.name!r})"


class EventCollection(AttrContainer):
    """Event handlers by name."""

    def __init__(self, *names: str) -> None:
        super().__init__(obj_name="EventCollection", dtype=EventHandler)
        for name in names:
            self._add_event(EventHandler(name))

    def _add_event(self, event_handler: EventHandler) -> None:
        self._set(event_handler.name, event_handler)


async def await_multiple_events(*events: Waitable) -> None:
    """Wait until each of the events has been set."""
    await asyncio.gather(*(event.wait() for event in events))


async def await_any_event(*events: Waitable) -> None:
    """Wait until one of the events is set; nothing is left waiting for the others.

    Raises:
        ValueError: if there are none: it would wait for ever.
    """
    if not events:
        raise ValueError("await_any_event() needs at least one event to wait for.")
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
