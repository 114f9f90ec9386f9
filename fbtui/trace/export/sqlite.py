"""A recording as a SQLite database that a person can query."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from fbtui.protocol import GRAPH, GraphInfo, NodeInfo, edge_names, edges_in, end_name
from fbtui.trace.draft import replacing
from fbtui.trace.export.events import events_of
from fbtui.trace.export.problem import ExportError
from fbtui.trace.recording import Recording

SCHEMA: Final = """
CREATE TABLE run (program TEXT, graph TEXT, "order" TEXT, seed INTEGER, "end" TEXT, moves INTEGER, reason TEXT,
    error TEXT, blocked TEXT);
CREATE TABLE nodes (place TEXT PRIMARY KEY, component TEXT, file TEXT, line INTEGER);
CREATE TABLE edges (place TEXT PRIMARY KEY, name TEXT, tail TEXT, head TEXT, capacity INTEGER);
CREATE TABLE events (id INTEGER PRIMARY KEY, step INTEGER, ns INTEGER, kind TEXT, node TEXT, edge TEXT,
    packet INTEGER, number INTEGER, text TEXT);
CREATE TABLE inputs (port TEXT, text TEXT);
CREATE TABLE outputs (port TEXT, number INTEGER, value TEXT);
CREATE TABLE sources (path TEXT PRIMARY KEY, text TEXT);
CREATE INDEX events_by_edge ON events (edge, kind, number);
CREATE INDEX events_by_packet ON events (packet);
CREATE VIEW packets AS
    SELECT edges.name AS edge, sent.number AS number, sent.packet AS packet, sent.text AS value,
        sent.step AS sent, taken.step AS received, (taken.ns - sent.ns) / 1e6 AS waited_ms
    FROM events AS sent JOIN edges ON edges.place = sent.edge
    LEFT JOIN events AS taken ON taken.id = (SELECT min(id) FROM events WHERE edge = sent.edge AND id > sent.id
        AND packet = sent.packet AND kind IN ('receive', 'leave', 'dropped'))
    WHERE sent.kind IN ('send', 'enter', 'injected');
CREATE VIEW printed AS
    SELECT id, step, node, kind AS stream, text FROM events WHERE kind IN ('stdout', 'stderr', 'log');
"""


def write(recording: Recording, path: Path) -> None:
    """Write the database at once or not at all; a file that stands there is replaced.

    Raises:
        ExportError: if the database cannot be written.
    """
    try:
        with replacing(path) as draft, contextlib.closing(sqlite3.connect(draft)) as database, database:
            _fill(database, recording)
    except (sqlite3.Error, OverflowError) as error:
        raise ExportError(f"cannot write the database {path}: {error}") from error


def _fill(database: sqlite3.Connection, recording: Recording) -> None:
    database.executescript(SCHEMA)
    meta, done = recording.meta, recording.meta.done
    error = None if done is None or done.error is None else done.error.traceback
    blocked = None if done is None or done.blocked is None else done.blocked.text
    ending = (None, None, None) if done is None else (done.end, done.moves, done.reason)
    start, graph = meta.start, meta.graph.graph
    _add(database, "run", [(start.path, meta.graph.name, start.order, start.seed, *ending, error, blocked)])
    _add(database, "nodes", [(GRAPH, None, start.path, None), *_nodes(graph)])
    names = edge_names(graph)
    _add(
        database,
        "edges",
        (
            (
                path + edge.id,
                names[path + edge.id],
                end_name(edge.tail, path),
                end_name(edge.head, path),
                edge.capacity,
            )
            for path, edge in edges_in(graph)
        ),
    )
    _add(database, "inputs", (*start.inputs, *start.config, *((name, None) for name in start.signals)))
    outputs = {} if done is None else done.outputs
    _add(
        database,
        "outputs",
        ((port, n, json.dumps(value)) for port, values in outputs.items() for n, value in enumerate(values, 1)),
    )
    _add(database, "sources", meta.sources.items())
    _add(database, "events", _events(recording))


def _events(recording: Recording) -> Iterator[tuple[Any, ...]]:
    for event in events_of(recording):
        r = event.record
        moved = (None, None, None) if event.edge is None else (event.edge, r.packet, event.number)
        yield (r.index, r.step, r.time, event.kind, event.node, *moved, event.text or None)


def _nodes(graph: GraphInfo, path: str = "") -> Iterator[tuple[Any, ...]]:
    node: NodeInfo
    for node in graph.nodes:
        yield path + node.id, node.component, node.file, node.line
        if node.graph is not None:
            yield from _nodes(node.graph, f"{path}{node.id}/")


def _add(database: sqlite3.Connection, table: str, rows: Any) -> None:
    """Add rows; a text that is no proper Unicode is written with escapes."""
    for row in rows:
        values = [v.encode("utf-8", "backslashreplace").decode() if isinstance(v, str) else v for v in row]
        database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(values))})", values)
