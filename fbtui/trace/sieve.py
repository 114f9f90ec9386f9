"""Which records of a trace a person wants to see: by kind, by place, by text, packet or value."""

from __future__ import annotations

import bisect
import sys
from array import array
from collections.abc import Callable, Collection, Iterator
from itertools import compress
from typing import Final

from fbtui.protocol import GraphInfo, edge_names
from fbtui.protocol.plain import plain
from fbtui.trace.layout import WAY, Deed, Kind, Record, TraceError
from fbtui.trace.reader import TraceReader
from fbtui.trace.search import CARRIES, BadQuery, Query
from fbtui.trace.stretch import WORD, WORDS

PORTION: Final = 32768
"""Records that are looked through at a time: a few milliseconds' work."""
ASKED: Final = 2048
"""So many if a query is asked of them."""
_STATES: Final = frozenset({Kind.NODE, Kind.FIRED, Kind.CLOSED, Kind.MADE, Kind.ORDER})
EVENTS: Final = frozenset(Kind) - _STATES
"""What a run does, without what nodes become by it."""
KINDS: Final = {
    "moves": frozenset({Kind.SEND, Kind.RECEIVE, Kind.CROSS}),
    "sends": frozenset({Kind.SEND}),
    "takes": frozenset({Kind.RECEIVE}),
    "prints": frozenset({Kind.OUTPUT}),
    "watches": frozenset({Kind.WATCHED}),
    "acts": frozenset({Kind.ACT}),
    "states": _STATES,
    "all": frozenset(Kind),
}
"""The words for kinds of records."""
USAGE: Final = f"any of {', '.join(KINDS)}; then a text, #12 for a packet, or value > 5"


@plain
class Wanted:
    """What is wanted: of some kinds, and what a query finds among them."""

    text: str = ""
    kinds: frozenset[Kind] = EVENTS
    query: Query | None = None

    @staticmethod
    def of(text: str) -> Wanted:
        """Return what a text asks for: words for kinds, then a query; nothing for the events of every kind.

        Raises:
            BadQuery: if the query is an expression that cannot be evaluated here.
        """
        words = text.split()
        count = next((i for i, word in enumerate(words) if word not in KINDS), len(words))
        kinds = frozenset[Kind]().union(*(KINDS[word] for word in words[:count])) or EVENTS
        rest = text.split(maxsplit=count)[count:]
        return Wanted(text.strip(), kinds, Query.of(rest[0]) if rest else None)


class _Answers(dict[int, bool]):
    """The answers to a question that is asked once of each key."""

    def __init__(self, ask: Callable[[int], bool]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, key: int) -> bool:
        answer = self[key] = self._ask(key)
        return answer


class Sieve:
    """The records of a trace that are wanted, found portion by portion.

    Args:
        trace: the trace, which may grow.
        graph: the graph that ran.
        wanted: what is wanted.
        places: nodes and edges at which it has to be; None for anywhere. Of a node all inside it counts.
    """

    def __init__(
        self, trace: TraceReader, graph: GraphInfo | None, wanted: Wanted, places: Collection[str] | None = None
    ) -> None:
        self._trace = trace
        self._wanted = wanted
        self._names = edge_names(graph) if graph is not None else {}
        self._places = places
        self._nodes: set[int] = set()
        self._edges: set[int] = set()
        self._fits = _Answers(self._fitting)
        self._found = array("Q")
        self._waiting: dict[tuple[int, int], Record] = {}
        """By edge and packet the events that brought the packets that wait: they tell what a receive takes."""
        self._read = 0

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, row: int) -> int:
        """Return the index of a record by the row that it is in."""
        return self._found[row]

    def row_of(self, index: int) -> int:
        """Return the row of a record, or of the one before it that is wanted; -1 if there is none."""
        return bisect.bisect_right(self._found, index) - 1

    @property
    def is_behind(self) -> bool:
        """Whether there is more of the trace to look through."""
        return self._read < len(self._trace)

    def read(self) -> None:
        """Look through one more portion.

        Raises:
            TraceError: if the trace is damaged there.
        """
        if self._places is not None and not self._nodes and not self._edges:
            self._number(self._places)
        trace, query, start = self._trace, self._wanted.query, self._read
        stop = min(len(trace), start + (ASKED if query is not None else PORTION))
        if start == stop:
            return
        ways = memoryview(trace.raw(start, stop)).cast("Q")[::WORDS].tolist()
        found = list(compress(range(start, stop), map(self._fits.__getitem__, ways)))
        if query is not None:
            found = list(self._asked(query, start, stop, frozenset(found)))
        self._found.extend(found)
        self._read = start + len(ways)

    def _asked(self, query: Query, start: int, stop: int, ways: Collection[int]) -> Iterator[int]:
        """Yield the indices of those records of a portion, of wanted ways, that a query finds."""
        trace, waiting = self._trace, self._waiting
        for record in trace[start:stop]:
            at, taken = (record.edge, record.packet), None
            if record.kind is Kind.RECEIVE or _leaves(record):
                taken = waiting.pop(at, None)
            elif record.kind in CARRIES and record.edge >= 0:
                waiting[at] = record
            if record.index in ways and query.fits(trace, record, self._names, taken):
                yield record.index

    def _fitting(self, way: int) -> bool:
        """Return whether records of a way are wanted."""
        kind, detail, node, edge = WAY.unpack(way.to_bytes(WORD, sys.byteorder))
        if kind not in set(Kind):
            raise TraceError(f"the trace is damaged behind record {self._read}")
        if self._places is None:  # at a border a packet leaves one edge and comes onto the next: that is told once
            return kind in self._wanted.kinds and not (kind == Kind.CROSS and detail == 1)
        return kind in self._wanted.kinds and (node in self._nodes or edge in self._edges)

    def _number(self, places: Collection[str]) -> None:
        known, inside = self._trace.places, tuple(f"{place}/" for place in places)
        self._nodes = {i for i, name in enumerate(known.nodes) if name in places or name.startswith(inside)}
        self._edges = {i for i, name in enumerate(known.edges) if name in places or name.startswith(inside)}
        self._fits.clear()


def _leaves(record: Record) -> bool:
    """Return whether a packet leaves its edge otherwise than by a receive: over a border, or by hand."""
    is_dropped = record.kind is Kind.ACT and record.detail == Deed.DROPPED
    return is_dropped or (record.kind is Kind.CROSS and record.detail == 1)


__all__ = ["EVENTS", "KINDS", "USAGE", "BadQuery", "Sieve", "Wanted"]
