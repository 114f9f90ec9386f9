"""The state of a net at any moment of its trace, found from markings that are kept on the way."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from typing import Final

from fbtui.trace.layout import Kind, Record
from fbtui.trace.marking import Marking
from fbtui.trace.reader import TraceReader

APART: Final = 8192
"""Records between two markings that are kept: so many at most are applied to come to a moment."""
PORTION: Final = 8192
"""Records at most that are applied at once by a reader that follows: a millisecond's work."""
ROOM: Final = 200_000
"""What the markings that are kept may hold together: beyond, every other one goes, and the rest lie twice as far
apart."""


class History:
    """Goes to any moment of a trace.

    Args:
        trace: the trace; it may still grow.
    """

    def __init__(self, trace: TraceReader) -> None:
        self._trace = trace
        self._apart = APART
        self._kept = [Marking()]
        self._held = 0
        """What those hold together."""
        self.now = Marking()
        """The state after every record that was read."""

    def follow(self) -> Iterator[list[Record]]:
        """Apply what the trace holds beyond what was read, portion by portion.

        It yields what was looked at of each: see `Marking.advance`.

        Raises:
            TraceError: if a record is damaged.
        """
        end = self._trace.refresh()
        while self.now.at < end:
            before = self.now.at
            mark = before - before % self._apart + self._apart
            told = self.now.advance(self._trace, min(end, mark, before + PORTION))
            if self.now.at % self._apart == 0:
                self._keep()
            yield told

    def _keep(self) -> None:
        self._kept.append(self.now.copy())
        self._held += self.now.weight
        while self._held > ROOM and len(self._kept) > 1:
            del self._kept[1::2]
            self._held = sum(marking.weight for marking in self._kept)
            self._apart *= 2

    def at(self, index: int) -> Marking:
        """Return the marking after the records before an index.

        Raises:
            TraceError: if a record on the way is damaged.
        """
        index = min(index, len(self._trace))
        if self.now.at < index:
            for _ in self.follow():
                pass
        marking = self._kept[min(index // self._apart, len(self._kept) - 1)].copy()
        marking.advance(self._trace, index)
        return marking

    def after_step(self, step: int) -> int:
        """Return the index behind the record of a step: the moment after the n-th move; 0 for step 0."""
        if step <= 0:
            return 0
        at = bisect.bisect_left(self._trace, step, key=lambda record: record.step)
        while at < len(self._trace) and not is_move(self._trace[at]):
            at += 1
        while at < len(self._trace) and is_move(self._trace[at]) and self._trace[at].step == step:
            at += 1  # a send over several edges is one move with a record an edge
        return at


def is_move(record: Record) -> bool:
    """Return whether a record is a send or a receive."""
    return record.kind in {Kind.SEND, Kind.RECEIVE}
