"""Several packets for one input port."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Any


class Stream:
    """Values for one port, a packet each: ``astart(inp=Stream([1, 2, 3]))``.

    Args:
        values: an iterable or an asynchronous one. It is asked for the next value when the one before is on
            its edge, so it may be endless or slow.
    """

    def __init__(self, values: Iterable[Any] | AsyncIterable[Any]) -> None:
        if not isinstance(values, AsyncIterable | Iterable):
            raise TypeError(f"A Stream is made of an iterable, not of {type(values).__name__}.")
        self.values = values

    async def __aiter__(self) -> AsyncIterator[Any]:
        if isinstance(self.values, AsyncIterable):
            async for value in self.values:
                yield value
        else:
            for value in self.values:
                yield value

    def __repr__(self) -> str:
        return f"Stream({self.values!r})"
