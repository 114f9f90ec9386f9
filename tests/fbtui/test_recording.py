"""A recording: one file that holds a run, read back without running anything, whatever has become of the file."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbtui.protocol import Done, GraphInfo, SourceFile, Start, digest
from fbtui.protocol import Graph as GraphMessage
from fbtui.session.saving import save_recording
from fbtui.trace import History, Kind, Marking, Places, TraceError, TraceWriter
from fbtui.trace.comparison import histories
from fbtui.trace.layout import RECORD, SMALLEST
from fbtui.trace.recording import Meta, Recording, is_recording, write_recording
from tests.fbtui.driver import EXAMPLES, Driver, drive, program, write
from tests.fbtui.test_cli import fbtui

META = Meta(
    Start(1, "/work.py", None, "/run", "/"),
    GraphMessage(1, "graph", GraphInfo((), (), ()), (SourceFile("/work.py", digest(b"x")),)),
    Done(1, "finished", 4, {"out": [1, "two"]}),
    {"/work.py": "x"},
)


def record(folder: Path, count: int = 20, *, data: bytes = b"int 5") -> Path:
    """Write a trace as a target does, and return its folder."""
    folder.mkdir()
    writer = TraceWriter(folder)
    writer.name(Places(("GRAPH", "A"), ("one", "two")))
    for number in range(count):
        kind = Kind.RECEIVE if number % 2 else Kind.SEND
        writer.record(kind, node=number % 2, edge=number // 2 % 2, packet=number // 2, step=number + 1, data=data)
    writer.close()
    return folder


def look_at_everything(path: Path) -> int:
    """Use a recording as the app does; return how many events are in it."""
    with Recording(path) as recording:
        trace = recording.trace
        Marking().follow(trace)
        History(trace).at(len(trace) // 2)
        histories(trace, recording.meta.graph.graph)
        assert isinstance(recording.damage, str) and isinstance(recording.printed, str)
        return len(trace)


def test_a_recording_gives_back_the_run(tmp_path: Path) -> None:
    folder = record(tmp_path / "run")
    (folder / "process.txt").write_text("printed by C")
    write_recording(tmp_path / "run.fbtrace", folder, META)
    with Recording(tmp_path / "run.fbtrace") as recording:
        assert recording.meta == META
        assert (len(recording.trace), recording.damage, recording.printed) == (20, "", "printed by C")
        assert recording.trace.text(recording.trace[3]) == "int 5"
        assert recording.trace.places.edges == ("one", "two") and recording.trace.ended


def test_it_is_an_ordinary_zip_that_is_not_compressed(tmp_path: Path) -> None:
    write_recording(tmp_path / "run.fbtrace", record(tmp_path / "run"), META)
    with zipfile.ZipFile(tmp_path / "run.fbtrace") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["meta.json", "places.json", "header", "records.0", "heap.0"]
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        assert json.loads(archive.read("meta.json"))["format"] == "fbtui recording"


def test_segments_of_a_killed_run_are_cut_to_what_they_hold(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    writer = TraceWriter(folder)  # never closed
    writer.name(Places(("GRAPH",), ("one",)))
    count = SMALLEST // RECORD.size + 10
    for number in range(count):
        writer.record(Kind.SEND, edge=0, packet=number, data=b"%-60d" % number)
    write_recording(tmp_path / "run.fbtrace", folder, META)
    assert os.path.getsize(tmp_path / "run.fbtrace") < count * (RECORD.size + 60) + 8000
    with Recording(tmp_path / "run.fbtrace") as recording:
        assert len(recording.trace) == count and recording.damage == ""
        assert [int(recording.trace.text(recording.trace[i])) for i in (0, 5000, count - 1)] == [0, 5000, count - 1]


def test_only_an_older_recording_is_overwritten_and_at_once(tmp_path: Path) -> None:
    folder, path = record(tmp_path / "run"), tmp_path / "run.fbtrace"
    write_recording(path, folder, META)
    with Recording(path) as older:
        write_recording(path, record(tmp_path / "again", 6), META)
        assert len(older.trace) == 20, "whoever reads the older one keeps it"
    assert look_at_everything(path) == 6
    for other in (b"my thesis", b"PK\3\4 something"):
        (tmp_path / "other").write_bytes(other)
        with pytest.raises(TraceError, match="exists and is no recording"):
            write_recording(tmp_path / "other", folder, META)
        assert (tmp_path / "other").read_bytes() == other
    with pytest.raises(TraceError, match="there is no folder"):
        write_recording(tmp_path / "no" / "run.fbtrace", folder, META)
    assert {p.name for p in tmp_path.iterdir()} == {"run", "again", "run.fbtrace", "other"}, "no draft is left"


# ------------------------------------------------------------------------------------ damage


def changed_meta(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Forge a recording: its checksums are right, its meta.json is not."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    meta = json.loads(members["meta.json"])
    change(meta)
    members["meta.json"] = json.dumps(meta).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda meta: meta.update(format="other"), "is no recording of fbtui"),
        (lambda meta: meta.update(version=99), "is of version 99: this fbtui reads 1"),
        (lambda meta: meta.pop("graph"), "is no recording of fbtui, or its meta.json is damaged"),
        (lambda meta: meta["done"].update(outputs={"out": 5}), "its meta.json is damaged"),
        (lambda meta: meta["start"].update(order="sideways"), "its meta.json is damaged"),
        (lambda meta: meta["graph"]["graph"]["edges"].append(
            {"id": "e", "tail": {"node": "X", "kind": "output", "port": "out"}, "head": None}
        ), "an edge ends where nothing is"),
    ],
)  # fmt: skip
def test_a_forged_meta_is_one_sentence(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], sentence: str
) -> None:
    path = tmp_path / "run.fbtrace"
    write_recording(path, record(tmp_path / "run"), META)
    changed_meta(path, change)
    with pytest.raises(TraceError) as told:
        Recording(path)
    assert sentence in str(told.value) and "\n" not in str(told.value)
    assert not is_recording(path)


def test_a_truncated_recording_shows_what_is_left(tmp_path: Path) -> None:
    path, cut = tmp_path / "run.fbtrace", tmp_path / "cut.fbtrace"
    write_recording(path, record(tmp_path / "run", 100, data=b"x" * 50), META)
    whole = path.read_bytes()
    counts = []
    for length in range(len(whole) - 1, 0, -97):
        cut.write_bytes(whole[:length])
        try:
            counts.append(look_at_everything(cut))
        except TraceError:
            break
        else:
            with Recording(cut) as recording:
                assert counts[-1] == 100 or recording.damage == (
                    f"{cut} is damaged (it ends too early): {counts[-1]} of 100 events are there"
                )
    assert counts == sorted(counts, reverse=True) and counts[0] == 100 and counts[-1] == 0
    assert len(set(counts)) > 20, "it goes record by record"


def test_a_flipped_bit_in_a_summary_is_told(tmp_path: Path) -> None:
    path = tmp_path / "run.fbtrace"
    write_recording(path, record(tmp_path / "run", data=b"the payload"), META)
    path.write_bytes(path.read_bytes().replace(b"the payload", b"the payloaD", 1))
    with Recording(path) as recording:
        assert recording.damage == f"{path} is damaged ('heap.0' has been changed): 20 of 20 events are there"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("recorded")
    write_recording(folder / "run.fbtrace", record(folder / "run", 60), META)
    return (folder / "run.fbtrace").read_bytes()


def survives(path: Path, data: bytes) -> None:
    """Whatever the bytes are, the reader says so by a TraceError of one line, or gives what it can."""
    path.write_bytes(data)
    try:
        assert look_at_everything(path) <= 60
    except TraceError as error:
        assert "\n" not in str(error)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_flipped_bits_never_crash_the_reader(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(whole)
    for bit in data.draw(st.lists(st.integers(0, len(whole) * 8 - 1), min_size=1, max_size=6)):
        damaged[bit // 8] ^= 1 << bit % 8
    survives(tmp_path_factory.getbasetemp() / "flipped.fbtrace", bytes(damaged))


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_forged_members_with_right_checksums_never_crash_the_reader(
    tmp_path_factory: pytest.TempPathFactory, whole: bytes, data: st.DataObject
) -> None:
    base = tmp_path_factory.getbasetemp()
    (base / "source.fbtrace").write_bytes(whole)
    with zipfile.ZipFile(base / "source.fbtrace") as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    for name in data.draw(st.lists(st.sampled_from(sorted(members)), min_size=1, max_size=2)):
        for _ in range(data.draw(st.integers(1, 4))):
            if members[name]:
                members[name][data.draw(st.integers(0, len(members[name]) - 1))] = data.draw(st.integers(0, 255))
        del members[name][len(members[name]) - data.draw(st.sampled_from([0, 0, 1, 40])) :]
    with zipfile.ZipFile(base / "target.fbtrace", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, bytes(content))
    survives(base / "forged.fbtrace", (base / "target.fbtrace").read_bytes())


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=3000), st.booleans())
def test_random_bytes_are_no_recording(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, like_a_zip: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.fbtrace"
    path.write_bytes(b"PK\3\4" + data if like_a_zip else data)
    with pytest.raises(TraceError):
        Recording(path)


def test_opening_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, program())
    drive_and_save(path, tmp_path / "run.fbtrace")
    path.write_text("raise SystemExit('the program was run')")
    monkeypatch.setattr("builtins.__import__", lambda *_: pytest.fail("something was imported"))
    try:
        count = len(Recording(tmp_path / "run.fbtrace").trace)
    finally:
        monkeypatch.undo()
    assert count > 4


# ------------------------------------------------------------------------------------ from a run


def drive_and_save(path: Path, recording: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        assert save_recording(session, recording) == ()

    drive(path, story)


def test_a_session_saves_its_run_with_sources_even_before_its_end(tmp_path: Path) -> None:
    path = write(tmp_path, program("import helper"))
    write(tmp_path, "VALUE = 1\n", "helper.py")

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(2)
        await driver.paused(2)
        save_recording(session, tmp_path / "early.fbtrace")
        session.controls.resume()
        await driver.ended()
        write(tmp_path, "VALUE = 2\n", "helper.py")
        assert save_recording(session, tmp_path / "late.fbtrace") == (str(tmp_path / "helper.py"),)

    drive(path, story)
    with Recording(tmp_path / "early.fbtrace") as early, Recording(tmp_path / "late.fbtrace") as late:
        assert early.meta.done is None and late.meta.done is not None
        assert late.meta.done.outputs == {"out": [5]}
        assert list(late.meta.sources) == [str(path)], "the text that was run, not the one of today"
        assert late.meta.sources[str(path)] == path.read_text()


def test_run_records_and_expects(tmp_path: Path) -> None:
    path, kept = write(tmp_path, program()), tmp_path / "run.fbtrace"
    assert fbtui("run", path, "--input", "inp=7", "--record", kept).returncode == 0
    with Recording(kept) as recording:
        assert recording.meta.start.inputs == (("inp", "7"),)
    same = fbtui("run", path, "--expect", kept)
    assert (same.returncode, same.stdout) == (0, "out: 7\n"), "its inputs are those of the recording"
    write(tmp_path, program("value += 1"))
    other = fbtui("run", path, "--expect", kept)
    assert other.returncode == 4
    assert "Work.out->GRAPH.out: packet 1 was 7, is 8" in other.stderr
    assert (
        "GRAPH.inp->Work.inp: packet 1 was 7, is 9"
        in fbtui("run", path, "--input", "inp=9", "--expect", kept).stderr
    ), "the command line wins"


def test_an_expected_failure_is_0_and_an_unexpected_end_4(tmp_path: Path) -> None:
    send = "await self.ports.output.out.put(Packet(value))"
    path, kept = write(tmp_path, program(f"{send}; value / 0")), tmp_path / "run.fbtrace"
    assert fbtui("run", path, "--record", kept).returncode == 1
    assert fbtui("run", path, "--expect", kept).returncode == 0
    write(tmp_path, program(f"{send}; return"))
    mended = fbtui("run", path, "--expect", kept)
    assert mended.returncode == 4
    assert "it was to end failed, and has finished" in mended.stderr


def test_the_end_that_the_command_line_makes_is_recorded(tmp_path: Path) -> None:
    kept = tmp_path / "run.fbtrace"
    assert fbtui("run", EXAMPLES / "hello.py", "--until", "move 3", "--record", kept).returncode == 0
    with Recording(kept) as recording:
        assert recording.meta.done is not None and recording.meta.done.end == "stopped"
    path = write(tmp_path, program("os._exit(3)"))
    assert fbtui("run", path, "--record", kept).returncode == 5
    with Recording(kept) as recording:
        assert recording.meta.done is not None and recording.meta.done.end == "killed"
        assert recording.damage == "" and len(recording.trace) > 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--record", "README.md"], "README.md exists and is no recording"),
        (["--record", "nowhere/run.fbtrace"], "there is no folder nowhere"),
        (["--expect", "nowhere.fbtrace"], "cannot read nowhere.fbtrace: No such file"),
        (["--expect", "README.md"], "README.md is no recording of fbtui"),
    ],
)
def test_what_cannot_be_recorded_or_expected_is_told_before_the_run(words: list[str], sentence: str) -> None:
    done = fbtui("run", EXAMPLES / "hello.py", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        sentence in done.stderr and "Traceback" not in done.stderr and "there" not in done.stderr.split(sentence)[1]
    )
