"""An asyncio event loop that sees when nothing is ready, and whose clock can stand still.

It is asyncio's own selector loop with a selector of ours, which is a public seam: the loop asks the selector to
wait exactly when nothing is ready to run.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from enum import Enum
from typing import Any, ClassVar, Final, TypeVar, TypeVarTuple

Args = TypeVarTuple("Args")
Result = TypeVar("Result")

SPINNING: Final = 200
"""Turns of the loop without an idle moment after which what still runs is said to be spinning."""


class Idle(Enum):
    """What an idle handler answers."""

    WORK = "it has made something ready: go on at once"
    HOLD = "it waits for something of its own: ask nobody else, and wait"
    PASS = "it has nothing to say: ask the next one"


IdleHandler = Callable[[bool], Idle]


class _Selector(selectors.DefaultSelector):
    """Tells its loop of every turn, and asks it before waiting."""

    loop: NetLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        wait = self.loop._turn(timeout, bool(events))
        if events or not wait:
            return events
        if self.loop.on_wait is not None:
            self.loop.on_wait()
        return super().select(None if self.loop.frozen else timeout)


class NetLoop(asyncio.SelectorEventLoop):
    """The loop that nets run on by preference: `BatchExecutor.start` and the debugger use it."""

    make: ClassVar[Callable[[], NetLoop]]
    """Makes the loop for a run of its own; a debugger puts another function here."""

    def __init__(self) -> None:
        self._frozen_at: float | None = None
        self._lag = 0.0
        self._handlers: list[IdleHandler] = []
        self._last_handlers: list[IdleHandler] = []
        self._busy_turns = 0
        self._has_timer = False
        self._calls: set[asyncio.Future[Any]] = set()
        self._children: list[asyncio.SubprocessTransport] = []
        self.on_turn: Callable[[], None] | None = None
        """Called at every turn of the loop: a heartbeat. It must be quick and must not raise."""
        self.on_wait: Callable[[], None] | None = None
        """Called when the loop is about to wait; it must be quick and must not raise."""
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)
        self._own: set[int] = {key.fd for key in selector.get_map().values()}
        self._watch = selector

    # -- idle moments

    def add_idle_handler(self, handler: IdleHandler, *, last: bool = False) -> None:
        """Have a function asked when nothing is ready: the newest first, those added as ``last`` after the others.

        It is called with False then, and with True when `SPINNING` turns have gone by without such a moment.
        """
        (self._last_handlers if last else self._handlers).append(handler)

    def remove_idle_handler(self, handler: IdleHandler) -> None:
        """Ask a function no more."""
        (self._handlers if handler in self._handlers else self._last_handlers).remove(handler)

    def _turn(self, timeout: float | None, has_events: bool) -> bool:
        """A turn begins; return whether the loop may wait."""
        if self.on_turn is not None:
            self.on_turn()
        ready = has_events or (timeout is not None and timeout <= 0)
        if ready:
            self._busy_turns += 1
            if self._busy_turns >= SPINNING:
                self._busy_turns = 0
                self._ask(spinning=True)
            return False
        self._has_timer = timeout is not None
        self._busy_turns = 0
        return not self._ask(spinning=False) and self.may_wait(timeout)

    def may_wait(self, timeout: float | None) -> bool:
        """Return whether the loop may wait, now that nothing is ready: for ``timeout`` seconds, None for ever.

        A subclass whose time does not pass by itself says otherwise.
        """
        return True

    def _ask(self, *, spinning: bool) -> bool:
        for handler in (*reversed(self._handlers), *reversed(self._last_handlers)):
            answer = handler(spinning)
            if answer is not Idle.PASS:
                return answer is Idle.WORK
        return False

    def progress(self) -> None:
        """Say that something has come about: the count of busy turns begins anew."""
        self._busy_turns = 0

    # -- the clock

    def time(self) -> float:
        """Return the loop's time in seconds; it stands still while the loop is frozen."""
        return self._frozen_at if self._frozen_at is not None else super().time() - self._lag

    @property
    def frozen(self) -> bool:
        """True while the clock stands still."""
        return self._frozen_at is not None

    def freeze(self) -> None:
        """Stop the clock: no sleep and no time-out ends before `thaw`."""
        if self._frozen_at is None:
            self._frozen_at = self.time()

    def thaw(self) -> None:
        """Let the clock go on from where it stopped."""
        if self._frozen_at is not None:
            self._lag = super().time() - self._frozen_at
            self._frozen_at = None

    # -- what is pending outside

    def outside(self) -> tuple[str, ...]:
        """Return what may still wake the loop besides its own tasks, asked at an idle moment.

        Any of ``timer``, ``thread`` (a call in an executor), ``process`` and ``socket`` (or a pipe).
        """
        self._children = [child for child in self._children if child.get_returncode() is None]
        readers = any(key.fd not in self._own for key in self._watch.get_map().values())
        found = {
            "timer": self._has_timer,
            "thread": bool(self._calls),
            "process": bool(self._children),
            "socket": readers,
        }
        return tuple(word for word, pending in found.items() if pending)

    def add_own_reader(self, fd: int, callback: Callable[[], None]) -> None:
        """Watch a file descriptor that is not counted as something the net waits for."""
        self._own.add(fd)
        self.add_reader(fd, callback)

    def remove_reader(self, fd: Any) -> bool:
        """Watch a file descriptor no more; a new one of the same number is counted again."""
        self._own.discard(fd)
        return super().remove_reader(fd)

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Args], Result], *args: *Args
    ) -> asyncio.Future[Result]:
        """Run a function in a thread, and count it as pending until it has returned."""
        future = super().run_in_executor(executor, func, *args)
        self._calls.add(future)
        future.add_done_callback(self._calls.discard)
        return future

    async def subprocess_exec(self, *args: Any, **kwargs: Any) -> Any:
        """Start a process, and count it as pending until it has ended."""
        transport, protocol = await super().subprocess_exec(*args, **kwargs)
        self._children.append(transport)
        return transport, protocol

    async def subprocess_shell(self, *args: Any, **kwargs: Any) -> Any:
        """Start a shell command, and count it as pending until it has ended."""
        transport, protocol = await super().subprocess_shell(*args, **kwargs)
        self._children.append(transport)
        return transport, protocol


NetLoop.make = NetLoop
