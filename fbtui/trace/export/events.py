"""The events of a recording by name, as several formats tell them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fbtui.protocol import edge_names
from fbtui.trace.layout import Deed, Kind, Record, Stream
from fbtui.trace.recording import Recording

ARRIVES: Final = frozenset({"send", "enter", "injected"})
"""What brings a packet onto an edge."""
LEAVES: Final = frozenset({"receive", "leave", "dropped"})
"""What takes one off it."""
_DEEDS: Final = {int(deed): deed.name.lower() for deed in Deed}
_STREAMS: Final = {int(stream): stream.name.lower() for stream in Stream}


@dataclass(frozen=True, slots=True)
class Event:
    """An event. ``edge`` is a place, ``name`` that edge as people write it; ``kind`` is ``send``, ``receive``,
    ``leave`` and ``enter`` (the border of a nested graph), ``edited``, ``dropped``, ``injected``, ``state``,
    ``fired``, ``closed``, ``made``, ``order``, ``watched``, ``stdout``, ``stderr``, ``log``, ``error`` or
    ``notice``."""

    record: Record
    kind: str
    node: str
    edge: str | None
    name: str | None
    text: str
    number: int
    """Of what comes onto an edge, and of what leaves it, the how manieth it is, from 1; 0 without an edge."""


def events_of(recording: Recording) -> Iterator[Event]:
    """Yield every event in order.

    Raises:
        TraceError: at the first one that is damaged.
    """
    trace, names = recording.trace, edge_names(recording.meta.graph.graph)
    counts: Counter[tuple[str, bool]] = Counter()
    for record in trace:
        edge = trace.edge_of(record)
        name = None if edge is None else names.get(edge, edge)
        kind = _kind(record)
        number = 0
        if edge is not None and (kind in ARRIVES or kind in LEAVES):
            counts[edge, kind in ARRIVES] += 1
            number = counts[edge, kind in ARRIVES]
        yield Event(record, kind, trace.node_of(record), edge, name, trace.text(record), number)


def _kind(record: Record) -> str:
    match record.kind:
        case Kind.CROSS:
            return "leave" if record.detail else "enter"
        case Kind.ACT:
            return _DEEDS.get(record.detail, "act")
        case Kind.NODE:
            return "state"
        case Kind.OUTPUT:
            return _STREAMS.get(record.detail, "stdout")
        case kind:
            return kind.name.lower()
