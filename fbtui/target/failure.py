"""Errors of the user's code as a person wants to read them: their own frames, with the values of the variables."""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

import fbdev
import fbtui
from fbtui.protocol import GRAPH, Failure
from fbtui.target.capture import summarize

_NAME: Final = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*"
_ADDRESS: Final = re.compile(
    rf"\bTOP(?P<nodes>(?:->{_NAME})*)(?::(?:input|config|signal|output|message)\.(?P<port>{_NAME})|\|(?P<edge>{_NAME}))?"
)
"""See `fbdev.graph.address`."""
_NOTES: Final = ("in node ", "while ", "at port ")
"""What the notes of the runtime begin with."""
LOCALS: Final = 12
"""Variables shown for one frame."""
LONGEST: Final = 10_000
"""Characters of what an error says of itself."""
_RUNTIME: Final = f"{Path(fbdev.__file__ or '').resolve().parent}/"
_MACHINERY: Final = (
    *(str(Path(module.__file__ or "").resolve().parent) for module in (fbdev, fbtui, asyncio)),
    "<frozen ",
)


def failure(error: BaseException, local: tuple[str, ...], node: str | None) -> Failure:
    """Return an error as plain data.

    Args:
        error: the user's exception.
        local: the files of the user's program; the innermost line in one of them is the error's place.
        node: the place of the node it came from, None if it came from no node.
    """
    file, line = place_of_error(error, local)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
    return Failure(type(error).__name__, message_of(error), node, None, file, line, "\n".join(_lines(error, local)))


def place_of_error(error: BaseException, local: Collection[str]) -> tuple[str | None, int | None]:
    """Return the innermost line of the user's own files that an error came through: file and line, or twice None."""
    found = _innermost(error, local)
    return (found[0].f_code.co_filename, found[1]) if found is not None else (None, None)


def frame_of(error: BaseException, local: Collection[str]) -> FrameType | None:
    """Return the innermost frame of the user's that an error came through."""
    found = _innermost(error, local)
    return found[0] if found is not None else None


def _innermost(error: BaseException, local: Collection[str]) -> tuple[FrameType, int] | None:
    found = [one for one in _frames(error.__traceback__) if one[0].f_code.co_filename in local]
    return found[-1] if found else None


def message_of(error: BaseException) -> str:
    """Return an exception's own words, at most `LONGEST` characters, whatever its ``__str__`` does."""
    try:
        words = str(error)
    except BaseException as broken:
        return f"(its __str__ raised {type(broken).__name__})"
    if _is_of_runtime(error):
        words = _ADDRESS.sub(_place, words)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}… ({len(words)} characters)"


def _is_of_runtime(error: BaseException) -> bool:
    """Return whether the runtime has raised an error itself: its words have addresses."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename.startswith(_RUNTIME)


def _place(address: re.Match[str]) -> str:
    """Return an address of the runtime as the place that people know: ``TOP->Outer->A:input.x`` as ``Outer/A.x``."""
    node = address["nodes"].removeprefix("->").replace("->", "/") or GRAPH
    if address["edge"]:
        return address["edge"] if node == GRAPH else f"{node}/{address['edge']}"
    return f"{node}.{address['port']}" if address["port"] else node


def _frames(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    while trace is not None:
        if not _is_machinery(trace.tb_frame.f_code.co_filename):
            yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _is_machinery(file: str) -> bool:
    return file.startswith(_MACHINERY)


def _is_shown(name: str) -> bool:
    """A class that is being made has variables of the language's own."""
    return name != "self" and not (name.startswith("__") and name.endswith("__"))


def _lines(error: BaseException, local: tuple[str, ...]) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        yield from _lines(cause, local)
        yield ""
        yield "which led to:" if error.__cause__ is not None else "while handling it:"
        yield ""
    for frame, line in _frames(error.__traceback__):
        code = frame.f_code
        yield f"  {code.co_filename}:{line} in {code.co_name}"
        source = traceback.FrameSummary(code.co_filename, line, code.co_name).line
        if source:
            yield f"    {source}"
        if code.co_filename in local and code.co_name != "<module>":
            shown = ((name, value) for name, value in frame.f_locals.items() if _is_shown(name))
            for name, value in islice(shown, LOCALS):
                yield f"      {name} = {summarize(value, 100)}"
    if isinstance(error, SyntaxError):
        yield from _spot(error)
    yield f"{type(error).__name__}: {message_of(error)}"
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, str):
            yield (_ADDRESS.sub(_place, note) if note.startswith(_NOTES) else note)[:LONGEST]


def _spot(error: SyntaxError) -> Iterator[str]:
    """Yield the line that Python cannot read, and the sign that it sets below it."""
    if not error.filename:
        return
    yield f"  {error.filename}:{error.lineno}"
    for line in traceback.format_exception_only(error)[1:-1]:
        yield line.rstrip("\n")
