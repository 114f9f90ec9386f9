"""Applies a long stretch of a trace to a marking at once: record by record it could not keep up with a free run.

What a stretch does to a net can be told from what its moves have in common, and from the packets that came last.
Only what a node of a free run has fired depends on each move: it is counted in a text that has a letter a record.
What is rare stays with the marking, one by one.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from fbtui.trace.layout import NUMBER, RECORD, WAY, Kind, TraceError
from fbtui.trace.marks import EdgeMark, NodeMark
from fbtui.trace.reader import number_in

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


LETTERS: Final = 256
"""Ways up to which the letters of a stretch are bytes."""


class _Edge:
    """An edge, and what is sent over it and received from it in the stretch."""

    def __init__(self, mark: EdgeMark) -> None:
        self.mark = mark
        self.letters: list[str] = []
        """Those of its sends."""
        self.sent = 0
        self.received = 0


class _Node:
    """A node of a free run, and the letters of its moves."""

    def __init__(self, mark: NodeMark) -> None:
        self.mark = mark
        self._others = bytearray(range(LETTERS))
        self._table = bytearray(range(LETTERS))

    def take(self, letter: int, *, sends: bool) -> None:
        """Learn one more letter."""
        if letter < LETTERS:
            self._others.remove(letter)
            self._table[letter] = ord("s" if sends else "r")

    def fire(self, letters: bytes) -> None:
        """Nobody tells firings in a free run: one is over when its node has sent and receives."""
        moves = letters.translate(self._table, self._others)
        if moves:
            self.mark.firings += moves.count(b"sr") + (self.mark.has_sent and moves.startswith(b"r"))
            self.mark.has_sent = moves.endswith(b"s")


class _Way(NamedTuple):
    """What records of one kind at one place have in common."""

    letter: str
    sends: bool = False
    node: _Node | None = None
    """That of a move in a free run."""
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
        self._letters: dict[int, str] = {}
        """Those of the ways."""
        self._rare: set[int] = set()
        self._edges: dict[int, _Edge] = {}
        self._nodes: dict[int, _Node] = {}

    def apply(self, start: int, stop: int) -> int:
        """Apply records from one on, and return the index of the first that was not: it is of a rare kind.

        Raises:
            TraceError: if a record is damaged.
        """
        raw = self.trace.raw(start, stop)
        ways: list[int] = memoryview(raw).cast("Q")[::WORDS].tolist()
        counts = Counter(ways)
        rare = [way for way in counts if self._is_rare(way, start)]
        if rare:
            del ways[min(map(ways.index, rare)) :]
            counts = Counter(ways)
        letters = "".join(map(self._letters.__getitem__, ways))
        if self._nodes:
            self._fire(ways, letters)
        self._settle(counts, letters, start, raw)
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
                self._ways[word], self._letters[word] = way, way.letter
        return word in self._rare

    def _way_of(self, near: int, kind: int, _: int, node: int, number: int) -> _Way | None:
        places, marking, letter = self.trace.places, self._marking, chr(len(self._ways))
        if node >= len(places.nodes) or number >= len(places.edges):
            raise TraceError(f"the trace is damaged behind record {near}")
        if kind in PASSED_OVER:
            return _Way(letter)
        if kind == Kind.FIRED:
            return _Way(letter, fires=marking.node(places.nodes[node]))
        if kind not in MOVES or number < 0:
            return None
        edge = self._edges.setdefault(number, _Edge(marking.edge(places.edges[number])))
        mover = self._nodes.setdefault(node, _Node(marking.node(places.nodes[node]))) if marking.is_free else None
        sends = kind == Kind.SEND
        if sends:
            edge.letters.append(letter)
        if mover is not None:
            mover.take(ord(letter), sends=sends)
        return _Way(letter, sends, mover, edge)

    def _fire(self, ways: list[int], letters: str) -> None:
        """Count the firings of a free run."""
        if len(self._ways) <= LETTERS:
            written = letters.encode("latin-1")
            for node in self._nodes.values():
                node.fire(written)
            return
        known = self._ways
        for word in ways:
            way = known[word]
            if way.node is not None:
                mark = way.node.mark
                mark.firings += mark.has_sent and not way.sends
                mark.has_sent = way.sends

    def _settle(self, counts: Counter[int], letters: str, start: int, raw: bytes) -> None:
        """Take from each edge what was received, oldest first, and put onto it what was sent and is still there."""
        summaries, edges = self._marking.summaries, dict[_Edge, None]()
        words = memoryview(raw).cast("Q")
        for word, count in counts.items():
            way = self._ways[word]
            if way.fires is not None:
                way.fires.firings += count
            elif way.edge is not None:
                edges[way.edge] = None
                way.edge.sent += count if way.sends else 0
                way.edge.received += 0 if way.sends else count
        for edge in edges:
            mark = edge.mark
            mark.received += edge.received
            for _ in range(min(edge.received, len(mark.waiting))):
                summaries.pop(mark.waiting.popleft(), None)
                edge.received -= 1
        for edge in edges:  # after all of those: what was taken from one edge may wait on the next one now
            mark, recent, left = edge.mark, edge.mark.recent.maxlen or 0, max(0, edge.sent - edge.received)
            mark.sent += edge.sent
            sent_at = _last_of(letters, edge.letters, max(recent, left))
            told = [(at, self._summary(raw, start, at)) for at in sent_at]
            mark.recent.extend((start + at, text) for at, text in told[-recent:])
            for at, text in told[len(told) - left :]:
                packet = words[at * WORDS + 1] & PACKET
                mark.waiting.append(packet)
                summaries[packet] = text
            edge.sent = edge.received = 0

    def _summary(self, raw: bytes, start: int, at: int) -> str:
        """Return what a send carries; a number stands in the record itself: not all of that is decoded."""
        _, detail, *_, offset, length = RECORD.unpack_from(raw, at * RECORD.size)
        if detail == NUMBER and not length:
            return str(number_in(offset))
        return self.trace.text(self.trace[start + at])


def _last_of(letters: str, wanted: list[str], count: int) -> list[int]:
    """Return where the last letters stand that are wanted, in order, so many at most."""
    found = []
    for letter in wanted:
        at = len(letters)
        for _ in range(count):
            at = letters.rfind(letter, 0, at)
            if at < 0:
                break
            found.append(at)
    return sorted(found)[-count:]
