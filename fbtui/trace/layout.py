"""The files of a trace, byte for byte.

A run is a folder. ``header`` is one page: what it is, how many records are committed, a heartbeat. ``places.json``
names the nodes and edges that records number. ``records.N`` are segments of records of a fixed size, ``heap.N``
segments of the bytes they refer to; segment N holds twice as much as the one before, from 1 MB up to 64 MB.
"""

from __future__ import annotations

import bisect
import struct
from enum import IntEnum
from itertools import accumulate
from typing import Final, NamedTuple

from fbtui.protocol.plain import plain

MAGIC: Final = b"fbtrace1"
HEADER_SIZE: Final = 4096
COMMITTED: Final = struct.Struct("<Q")
COMMITTED_AT: Final = 64
HEARTBEAT_AT: Final = 72
ENDED_AT: Final = 80
WAITING_AT: Final = 88
BEGAN_AT: Final = 96
"""The clock's nanoseconds when the run began: the times of the records are on that clock."""
OUTSIDE: Final = ("timer", "thread", "process", "socket")
"""What a run may wait for besides its own moves; the header has a bit for each, all clear while it works."""
WAITS_FOR_NOTHING: Final = 1 << len(OUTSIDE)
"""The bit of a run that waits for none of these."""
RECORD: Final = struct.Struct("<BBHiIIIqQI")
"""kind, detail, node, edge, packet, occurrence, step, time, offset and length of the data."""

WAY: Final = struct.Struct("<BBHi")
"""The first four fields of a record: what the moves of one kind at one place have in common."""
MOVE: Final = struct.Struct("<QIIIqq")
"""A record without data: its first four fields as one number, and a number in the place of the offset."""

SMALLEST: Final = 1 << 20
LARGEST: Final = 1 << 26
NOWHERE: Final = -1
BEYOND: Final = "\0"
"""Between the summary of a packet and the digest of a payload that is longer than its summary."""
NUMBER: Final = 255
"""The detail of a send whose payload is an integer of 64 bits: it stands in the place of the offset."""


class TraceError(Exception):
    """What holds no readable trace; the sentence says why."""


class Kind(IntEnum):
    """What a record tells."""

    SEND = 1
    RECEIVE = 2
    CROSS = 3
    NODE = 4
    """A node's state: the data is its word."""
    FIRED = 5
    CLOSED = 6
    OUTPUT = 7
    """A line that the user's code printed; the detail is a `Stream`."""
    ERROR = 8
    NOTICE = 9
    ACT = 10
    """What the person did to a packet: the detail is a `Deed`, the data the payload's summary."""
    MADE = 12
    """A packet that moves next was made of others: the data is their numbers, apart by spaces. Not in free runs."""
    WATCHED = 13
    """An expression over a node that the person watches: the data is the expression, a line break, its value."""
    ORDER = 11
    """The order in which moves go from here on: the data is its word."""


class Deed(IntEnum):
    """What a person does to the packets of a paused run."""

    EDITED = 1
    DROPPED = 2
    INJECTED = 3


class Stream(IntEnum):
    """Where a line of output came from."""

    STDOUT = 0
    STDERR = 1
    LOG = 2
    """A log point of the debugger."""


class Record(NamedTuple):
    """An event. ``time`` is in nanoseconds since the run began; ``occurrence`` counts the moves of this kind on
    the edge, from 1; ``step`` counts the sends and receives of the run up to and including this one."""

    index: int  # type: ignore[assignment]  # a tuple's own method is not needed
    kind: Kind
    detail: int
    node: int
    edge: int
    packet: int
    occurrence: int
    step: int
    time: int
    offset: int
    length: int


@plain
class Places:
    """The names that records number: nodes by path (``GRAPH`` first), edges by path and id."""

    nodes: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()


def segment_size(number: int) -> int:
    """Return the bytes of a segment."""
    return min(SMALLEST << min(number, 16), LARGEST)


SEGMENTS: Final = 1 << 10
"""Segments of a kind at most; what claims to lie behind them is damaged."""
RECORDS_BEFORE: Final = tuple(accumulate((segment_size(i) // RECORD.size for i in range(SEGMENTS)), initial=0))
BYTES_BEFORE: Final = tuple(accumulate(map(segment_size, range(SEGMENTS)), initial=0))
"""How many records, and how many bytes, the segments before each one hold."""


def segment_of(position: int, before: tuple[int, ...]) -> tuple[int, int]:
    """Return the segment that holds a record or a byte, and its place there; ``before`` is one of the two above."""
    number = bisect.bisect_right(before, position) - 1
    return number, position - before[number]
