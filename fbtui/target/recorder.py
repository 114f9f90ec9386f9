"""Writes what a net does into the trace, and numbers the packets of a run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import Any, Final

from fbdev.comp.junction import Junction
from fbdev.comp.packet import BasePacket, Packet, payload_of
from fbdev.comp.port import Port
from fbdev.graph.net import BaseNode, Edge
from fbdev.instrument import Instrument, Move, Way
from fbdev.runtime.blocked import edge_place, place_of
from fbtui.target.capture import is_mutable, summarize
from fbtui.target.digests import describe
from fbtui.target.short_way import record_receives, record_sends
from fbtui.trace import NOWHERE, Deed, Kind, Manner, Places, Record, Stream, TraceReader, TraceWriter, act_data
from fbtui.trace.carried import carried

KEPT: Final = 256
"""Payloads kept alive after they were received, so that a person can still open them."""
REMEMBERED: Final = 1 << 16
"""Packets that are known as those that others were made of, the newest ones."""
FAR_BACK: Final = 100_000
"""Records among which it is looked for what a node has received: that takes a few hundredths of a second."""
PAGE: Final = 4_096
"""Records that are read at a time."""
PARENTS: Final = 1000
"""Packets that one was made of, as many as are told."""
BRIEF: Final = 40
"""Characters of what a packet carries where it is named in a sentence."""
LINE: Final = 4000
"""Bytes of one record of output; a longer line is cut into several."""


class Recorder(Instrument):
    """Records every event of a net. ``step`` counts the sends and receives so far."""

    def __init__(self, writer: TraceWriter, top: BaseNode) -> None:
        self.step = 0
        self.keeps_payloads = False
        """Whether received payloads are kept and compared: not in a free run, which holds nobody's memory."""
        self.failed: BaseNode | None = None
        """The node that failed first."""
        self._writer = writer
        self._packets = 0
        self._node_numbers = {node: number for number, node in enumerate(top.walk())}
        self._edge_numbers = {edge: number for number, edge in enumerate(top.all_edges())}
        self._received: OrderedDict[int, tuple[Any, BaseNode]] = OrderedDict()
        self._of_uuid: OrderedDict[str, int] = OrderedDict()
        """The numbers of packets, to tell which ones another was made of."""
        self._as_sent: dict[int, str] = {}
        writer.name(Places(tuple(map(place_of, self._node_numbers)), tuple(map(edge_place, self._edge_numbers))))

    def order(self, word: str) -> None:
        """The order in which moves go from here on. In any but a free run payloads are kept, to be looked at."""
        self.keeps_payloads = word != "free"
        self._writer.record(Kind.ORDER, step=self.step, data=_encoded(word))

    # -- packets

    def number(self, packet: BasePacket) -> int:
        """Return a packet's number in this run, from 1; 0 for one that cannot be numbered."""
        if not isinstance(packet, Packet):
            return 0
        if not packet.tag:
            self._packets += 1
            packet.tag = self._packets
        return int(packet.tag)

    def payload(self, number: int) -> Any:
        """Return the payload of a packet that is on an edge or was received lately.

        Raises:
            KeyError: if it is gone.
        """
        found = self.edge_of(number)
        return payload_of(found[1]) if found is not None else self._received[number][0]

    def knows(self, number: int) -> bool:
        """Return whether there is a packet of this number, or was one."""
        return 0 < number <= self._packets

    def taker(self, number: int) -> str | None:
        """Return the place of the node that received a packet lately, None if none did."""
        _, node = self._received.get(number, (None, None))
        return None if node is None else place_of(node)

    def received_at(self, node: BaseNode, numbers: Collection[int]) -> list[Junction]:
        """Return the ports at which a node has received packets, in order; nothing if that is too long ago."""
        heads = [edge.head_end for edge in self._edge_numbers]
        trace, found, left = TraceReader(self._writer.folder), list[Junction](), set(numbers)
        for end in range(len(trace), max(0, len(trace) - FAR_BACK), -PAGE):
            for record in reversed(trace[max(0, end - PAGE) : end]):
                head = heads[record.edge] if record.kind is Kind.RECEIVE and record.packet in left else None
                if head is not None and head.node is node:
                    left.discard(record.packet)
                    found.append(head)
            if not left:
                return found[::-1]
        return []

    def taken_from(self, packet: BasePacket) -> str | None:
        """Return the place of the edge that a packet was taken from last; None if that is too long ago."""
        trace = TraceReader(self._writer.folder)
        record = self._last_receive(trace, self.number(packet))
        return None if record is None else trace.edge_of(record)

    def _last_receive(self, trace: TraceReader, number: int) -> Record | None:
        """Return when a packet was received last; None if that is too long ago."""
        for end in range(len(trace) if number else 0, max(0, len(trace) - FAR_BACK), -PAGE):
            for record in reversed(trace[max(0, end - PAGE) : end]):
                if record.kind is Kind.RECEIVE and record.packet == number:
                    return record
        return None

    def named_when_taken(self, packet: BasePacket) -> str:
        """Return a packet that was received, and may be consumed, as people name it."""
        trace = TraceReader(self._writer.folder)
        record = self._last_receive(trace, self.number(packet))
        carries = "" if record is None else carried(trace, record)
        brief = carries if len(carries) <= BRIEF else f"{carries[: BRIEF - 1]}…"
        return f"#{self.number(packet)} {brief}".rstrip()

    def named(self, packet: BasePacket) -> str:
        """Return a packet as people name it: its number and what it carries."""
        carries = "(empty)" if packet.is_empty else summarize(payload_of(packet), BRIEF)
        return f"#{self.number(packet)} {carries}"

    # -- moves

    def take_over(self) -> None:
        """Record, as sent by whoever is outside, the packets that are on edges already, before the net begins."""
        for edge, place in self._edge_numbers.items():
            for count, packet in enumerate(edge.packets, 1):
                self.step += 1
                data = _encoded(self.summary(packet))
                number = self.number(packet)
                self._writer.write(Kind.SEND, 0, 0, place, number, count, self.step, data)

    def move_committed(self, move: Move) -> None:
        """Record a move."""
        if not move.edges or move.packet is None or move.edges[0] not in self._edge_numbers:
            return  # at a port of the graph where no edge begins, only the outside has a channel
        if move.kind == "cross":
            left, *entered = move.edges
            self._record(Kind.CROSS, move, left, move.packet, detail=1)
            for edge in entered:
                self.note_parents(move.node, edge.packets[-1])
                self._record(Kind.CROSS, move, edge, edge.packets[-1], data=self.summary(edge.packets[-1]))
            return
        self.step += 1
        if move.kind == "receive":
            self._received_from(move, move.edges[0], move.packet)
            return
        for edge in move.edges:
            packet = edge.packets[-1]
            summary = self.summary(packet)
            self.note_parents(move.node, packet)
            if self.keeps_payloads and is_mutable(payload_of(packet)):
                self._as_sent[self.number(packet)] = summary
            self._record(Kind.SEND, move, edge, packet, data=summary)

    def note_parents(self, node: BaseNode | None, packet: BasePacket) -> None:
        """Record, once, what a packet was made of."""
        if not self.keeps_payloads or not isinstance(packet, Packet) or packet.uuid in self._of_uuid:
            return
        number = self.number(packet)
        self._of_uuid[packet.uuid] = number
        if len(self._of_uuid) > REMEMBERED:
            self._of_uuid.popitem(last=False)
        parents = [str(self._of_uuid[uuid]) for uuid in packet.parents if uuid in self._of_uuid]
        if parents:
            data = _encoded(" ".join(parents[:PARENTS]))
            place = self._node_numbers[node] if node is not None else 0
            self._writer.record(Kind.MADE, node=place, packet=number, step=self.step, data=data)

    def watch(self, way: Way) -> Callable[[BasePacket], None] | None:
        """Return what records the moves of a way over one edge, as fast as it can be done; only in a free run."""
        edge = way.edges[0]
        if self.keeps_payloads or len(way.edges) > 1 or edge.head_end is None or edge.head_end.is_bridge:
            return None
        node, number = self._node_numbers[way.node], self._edge_numbers[edge]
        if way.kind == "receive":
            return record_receives(self, self._writer, node, number, edge)
        return record_sends(
            self, self._writer, node, number, edge, lambda packet: self.move_committed(Move(way, packet))
        )

    def _received_from(self, move: Move, edge: Edge, packet: BasePacket) -> None:
        number = self.number(packet)
        changed = ""
        if self.keeps_payloads:
            self._received[number] = payload_of(packet), move.node
            if len(self._received) > KEPT:
                self._received.popitem(last=False)
            before = self._as_sent.pop(number, None)
            if before is not None:
                now = self.summary(packet)
                changed = now if now != before else ""
        self._record(Kind.RECEIVE, move, edge, packet, detail=bool(changed), data=changed)

    def _record(
        self, kind: Kind, move: Move, edge: Edge, packet: BasePacket, *, detail: int = 0, data: str = ""
    ) -> None:
        self._writer.write(
            kind,
            detail,
            self._node_numbers[move.node],
            self._edge_numbers[edge],
            self.number(packet),
            occurrence(kind is Kind.RECEIVE, edge),
            self.step,
            _encoded(data),
        )

    @staticmethod
    def summary(packet: BasePacket) -> str:
        """Return what is recorded of a payload: see `describe`."""
        return "(empty)" if packet.is_empty else describe(payload_of(packet))

    # -- what else happens

    def node_state(self, node: BaseNode, state: str) -> None:
        """Record a node's new state."""
        if state == "failed" and self.failed is None:
            self.failed = node
        self._writer.record(Kind.NODE, node=self._node_numbers[node], step=self.step, data=_encoded(state))

    def fired(self, node: BaseNode) -> None:
        """Record that a node has fired. Who is told of firings sees to it: `move_committed` alone is cheap."""
        self._writer.record(Kind.FIRED, node=self._node_numbers[node], step=self.step)

    def port_closed(self, port: Port) -> None:
        """Record that a port's input has ended."""
        number = self._node_numbers[port.node]
        self._writer.record(Kind.CLOSED, node=number, step=self.step, data=_encoded(port.name))

    def act(self, deed: Deed, edge: Edge | None, packet: BasePacket, manner: Manner) -> None:
        """Record what the person did to a packet, and how; no edge for one that is on none."""
        self.note_parents(None, packet)
        number = self._edge_numbers[edge] if edge is not None else NOWHERE
        data = _encoded(act_data(self.summary(packet), manner))
        self._writer.record(
            Kind.ACT, edge=number, packet=self.number(packet), step=self.step, detail=deed, data=data
        )

    def edge_of(self, number: int) -> tuple[Edge, BasePacket] | None:
        """Return the edge that a packet waits on, and the packet; None if it waits on none."""
        for edge in self._edge_numbers:
            for packet in edge.packets:
                if getattr(packet, "tag", 0) == number:
                    return edge, packet
        return None

    def log(self, node: BaseNode, line: str) -> None:
        """Record the line of a log point."""
        self.output(node, Stream.LOG, line)

    def watched(self, node: BaseNode, expression: str, value: str, *, failed: bool) -> None:
        """Record what an expression over a node gives now, or why it gives nothing."""
        data = _encoded(f"{expression}\n{value}")
        number = self._node_numbers[node]
        self._writer.record(Kind.WATCHED, node=number, step=self.step, detail=failed, data=data)

    def output(self, node: BaseNode | None, stream: Stream, line: str) -> None:
        """Record a line that the user's code printed; None for what no node printed."""
        number = self._node_numbers.get(node, 0) if node is not None else 0
        data = line.encode("utf-8", "replace")
        for start in range(0, len(data) or 1, LINE):
            self._writer.record(
                Kind.OUTPUT, node=number, step=self.step, detail=stream, data=data[start : start + LINE]
            )


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")


def occurrence(receives: bool, edge: Edge) -> int:
    """Return which send (or receive) on its edge the latest one was, from 1."""
    return edge.carried - len(edge.packets) if receives else edge.carried
