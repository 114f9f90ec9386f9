"""What the Inspector tells of the past: a packet's way and age, an edge's history; and the source of a line."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Final

from fbtui.diagram import Run
from fbtui.protocol.characters import clean
from fbtui.session import Session
from fbtui.session.sources import texts_of
from fbtui.trace import Kind, Record, TraceReader

NEAR: Final = 1024
"""Records before the moment that is looked at among which moves are looked for: it is done at every step."""
MOVES: Final = 6
"""Moves that are listed."""
AROUND: Final = 2
"""Lines of source before a line, and after it."""
_WHERE: Final = re.compile(r"(?P<file>.+?):(?P<line>\d+) in ")


def _moves(trace: TraceReader, end: int) -> list[Record]:
    """Return the moves that were made last before a moment, the newest first."""
    near = trace[max(0, end - NEAR) : end]
    return [record for record in reversed(near) if record.kind in {Kind.SEND, Kind.RECEIVE, Kind.CROSS}]


def way_of(session: Session, packet: int) -> list[list[Run]]:
    """Return as lines how old a packet is and where it has been, the newest move first."""
    trace, shown = session.record.trace, session.record.shown
    moves = [one for one in _moves(trace, shown.at) if one.packet == packet] if trace is not None else []
    if trace is None or not moves:
        return []
    first, now = moves[-1], trace[shown.at - 1]
    moved = shown.step - first.step
    time = (
        f", {(now.time - first.time) / 1e6:.2f} ms" if shown.is_free else ""
    )  # else it is how long a person thinks
    age = f"{moved} move{'' if moved == 1 else 's'} old{time}"
    return [[("been  ", "dim"), (age, "dim")], *(_move(session, trace, one) for one in moves[:MOVES])]


def history_of(session: Session, edge: str) -> list[list[Run]]:
    """Return as lines how much goes over an edge, and what went over it last, the newest move first."""
    trace, shown = session.record.trace, session.record.shown
    mark = shown.edges.get(edge)
    if trace is None or mark is None or not mark.sent or edge not in trace.places.edges:
        return []
    number = trace.places.edges.index(edge)
    moves = [one for one in _moves(trace, shown.at) if one.edge == number and one.kind is not Kind.CROSS][:MOVES]
    return [[(_rate(trace, session, mark.sent), "dim")], *(_move(session, trace, one, edge) for one in moves)]


def _rate(trace: TraceReader, session: Session, sent: int) -> str:
    """In a free run packets a second; in any other the clock tells how long the person thinks."""
    shown = session.record.shown
    seconds = trace[shown.at - 1].time / 1e9
    if shown.is_free and seconds > 0:
        return f"rate: {sent / seconds:,.0f} packets a second"
    return f"rate: {sent} packet{'' if sent == 1 else 's'} in {shown.step} moves"


def _move(session: Session, trace: TraceReader, move: Record, edge: str = "") -> list[Run]:
    word = {Kind.SEND: "sent", Kind.RECEIVE: "taken", Kind.CROSS: "handed over"}[move.kind]
    who = f" by {trace.node_of(move)}" if edge or move.kind is not Kind.SEND else ""
    where = "" if edge or move.kind is not Kind.SEND else f" on {session.edge_name(trace.edge_of(move) or '')}"
    value = clean(trace.text(move)) if edge and move.kind is Kind.SEND else ""
    return [
        (f"  step {move.step} ", "number"),
        (f"#{move.packet} " if edge else "", "number"),
        (f"{word}{who}{where} ", "text"),
        (value, "value"),
    ]


def source_around(session: Session, where: str) -> list[list[Run]]:
    """Return the lines of source around a line, which is marked; nothing if the file has changed since.

    Args:
        session: the session.
        where: a line as the target tells it: ``work.py:12 in main: packet = await port.get()``.
    """
    match, graph = _WHERE.match(where), session.graph
    if match is None or graph is None:
        return []
    line, end = int(match["line"]), f"/{match['file']}"
    text = next(iter(texts_of(file for file in graph.files if file.path.endswith(end)).values()), "")
    rows = text.splitlines()
    if line > len(rows):
        return []
    first = max(1, line - AROUND)
    shown = dedent("\n".join(rows[first - 1 : line + AROUND])).split("\n")
    return [
        [
            (f"{'▶' if number == line else ' '}{number:>4} ", "next" if number == line else "dim"),
            (clean(row), "text" if number == line else "dim"),
        ]
        for number, row in enumerate(shown, first)
    ]
