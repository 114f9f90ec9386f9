"""Lines that can be straight together: between two columns none of them crosses another, and none ends with one."""

from __future__ import annotations

from bisect import bisect_left
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Link(NamedTuple, Generic[T]):
    """A line from a place in one column to a place in the next one, and what it weighs that it is straight."""

    left: int
    right: int
    weight: float
    line: T


class _Chain(NamedTuple, Generic[T]):
    """The heaviest sequence of links that ends with a certain one."""

    weight: float
    line: T
    before: _Chain[T] | None


def heaviest(links: list[Link[T]]) -> list[T]:
    """Return lines of most weight together of which no two share a place or cross.

    That is the heaviest increasing sequence of their places on the right, in the order of those on the left.
    """
    places: list[int] = []
    ends: list[_Chain[T]] = []
    for _, place, weight, line in sorted(links, key=lambda link: (link.left, -link.right)):
        at = bisect_left(places, place)
        before = ends[at - 1] if at else None
        chain = _Chain((before.weight if before is not None else 0.0) + weight, line, before)
        if at < len(places) and places[at] == place and ends[at].weight >= chain.weight:
            continue
        places.insert(at, place)
        ends.insert(at, chain)
        after = at + 1
        while after < len(ends) and ends[after].weight <= chain.weight:
            after += 1
        del places[at + 1 : after], ends[at + 1 : after]
    found = []
    last = ends[-1] if ends else None
    while last is not None:
        found.append(last.line)
        last = last.before
    return found
