"""The state of a net at any moment of its trace, found from markings that are kept on the way."""

from __future__ import annotations

import bisect
from typing import Final

from fbtui.trace.layout import Kind, Record
from fbtui.trace.marking import Marking
from fbtui.trace.reader import TraceReader

APART: Final = 4096
"""Records between two markings that are kept: so many at most are applied to come to a moment."""


class History:
    """Goes to any moment of a trace.

    Args:
        trace: the trace; it may still grow.
    """

    def __init__(self, trace: TraceReader) -> None:
        self._trace = trace
        self._kept = [Marking()]

    def at(self, index: int) -> Marking:
        """Return the marking after the records before an index.

        Raises:
            TraceError: if a record on the way is damaged.
        """
        index = min(index, len(self._trace))
        while self._kept[-1].at + APART <= index:
            further = self._kept[-1].copy()
            further.advance(self._trace, further.at + APART)
            self._kept.append(further)
        marking = self._kept[min(index // APART, len(self._kept) - 1)].copy()
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
