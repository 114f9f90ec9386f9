"""Parts of values that are looked at one by one: long things open in stretches, and those in stretches again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from fbtui.target.capture import SUMMARY, summarize

PAGE: Final = 100
"""Things that one opened level shows."""
PREVIEW: Final = 3
"""Things that the line of a stretch names."""

Child = tuple[str, Any]
"""The label of a thing inside another one, and the thing: a value or a `Part`."""
Children = list[Child]


@dataclass(frozen=True, slots=True)
class Part:
    """A line of an opened value that is no value of its own: a stretch of rows, a line of a text.

    ``open`` returns what is inside; None for a line that does not open.
    """

    type: str
    summary: str
    open: Callable[[], Children] | None = None


def line_of(value: Any, limit: int = SUMMARY) -> str:
    """Return a value or a part as one line of at most so many characters."""
    return value.summary[:limit] if type(value) is Part else summarize(value, limit)


def stretches(
    start: int,
    stop: int,
    items: Callable[[int, int], Children],
    label: Callable[[int], str] = str,
    page: int = PAGE,
) -> Children:
    """Return the things from one number to another if they fit on a page, else the stretches they are in.

    Args:
        start: the first one.
        stop: the one behind the last.
        items: returns the things between two numbers. It is asked for a page at most.
        label: names the place of a number.
        page: how many fit.
    """
    if stop - start <= page:
        return items(start, stop)
    size = page
    while stop - start > size * PAGE:
        size *= PAGE

    def stretch(first: int, behind: int) -> Child:
        few = items(first, min(first + PREVIEW, behind))
        preview = ", ".join(line_of(item, 20) for _, item in few)
        more = ", …" if behind - first > len(few) else ""
        name = f"{label(first)} … {label(behind - 1)}"
        return name, Part("", preview + more, lambda: stretches(first, behind, items, label, page))

    return [stretch(first, min(first + size, stop)) for first in range(start, stop, size)]
