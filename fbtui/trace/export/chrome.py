"""A recording as Chrome trace events, for Perfetto and chrome://tracing.

A node is a thread: its states are slices on it, its moves instants, and an arrow leads from each send to the receive
of that packet. How many packets an edge holds is a counter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from fbtui.trace.export.events import ARRIVES, LEAVES, Event, events_of
from fbtui.trace.recording import Recording

PROCESS: Final = 1


def lines(recording: Recording) -> Iterator[str]:
    """Yield the lines of one JSON object, an event a line."""
    meta = recording.meta
    other = {"program": meta.start.path, "graph": meta.graph.name, "end": meta.done.end if meta.done else None}
    yield f'{{"displayTimeUnit": "ms", "otherData": {json.dumps(other)}, "traceEvents": ['
    before = ""
    for event in _Writer(recording).events():
        if before:
            yield f"{before},"
        before = json.dumps(event)
    yield before
    yield "]}"


class _Writer:
    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        nodes = recording.trace.places.nodes or ("GRAPH",)
        self._threads = {node: number for number, node in enumerate(nodes, 1)}
        self._states: dict[str, tuple[str, float]] = dict.fromkeys(self._threads, ("run", 0.0))
        """What each node has been doing, and since when."""
        self._waiting: dict[str, list[tuple[int, int]]] = {}
        """The packets on each edge, and the arrows that lead to them."""
        self._crossing = 0
        self._last = 0.0

    def events(self) -> Iterator[dict[str, Any]]:
        name = f"{self._recording.path.name}: {self._recording.meta.graph.name}"
        yield {"ph": "M", "name": "process_name", "pid": PROCESS, "tid": 0, "ts": 0, "args": {"name": name}}
        for node, thread in self._threads.items():
            common = {"ph": "M", "pid": PROCESS, "tid": thread, "ts": 0}
            yield {**common, "name": "thread_name", "args": {"name": node}}
            yield {**common, "name": "thread_sort_index", "args": {"sort_index": thread}}
        for event in events_of(self._recording):
            self._last = max(self._last, event.record.time / 1000)
            yield from self._of(event)
        for node in self._threads:
            yield self._slice(node, "ended")

    def _of(self, event: Event) -> Iterator[dict[str, Any]]:
        if event.kind == "state":
            yield self._slice(event.node, event.text)
        elif event.edge is not None:
            yield from self._move(event, event.edge)
        else:
            yield {**self._at("i", event.node, event.kind), "s": "t", "args": {"text": event.text}}

    def _at(self, phase: str, node: str, name: str) -> dict[str, Any]:
        return {
            "ph": phase,
            "name": name,
            "cat": "fbtui",
            "pid": PROCESS,
            "tid": self._threads[node],
            "ts": self._last,
        }

    def _slice(self, node: str, next_state: str) -> dict[str, Any]:
        """End what a node has been doing, and begin with what it does now."""
        state, since = self._states[node]
        self._states[node] = next_state, self._last
        return {**self._at("X", node, state or "?"), "ts": since, "dur": self._last - since}

    def _move(self, event: Event, edge: str) -> Iterator[dict[str, Any]]:
        record = event.record
        args = {"edge": event.name, "packet": record.packet, "value": event.text, "step": record.step}
        yield {**self._at("i", event.node, f"{event.kind} #{record.packet}"), "s": "t", "args": args}
        waiting = self._waiting.setdefault(edge, [])
        if event.kind in ARRIVES:
            arrow = self._crossing if event.kind == "enter" and self._crossing else record.index + 1
            waiting.append((record.packet, arrow))
            if event.kind != "enter":
                yield {**self._at("s", event.node, "packet"), "id": arrow}
        elif event.kind in LEAVES and waiting:
            place = next((place for place, (packet, _) in enumerate(waiting) if packet == record.packet), 0)
            _, arrow = waiting.pop(place)
            self._crossing = arrow
            if event.kind != "leave":
                yield {**self._at("f", event.node, "packet"), "id": arrow, "bp": "e"}
        yield {**self._at("C", event.node, f"on {event.name}"), "args": {"packets": len(waiting)}}
