"""Ending what another task waits for, with an error of one's own."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Interruptible:
    """A stretch of a task that other tasks may end: what it awaits is cancelled, and `error` says why.

        with Interruptible() as stretch:
            return await something()
        raise stretch.error

    A cancellation of the task itself goes its own way.
    """

    __slots__ = ("_cancelling", "_error", "_left", "_task")

    def __init__(self) -> None:
        self._error: BaseException | None = None
        self._task: asyncio.Task[object] | None = None
        self._cancelling = 0
        self._left: asyncio.Future[None] | None = None

    def __enter__(self) -> Interruptible:
        self._task = asyncio.current_task()
        assert self._task is not None
        self._cancelling = self._task.cancelling()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        task, self._task = self._task, None
        if self._left is not None:
            self._left.set_result(None)
        if self._error is None or task is None:
            return False
        asked_by_others = task.uncancel() > self._cancelling
        return isinstance(error, asyncio.CancelledError) and not asked_by_others

    @property
    def error(self) -> BaseException:
        """What the stretch was interrupted by."""
        assert self._error is not None
        return self._error

    def interrupt(self, error: BaseException) -> None:
        """End the stretch, if it goes on and is not the caller's own."""
        if self._task is not None and self._error is None and self._task is not asyncio.current_task():
            self._error = error
            self._task.cancel()

    async def end(self, error: BaseException) -> None:
        """End the stretch, and wait until its task has left it; the stretch of one's own goes on."""
        self.interrupt(error)
        if self._task is not None and self._task is not asyncio.current_task():
            if self._left is None:
                self._left = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._left)
