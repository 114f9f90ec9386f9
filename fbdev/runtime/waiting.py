"""What a task waits for, read from asyncio's own records: the one place that looks there.

Where a loop keeps no such records (uvloop), nothing is known, and whoever asks gets the careful answer.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable, Iterator
from contextvars import Context
from typing import Any

from fbdev.comp.line import NOBODY, current_line
from fbdev.graph.net import BaseNode


def awaited_by(task: asyncio.Future[Any]) -> asyncio.Future[Any] | None:
    """Return what a task waits for; None for a task that can go on, and for a future that is none."""
    found: asyncio.Future[Any] | None = getattr(task, "_fut_waiter", None)
    return found


def is_of(task: asyncio.Task[Any], top: BaseNode) -> bool | None:
    """Return whether a task works for a net; None if it does not wait, and nothing is known of it."""
    awaited = awaited_by(task)
    wakes = (
        (getattr(call, "__self__", None), context) for call, context in getattr(awaited, "_callbacks", None) or ()
    )
    return next((_works_for(context, top) for woken, context in wakes if woken is task), None)


def made_of(future: asyncio.Future[Any], tasks: Iterable[asyncio.Task[Any]]) -> list[asyncio.Future[Any]]:
    """Return the tasks without whose end a future cannot come true: those of a gather, a wait, a TaskGroup.

    Args:
        future: what somebody waits for.
        tasks: where to look for them.
    """
    gathered: list[asyncio.Future[Any]] | None = getattr(future, "_children", None)
    if gathered is not None:
        return gathered
    return [task for task in tasks if any(future is end for end in _ends_with(task))]


def _ends_with(task: asyncio.Task[Any]) -> Iterator[Any]:
    """Yield the futures that asyncio itself sets when a task ends."""
    for callback, _ in getattr(task, "_callbacks", None) or ():
        call = callback.func if isinstance(callback, functools.partial) else callback
        if not str(getattr(call, "__module__", "")).startswith("asyncio."):
            continue
        yield getattr(getattr(call, "__self__", None), "_on_completed_fut", None)  # a TaskGroup
        for cell in getattr(call, "__closure__", None) or ():
            yield cell.cell_contents


def has_timer(loop: asyncio.AbstractEventLoop, top: BaseNode) -> bool:
    """Return whether code of a net waits for a time, or may do so for all that is known."""
    return _holds_work(getattr(loop, "_scheduled", None), top)


def goes_on_now(loop: asyncio.AbstractEventLoop, top: BaseNode) -> bool:
    """Return whether a callback of a net's code is about to be called, or may be for all that is known."""
    return _holds_work(getattr(loop, "_ready", None), top)


def _holds_work(handles: Iterable[asyncio.Handle] | None, top: BaseNode) -> bool:
    if handles is None:
        return True
    contexts = (getattr(handle, "_context", None) for handle in handles if not handle.cancelled())
    return any(context is None or _works_for(context, top) for context in contexts)


def _works_for(context: Context, top: BaseNode) -> bool:
    line = context.get(current_line, NOBODY)
    return line.node is not None and line.node.top is top
