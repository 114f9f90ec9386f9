"""Task managers: they own the tasks of a component or a node, and carry their errors up to the top of the net."""

from __future__ import annotations

import asyncio
import collections
import contextvars
import functools
import inspect
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fbdev._utils.errors import traceback_of, words_of
from fbdev.comp.hub import Hub
from fbdev.comp.line import NOBODY, Line, current_line
from fbdev.exceptions import ComponentError, EndOfInput

if TYPE_CHECKING:
    from fbdev.graph.net import BaseNode
    from fbdev.instrument import Instrument

PATIENCE: Final = 1.0
"""Seconds that a cancelled task has to end in, before it is cancelled once more."""
ATTEMPTS: Final = 5
"""Times that a task is cancelled before it is left to itself."""

log = logging.getLogger("fbdev")

Chain = tuple[BaseException, ...]
Subscriber = Callable[["asyncio.Task[Any] | None", Chain, tuple[str, ...], tuple[str, ...]], None]


class Failure(NamedTuple):
    """An error and its way up: from the user's own exception outwards, with a source and a text for each step."""

    task: asyncio.Task[Any] | None
    exceptions: Chain
    source_trace: tuple[str, ...]
    tracebacks: tuple[str, ...]

    @property
    def error(self) -> BaseException:
        """The user's own exception."""
        return self.exceptions[0]

    def __str__(self) -> str:
        steps = zip(self.exceptions, self.source_trace, strict=False)
        lines = (f"{type(error).__name__} in {source}: {words_of(error, str)}" for error, source in steps)
        return "\n".join((*lines, self.tracebacks[0]))


