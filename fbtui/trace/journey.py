"""Where a packet comes from: the edges that it, and the packets that it was made of, have travelled."""

from __future__ import annotations

from typing import Final

from fbtui.protocol.plain import plain
from fbtui.trace.layout import Deed, Kind, Record
from fbtui.trace.origins import Origins
from fbtui.trace.reader import TraceReader

WINDOW: Final = 10_000
"""Records before a moment that are looked at, so that a long run answers as fast as a short one."""


@plain
class Journey:
    """What is known of a packet's way up to a moment."""

    packet: int
    ancestors: tuple[int, ...] = ()
    """The packets that it was made of, and those that they were made of, the oldest first."""
    parents: tuple[int, ...] = ()
    """Those of them that it was made of itself."""
    children: tuple[int, ...] = ()
    """The packets that were made of it."""
    edges: tuple[str, ...] = ()
    """Every edge that one of them has travelled, in the order in which they came to it."""
    own: tuple[str, ...] = ()
    """Those that the packet itself has travelled."""
    edge: str | None = None
    """The edge that it waits on."""
    node: str | None = None
    """The node that took it last, if it waits on no edge."""


class Journeys:
    """The ways of the packets of a run up to a moment, gathered from its trace.

    What packets were made of is known from `Origins`. What happened more than `WINDOW` records before is not looked
    at.

    Args:
        trace: the trace; it may still grow.
    """

    def __init__(self, trace: TraceReader) -> None:
        self._trace = trace
        self._begin(0)

    def _begin(self, start: int) -> None:
        self._start = self._at = start
        self._origins = Origins(self._trace, start)
        self._ways: dict[int, list[int]] = {}
        self._children: dict[int, list[int]] = {}
        self._first: dict[int, Record] = {}
        """Of each packet the record of its first arrival on an edge."""
        self._edge: dict[int, int] = {}
        self._node: dict[int, int] = {}

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

    def _apply(self, record: Record) -> None:
        packet = record.packet
        if self._origins.take(record):
            for parent in self._origins.parents[packet]:
                self._children.setdefault(parent, []).append(packet)
        match record.kind:
            case Kind.SEND:
                self._enter(record)
            case Kind.CROSS if not record.detail:
                self._enter(record)
            case Kind.RECEIVE:
                self._edge.pop(packet, None)
                self._node[packet] = record.node
            case Kind.ACT if record.edge >= 0 and record.detail == Deed.DROPPED:
                self._edge.pop(packet, None)
                self._node.pop(packet, None)
            case Kind.ACT if record.edge >= 0 and record.detail == Deed.INJECTED:
                self._enter(record)

    def _enter(self, record: Record) -> None:
        self._first.setdefault(record.packet, record)
        self._ways.setdefault(record.packet, []).append(record.edge)
        self._edge[record.packet] = record.edge

    def text(self, packet: int) -> str:
        """Return what a packet carried when it first came onto an edge; nothing of one that was not seen."""
        first = self._first.get(packet)
        return self._trace.text(first) if first is not None else ""

    def journey(self, packet: int) -> Journey:
        """Return the way of a packet. Of one that was not seen only its number is known."""
        places = self._trace.places
        family = {packet}
        ahead = [packet]
        while ahead:
            ahead = [one for child in ahead for one in self._origins.parents.get(child, ()) if one not in family]
            family.update(ahead)
        edges = dict.fromkeys(edge for one in sorted(family) for edge in self._ways.get(one, ()))
        edge = self._edge.get(packet)
        node = self._node.get(packet) if edge is None else None
        return Journey(
            packet,
            tuple(sorted(family - {packet})),
            self._origins.parents.get(packet, ()),
            tuple(self._children.get(packet, ())),
            tuple(places.edges[number] for number in edges),
            tuple(places.edges[number] for number in self._ways.get(packet, ())),
            None if edge is None else places.edges[edge],
            None if node is None else places.nodes[node],
        )
