"""What a task waits for, read from asyncio's own records: the one place that looks there.

Where a loop keeps no such records (uvloop), nothing is known, and whoever asks gets the careful answer.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from fbdev.comp.line import NOBODY, current_line
from fbdev.graph.net import BaseNode


def awaited_by(task: asyncio.Future[Any]) -> asyncio.Future[Any] | None:
    """Return what a task waits for; None for a task that can go on, and for a future that is none."""
    found: asyncio.Future[Any] | None = getattr(task, "_fut_waiter", None)
    return found


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
    scheduled = getattr(loop, "_scheduled", None)
    if scheduled is None:
        return True
    return any(not timer.cancelled() and _is_of(timer, top) for timer in scheduled)


def _is_of(timer: asyncio.TimerHandle, top: BaseNode) -> bool:
    context = getattr(timer, "_context", None)
    if context is None:
        return True
    node = context.get(current_line, NOBODY).node
    return node is not None and node.top is top
