"""What a run has printed: of each line only where its record is, so that a run may print for days."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import overload

from fbtui.session.spec import OutputLine
from fbtui.trace import Record, Stream, TraceReader


class Printed(Sequence[OutputLine]):
    """The lines in the order in which they were printed.

    Args:
        trace: where they are recorded; None while there is no trace yet.
    """

    def __init__(self, trace: TraceReader | None = None) -> None:
        self._trace = trace
        self._at = array("Q")
        self._at_of: dict[int, array[int]] = {}
        """The same of each node, by number."""
        self._rest: list[OutputLine] = []
        """What stands in no trace: it was printed past Python."""

    def take(self, record: Record) -> None:
        """Add a line that was recorded."""
        self._at.append(record.index)
        self._at_of.setdefault(record.node, array("Q")).append(record.index)

    def add(self, lines: Iterable[OutputLine]) -> None:
        """Add lines that stand in no trace."""
        self._rest += lines

    def before(self, moment: int) -> Sequence[OutputLine]:
        """Return the lines before the record of an index."""
        return _First(self, bisect_left(self._at, moment))

    def last_of(self, node: str, count: int, moment: int | None = None) -> list[OutputLine]:
        """Return the last lines of a node, at most so many, before the record of an index if that is given."""
        if self._trace is None:
            return []
        number = next((at for at, place in enumerate(self._trace.places.nodes) if place == node), -1)
        found = self._at_of.get(number, array("Q"))
        end = len(found) if moment is None else bisect_left(found, moment)
        lines = [self._line(index) for index in found[max(0, end - count) : end]]
        lines += [line for line in self._rest if line.node == node] if moment is None else []
        return lines[-count:]

    def _line(self, index: int) -> OutputLine:
        assert self._trace is not None
        record = self._trace[index]
        is_error, is_log = record.detail == Stream.STDERR, record.detail == Stream.LOG
        return OutputLine(self._trace.node_of(record), self._trace.text(record), is_error, is_log, index)

    def __len__(self) -> int:
        return len(self._at) + len(self._rest)

    @overload
    def __getitem__(self, at: int) -> OutputLine: ...
    @overload
    def __getitem__(self, at: slice) -> list[OutputLine]: ...
    def __getitem__(self, at: int | slice) -> OutputLine | list[OutputLine]:
        places = range(len(self))[at]
        if isinstance(places, range):
            return [self[place] for place in places]
        recorded = len(self._at)
        return self._line(self._at[places]) if places < recorded else self._rest[places - recorded]


class _First(Sequence[OutputLine]):
    """The first lines of all."""

    def __init__(self, lines: Printed, count: int) -> None:
        self._lines = lines
        self._count = count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> OutputLine: ...
    @overload
    def __getitem__(self, at: slice) -> list[OutputLine]: ...
    def __getitem__(self, at: int | slice) -> OutputLine | list[OutputLine]:
        places = range(self._count)[at]
        return [self._lines[i] for i in places] if isinstance(places, range) else self._lines[places]
