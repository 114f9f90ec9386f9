"""What a person has done to the packets of a run by hand, as the trace tells it.

The data of such a record is the summary of the payload, and behind `BEYOND` as JSON what it takes to do it again.
"""

from __future__ import annotations

import json

from fbtui.protocol.plain import plain
from fbtui.trace.layout import BEYOND, Deed, Record
from fbtui.trace.reader import TraceReader


@plain
class Manner:
    """How something was done to a packet: where it waited, and with what.

    ``edge`` is the place of the edge that it was on, or was about to be sent over; ``at`` its place in the row of
    those that wait there, None if it was about to be sent. ``text`` is what was written for a payload, ``was`` the
    summary of the payload before, ``of`` the packet that it is a copy of.
    """

    edge: str = ""
    at: int | None = None
    text: str = ""
    was: str = ""
    of: int | None = None


@plain
class HandAct:
    """Something that was done by hand: the index of its record, the moves made before it, and the packet."""

    index: int
    step: int
    deed: int
    packet: int
    carries: str
    manner: Manner


def act_data(summary: str, manner: Manner) -> str:
    """Return the data of a record."""
    fields = {name: getattr(manner, name) for name in ("edge", "at", "text", "was", "of")}
    told = {name: value for name, value in fields.items() if value not in ("", None)}
    return f"{summary.partition(BEYOND)[0]}{BEYOND}{json.dumps(told)}"


def act_of(trace: TraceReader, record: Record) -> HandAct:
    """Return what a record tells; of one by an older version only the edge is known."""
    _, _, told = trace.data(record).decode("utf-8", "replace").partition(BEYOND)
    try:
        manner = Manner(**json.loads(told))
    except (ValueError, TypeError):
        manner = Manner(edge=trace.edge_of(record) or "")
    return HandAct(record.index, record.step, record.detail, record.packet, trace.text(record), manner)


def in_words(act: HandAct, edge: str) -> str:
    """Return in a few words what was done; ``edge`` is what people call the edge."""
    manner, number = act.manner, f"#{act.packet}"
    if act.deed == Deed.DROPPED:
        where = f" off {edge}" if manner.at is not None or not edge else f" before it went over {edge}"
        return f"packet {number} dropped{where if edge else ''}"
    if act.deed == Deed.EDITED:
        return f"{number} carries {act.carries} now{f', was {manner.was}' if manner.was else ''}"
    if manner.of is not None:
        return f"{number} is a copy of #{manner.of} on {edge}"
    return f"{number} {act.carries} put on {edge}"
