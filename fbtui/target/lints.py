"""Mistakes that Python tells in passing, or not at all: told as problems, under the node whose code made them."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fbdev.comp.line import current_line
from fbdev.runtime.blocked import place_of
from fbtui.protocol import Lint
from fbtui.target.failure import message_of


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
