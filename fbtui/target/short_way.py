"""Records the moves of a free run, written out: it is what a run that is recorded spends its time on.

What a `TraceWriter` does for a record is done here once for a send and once for a receive, without a call, for the
moves of one way over one edge; what all of these have in common is packed beforehand.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from time import monotonic_ns
from typing import TYPE_CHECKING, Any

from fbtui.trace import MOVE, NUMBER, RECORD, WAY, Kind

if TYPE_CHECKING:
    from fbdev.comp.packet import BasePacket
    from fbdev.graph.net import Edge
    from fbtui.target.recorder import Recorder
    from fbtui.trace import TraceWriter

Record = Callable[["BasePacket"], None]


def record_sends(
    recorder: Recorder, writer: TraceWriter, node: int, number: int, edge: Edge, otherwise: Record
) -> Record:
    """Return what records a packet that was sent over an edge.

    Args:
        recorder: counts the steps and numbers the packets.
        writer: the trace.
        node: the number of the node that sends.
        number: the number of the edge.
        edge: the edge.
        otherwise: records a packet whose payload is no integer of 64 bits.
    """
    way, pack, size, committed, now = _common(writer, Kind.SEND, NUMBER, node, number)

    def record(packet: Any) -> None:
        try:
            value = packet._data
            if type(value) is not int:
                return otherwise(packet)
            at = writer.at
            if at >= writer.end:
                at = writer.turn()
            step = recorder.step + 1
            pack(writer.records, at, way, packet.tag or recorder.number(packet), edge.entered, step, now(), value)
        except (AttributeError, struct.error):  # of a class of the user's own; an integer that is too large
            return otherwise(packet)
        recorder.step = step
        writer.at = at + size
        writer.count = committed[0] = writer.count + 1
        return None

    return record


def record_receives(recorder: Recorder, writer: TraceWriter, node: int, number: int, edge: Edge) -> Record:
    """Return what records a packet that was received from an edge; see `record_sends`."""
    way, pack, size, committed, now = _common(writer, Kind.RECEIVE, 0, node, number)

    def record(packet: Any) -> None:
        at = writer.at
        if at >= writer.end:
            at = writer.turn()
        recorder.step = step = recorder.step + 1
        try:
            tag = packet.tag or recorder.number(packet)
        except AttributeError:  # of a class of the user's own
            tag = 0
        pack(writer.records, at, way, tag, edge.entered - len(edge.packets), step, now(), 0)
        writer.at = at + size
        writer.count = committed[0] = writer.count + 1

    return record


def _common(writer: TraceWriter, kind: Kind, detail: int, node: int, edge: int) -> tuple[int, Any, int, Any, Any]:
    way = int.from_bytes(WAY.pack(kind, detail, node, edge), "little")
    return way, MOVE.pack_into, RECORD.size, writer.committed, monotonic_ns
