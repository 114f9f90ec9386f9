"""What can be written to a stream."""

from __future__ import annotations

from typing import Final, TextIO

PICTURE: Final = "┌╭┼▶●◆″│"


def can_draw(stream: TextIO) -> bool:
    """Return whether a stream's encoding has the characters of the picture."""
    try:
        PICTURE.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def bar(stream: TextIO) -> str:
    """Return what stands between the name of a node and what it has printed."""
    return "│" if can_draw(stream) else "|"
