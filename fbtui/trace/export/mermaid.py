"""A recording as a Mermaid sequence diagram: a line a node, an arrow a packet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fbtui.protocol import edges_in, node_name
from fbtui.trace.export.events import ARRIVES, events_of
from fbtui.trace.recording import Recording

ARROWS: Final = 400
"""Arrows that are drawn; Mermaid refuses a picture of more than 50 000 characters."""
VALUE: Final = 60
"""Characters of a value beside its arrow."""


def lines(recording: Recording) -> Iterator[str]:
    """Yield the lines."""
    meta = recording.meta
    ends = {
        path + edge.id: (node_name(edge.tail, path), node_name(edge.head, path))
        for path, edge in edges_in(meta.graph.graph)
        if edge.tail is not None and edge.head is not None
    }
    nodes = dict.fromkeys((*recording.trace.places.nodes, *(node for pair in ends.values() for node in pair)))
    names = {node: f"n{number}" for number, node in enumerate(nodes)}
    moves = [event for event in events_of(recording) if event.kind in ARRIVES and event.edge in ends]
    used = {node for event in moves[:ARROWS] for node in ends[event.edge or ""]}
    yield "sequenceDiagram"
    for node, name in names.items():
        if node in used:
            yield f"    participant {name} as {_escaped(node)}"
    for event in moves[:ARROWS]:
        tail, head = ends[event.edge or ""]
        yield f"    {names[tail]}-){names[head]}: {_escaped(f'#{event.record.packet} {_short(event.text)}')}"
    if used:
        over = names[next(node for node in names if node in used)]
        if len(moves) > ARROWS:
            yield f"    Note over {over}: and {len(moves) - ARROWS} packets more"
        yield f"    Note over {over}: {meta.done.end if meta.done is not None else 'goes on'}"


def _short(text: str) -> str:
    return text if len(text) <= VALUE else f"{text[: VALUE - 1]}…"


def _escaped(text: str) -> str:
    """Return a text in which nothing means anything to Mermaid: what it might obey is written by its number."""
    return "".join(c if c.isalnum() or c in " ._/,'()[]" else f"#{ord(c)};" for c in text)
