"""What went over each edge, and where two runs differ.

Runs are compared edge by edge, never by the order in which edges take turns: the history of an edge is what does not
depend on the schedule in a net whose nodes wait for one port at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from fbtui.protocol import GraphInfo, edge_names
from fbtui.trace.layout import Kind
from fbtui.trace.reader import TraceReader


@dataclass(frozen=True, slots=True)
class Passed:
    """A packet that came onto an edge: its summary, and the moves made by then."""

    summary: str
    step: int


History = tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
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


def histories(trace: TraceReader, graph: GraphInfo) -> dict[str, History]:
    """Return what came onto each edge of a graph, in order, by the edge's name.

    Raises:
        TraceError: if the trace is damaged.
    """
    names = edge_names(graph)
    found: dict[str, list[Passed]] = {names.get(place, place): [] for place in trace.places.edges}
    for record in trace:
        if record.kind is Kind.SEND or (record.kind is Kind.CROSS and not record.detail):
            place = trace.edge_of(record)
            if place is not None:
                found[names.get(place, place)].append(Passed(trace.text(record), record.step))
    return {name: tuple(history) for name, history in found.items()}


def differences(before: Mapping[str, History], after: Mapping[str, History]) -> list[Difference]:
    """Return the first difference of each edge on which two runs differ, in the order in which they came about."""
    found = []
    for edge in dict.fromkeys((*before, *after)):
        pairs = zip_longest(before.get(edge, ()), after.get(edge, ()))
        for occurrence, (one, other) in enumerate(pairs, 1):
            if one is None or other is None or one.summary != other.summary:
                late = other or one
                step = late.step if late is not None else 0
                found.append(Difference(edge, occurrence, _summary(one), _summary(other), step))
                break
    return sorted(found, key=lambda difference: difference.step)


def _summary(packet: Passed | None) -> str | None:
    return None if packet is None else packet.summary
