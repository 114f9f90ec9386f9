"""Mistakes that Python tells in passing, or not at all: told as problems, under the node whose code made them."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from fbdev.comp.line import current_line
from fbdev.exceptions import EndOfInput, NetStoppedError
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument
from fbdev.runtime.blocked import place_of
from fbtui.protocol import Lint
from fbtui.target.failure import message_of, place_of_error


class CutShort(Instrument):
    """Tells of a node that has taken input and ends, because what it waits for besides will never come."""

    def __init__(self, run: int, local: Callable[[], Collection[str]], send: Callable[[Lint], None]) -> None:
        self._run = run
        self._local = local
        self._send = send

    def task_ended(self, node: BaseNode, task: asyncio.Task[object]) -> None:
        """Look at what the task ended by, and at what it has taken for it."""
        error = None if task.cancelled() else task.exception()
        taken = sorted(port.spec.name for port in current_line.get().read)
        if not taken or not isinstance(error, EndOfInput) or isinstance(error, NetStoppedError):
            return
        file, number = place_of_error(error, self._local())
        where = f" at {Path(file).name}:{number}" if file is not None else ""
        lost = f"what it last took from {' and '.join(taken)} went nowhere"
        sentence = f"it ended{where}, waiting for {error.port}, where nothing more comes: {lost}"
        self._send(Lint(self._run, sentence, place_of(node), file, number))


def watch_for_mistakes(run: int, loop: asyncio.AbstractEventLoop, send: Callable[[Lint], None]) -> None:
    """Tell coroutines that nobody awaits, errors of tasks that nobody asks for, and errors that cannot be raised."""
    told: set[str] = set()

    def tell(sentence: str, file: str | None = None, line: int | None = None) -> None:
        if sentence not in told:  # once each: a loop may make the same mistake at every turn
            told.add(sentence)
            of = current_line.get().node
            node = place_of(of) if of is not None else None
            send(Lint(run, sentence, node, file, line))

    show = warnings.showwarning

    def on_warning(message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any) -> None:
        if issubclass(category, RuntimeWarning) and "was never awaited" in str(message):
            first = str(message).splitlines()[0]
            tell(f"{Path(filename).name}:{lineno}: {first}: is an 'await' missing?", filename, lineno)
        else:
            show(message, category, filename, lineno, *rest)

    def on_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        cause = (
            f": {type(error).__name__}: {message_of(error)}".rstrip(": ") if isinstance(error, BaseException) else ""
        )
        tell(f"{context.get('message', 'an error was lost')}{cause}")

    def on_unraisable(lost: Any) -> None:
        cause = message_of(lost.exc_value) if isinstance(lost.exc_value, BaseException) else ""
        tell(f"an error could not be raised: {lost.exc_type.__name__}: {cause}")

    warnings.showwarning = on_warning  # type: ignore[assignment]  # it takes what the original takes
    warnings.filterwarnings("always", message=".*was never awaited", category=RuntimeWarning)
    loop.set_exception_handler(on_lost)
    sys.unraisablehook = on_unraisable
