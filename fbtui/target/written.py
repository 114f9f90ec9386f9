"""Writes the whole of a payload into a file, for other programs to read."""

from __future__ import annotations

import json
import math
from pathlib import Path
from pprint import pformat
from typing import Any, Final

from fbdev.concurrent.store import Stored
from fbtui.target.capture import isinstance_of

WIDE: Final = 100
"""Columns of a value that is written over several lines."""
LONG: Final = 200_000
"""Characters from which on a value is written in one line: to lay it out would take too long."""


LITERAL: Final = 2000
"""Characters of a literal that is edited in one line."""
_ATOMS: Final = frozenset({bool, int, float, str, bytes, type(None), type(Ellipsis)})
_HOLDERS: Final = frozenset({list, tuple, set, dict})


class CannotWrite(Exception):  # noqa: N818 - a sentence for the person
    """A payload that cannot be written so; the sentence says why."""


def literal_of(value: Any) -> str:
    """Return a value as a Python literal on one line; nothing if it is none, or too long to be edited there."""
    try:
        text = repr(value) if _is_literal(value, [LITERAL]) else ""
    except (RecursionError, ValueError):  # it lies too deep, or has more digits than Python writes
        return ""
    return text if len(text) <= LITERAL else ""


def _is_literal(value: Any, left: list[int]) -> bool:
    """Return whether a value consists of Python's own types, and of no more than so many of them."""
    left[0] -= 1
    kind = type(value)
    if left[0] < 0:
        return False
    if kind not in _HOLDERS:
        return kind in _ATOMS and not _has_none(value)
    inner = (*value.keys(), *value.values()) if kind is dict else value
    return (kind is not set or bool(value)) and all(_is_literal(one, left) for one in inner)


def _has_none(value: Any) -> bool:
    """Return whether a value has no literal, as infinity has none, or one that is too long for a line."""
    if type(value) is float:
        return not math.isfinite(value)
    return type(value) in {str, bytes} and len(value) > LITERAL


def write_out(value: Any, path: Path) -> None:
    """Write a payload into a file, in place of what is there.

    The file gets JSON if its name ends in ``.json``; else a text or bytes as they are, and anything else as Python
    writes it.

    Raises:
        CannotWrite: if JSON cannot hold it, it lies on another machine, or the file cannot be written.
        Exception: whatever the payload's own ``__repr__`` raises.
    """
    if isinstance(value, Stored):
        raise CannotWrite("it lies on another machine: only its first words are here")
    content = _json(value) if path.suffix.lower() == ".json" else _plain(value)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from error


def _json(value: Any) -> bytes:
    try:
        return f"{json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)}\n".encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise CannotWrite(f"JSON cannot hold it: {error}; another ending gets it as Python writes it") from error


def _plain(value: Any) -> bytes:
    if isinstance_of(value, str):
        return str.encode(value, "utf-8", "surrogatepass")
    if isinstance_of(value, bytes) or isinstance_of(value, bytearray):
        return bytes(value)
    text = repr(value)
    if len(text) < LONG:
        text = pformat(value, width=WIDE, sort_dicts=False)
    return f"{text}\n".encode("utf-8", "surrogatepass")
