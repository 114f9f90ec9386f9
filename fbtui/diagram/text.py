"""Text on a grid of cells: wide characters take two, combining ones none; what cannot be printed is replaced."""

from __future__ import annotations

import unicodedata
from typing import Final

from fbtui.protocol.characters import clean

ELLIPSIS: Final = "…"
_LINES: Final = dict.fromkeys([*map(chr, range(0x2500, 0x2580)), *"▶○●◎"], "�")
"""In a name they would pass for lines and ends of the picture."""


def cells(text: str) -> list[str]:
    """Return a text as cells: the second cell of a wide character is empty, a combining one joins the one before."""
    if text.isascii() and text.isprintable():
        return list(text)
    found: list[str] = []
    for character in clean(text):
        if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me"}:
            last = len(found) - 1
            while last >= 0 and not found[last]:
                last -= 1
            if last >= 0:
                found[last] += character
        else:
            found.append(_LINES.get(character, character))
            if unicodedata.east_asian_width(character) in {"W", "F"}:
                found.append("")
    return found


def width(text: str) -> int:
    """Return how many cells a text takes."""
    return len(text) if text.isascii() and text.isprintable() else len(cells(text))


def clip(text: str, most: int) -> str:
    """Return a text in at most so many cells: of a longer one its beginning and its end."""
    whole = cells(text)
    if len(whole) <= most:
        return "".join(whole)
    head = whole[: most * 2 // 3]
    tail = whole[len(whole) - (most - len(head) - 1) :]
    if head and not whole[len(head)]:
        head[-1] = " "  # half of a wide character
    if tail and not tail[0]:
        tail[0] = " "
    return "".join([*head, ELLIPSIS, *tail])
