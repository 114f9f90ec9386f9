"""What the packets of a run were made of, and what was made of them, gathered from its trace."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
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

    ``first`` is the record of its first arrival on an edge, None for one that has not moved yet. ``branch`` is the
    way to it from the packet asked for: of each step the place among its siblings, from 0, and how many they are.
    ``again`` says that it stands elsewhere in the family, with what is behind it.
    """

    packet: int
    generation: int
    first: Record | None
    branch: tuple[tuple[int, int], ...] = ()
    again: bool = False


Nearest = Callable[[int], Sequence[int]]
"""Returns the packets that one was made of, or those that were made of it."""


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
        """Return a packet between two trees: what it was made of above it, what was made of it below.

        Each packet stands next to the one by which it belongs to the family: above it with all that it was made of
        above it in turn, in the order in which they came; below it the other way round. One that is reached by
        several ways has its own family at the shortest of them. In place of one that went onto several edges its
        copies stand.

        Args:
            packet: its number.
            limit: how many are returned either way, at most, the nearest.
            before: the index of the first record that is not looked at: families as they were then.
        """
        for _ in self.read():
            pass
        until = len(self._trace) if before is None else before

        def children(number: int) -> list[int]:
            return [child for child in self._children.get(number, ()) if self._made[child] < until]

        def came_of(number: int) -> Sequence[int]:
            copies = (children(child) if self._split(child) else (child,) for child in children(number))
            return [one for several in copies for one in several]

        def made_of(number: int) -> Sequence[int]:
            parents = self._origins.parents
            direct = parents.get(number, ())
            found = {one for up in direct for one in (parents.get(up, ()) if self._split(up) else (up,))}
            return sorted(found, key=lambda one: (self._first.get(one, until), one))

        above = self._tree(packet, -1, limit, made_of)
        return [*reversed(above), self._kin(packet, ()), *self._tree(packet, 1, limit, came_of)]

    def _split(self, packet: int) -> bool:
        """Return whether a packet went onto several edges: its copies are in the family, not itself."""
        return packet not in self._first and bool(self._children.get(packet))

    def _tree(self, packet: int, way: int, limit: int, nearest: Nearest) -> list[Kin]:
        """Return the packets behind one, each before what is behind it; upwards the last sibling comes first."""
        behind = _nearest_first(packet, limit, nearest)
        found: list[Kin] = []
        open_: list[tuple[int, tuple[tuple[int, int], ...], bool]] = [(packet, (), False)]
        while open_:
            number, branch, again = open_.pop()
            if branch:
                found.append(self._kin(number, branch, way, again=again))
            siblings = [] if again else behind.get(number, [])
            further = [
                (one, (*branch, (place, len(siblings))), is_again) for place, (one, is_again) in enumerate(siblings)
            ]
            open_ += further if way < 0 else reversed(further)
        return found

    def _kin(self, packet: int, branch: tuple[tuple[int, int], ...], way: int = 1, *, again: bool = False) -> Kin:
        first = self._first.get(packet)
        record = self._trace[first] if first is not None else None
        return Kin(packet, way * len(branch), record, branch, again)

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


def _nearest_first(packet: int, limit: int, nearest: Nearest) -> dict[int, list[tuple[int, bool]]]:
    """Return by packet those next behind it, each with whether it is behind another one already, or the first."""
    behind: dict[int, list[tuple[int, bool]]] = {}
    seen, ahead, count = {packet}, deque([packet]), 0
    while ahead and count < limit:
        number = ahead.popleft()
        kin = (one for one in nearest(number) if one != packet)
        for one in islice(kin, limit - count):
            behind.setdefault(number, []).append((one, one in seen))
            count += 1
            if one not in seen:
                seen.add(one)
                ahead.append(one)
    return behind
