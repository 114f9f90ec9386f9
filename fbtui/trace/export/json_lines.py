"""A recording as JSON lines: the run, then an object an event."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from fbtui.trace.export.events import Event, events_of
from fbtui.trace.recording import Recording


def lines(recording: Recording) -> Iterator[str]:
    """Yield the lines."""
    meta = recording.meta
    yield json.dumps(
        {
            "type": "run",
            "program": meta.start.path,
            "graph": meta.graph.name,
            "order": meta.start.order,
            "seed": meta.start.seed,
            "inputs": list(map(list, meta.start.inputs)),
            "config": list(map(list, meta.start.config)),
            "signals": list(meta.start.signals),
            "done": None if meta.done is None else asdict(meta.done),
        }
    )
    for event in events_of(recording):
        yield json.dumps(_data(event))


def _data(event: Event) -> dict[str, Any]:
    record = event.record
    data: dict[str, Any] = {"type": event.kind, "index": record.index, "step": record.step, "time": record.time}
    data["node"] = event.node
    if event.edge is not None:
        data |= {"edge": event.edge, "name": event.name, "packet": record.packet, "number": event.number}
    if event.text:
        data["text"] = event.text
    return data
