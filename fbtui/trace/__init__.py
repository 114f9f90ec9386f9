"""The trace of a run: every event, in the order in which it was committed, in files that two processes map.

The target appends, the debugger reads; neither waits for the other. What was committed is readable whatever
becomes of the target.
"""

from fbtui.trace.deeds import HandAct, Manner, act_data, act_of, in_words
from fbtui.trace.family import Families, Kin
from fbtui.trace.history import History, is_move
from fbtui.trace.layout import (
    BEYOND,
    MOVE,
    NOWHERE,
    NUMBER,
    RECORD,
    WAY,
    Deed,
    Kind,
    Places,
    Record,
    Stream,
    TraceError,
)
from fbtui.trace.marking import Marking
from fbtui.trace.marks import RECENT, EdgeMark, NodeMark
from fbtui.trace.reader import TraceReader
from fbtui.trace.writer import TraceWriter

__all__ = [
    "BEYOND",
    "MOVE",
    "NOWHERE",
    "NUMBER",
    "RECENT",
    "RECORD",
    "WAY",
    "Deed",
    "EdgeMark",
    "Families",
    "HandAct",
    "History",
    "Kin",
    "Kind",
    "Manner",
    "Marking",
    "NodeMark",
    "Places",
    "Record",
    "Stream",
    "TraceError",
    "TraceReader",
    "TraceWriter",
    "act_data",
    "act_of",
    "in_words",
    "is_move",
]
