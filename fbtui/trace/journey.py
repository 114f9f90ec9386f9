"""Where a packet comes from: the edges that it, and the packets that it was made of, have travelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from fbtui.protocol.plain import plain
from fbtui.trace.layout import Deed, Kind, Record
from fbtui.trace.reader import TraceReader

WINDOW: Final = 10_000
"""Records before a moment that are looked at, so that a long run answers as fast as a short one."""
HEAD: Final = 8
"""Records at the beginning among which the order of the run is told."""
_GRAPH: Final = 0
"""The number of the top graph's border. What it takes at the end makes none of what it gives at the start."""


@plain
class Journey:
    """What is known of a packet's way up to a moment."""

    packet: int
    ancestors: tuple[int, ...] = ()
    """The packets that it was made of, and those that they were made of, the oldest first."""
    edges: tuple[str, ...] = ()
    """Every edge that one of them has travelled, in the order in which they came to it."""
    own: tuple[str, ...] = ()
    """Those that the packet itself has travelled."""
    edge: str | None = None
    """The edge that it waits on."""
    node: str | None = None
    """The node that took it last, if it waits on no edge."""


@dataclass
class _Line:
    """What a node has received since the firing began that goes on now."""

    received: list[int] = field(default_factory=list)
    has_sent: bool = False


class Journeys:
    """The ways of the packets of a run up to a moment, gathered from its trace.

    What a packet was made of is recorded, but not in a free run: there it is all that its node has received since
    the first receive after the last send before it, on whatever line of work. What happened more than `WINDOW`
    records before is not looked at.

    Args:
        trace: the trace; it may still grow.
    """

    def __init__(self, trace: TraceReader) -> None:
        self._trace = trace
        self._begin(0)

    def _begin(self, start: int) -> None:
        self._start = self._at = start
        self._parents: dict[int, tuple[int, ...]] = {}
        self._ways: dict[int, list[int]] = {}
        self._edge: dict[int, int] = {}
        self._node: dict[int, int] = {}
        self._lines: dict[int, _Line] = {}
        self._is_told = not any(map(self._frees, self._trace[: min(start, HEAD)]))
        """Whether the records tell what packets were made of."""

    def at(self, index: int) -> Journeys:
        """Return the journeys after the records before an index: this one, brought there.

        Raises:
            TraceError: if a record on the way is damaged.
        """
        index = min(index, len(self._trace))
        if index < self._at or index - self._start > 2 * WINDOW:
            self._begin(max(0, index - WINDOW))
        for record in self._trace[self._at : index]:
            self._apply(record)
        self._at = index
        return self

    def _frees(self, record: Record) -> bool:
        """Return whether a run is free from a record on."""
        return record.kind is Kind.ORDER and self._trace.text(record) == "free"

    def _apply(self, record: Record) -> None:
        packet = record.packet
        match record.kind:
            case Kind.ORDER:
                self._is_told = not self._frees(record)
            case Kind.MADE:
                self._parents[packet] = tuple(map(int, self._trace.text(record).split()))
                self._is_told = True
            case Kind.SEND:
                self._send(record)
            case Kind.CROSS if not record.detail:
                self._enter(record)
            case Kind.RECEIVE:
                line = self._lines.setdefault(record.node, _Line())
                if line.has_sent:
                    line.received, line.has_sent = [], False
                line.received.append(packet)
                self._edge.pop(packet, None)
                self._node[packet] = record.node
            case Kind.ACT if record.edge >= 0 and record.detail == Deed.DROPPED:
                self._edge.pop(packet, None)
                self._node.pop(packet, None)
            case Kind.ACT if record.edge >= 0 and record.detail == Deed.INJECTED:
                self._enter(record)

    def _send(self, record: Record) -> None:
        packet, line = record.packet, self._lines.setdefault(record.node, _Line())
        if packet not in self._parents and not self._is_told:
            forwarded = packet in line.received
            self._parents[packet] = () if forwarded or record.node == _GRAPH else tuple(line.received)
        line.has_sent = True
        self._enter(record)

    def _enter(self, record: Record) -> None:
        self._ways.setdefault(record.packet, []).append(record.edge)
        self._edge[record.packet] = record.edge

    def journey(self, packet: int) -> Journey:
        """Return the way of a packet. Of one that was not seen only its number is known."""
        places = self._trace.places
        family = {packet}
        ahead = [packet]
        while ahead:
            ahead = [one for child in ahead for one in self._parents.get(child, ()) if one not in family]
            family.update(ahead)
        edges = dict.fromkeys(edge for one in sorted(family) for edge in self._ways.get(one, ()))
        edge = self._edge.get(packet)
        node = self._node.get(packet) if edge is None else None
        return Journey(
            packet,
            tuple(sorted(family - {packet})),
            tuple(places.edges[number] for number in edges),
            tuple(places.edges[number] for number in self._ways.get(packet, ())),
            None if edge is None else places.edges[edge],
            None if node is None else places.nodes[node],
        )
