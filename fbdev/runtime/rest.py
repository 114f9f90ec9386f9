"""Sees when a net is at rest: no move can be made, and nothing is pending outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Final

from fbdev.graph.net import BaseNode, Node
from fbdev.runtime.net_loop import Idle, NetLoop

LOOK_AGAIN: Final = 0.05
"""Seconds between two looks on a foreign loop, while tasks that are not the net's run beside it."""


class RestWatch:
    """Calls a function when a net is at rest; use it as a context manager on a running loop.

    On a `NetLoop` that is exact for any code. On another loop the net's tasks are looked at: it is at rest when
    each of them waits in a port, or for tasks that do. Anything else counts as pending outside.
    """

    def __init__(self, top: BaseNode, at_rest: Callable[[], None]) -> None:
        self._top = top
        self._at_rest = at_rest
        self._look: asyncio.Handle | None = None

    def __enter__(self) -> RestWatch:
        self._loop = asyncio.get_running_loop()
        if isinstance(self._loop, NetLoop):
            self._loop.add_idle_handler(self._idle, last=True)
        else:
            self._strangers = asyncio.all_tasks()
            self._top.hub.on_wait = self._soon
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(self._loop, NetLoop):
            self._loop.remove_idle_handler(self._idle)
        self._top.hub.on_wait = None
        if self._look is not None:
            self._look.cancel()

    def _idle(self, spinning: bool) -> Idle:
        assert isinstance(self._loop, NetLoop)
        if spinning or self._loop.outside():
            return Idle.PASS
        self._at_rest()
        return Idle.WORK

    # -- on a loop that does not tell

    def _soon(self) -> None:
        if self._look is None:
            self._look = self._loop.call_soon(self._check)

    def _check(self) -> None:
        self._look = None
        known = set(_tasks(self._top))
        if not all(self._waits_in_port(task) for task in known):
            if not self._top.hub.waiting:
                return
            self._look = self._loop.call_later(LOOK_AGAIN, self._check)
        elif all(self._waits_in_port(task) for task in asyncio.all_tasks() - known - self._strangers):
            self._at_rest()
        else:
            self._look = self._loop.call_later(LOOK_AGAIN, self._check)

    def _waits_in_port(self, future: asyncio.Future[Any]) -> bool:
        """Return whether a future can only come true by a move that nobody can make."""
        waiter = self._top.hub.waiting.get(future)
        if waiter is not None:
            return not waiter.chosen and not future.done()
        if future.done():
            return True
        inner: Any = getattr(future, "_children", None)  # what a gather waits for
        if inner is None:
            awaited = getattr(future, "_fut_waiter", None)
            inner = [] if awaited is None else [awaited]
            if awaited is not None and awaited.done():
                return False
        return bool(inner) and all(map(self._waits_in_port, inner))


def _tasks(top: BaseNode) -> Iterator[asyncio.Task[Any]]:
    for node in top.walk():
        yield from node.task_manager.tasks
        if isinstance(node, Node):
            yield from node.component_process.task_manager.tasks
