"""What the packets of a run were made of, and what was made of them, gathered from its trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fbtui.protocol.plain import plain
from fbtui.trace.layout import Deed, Kind, Record
from fbtui.trace.origins import Origins
from fbtui.trace.reader import TraceReader

PORTION: Final = 4096
"""Records that are read at a time."""
_ARRIVES = {Kind.SEND, Kind.CROSS, Kind.ACT}


@plain
class Kin:
    """A packet of a family: ``generation`` 0 is the one asked for, -1 what it was made of, 1 what came of it.

    ``first`` is the record of its first arrival on an edge, None for one that has not moved yet.
    """

    packet: int
    generation: int
    first: Record | None


class Families:
    """The families of the packets of a trace, which may still grow.

    Args:
        trace: the trace.
    """

    def __init__(self, trace: TraceReader) -> None:
        self._trace = trace
        self._seen = 0
        self._origins = Origins(trace)
        self._children: dict[int, list[int]] = {}
        self._made: dict[int, int] = {}
        self._first: dict[int, int] = {}
        """The indices of the records by which a packet was made, and came onto an edge first."""

    def family(self, packet: int, limit: int, before: int | None = None) -> list[Kin]:
        """Return a packet between what it was made of and what was made of it, each once.

        Those it was made of come first, in the order in which they came, inputs of the graph at the top; then the
        packet, then those that came of it, each below its own parent.

        Args:
            packet: its number.
            limit: how many are returned either way, at most.
            before: the index of the first record that is not looked at: families as they were then.
        """
        for _ in self.read():
            pass
        until = len(self._trace) if before is None else before
        above = self._walk(packet, -1, limit, lambda number: self._origins.parents.get(number, ()))
        in_order = sorted(above, key=lambda kin: (self._first.get(kin.packet, until), kin.packet))

        def came_of(number: int) -> tuple[int, ...]:
            children = self._children.get(number, ())
            return tuple(child for child in children if self._made[child] < until)

        below = self._walk(packet, 1, limit, came_of)
        return [*in_order, self._kin(packet, 0), *below]

    def _walk(self, packet: int, way: int, limit: int, nearest: Callable[[int], tuple[int, ...]]) -> Iterator[Kin]:
        seen = {packet}
        open_ = [(number, way) for number in reversed(nearest(packet))]
        while open_ and len(seen) <= limit:
            number, generation = open_.pop()
            if number not in seen:
                seen.add(number)
                yield self._kin(number, generation)
                open_ += [(further, generation + way) for further in reversed(nearest(number))]

    def _kin(self, packet: int, generation: int) -> Kin:
        first = self._first.get(packet)
        return Kin(packet, generation, self._trace[first] if first is not None else None)

    def read(self) -> Iterator[int]:
        """Read what was recorded since, portion by portion, and yield how many records are read by then."""
        while self._seen < len(self._trace):
            for record in self._trace[self._seen : self._seen + PORTION]:
                self._seen = record.index + 1
                self._take(record)
            yield self._seen

    def _take(self, record: Record) -> None:
        packet = record.packet
        if self._origins.take(record):
            self._made[packet] = record.index
            for parent in self._origins.parents[packet]:
                self._children.setdefault(parent, []).append(packet)
        if record.kind in _ARRIVES and (record.kind is not Kind.ACT or record.detail == Deed.INJECTED):
            self._first.setdefault(packet, record.index)
