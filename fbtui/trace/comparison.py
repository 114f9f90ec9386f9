"""What went over each edge, and where two runs differ.

Runs are compared edge by edge, never by the order in which edges take turns: the history of an edge is what does not
depend on the schedule in a net whose nodes wait for one port at a time.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from itertools import zip_longest

from fbtui.protocol import GraphInfo, edge_names
from fbtui.protocol.plain import plain
from fbtui.trace.layout import BEYOND, Kind, Record
from fbtui.trace.reader import TraceReader

PORTION = 4096
"""Records that are read at a time."""
FURTHER = " (it differs further on than is shown)"


@plain
class Passed:
    """A packet that came onto an edge: its summary, the moves made by then, and the digest of a payload that is
    longer than its summary."""

    summary: str
    step: int
    digest: str = ""

    def is_like(self, other: Passed) -> bool:
        """Return whether the payloads are the same, as far as they were captured."""
        return (self.summary, self.digest) == (other.summary, other.digest)


History = tuple[Passed, ...]


@plain
class Difference:
    """The first packet of an edge, counted from 1, that differs between two runs; None where one has no such packet.
    ``step`` is the move of the later run that brought it, or of the earlier run if only that one has it."""

    edge: str
    occurrence: int
    before: str | None
    after: str | None
    step: int

    def __str__(self) -> str:
        before, after = ("nothing" if one is None else one for one in (self.before, self.after))
        return f"{self.edge}: packet {self.occurrence} was {before}, is {after}"


class Arrivals:
    """What has come onto each edge of a run, by the edge's name; it grows with the trace.

    Args:
        trace: the trace.
        graph: the graph that gives edges their names.
    """

    def __init__(self, trace: TraceReader, graph: GraphInfo) -> None:
        self.trace = trace
        self._names = edge_names(graph)
        self._at = 0
        self._by_edge: dict[str, array[int]] = {}
        """The indices of the records that brought the packets of each edge."""

    def follow(self) -> Iterator[None]:
        """Read what the trace holds beyond what was read, a portion at a time.

        Raises:
            TraceError: if the trace is damaged.
        """
        while self._at < self.trace.refresh():
            for record in self.trace[self._at : self._at + PORTION]:
                if record.kind is Kind.SEND or (record.kind is Kind.CROSS and not record.detail):
                    place = self.trace.edge_of(record)
                    if place is not None:
                        self._by_edge.setdefault(self._names.get(place, place), array("Q")).append(record.index)
                self._at = record.index + 1
            yield

    @property
    def edges(self) -> tuple[str, ...]:
        """The names of the edges that have carried something, in the order in which they began."""
        return tuple(self._by_edge)

    def count(self, edge: str) -> int:
        """Return how many packets have come onto an edge."""
        return len(self._by_edge.get(edge, ()))

    def record(self, edge: str, number: int) -> Record:
        """Return the record that brought a packet of an edge, counted from 0."""
        return self.trace[self._by_edge[edge][number]]

    def passed(self, edge: str, number: int) -> Passed:
        """Return a packet of an edge, counted from 0."""
        return _passed(self.trace, self.record(edge, number))


class Comparison:
    """Compares a run that may still go on with an earlier one.

    What one of them has not come to yet is no difference.

    Args:
        before: the earlier run.
        after: the later one.
        before_ended: whether the earlier run came to its end.
    """

    def __init__(self, before: Arrivals, after: Arrivals, *, before_ended: bool) -> None:
        self._before, self._after = before, after
        self._before_ended = before_ended
        self._same: dict[str, int] = {}
        """How many packets of an edge are the same in both, as far as they were compared."""
        self._found: dict[str, Difference] = {}

    def follow(self) -> Iterator[None]:
        """Read and compare what has been recorded since, a portion at a time.

        Raises:
            TraceError: if a trace is damaged.
        """
        yield from self._before.follow()
        for _ in self._after.follow():
            for edge in self._after.edges:
                self._compare(edge)
            yield

    def _compare(self, edge: str) -> None:
        number, end = self._same.get(edge, 0), self._after.count(edge)
        while number < end and edge not in self._found:
            after = self._after.passed(edge, number)
            before = self._before.passed(edge, number) if number < self._before.count(edge) else None
            if before is None and not self._before_ended:
                break
            if before is None or not before.is_like(after):
                self._found[edge] = _difference(edge, number + 1, before, after)
                break
            number += 1
        self._same[edge] = number

    def differences(self, *, ended: bool) -> list[Difference]:
        """Return the first difference of each edge, in the order of the run; ``ended`` says that it is over."""
        found = dict(self._found)
        for edge in self._before.edges if ended else ():
            number = self._after.count(edge)
            if edge not in found and number < self._before.count(edge):
                found[edge] = _difference(edge, number + 1, self._before.passed(edge, number), None)
        return sorted(found.values(), key=lambda difference: difference.step)


def histories(trace: TraceReader, graph: GraphInfo) -> dict[str, History]:
    """Return what came onto each edge of a graph, in order, by the edge's name.

    Raises:
        TraceError: if the trace is damaged.
    """
    arrivals, names = Arrivals(trace, graph), edge_names(graph)
    for _ in arrivals.follow():
        pass
    edges = dict.fromkeys((*(names.get(place, place) for place in trace.places.edges), *arrivals.edges))
    return {edge: tuple(arrivals.passed(edge, n) for n in range(arrivals.count(edge))) for edge in edges}


def differences(before: Mapping[str, History], after: Mapping[str, History]) -> list[Difference]:
    """Return the first difference of each edge on which two runs differ, in the order in which they came about."""
    found = []
    for edge in dict.fromkeys((*before, *after)):
        pairs = zip_longest(before.get(edge, ()), after.get(edge, ()))
        for occurrence, (one, other) in enumerate(pairs, 1):
            if one is None or other is None or not one.is_like(other):
                found.append(_difference(edge, occurrence, one, other))
                break
    return sorted(found, key=lambda difference: difference.step)


def _passed(trace: TraceReader, record: Record) -> Passed:
    summary, _, digest = trace.data(record).decode("utf-8", "replace").partition(BEYOND)
    return Passed(summary, record.step, digest)


def _difference(edge: str, occurrence: int, before: Passed | None, after: Passed | None) -> Difference:
    late = after or before
    further = FURTHER if before is not None and after is not None and before.summary == after.summary else ""
    return Difference(
        edge,
        occurrence,
        None if before is None else before.summary,
        None if after is None else after.summary + further,
        0 if late is None else late.step,
    )
