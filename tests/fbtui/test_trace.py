"""The trace: what is written is read back, by another process, whatever happens to the writer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbtui.trace import Kind, Marking, Places, TraceError, TraceReader, TraceWriter
from fbtui.trace.layout import RECORD, SMALLEST


def test_records_and_data_come_back_in_order_over_several_segments(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    reader = TraceReader(tmp_path)
    count = SMALLEST // RECORD.size * 2
    for number in range(count):
        writer.record(Kind.SEND, edge=1, packet=number, data=b"payload %-40d" % number)
    assert len(reader) == 0
    assert reader.refresh() == count
    for index in (0, 1, count // 2, count - 1, -1):
        record = reader[index]
        assert reader.text(record) == f"payload {record.packet:<40}"
        assert record.packet == record.index == index % count
    assert [record.packet for record in reader[10:13]] == [10, 11, 12]
    writer.close()
    again = TraceReader(tmp_path)
    assert again.ended and again[count - 1].packet == count - 1
    assert {path.name for path in tmp_path.iterdir()} >= {"records.0", "records.1", "heap.0", "heap.1"}


def test_everything_committed_survives_the_death_of_the_writer(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib; from fbtui.trace import *\n"
        "writer = TraceWriter(pathlib.Path(sys.argv[1]))\n"
        "for n in range(1000): writer.record(Kind.OUTPUT, packet=n, data=b'x' * n)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -9
    reader = TraceReader(tmp_path)
    assert [len(reader.data(record)) for record in reader] == list(range(1000))
    assert not reader.ended


def test_a_budget_that_is_spent_is_told_and_nothing_dropped(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path, budget=3 * SMALLEST)
    told: list[int] = []
    writer.on_full = lambda: told.append(writer.count)
    while len(told) < 2:
        writer.record(Kind.OUTPUT, data=bytes(4096))
    assert told[0] * 4096 < 3 * SMALLEST <= told[1] * 4096
    writer.record(Kind.OUTPUT, data=b"last")
    reader = TraceReader(tmp_path)
    assert len(reader) == writer.count
    assert reader.data(reader[-1]) == b"last"


def test_what_cannot_grow_any_more_is_told_and_what_was_written_stays(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    (tmp_path / "heap.1").write_bytes(b"in the way")
    told: list[OSError] = []
    writer.on_failure = told.append
    written = 0
    with pytest.raises(FileExistsError):
        for written in range(1000):
            writer.record(Kind.OUTPUT, data=b"%d" % written + bytes(4000))
    assert [error.strerror for error in told] == ["File exists"]
    reader = TraceReader(tmp_path)
    assert [reader.data(record).rstrip(bytes(1)) for record in reader] == [b"%d" % n for n in range(written)]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="cannot write the trace"):
        TraceWriter(tmp_path / "gone")


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=5000), st.binary(max_size=300))
def test_random_bytes_are_refused_by_a_trace_error_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, header: bytes, records: bytes
) -> None:
    folder = tmp_path_factory.mktemp("trace")
    (folder / "header").write_bytes((b"fbtrace1" + header).ljust(4096, b"\1"))
    (folder / "records.0").write_bytes(records)
    (folder / "places.json").write_bytes(header)
    try:
        reader = TraceReader(folder)
        for record in reader[:5]:
            reader.data(record)
        Marking().follow(reader)
    except TraceError:
        pass
    else:
        assert len(reader) == 0


def test_the_marking_folds_moves_into_what_waits_where(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ("outer", "inner")))
    writer.record(Kind.SEND, edge=0, packet=7, step=1, occurrence=1, data=b"int 5")
    reader, marking = TraceReader(tmp_path), Marking()
    marking.follow(reader)
    assert marking.at == 1
    assert list(marking.edge("outer").waiting) == [7]
    assert marking.summaries == {7: "int 5"}
    writer.record(Kind.CROSS, edge=0, packet=7, detail=1)
    writer.record(Kind.CROSS, edge=1, packet=7, data=b"int 5")
    writer.record(Kind.RECEIVE, edge=1, node=1, packet=7, step=2, occurrence=1)
    writer.record(Kind.NODE, node=1, data=b"running")
    writer.record(Kind.FIRED, node=1)
    marking.follow(reader)
    outer, inner = marking.edge("outer"), marking.edge("inner")
    assert (list(outer.waiting), outer.sent, outer.received) == ([], 1, 1)
    assert (list(inner.waiting), inner.sent, inner.received, inner.newest) == ([], 1, 1, "int 5")
    assert (marking.node("A").state, marking.node("A").firings, marking.step) == ("running", 1, 2)


def test_a_nested_graph_has_fired_as_often_as_all_that_is_in_it(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "Read", "Outer/Inner/A", "Outer/B"), ()))
    for node in (1, 2, 2, 3):
        writer.record(Kind.FIRED, node=node)
    reader, marking = TraceReader(tmp_path), Marking()
    reader.refresh()
    marking.follow(reader)
    assert marking.firings() == {"Read": 1, "Outer": 3, "Outer/Inner": 2, "Outer/Inner/A": 2, "Outer/B": 1}


def test_files_of_a_trace_are_for_their_owner_alone(tmp_path: Path) -> None:
    TraceWriter(tmp_path)
    assert {os.stat(path).st_mode & 0o077 for path in tmp_path.iterdir()} == {0}
