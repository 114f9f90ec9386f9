"""Task managers: they own the tasks of a component or a node, and carry their errors up to the top of the net."""

from __future__ import annotations

import asyncio
import collections
import contextvars
import logging
import traceback
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from fbdev.comp.hub import Hub
from fbdev.comp.line import Line, current_line
from fbdev.exceptions import EndOfInput

if TYPE_CHECKING:
    from fbdev.graph.net import BaseNode
    from fbdev.instrument import Instrument

log = logging.getLogger("fbdev")

Chain = tuple[BaseException, ...]
Subscriber = Callable[["asyncio.Task[Any] | None", Chain, tuple[str, ...], tuple[str, ...]], None]


class TaskManager:
    """Owns tasks: keeps them alive, ends them, and records what goes wrong in them.

    Args:
        host: whose tasks they are; its ``str`` names it in error chains.
        node: the node they work for, None outside a net.
        hub: what the net shares.
    """

    def __init__(self, host: object, *, node: BaseNode | None = None, hub: Hub | None = None) -> None:
        self._host = host
        self._node = node
        self._hub = hub if hub is not None else Hub()
        self._tasks: dict[asyncio.Task[Any], Line] = {}
        self._cancelled: set[asyncio.Task[Any]] = set()
        self._subscribers: list[Subscriber] = []
        self._exceptions: list[tuple[Chain, tuple[str, ...], tuple[str, ...]]] = []
        self._alarm: asyncio.Event | None = None
        self.on_idle: Callable[[], None] | None = None
        """Called when the last task has ended."""

    # -- tasks

    @property
    def tasks(self) -> Iterable[asyncio.Task[Any]]:
        """The tasks that have not ended."""
        return tuple(self._tasks)

    def create_task(self, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task: a line of work of its own. If it fails, the net is told and stops."""
        task = self._start(coro)
        task.add_done_callback(self._ended)
        return task

    def _start(self, coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        context = contextvars.copy_context()
        line = Line(self._node)
        context.run(current_line.set, line)
        name = f"{self._host}: {getattr(coro, '__qualname__', 'task')}"
        task = asyncio.get_running_loop().create_task(coro, name=name, context=context)
        self._tasks[task] = line
        if self._node is not None and self._hub.instruments:
            self._hub.tell("task_started", self._node, task)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        line = self._tasks.pop(task, None)
        if line is not None:
            line.end_firing(self._hub)
        if self._node is not None and self._hub.instruments:
            self._hub.tell("task_ended", self._node, task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        error = self._error_of(task)
        self._forget(task)
        self._cancelled.discard(task)
        if error is not None:
            if self._node is not None and self._hub.instruments:
                self._hub.tell("task_failed", self._node, task, error)
            self.submit_exception(task, (error,), (), ())
        elif not self._tasks and self.on_idle is not None:
            self.on_idle()

    def _error_of(self, task: asyncio.Task[Any]) -> BaseException | None:
        """Return what a task failed by. A cancellation that nobody here asked for is a failure, too."""
        if task.cancelled():
            if task in self._cancelled or task.cancelling():
                return None
            return asyncio.CancelledError(f"{task.get_name()} ended by a CancelledError of its own")
        error = task.exception()
        return None if isinstance(error, EndOfInput) else error

    def cancel(self, task: asyncio.Task[Any]) -> None:
        """Cancel a task of this manager.

        Raises:
            ValueError: if it is none of them, or cancelled already.
        """
        if task not in self._tasks or task in self._cancelled:
            raise ValueError(f"{task!r} is no running task of {self._host}.")
        self._cancelled.add(task)
        task.cancel()

    async def cancel_wait(self, task: asyncio.Task[Any]) -> None:
        """Cancel a task and wait until it has ended; raises what `cancel` raises."""
        self.cancel(task)
        await asyncio.wait([task])

    def is_cancelled(self, task: asyncio.Task[Any]) -> bool:
        """Return whether a task was cancelled by this manager."""
        return task in self._cancelled or task.cancelled()

    async def destroy(self) -> None:
        """Cancel every task and wait until all have ended. The task that calls it goes on."""
        mine = asyncio.current_task()
        while others := [task for task in self._tasks if task is not mine]:
            for task in others:
                self._cancelled.add(task)
                task.cancel()
            await asyncio.wait(others, timeout=1.0)

    async def stop(self) -> None:
        """Do what `destroy` does."""
        await self.destroy()

    def get_task_coro_qualnames(self) -> dict[str, int]:
        """Return how many tasks run each coroutine, by its qualified name."""
        names = (getattr(task.get_coro(), "__qualname__", "?") for task in self._tasks)
        return dict(collections.Counter(names))

    # -- errors

    def subscribe(self, callback: Subscriber) -> None:
        """Have a function called, at once, with each error: task, exceptions, sources, tracebacks."""
        self._subscribers.append(callback)

    def submit_exception(
        self,
        task: asyncio.Task[Any] | None,
        exceptions: Chain,
        source_trace: tuple[str, ...],
        tracebacks: tuple[str, ...],
    ) -> None:
        """Record an error and tell the subscribers. The chain runs from the user's error outwards."""
        sources = (*source_trace, str(self._host))
        texts = (*tracebacks, "".join(traceback.format_exception(exceptions[0])))
        self._exceptions.append((exceptions, sources, texts))
        if self._alarm is not None:
            self._alarm.set()
        for callback in self._subscribers:
            callback(task, exceptions, sources, texts)

    def get_exceptions(self) -> list[tuple[Chain, tuple[str, ...], tuple[str, ...]]]:
        """Return every error recorded: exceptions, sources and tracebacks, innermost first."""
        return list(self._exceptions)

    def exception_occured(self) -> bool:
        """Return whether an error was recorded."""
        return bool(self._exceptions)

    async def wait_for_exceptions(self, beyond: int = 0) -> None:
        """Wait until more than ``beyond`` errors are recorded."""
        if self._alarm is None:
            self._alarm = asyncio.Event()
        while len(self._exceptions) <= beyond:
            self._alarm.clear()
            await self._alarm.wait()

    async def exec_coros(
        self, *coros: Coroutine[Any, Any, Any], print_all_exceptions: bool = True, sequentially: bool = False
    ) -> Any:
        """Run coroutines and return what they return: one value for one, a list for several or none.

        They run at the same time, or one after the other. An error of theirs, or one that this manager is told
        of meanwhile, ends them all and is raised: the user's own exception object. With
        ``print_all_exceptions`` the chains go to the log named ``fbdev``.
        """
        groups = [[coro] for coro in coros] if sequentially else [list(coros)]
        results: list[Any] = []
        try:
            for group in groups:
                results += await self._run_together(group)
        except BaseException as error:
            for coro in coros:
                coro.close()
            if print_all_exceptions and not isinstance(error, asyncio.CancelledError):
                for chain, sources, _ in self._exceptions:
                    log.warning("%s: %r", " < ".join(sources), chain[0])
            raise
        return results[0] if len(coros) == 1 else results

    async def _run_together(self, coros: list[Coroutine[Any, Any, Any]]) -> list[Any]:
        seen = len(self._exceptions)
        tasks = [self._start(coro) for coro in coros]
        alarm = asyncio.ensure_future(self.wait_for_exceptions(seen))
        try:
            pending: set[asyncio.Future[Any]] = set(tasks)
            while pending:
                done, _ = await asyncio.wait([*pending, alarm], return_when=asyncio.FIRST_COMPLETED)
                if alarm in done:
                    raise self._exceptions[seen][0][0]
                pending -= done
                for task in done:
                    task.result()
            return [task.result() for task in tasks]
        finally:
            for task in (*tasks, alarm):
                task.cancel()
            await asyncio.gather(*tasks, alarm, return_exceptions=True)
            for task in tasks:
                self._forget(task)

    # -- instruments

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments attached to the net."""
        return self._hub.instruments

    def add_instrument(self, instrument: Instrument) -> None:
        """Attach an instrument to the whole net that this manager belongs to."""
        self._hub.add(instrument)

    def remove_instrument(self, instrument: Instrument) -> None:
        """Detach an instrument."""
        self._hub.remove(instrument)