def _cancelled_by_itself(task: asyncio.Task[Any]) -> ComponentError:
    """Return an error for it: a CancelledError that nobody asked for would end its way up unseen."""
    error = ComponentError(f"{task.get_name()} ended by a CancelledError of its own")
    try:
        task.result()
    except asyncio.CancelledError as cause:
        error.__cause__ = cause
    return error


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
        self._cancelled: set[asyncio.Task[Any]] | None = None
        self._subscribers: list[Subscriber] = []
        self._failures: list[Failure] = []
        self._raised = 0
        self._alarm: asyncio.Event | None = None
        self.on_idle: Callable[[], None] | None = None
        """Called when the last task has ended."""

    # -- tasks

    @property
    def tasks(self) -> Iterable[asyncio.Task[Any]]:
        """The tasks that have not ended."""
        return tuple(self._tasks)

    @property
    def lines(self) -> Iterable[Line]:
        """The lines of work of these tasks."""
        return tuple(self._tasks.values())

    def create_task(self, coroutine: Coroutine[Any, Any, Any], *, line: type[Line] = Line) -> asyncio.Task[Any]:
        """Start a task: a line of work of its own. If it fails, the net is told and stops.

        Args:
            coroutine: what it does.
            line: the kind of its line of work.
        """
        return self._start(coroutine, line(self._node, asyncio.get_running_loop()), self._ended)

    def adopt(
        self, coroutine: Coroutine[Any, Any, Any], make: Callable[..., asyncio.Task[Any]]
    ) -> asyncio.Task[Any]:
        """Start a task of the caller's own class. Its errors are the caller's business."""
        return self._start(coroutine, self._new_line(), self._forget, make)

    def _new_line(self) -> Line:
        return Line(self._node, asyncio.get_running_loop())

    def _start(
        self,
        coroutine: Coroutine[Any, Any, Any],
        line: Line,
        when_done: Callable[[asyncio.Task[Any]], None],
        make: Callable[..., asyncio.Task[Any]] | None = None,
    ) -> asyncio.Task[Any]:
        context = contextvars.copy_context()
        context.run(current_line.set, line)
        name = f"{self._host}: {getattr(coroutine, '__qualname__', 'task')}"
        loop = asyncio.get_running_loop()
        create = functools.partial(make, loop=loop) if make is not None else loop.create_task
        task = create(coroutine, name=name, context=context)
        task.add_done_callback(when_done, context=context)
        self._tasks[task] = line
        if self._node is not None and self._hub.instruments:
            self._hub.tell("task_started", self._node, task)
        return task

    def _forget(self, task: asyncio.Task[Any], *, ends_line: bool = True) -> None:
        line = self._tasks.pop(task, None)
        if self._cancelled is not None:
            self._cancelled.discard(task)
        if self._node is not None and self._hub.instruments:
            self._hub.tell("task_ended", self._node, task)
        if line is not None and ends_line:
            line.end_firing(self._hub)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        error = self._error_of(task)
        self._forget(task)
        if error is not None:
            if self._node is not None and self._hub.instruments:
                self._hub.tell("task_failed", self._node, task, error)
            self.submit_exception(task, (error,), (), ())
        if not self._tasks and self.on_idle is not None:
            self.on_idle()
        if self._hub.on_wait is not None:
            self._hub.on_wait()

    def _error_of(self, task: asyncio.Task[Any]) -> BaseException | None:
        """Return what a task failed by. A cancellation that nobody asked for is a failure, too."""
        if task.cancelled():
            return None if self._is_told_to_end(task) or task.cancelling() else _cancelled_by_itself(task)
        error = task.exception()
        return None if isinstance(error, EndOfInput) else error

    def cancel(self, task: asyncio.Task[Any], msg: Any = None) -> None:
        """Cancel a task of this manager.

        Raises:
            ValueError: if it is none of them, or cancelled already.
        """
        if task not in self._tasks:
            raise ValueError(f"{task!r} is no running task of {self._host}.")
        if self._is_told_to_end(task):
            raise ValueError(f"{task!r} is cancelled already.")
        self._tell_to_end(task)
        task.cancel(msg)

    async def cancel_wait(self, task: asyncio.Task[Any], msg: Any = None) -> None:
        """Cancel a task and wait until it has ended; raises what `cancel` raises."""
        self.cancel(task, msg)
        await asyncio.wait([task])

    def _tell_to_end(self, task: asyncio.Task[Any]) -> None:
        if self._cancelled is None:
            self._cancelled = set()
        self._cancelled.add(task)

    def _is_told_to_end(self, task: asyncio.Task[Any]) -> bool:
        return self._cancelled is not None and task in self._cancelled

    def is_cancelled(self, task: asyncio.Task[Any]) -> bool:
        """Return whether a task was cancelled."""
        return self._is_told_to_end(task) or task.cancelled()

    def cancel_all(self, *, spare: Line | None = None) -> list[asyncio.Task[Any]]:
        """Cancel every task but those of one line of work; return those that are to end."""
        others = [task for task, line in self._tasks.items() if line is not spare]
        for task in others:
            self._tasks[task].ended = True
            self._tell_to_end(task)
            task.cancel()
        return others

    async def destroy(self) -> None:
        """Cancel every task and wait until all have ended. The task that calls it goes on."""
        for _ in range(ATTEMPTS):
            others = self.cancel_all(spare=current_line.get())
            if not others:
                return
            await asyncio.wait(others, timeout=PATIENCE)
        for task in self._tasks:
            log.warning("%s was cancelled %d times and goes on: it is left to itself", task.get_name(), ATTEMPTS)

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

    def unsubscribe(self, callback: Subscriber) -> None:
        """Have a function called no more; nothing happens if it is not."""
        if callback in self._subscribers:
            self._subscribers.remove(callback)

    def submit_exception(
        self,
        task: asyncio.Task[Any] | None,
        exceptions: Chain,
        source_trace: tuple[str, ...],
        tracebacks: tuple[str, ...],
    ) -> None:
        """Record an error and tell the subscribers. The chain runs from the user's error outwards."""
        text = traceback_of(exceptions[0])
        failure = Failure(task, exceptions, (*source_trace, str(self._host)), (*tracebacks, text))
        self._failures.append(failure)
        if self._alarm is not None:
            self._alarm.set()
        for callback in self._subscribers:
            callback(*failure)

    def get_exceptions(self) -> list[Failure]:
        """Return every error recorded: task, exceptions, sources and tracebacks, innermost first."""
        return list(self._failures)

    def exception_occured(self) -> bool:
        """Return whether an error was recorded."""
        return bool(self._failures)

    async def wait_for_exceptions(self, beyond: int = 0) -> None:
        """Wait until more than ``beyond`` errors are recorded."""
        if self._alarm is None:
            self._alarm = asyncio.Event()
        while len(self._failures) <= beyond:
            self._alarm.clear()
            await self._alarm.wait()

    def take_exception(self) -> BaseException | None:
        """Return the first error that no call has raised yet, and count all recorded so far as raised."""
        unraised = self._failures[self._raised :]
        self._raised = len(self._failures)
        return unraised[0].error if unraised else None

    async def exec_coros(
        self, *coros: Coroutine[Any, Any, Any], print_all_exceptions: bool = True, sequentially: bool = False
    ) -> Any:
        """Run coroutines and return what they return: one value for one, a list for several or none.

        They run at the same time, or one after the other. An error of theirs, or one that this manager is told of
        meanwhile, or was told of before and no call has raised, ends them all and is raised: the user's own
        exception object. With ``print_all_exceptions`` the chains go to the log named ``fbdev``.
        """
        groups = [[coro] for coro in coros] if sequentially else [list(coros)]
        before = self._raised
        results: list[Any] = []
        try:
            self._raise_new()
            for group in groups:
                results += await self._run_together(group)
        except BaseException:
            for coro in coros:
                if inspect.getcoroutinestate(coro) == inspect.CORO_CREATED:
                    coro.close()
            if print_all_exceptions:
                for failure in self._failures[before:]:
                    log.warning("%s", failure)
            raise
        return results[0] if len(coros) == 1 else results

    def _raise_new(self) -> None:
        error = self.take_exception()
        if error is not None:
            raise error

    async def _run_together(self, coros: list[Coroutine[Any, Any, Any]]) -> list[Any]:
        seen = len(self._failures)
        tasks = [self._work_here(coro) for coro in coros]
        alarm = asyncio.ensure_future(self.wait_for_exceptions(seen))
        try:
            pending: set[asyncio.Future[Any]] = set(tasks)
            while pending:
                done, _ = await asyncio.wait([*pending, alarm], return_when=asyncio.FIRST_COMPLETED)
                if alarm in done:
                    self.take_exception()
                    raise self._failures[seen].error
                pending -= done
                for task in done:
                    task.result()
            return [task.result() for task in tasks]
        finally:
            for task in (*tasks, alarm):
                task.cancel()
            await asyncio.gather(*tasks, alarm, return_exceptions=True)

    def _work_here(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a task of the line of work that asks for it, if it is one of this manager's node."""
        here = current_line.get()
        if here.node is self._node and here is not NOBODY:
            return self._start(coroutine, here, functools.partial(self._forget, ends_line=False))
        return self._start(coroutine, self._new_line(), self._forget)

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
