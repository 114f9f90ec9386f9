"""Whatever a recording holds, and whatever things are called in it, its exports are right by their formats."""

import ast
import io
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbtui.protocol import Done, EdgeInfo, End, Graph, GraphInfo, NodeInfo, PortInfo, Start
from fbtui.trace import NOWHERE, Deed, Kind, Places, TraceWriter
from fbtui.trace.export import export_to
from fbtui.trace.recording import Meta, Recording, write_recording
from tests.fbtui.test_export import check_trace_events

NAMES = st.text(max_size=12) | st.sampled_from(
    ["end", "%%", "n0-)n1: x", "a;b", "<b>", "'''", '"""', "\\", "\n", "#35;"]
)
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(Kind),
            "node": st.integers(0, 2),
            "edge": st.integers(-1, 1),
            "packet": st.integers(0, 5),
            "detail": st.integers(0, 4),
            "data": st.binary(max_size=12) | NAMES.map(lambda text: text.encode("utf-8", "replace")),
        }
    ),
    max_size=40,
)


def recorded(folder: Path, events: list[dict[str, Any]], a: str = "A", b: str = "B") -> Path:
    """Record events of a graph of two nodes, and return the file."""
    inp, out = PortInfo("input", "inp"), PortInfo("output", "out")
    nodes = NodeInfo(a, "Work", (inp, out)), NodeInfo(b, "Work", (inp, out), "/work.py", 7)
    edges = (
        EdgeInfo("edge0", End(a, "output", "out"), End(b, "input", "inp"), 2),
        EdgeInfo("edge1", End(b, "output", "out"), End("GRAPH", "output", "out")),
    )
    writer = TraceWriter(folder)
    writer.name(Places(("GRAPH", a, b), ("edge0", "edge1")))
    for step, event in enumerate(events, 1):
        writer.record(step=step, **event)
    writer.close()
    graph = Graph(1, "graph", GraphInfo((out,), nodes, edges), ())
    done = Done(1, "finished", len(events), {"out": [1, b]})
    path = folder / "run.fbtrace"
    write_recording(path, folder, Meta(Start(1, f"/{a}.py", b, "/run", "/"), graph, done, {f"/{a}.py": b}))
    return path


def exported(path: Path, to: str) -> str:
    out = io.StringIO()
    with Recording(path) as recording:
        export_to(to, recording, None, out)
    return out.getvalue()


def database(path: Path) -> sqlite3.Connection:
    target = path.with_suffix(".sqlite")
    with Recording(path) as recording:
        export_to("sqlite", recording, target, io.StringIO())
    return sqlite3.connect(target)


@settings(deadline=None, max_examples=60)
@given(EVENTS, st.tuples(NAMES, NAMES).filter(lambda pair: len({*pair, "GRAPH"}) == 3))
def test_every_export_of_any_recording_follows_its_format(
    tmp_path_factory: pytest.TempPathFactory, events: list[dict[str, Any]], names: tuple[str, str]
) -> None:
    path = recorded(tmp_path_factory.mktemp("run"), events, *names)
    head, *rest = map(json.loads, exported(path, "json").splitlines())
    assert head["type"] == "run" and [event["index"] for event in rest] == list(range(len(events)))
    check_trace_events(exported(path, "chrome"))
    word = r"[^\x00-\x1f;:]*(?:#\d+;[^\x00-\x1f;:]*)*"
    line = rf"sequenceDiagram|    (participant n\d+ as {word}|n\d+-\)n\d+: {word}|Note over n\d+: {word})"
    assert all(re.fullmatch(line, one) for one in exported(path, "mermaid").split("\n")[:-1])
    ast.parse(exported(path, "pytest"))
    with closing(database(path)) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert kept.execute("SELECT count(*) FROM events").fetchone() == (len(events),)
        kept.execute("SELECT * FROM packets").fetchall()


def test_what_a_person_did_to_packets_is_told_and_each_is_followed_to_its_end(tmp_path: Path) -> None:
    did = (
        (Kind.SEND, 1, 0), (Kind.SEND, 2, 0), (Kind.ACT, 1, Deed.DROPPED), (Kind.ACT, 2, Deed.EDITED),
        (Kind.ACT, 3, Deed.INJECTED), (Kind.RECEIVE, 2, 0), (Kind.RECEIVE, 3, 0),
    )  # fmt: skip
    events = [{"kind": kind, "packet": packet, "detail": deed, "edge": 0, "node": 1} for kind, packet, deed in did]
    path = recorded(tmp_path, [*events, {"kind": Kind.ACT, "packet": 9, "detail": Deed.DROPPED, "edge": NOWHERE}])
    kinds = [json.loads(line)["type"] for line in exported(path, "json").splitlines()[1:]]
    assert kinds == ["send", "send", "dropped", "edited", "injected", "receive", "receive", "dropped"]
    with closing(database(path)) as kept:
        followed = kept.execute("SELECT number, packet, sent, received FROM packets ORDER BY number").fetchall()
    assert followed == [(1, 1, 1, 3), (2, 2, 2, 6), (3, 3, 5, 7)]
    trace = check_trace_events(exported(path, "chrome"))
    assert [event["args"]["packets"] for event in trace if event["ph"] == "C"] == [1, 2, 1, 1, 2, 1, 0]
    arrows = [(event["ph"], event["id"]) for event in trace if event["ph"] in {"s", "f"}]
    assert arrows == [("s", 1), ("s", 2), ("f", 1), ("s", 5), ("f", 2), ("f", 5)]
