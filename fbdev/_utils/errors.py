"""What an error says of itself: it may be of any class of the user's, and each of its methods may fail."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable


def words_of(error: BaseException, how: Callable[[BaseException], str] = repr) -> str:
    """Return an error's own words, by its ``repr`` or its ``str``; if it fails at that, what it is."""
    try:
        return how(error)
    except Exception:
        return f"{type(error).__name__} (it cannot be printed)"


def traceback_of(error: BaseException) -> str:
    """Return an error's traceback as text, with what has caused it."""
    try:
        return "".join(traceback.format_exception(error)).rstrip("\n")
    except Exception:
        return "".join((*traceback.format_tb(error.__traceback__), words_of(error)))


def add_note(error: BaseException, note: str) -> None:
    """Add a note to an error; one that takes none stays as it is."""
    with contextlib.suppress(Exception):
        BaseException.add_note(error, note)
