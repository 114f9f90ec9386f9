"""Sees when a net is at rest: no move can be made, and nothing is pending outside."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from types import TracebackType
from typing import Any, Final
from weakref import WeakKeyDictionary

from fbdev.graph.net import BaseNode
from fbdev.runtime.net_loop import Idle, NetLoop
from fbdev.runtime.waiting import awaited_by, goes_on_now, has_timer, is_of, made_of

LOOK_AGAIN: Final = 0.05
"""Seconds between two looks on a foreign loop, while tasks that are not the net's run beside it."""

COUNTED_THREADS: Final = ("asyncio_", "fbdev_")
"""How the names of threads begin whose work is counted otherwise: those of a loop's own executor, and our own."""

_watches: Final[WeakKeyDictionary[NetLoop, list[RestWatch]]] = WeakKeyDictionary()


class RestWatch:
    """Calls a function when a net is at rest; use it as a context manager on a running loop.

    On a `NetLoop` that is exact for any code. On another loop the net's tasks are looked at: it is at rest when
    each of them waits in a port, or for tasks that do, no timer is set, and none is about to be woken. Anything
    else is pending outside.
    """

    def __init__(self, top: BaseNode, at_rest: Callable[[], None]) -> None:
        self._top = top
        self._at_rest = at_rest
        self._look: asyncio.Handle | None = None
        self._waiting: Collection[asyncio.Future[Any]] = ()
        self.start: asyncio.Task[Any] | None = None
        """The task that starts the net, if it goes on."""

    def __enter__(self) -> RestWatch:
        self._loop = asyncio.get_running_loop()
        if isinstance(self._loop, NetLoop):
            self._threads = set(threading.enumerate())
            self._loop.add_idle_handler(self._idle, last=True)
            _watches.setdefault(self._loop, []).append(self)
        else:
            self._strangers = asyncio.all_tasks()
            self._top.hub.on_wait = self._soon
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self._loop, NetLoop):
            self._loop.remove_idle_handler(self._idle)
            _watches[self._loop].remove(self)
        self._top.hub.on_wait = None
        if self._look is not None:
            self._look.cancel()

    # -- on a loop that tells

    def _idle(self, spinning: bool) -> Idle:
        assert isinstance(self._loop, NetLoop)
        outside = self.outside()
        only_others_have_timers = outside == ("timer",) and not has_timer(self._loop, self._top)
        if spinning or (outside and not only_others_have_timers):
            return Idle.PASS
        if self._waits_inside() and (only_others_have_timers or self._may_be_woken()):
            return Idle.PASS
        self._at_rest()
        return Idle.WORK

    def outside(self) -> tuple[str, ...]:
        """Return what may still wake the net besides its own tasks, at an idle moment; see `NetLoop.outside`."""
        assert isinstance(self._loop, NetLoop)
        pending = (*self._loop.outside(), *self._top.hub.elsewhere())
        return pending or (("thread",) if self._waits_inside() and self._may_be_woken() else ())

    def _waits_inside(self) -> bool:
        """Return whether a task of the net waits for something that is no port."""
        self._waiting = self._top.hub.waiting()
        return not all(map(self._waits_in_port, self._tasks()))

    def _may_be_woken(self) -> bool:
        """Return whether what waits inside may wait for another net on this loop, or for a thread."""
        assert isinstance(self._loop, NetLoop)
        others = (watch for watch in _watches[self._loop] if watch is not self)
        return any(not other._waits_inside() for other in others) or self._threads_work()

    def _threads_work(self) -> bool:
        """Return whether a thread that was started meanwhile lives: what it does for the net cannot be counted."""
        started = [thread for thread in threading.enumerate() if thread not in self._threads]
        unknown = [thread for thread in started if not thread.name.startswith(COUNTED_THREADS)]
        busy = _busy_anyio_threads()
        return any(busy is None or "AnyIO" not in thread.name for thread in unknown) or bool(busy)

    # -- on a loop that does not tell

    def _soon(self) -> None:
        if self._look is None:
            self._look = self._loop.call_soon(self._check)

    def _check(self) -> None:
        self._look = None
        self._waiting = self._top.hub.waiting()
        tasks = set(self._tasks())
        others = asyncio.all_tasks() - tasks - self._strangers
        tasks |= {task for task in others if is_of(task, self._top) is not False}
        if not all(map(self._waits_in_port, tasks)) or has_timer(self._loop, self._top):
            self._look = self._loop.call_later(LOOK_AGAIN, self._check)
        elif goes_on_now(self._loop, self._top):  # such as the end of a gather, all of whose tasks have ended
            self._look = self._loop.call_soon(self._check)
        else:
            self._at_rest()

    def _tasks(self) -> Iterator[asyncio.Task[Any]]:
        if self.start is not None and not self.start.done():
            yield self.start
        for node in self._top.walk():
            yield from node.tasks

    def _waits_in_port(self, future: asyncio.Future[Any]) -> bool:
        """Return whether a future can only come true by a move that nobody can make."""
        if future in self._waiting:
            return True
        if future.done():
            return True
        goes_on = self._top.hub.peers.get(future)
        if goes_on is not None:
            return not goes_on()
        if isinstance(future, asyncio.Task):
            awaited = awaited_by(future)
            return awaited is not None and not awaited.done() and self._waits_in_port(awaited)
        parts = made_of(future, asyncio.all_tasks(self._loop))
        return bool(parts) and all(map(self._waits_in_port, parts))


def _busy_anyio_threads() -> int | None:
    """Return how many of anyio's threads work for this loop, None if it does not say."""
    anyio: Any = sys.modules.get("anyio.to_thread")
    if anyio is None:
        return 0
    try:
        busy: int = anyio.current_default_thread_limiter().borrowed_tokens
    except Exception:  # an older anyio answers to tasks alone
        return None
    return busy
