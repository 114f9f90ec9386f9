"""Applies a long stretch of a trace to a marking at once: record by record it could not keep up with a free run.

What a stretch does to a net can be told from what its moves have in common, and from the packets that came last.
Only what a node of a free run has fired depends on each move. What is rare stays with the marking, one by one.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from fbtui.trace.layout import RECORD, WAY, Kind, TraceError
from fbtui.trace.marks import EdgeMark, NodeMark

if TYPE_CHECKING:
    from fbtui.trace.marking import Marking
    from fbtui.trace.reader import TraceReader

WORD: Final = 8
WORDS: Final = RECORD.size // WORD
"""Of a record. The first is its way (see `WAY`), the second its packet and its occurrence."""
PACKET: Final = 0xFFFFFFFF
MOVES: Final = {Kind.SEND, Kind.RECEIVE}
PASSED_OVER: Final = {Kind.MADE, Kind.CLOSED}
"""What changes nothing that a marking tells of."""
IS_READABLE: Final = sys.byteorder == "little"
"""Whether words are stored as this machine reads them."""


NOBODY: Final = NodeMark()
"""Stands for the node of what counts no firing by itself."""


class _Edge:
    """An edge, and where in the stretch the sends over it are."""

    def __init__(self, mark: EdgeMark) -> None:
        self.mark = mark
        self.sent_at: list[int] = []
        self.received = 0


class _Way(NamedTuple):
    """What records of one kind at one place have in common."""

    sends: bool = False
    node: NodeMark = NOBODY
    edge: _Edge | None = None
    """That of a move."""
    fires: NodeMark | None = None


class Stretch:
    """Goes on with one marking.

    Args:
        marking: the state of the net.
        trace: the trace.
    """

    def __init__(self, marking: Marking, trace: TraceReader) -> None:
        self.trace = trace
        self._marking = marking
        self._ways: dict[int, _Way] = {}
        self._rare: set[int] = set()
        self._edges: dict[int, _Edge] = {}

    def apply(self, start: int, stop: int) -> int:
        """Apply records from one on, and return the index of the first that was not: it is of a rare kind.

        Raises:
            TraceError: if a record is damaged.
        """
        raw = self.trace.raw(start, stop)
        words = memoryview(raw).cast("Q")
        ways: list[int] = words[::WORDS].tolist()
        counts = Counter(ways)
        rare = [way for way in counts if self._is_rare(way, start)]
        if rare:
            del ways[min(map(ways.index, rare)) :]
            counts = Counter(ways)
        self._find_sends(ways)
        self._settle(counts, start, words)
        move = next((at for at in reversed(range(len(ways))) if self._ways[ways[at]].edge is not None), None)
        if move is not None:
            self._marking.last = last = self.trace[start + move]
            self._marking.step = last.step
        return start + len(ways)

    def _is_rare(self, word: int, near: int) -> bool:
        """Return whether records of a way are looked at one by one."""
        if word not in self._ways and word not in self._rare:
            way = self._way_of(near, *WAY.unpack(word.to_bytes(WORD, "little")))
            if way is None:
                self._rare.add(word)
            else:
                self._ways[word] = way
        return word in self._rare

    def _way_of(self, near: int, kind: int, _: int, node: int, number: int) -> _Way | None:
        places, marking = self.trace.places, self._marking
        if node >= len(places.nodes) or number >= len(places.edges):
            raise TraceError(f"the trace is damaged behind record {near}")
        if kind in PASSED_OVER:
            return _Way()
        if kind == Kind.FIRED:
            return _Way(fires=marking.node(places.nodes[node]))
        if kind not in MOVES or number < 0:
            return None
        if number not in self._edges:
            self._edges[number] = _Edge(marking.edge(places.edges[number]))
        mark = marking.node(places.nodes[node]) if marking.is_free else NodeMark()
        return _Way(kind == Kind.SEND, mark, self._edges[number])

    def _find_sends(self, ways: list[int]) -> None:
        """Find the sends. In a free run nobody tells firings: one is over when its node has sent and receives."""
        known = self._ways
        for at, word in enumerate(ways):
            sends, node, edge, _ = known[word]
            if sends and edge is not None:
                node.has_sent = True
                edge.sent_at.append(at)
            elif node.has_sent:
                node.firings += 1
                node.has_sent = False

    def _settle(self, counts: Counter[int], start: int, words: memoryview[int]) -> None:
        """Take from each edge what was received, oldest first, and put onto it what was sent and is still there."""
        summaries, edges = self._marking.summaries, dict[_Edge, None]()
        for word, count in counts.items():
            way = self._ways[word]
            if way.fires is not None:
                way.fires.firings += count
            elif way.edge is not None:
                edges[way.edge] = None
                way.edge.received += 0 if way.sends else count
        for edge in edges:
            mark = edge.mark
            mark.received += edge.received
            for _ in range(min(edge.received, len(mark.waiting))):
                summaries.pop(mark.waiting.popleft(), None)
                edge.received -= 1
        for edge in edges:  # after all of those: what was taken from one edge may wait on the next one now
            mark, sent_at = edge.mark, edge.sent_at
            mark.sent += len(sent_at)
            for at in sent_at[-(mark.recent.maxlen or 0) :]:
                mark.recent.append((start + at, self._summary(start + at)))
            for at in sent_at[edge.received :]:
                packet = words[at * WORDS + 1] & PACKET
                mark.waiting.append(packet)
                summaries[packet] = self._summary(start + at)
            sent_at.clear()
            edge.received = 0

    def _summary(self, index: int) -> str:
        return self.trace.text(self.trace[index])
