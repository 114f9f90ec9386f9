"""What a recording is exported to is right by the rules of each format."""

import itertools
import json
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fbtui.testing import CannotRun, run_graph
from fbtui.trace.export import export_to
from fbtui.trace.recording import Recording, write_recording
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.test_cli import fbtui
from tests.fbtui.test_recording import META, drive_and_save, record

NESTED = """
from fbdev.graph.graph_component import GraphComponentFactory

inner = GraphComponentFactory.create_component(graph)
graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "inp"))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "out"))
graph.ports.input.inp >> graph.add_node(inner, "Outer") >> graph.ports.output.out
BATCH = {"streams": {"inp": [1, 2, 3]}}
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the recording of a run of hello.py."""
    path = tmp_path_factory.mktemp("kept") / "run.fbtrace"
    drive_and_save(EXAMPLES / "hello.py", path)
    return path


@pytest.fixture(scope="module")
def nested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the recording of a run with a graph inside a graph, which prints."""
    folder = tmp_path_factory.mktemp("nested")
    drive_and_save(write(folder, program("print('got', value)") + NESTED), folder / "run.fbtrace")
    return folder / "run.fbtrace"


def exported(recording: Path, to: str) -> str:
    done = fbtui("export", recording, "--to", to)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_json_lines_tell_the_run_and_every_event(kept: Path) -> None:
    run, *events = map(json.loads, exported(kept, "json").splitlines())
    assert (run["type"], run["graph"], run["done"]["end"]) == ("run", "graph", "finished")
    with Recording(kept) as recording:
        assert [event["index"] for event in events] == list(range(len(recording.trace)))
    sends = [(e["name"], e["packet"], e["number"], e["text"]) for e in events if e["type"] == "send"]
    assert sends == [
        ("GRAPH.inp->FooComponent1.inp", 1, 1, "5"),
        ("FooComponent1.out->FooComponent2.inp", 2, 1, "'there'"),
        ("FooComponent2.out->GRAPH.out", 3, 1, "'world'"),
    ]
    assert [(e["node"], e["text"]) for e in events if e["type"] == "stdout"] == [
        ("FooComponent1", "5"),
        ("FooComponent2", "there"),
    ]


def test_sqlite_can_be_queried(nested: Path, tmp_path: Path) -> None:
    target = tmp_path / "run.sqlite"
    target.write_bytes(b"an older one")
    assert fbtui("export", nested, "--to", "sqlite", "-o", target).returncode == 0
    database = sqlite3.connect(target)
    try:
        assert database.execute('SELECT graph, "end" FROM run').fetchall() == [("graph", "finished")]
        assert database.execute("SELECT value FROM packets WHERE edge = 'Outer/Work.out->Outer.out'").fetchall() == [
            ("1",), ("2",), ("3",),
        ]  # fmt: skip
        lost = database.execute("SELECT * FROM packets WHERE received IS NULL AND edge LIKE '%inp'").fetchall()
        assert lost == [], "every packet that came onto an edge has left it, over borders, too"
        assert database.execute("SELECT text FROM printed WHERE node = 'Outer/Work'").fetchone() == ("got 1",)
        assert database.execute("SELECT port, number, value FROM outputs").fetchall()[1] == ("out", 2, "2")
        assert "BATCH" in database.execute("SELECT text FROM sources").fetchone()[0]
    finally:
        database.close()
    assert list(tmp_path.iterdir()) == [target]


def check_trace_events(text: str) -> list[dict[str, Any]]:
    """Check Chrome trace events by their documented rules, and return them."""
    data = json.loads(text)
    assert data["displayTimeUnit"] in {"ms", "ns"}
    events: list[dict[str, Any]] = data["traceEvents"]
    for event in events:
        assert isinstance(event["name"], str) and isinstance(event["pid"], int) and isinstance(event["tid"], int)
        assert isinstance(event["ts"], int | float)
        match event["ph"]:
            case "X":
                assert event["dur"] >= 0
            case "i":
                assert event["s"] in {"t", "p", "g"}
            case "C":
                assert event["args"] and all(isinstance(value, int) for value in event["args"].values())
            case "M":
                assert event["name"] in {"process_name", "thread_name", "thread_sort_index"} and event["args"]
            case "s" | "f":
                assert isinstance(event["id"], int) and event["cat"]
            case phase:
                raise AssertionError(f"phase {phase}")
    return events


@pytest.mark.parametrize("which", ["kept", "nested"])
def test_chrome_follows_the_format(which: str, request: pytest.FixtureRequest) -> None:
    events = check_trace_events(exported(request.getfixturevalue(which), "chrome"))
    threads = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
    slices = [e for e in events if e["ph"] == "X"]
    for tid in threads:
        mine = sorted((e["ts"], e["ts"] + e["dur"]) for e in slices if e["tid"] == tid)
        assert mine and all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(mine)), "no overlap"
    begun = {e["id"]: e for e in events if e["ph"] == "s"}
    ended = {e["id"]: e for e in events if e["ph"] == "f"}
    assert begun.keys() == ended.keys() and begun
    assert all(begun[i]["ts"] <= ended[i]["ts"] and ended[i]["bp"] == "e" for i in begun)
    for arrow in (*begun.values(), *ended.values()):
        around = [e for e in slices if e["tid"] == arrow["tid"] and e["ts"] <= arrow["ts"] <= e["ts"] + e["dur"]]
        assert around, "an arrow binds to the slice around it"


def test_mermaid_is_a_sequence_diagram(kept: Path) -> None:
    assert exported(kept, "mermaid").splitlines() == [
        "sequenceDiagram",
        "    participant n0 as GRAPH",
        "    participant n1 as FooComponent1",
        "    participant n2 as FooComponent2",
        "    n0-)n1: #35;1 5",
        "    n1-)n2: #35;2 'there'",
        "    n2-)n0: #35;3 'world'",
        "    Note over n0: finished",
    ]


def test_mermaid_shows_borders_and_nothing_in_it_is_obeyed(nested: Path) -> None:
    text = exported(nested, "mermaid")
    pattern = r"    (participant n\d+ as \S+|n\d+-\)n\d+: #35;\d+ \S+|Note over n\d+: finished)"
    assert all(re.fullmatch(pattern, line) for line in text.splitlines()[1:])
    assert "participant n2 as Outer/Work" in text


def run_pytest(test: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(test)],
        capture_output=True, text=True, check=False, timeout=120, cwd=test.parent,
    )  # fmt: skip


def test_the_exported_test_passes_as_it_is_and_fails_when_the_code_has_changed(tmp_path: Path) -> None:
    path, kept, test = write(tmp_path, program()), tmp_path / "run.fbtrace", tmp_path / "test_run.py"
    words = ["--input", "inp=7", "--input", "inp='x'", "--order", "random", "--seed", "3"]
    assert fbtui("run", path, *words, "--record", kept).returncode == 0
    assert fbtui("export", kept, "--to", "pytest", "-o", test).returncode == 0
    assert str(tmp_path) not in test.read_text(), "it can be moved together with the program"
    done = run_pytest(test)
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout
    write(tmp_path, program("value = str(value)"))
    done = run_pytest(test)
    assert "1 failed, 2 passed" in done.stdout
    assert "test_the_edge_carries_the_recorded_packets[Work.out->GRAPH.out]" in done.stdout


def test_an_input_whose_content_is_not_recorded_makes_no_test(tmp_path: Path) -> None:
    path, kept = write(tmp_path, program()), tmp_path / "run.fbtrace"
    write(tmp_path, "5", "value.json")
    assert fbtui("run", path, "--input", f"inp=@{tmp_path}/value.json", "--record", kept).returncode == 0
    done = fbtui("export", kept, "--to", "pytest")
    assert (done.returncode, done.stdout) == (2, "")
    assert "port 'inp' was given the file" in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--to", "sqlite"], "name its file with -o PATH"),
        (["--to", "png"], "invalid choice: 'png'"),
        ([], "the following arguments are required: --to"),
        (["--to", "json", "-o", "nowhere/x"], "cannot write nowhere/x: No such file or directory"),
    ],
)
def test_what_cannot_be_exported_is_one_sentence_and_2(kept: Path, words: list[str], sentence: str) -> None:
    done = fbtui("export", kept, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr and "Traceback" not in done.stderr


def test_the_recording_is_not_overwritten_by_its_export(kept: Path) -> None:
    assert "is the recording itself" in fbtui("export", kept, "--to", "json", "-o", kept).stderr
    with Recording(kept) as recording:
        assert recording.damage == ""


def test_a_run_of_nothing_is_exported_too(tmp_path: Path) -> None:
    path = tmp_path / "run.fbtrace"
    write_recording(path, record(tmp_path / "run", 0), META)
    with Recording(path) as recording:
        for to in ("json", "chrome", "mermaid", "sqlite", "pytest"):
            export_to(to, recording, tmp_path / to, sys.stdout)
    check_trace_events((tmp_path / "chrome").read_text())
    assert (tmp_path / "mermaid").read_text() == "sequenceDiagram\n"


def test_what_a_graph_does_can_be_asked_for_in_a_test_of_one_s_own(tmp_path: Path) -> None:
    ran = run_graph(write(tmp_path, program("value += 1")), inputs=[("inp", "1")])
    assert (ran.end, ran.outputs) == ("finished", {"out": [2]})
    assert ran.histories == {"GRAPH.inp->Work.inp": ["1"], "Work.out->GRAPH.out": ["2"]}
    with pytest.raises(CannotRun, match="has not ended within"):
        run_graph(write(tmp_path, program("await asyncio.sleep(1000)")), timeout=0.5)
