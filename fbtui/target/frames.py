"""Where a node waits in the user's own code, and what its variables hold there."""

from __future__ import annotations

import asyncio
import inspect
import linecache
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Final

from fbdev.graph.net import BaseNode
from fbtui.target.failure import message_of

_LINKS: Final = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))
"""Of a coroutine, a generator and an asynchronous generator: its frame, and what it awaits."""


class CannotEvaluate(Exception):  # noqa: N818 - a sentence for the person
    """An expression that gives no value; the sentence says why."""


def awaiting_frame(node: BaseNode, local: Collection[str]) -> FrameType | None:
    """Return the innermost frame of the user's that one of the node's tasks waits in.

    Args:
        node: the node.
        local: the paths of the user's files.
    """
    frames = (frame_of_task(task, local) for task in node.tasks)
    return next((frame for frame in frames if frame is not None), None)


def frame_of_task(task: asyncio.Task[Any], local: Collection[str]) -> FrameType | None:
    """Return the innermost frame of the user's that a task waits in; None for one that has not begun."""
    coroutine = task.get_coro()
    if inspect.iscoroutine(coroutine) and inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
        return None
    frames = [frame for frame in _frames(coroutine) if frame.f_code.co_filename in local]
    return frames[-1] if frames else None


def _frames(awaited: Any) -> Iterator[FrameType]:
    """Yield the frames of a coroutine, and of what it awaits, outermost first."""
    while awaited is not None:
        for of_frame, of_awaited in _LINKS:
            frame = getattr(awaited, of_frame, None)
            if isinstance(frame, FrameType):
                yield frame
                awaited = getattr(awaited, of_awaited, None)
                break
        else:
            return


def place(frame: FrameType) -> str:
    """Return a frame as ``work.py:12 in main: packet = await port.get()``."""
    code = frame.f_code
    source = linecache.getline(code.co_filename, frame.f_lineno).strip()
    return f"{Path(code.co_filename).name}:{frame.f_lineno} in {code.co_name}{f': {source}' if source else ''}"


def evaluate(expression: str, frame: FrameType) -> Any:
    """Return what an expression gives in a frame; raises what `evaluate_in` raises."""
    return evaluate_in(expression, frame.f_globals, frame.f_locals)


def evaluate_in(expression: str, names: dict[str, Any], local: Mapping[str, Any]) -> Any:
    """Return what an expression gives with some names.

    Raises:
        CannotEvaluate: if it is no expression, or raises.
    """
    try:
        return eval(compile(expression.strip(), "<expression>", "eval"), names, local)
    except SyntaxError as error:
        raise CannotEvaluate(f"'{expression.strip()}' is no expression: {error.msg}") from error
    except Exception as error:
        raise CannotEvaluate(f"{type(error).__name__}: {message_of(error)}") from error
