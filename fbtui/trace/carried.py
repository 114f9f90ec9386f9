"""What a packet carried when it was taken: it is told where the packet came onto its edge, not where it left it."""

from __future__ import annotations

from typing import Final

from fbtui.trace.layout import Kind, Record
from fbtui.trace.reader import TraceReader

NEAR: Final = 1024
"""Records before a receive among which it is looked for: each row of a list that is scrolled through asks."""
PAGE: Final = 64
"""Records that are read at a time."""
_TELLS: Final = {Kind.SEND, Kind.CROSS, Kind.ACT}


def carried(trace: TraceReader, record: Record) -> str:
    """Return what the packet of a receive carried on its edge; nothing of another record, or if that is long ago.

    Raises:
        TraceError: if the trace is damaged.
    """
    if record.kind is not Kind.RECEIVE:
        return ""
    for end in range(record.index, max(0, record.index - NEAR), -PAGE):
        for before in reversed(trace[max(0, end - PAGE) : end]):
            if before.packet == record.packet and before.edge == record.edge and before.kind in _TELLS:
                return trace.text(before)
    return ""
