"""The state of a net at a point of its trace, gathered from the records up to there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fbtui.trace.layout import Deed, Kind, Record, TraceError
from fbtui.trace.marks import EdgeMark, NodeMark, WatchMark
from fbtui.trace.reader import TraceReader
from fbtui.trace.stretch import IS_READABLE, Stretch

OVER: Final = {"finished", "failed", "stopped"}
"""States in which a node does nothing any more."""
EACH: Final = 8
"""What a place weighs, where a packet weighs 1."""
FEW: Final = 32
"""Records between two rare ones from which on it is worth to apply them at once; if there are fewer, so many are
looked at one by one."""
MANY: Final = 8192
"""Records that are applied at once to begin with, as long as there is no rare one."""


class Marking:
    """Edges and nodes by place, as they were after the records that were given to `apply`."""

    def __init__(self) -> None:
        self.edges: dict[str, EdgeMark] = {}
        self.nodes: dict[str, NodeMark] = {}
        self.watched: dict[tuple[str, str], WatchMark] = {}
        """Expressions that are watched, by node and expression."""
        self.summaries: dict[int, str] = {}
        """Packets that are on an edge or were received last, by number."""
        self.step = 0
        self.is_free = False
        """Whether moves go as the program asks for them, without a gate."""
        self.last: Record | None = None
        """The newest send or receive."""
        self._at = 0
        self._stretch: Stretch | None = None

    @property
    def at(self) -> int:
        """How many records were applied."""
        return self._at

    @property
    def weight(self) -> int:
        """How much it holds: places, packets and summaries."""
        waiting = sum(len(mark.waiting) for mark in self.edges.values())
        return waiting + len(self.summaries) + EACH * (len(self.edges) + len(self.nodes) + len(self.watched))

    def firings(self) -> Counter[str]:
        """Return how often each node has fired, and each nested graph: all that is in it."""
        firings: Counter[str] = Counter()
        for place, mark in self.nodes.items():
            firings[place] += mark.firings
            while "/" in place:
                place = place.rpartition("/")[0]  # noqa: PLW2901 - from the inside out
                firings[place] += mark.firings
        return firings

    def copy(self) -> Marking:
        """Return an equal marking that goes its own way."""
        twin = Marking()
        twin.edges = {place: _twin_of(mark) for place, mark in self.edges.items()}
        twin.nodes = {place: replace(mark) for place, mark in self.nodes.items()}
        twin.watched = {what: replace(mark, recent=mark.recent.copy()) for what, mark in self.watched.items()}
        twin.summaries = self.summaries.copy()
        twin.step, twin.last, twin._at = self.step, self.last, self._at
        twin.is_free = self.is_free
        return twin

    def advance(self, trace: TraceReader, index: int) -> list[Record]:
        """Apply the records up to an index, which is not applied itself.

        Returns:
            Those that were looked at one by one: output, what the person did, and other rare ones are among them.
        """
        told: list[Record] = []
        length, count = MANY, index
        while self._at < index:
            if IS_READABLE:
                end = min(index, self._at + length)
                moved, self._at = self._at, self._stretch_of(trace).apply(self._at, end)
                moved = self._at - moved
                length = 2 * length if self._at == end else max(FEW, 4 * moved)
                count = 0 if self._at == end else 1 if moved >= FEW else FEW
            fresh = trace[self._at : min(index, self._at + count)]
            self._at += len(fresh)
            self.apply(trace, fresh)
            told += fresh
        return told

    def _stretch_of(self, trace: TraceReader) -> Stretch:
        if self._stretch is None or self._stretch.trace is not trace:
            self._stretch = Stretch(self, trace)
        return self._stretch

    def follow(self, trace: TraceReader) -> list[Record]:
        """Apply every record that the trace holds beyond those applied; it returns what `advance` does."""
        return self.advance(trace, trace.refresh())

    def apply(self, trace: TraceReader, records: Iterable[Record]) -> None:
        """Apply records in order.

        Raises:
            TraceError: if one names a place that there is not.
        """
        for record in records:
            try:
                self._apply(trace, record)
            except IndexError as error:
                raise TraceError(f"record {record.index} of the trace is damaged") from error

    def _apply(self, trace: TraceReader, record: Record) -> None:
        places = trace.places
        match record.kind:
            case Kind.SEND | Kind.CROSS if record.edge >= 0:
                self._enter(places.edges[record.edge], record, trace)
            case Kind.RECEIVE if record.edge >= 0:
                self._leave(places.edges[record.edge], record, trace)
            case Kind.ACT if record.edge >= 0:
                self._act(self.edge(places.edges[record.edge]), record, trace)
            case Kind.NODE:
                self._live(self.node(places.nodes[record.node]), trace.text(record))
            case Kind.ORDER:
                self.is_free, self._stretch = trace.text(record) == "free", None
            case Kind.FIRED:
                self.node(places.nodes[record.node]).firings += 1
            case Kind.WATCHED:
                expression, _, value = trace.text(record).partition("\n")
                seen = self.watched.setdefault((places.nodes[record.node], expression), WatchMark())
                seen.failed = value if record.detail else ""
                if not record.detail:
                    seen.count += 1
                    seen.recent.append((record.index, value))

    def _live(self, mark: NodeMark, state: str) -> None:
        mark.state = state
        if self.is_free and state in OVER:
            self._fires(mark, sends=False)

    def _fires(self, mark: NodeMark, *, sends: bool) -> None:
        """In a free run nobody tells firings: one is over when its node has sent and receives again, or ends."""
        mark.firings += mark.has_sent and not sends
        mark.has_sent = sends

    def edge(self, place: str) -> EdgeMark:
        """Return the mark of an edge."""
        return self.edges.setdefault(place, EdgeMark())

    def node(self, place: str) -> NodeMark:
        """Return the mark of a node."""
        return self.nodes.setdefault(place, NodeMark())

    def _enter(self, place: str, record: Record, trace: TraceReader) -> None:
        mark = self.edge(place)
        if record.kind is Kind.CROSS and record.detail:  # the packet leaves the outer edge
            if mark.waiting:
                mark.waiting.popleft()
            mark.received += 1
            return
        mark.waiting.append(record.packet)
        mark.sent += 1
        summary = self.summaries[record.packet] = trace.text(record)
        mark.recent.append((record.index, summary))
        if record.kind is Kind.SEND:
            self._moved(record, trace)

    def _act(self, mark: EdgeMark, record: Record, trace: TraceReader) -> None:
        if record.detail == Deed.DROPPED:
            if record.packet in mark.waiting:
                mark.waiting.remove(record.packet)
            return
        if record.detail == Deed.INJECTED:
            mark.waiting.append(record.packet)
        self.summaries[record.packet] = trace.text(record)

    def _leave(self, place: str, record: Record, trace: TraceReader) -> None:
        mark = self.edge(place)
        if mark.waiting:
            mark.waiting.popleft()
        mark.received += 1
        self.summaries.pop(record.packet, None)
        self._moved(record, trace)

    def _moved(self, record: Record, trace: TraceReader) -> None:
        self.step = record.step
        self.last = record
        if self.is_free:
            self._fires(self.node(trace.places.nodes[record.node]), sends=record.kind is Kind.SEND)


def _twin_of(mark: EdgeMark) -> EdgeMark:
    return replace(mark, waiting=mark.waiting.copy(), recent=mark.recent.copy())
