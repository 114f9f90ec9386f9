"""What the packets of a run were made of, told record by record."""

from __future__ import annotations

from dataclasses import field
from typing import Final

from fbtui.protocol.plain import slotted
from fbtui.trace.layout import Kind, Record
from fbtui.trace.reader import TraceReader

HEAD: Final = 8
"""Records at the beginning among which the order of the run is told."""
_GRAPH: Final = 0
"""The number of the top graph's border. What it takes at the end makes none of what it gives at the start."""


@slotted()
class _Line:
    """What a node has received since the firing began that goes on now."""

    received: list[int] = field(default_factory=list)
    has_sent: bool = False


class Origins:
    """Tells what packets were made of.

    It is recorded, but not in a free run: there it is all that a node has received since the first receive after the
    last send before it, on whatever line of work.

    Args:
        trace: the trace.
        start: the index of the first record that is taken.
    """

    def __init__(self, trace: TraceReader, start: int = 0) -> None:
        self._trace = trace
        self._lines: dict[int, _Line] = {}
        self._is_told = not any(map(self._frees, trace[: min(start, HEAD)]))
        """Whether the records tell what packets were made of."""
        self.parents: dict[int, tuple[int, ...]] = {}
        """The packets that each was made of, as far as is known."""

    def take(self, record: Record) -> bool:
        """Take the next record; return whether it has made known what its packet was made of."""
        match record.kind:
            case Kind.ORDER:
                self._is_told = not self._frees(record)
            case Kind.MADE:
                words = self._trace.text(record).split()
                self.parents[record.packet] = tuple(int(word) for word in words if word.isdecimal())
                self._is_told = True
                return True
            case Kind.SEND:
                return self._send(record)
            case Kind.RECEIVE:
                line = self._lines.setdefault(record.node, _Line())
                if line.has_sent:
                    line.received, line.has_sent = [], False
                line.received.append(record.packet)
        return False

    def _send(self, record: Record) -> bool:
        packet, line = record.packet, self._lines.setdefault(record.node, _Line())
        line.has_sent = True
        if packet in self.parents or self._is_told:
            return False
        forwarded = packet in line.received
        self.parents[packet] = () if forwarded or record.node == _GRAPH else tuple(line.received)
        return True

    def _frees(self, record: Record) -> bool:
        """Return whether a run is free from a record on."""
        return record.kind is Kind.ORDER and self._trace.text(record) == "free"
