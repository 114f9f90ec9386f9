"""The record of a run that writes faster than it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fbtui.session.record import RunRecord
from fbtui.trace import Kind, Places, TraceError, TraceWriter

RECORDS = 20_000


def test_a_read_that_has_no_time_takes_a_portion_and_the_next_one_goes_on_there(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ("a_b",)))
    for number in range(1, RECORDS + 1):
        writer.record(Kind.SEND, node=1, edge=0, packet=number, step=number, data=b"value")
    record = RunRecord(tmp_path, tmp_path / "program.py")
    read = [0]
    while read[-1] < RECORDS:
        record.refresh(0)
        assert read[-1] < record.marking.at
        read.append(record.marking.at)
    assert len(read) > 3
    assert record.marking.step == RECORDS
    writer.close()


def test_a_read_without_a_limit_takes_everything(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ("a_b",)))
    for number in range(1, RECORDS + 1):
        writer.record(Kind.SEND, node=1, edge=0, packet=number, step=number, data=b"value")
    record = RunRecord(tmp_path, tmp_path / "program.py")
    record.refresh()
    assert record.marking.at == RECORDS
    writer.close()


def test_printed_lines_are_found_again_by_moment_and_by_node(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A", "B"), ()))
    for number in range(6):
        writer.record(Kind.NODE, node=1, data=b"running")
        writer.record(Kind.OUTPUT, node=1 + number % 2, detail=number % 2, data=b"line %d" % number)
    record = RunRecord(tmp_path, tmp_path)
    record.refresh()
    record.add_output("by an extension\nand more")
    texts = [line.text for line in record.output]
    assert texts == [*(f"line {number}" for number in range(6)), "by an extension", "and more"]
    assert [line.text for line in record.output[-3:]] == texts[-3:]
    assert [line.is_error for line in record.output[:2]] == [False, True]
    assert [line.text for line in record.output.last_of("B", 2)] == ["line 3", "line 5"]
    assert [line.text for line in record.output.last_of("GRAPH", 1)] == ["and more"]
    record.look_at(6)
    assert [line.text for line in record.printed] == texts[:3]
    assert [line.text for line in record.output.last_of("A", 5, record.cursor)] == ["line 0", "line 2"]
    assert record.output.last_of("nobody", 5) == []
    record.close()


def test_a_record_that_is_behind_says_so_until_it_has_read_all_or_cannot(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ("a_b",)))
    for number in range(1, RECORDS + 1):
        writer.record(Kind.SEND, node=1, edge=0, packet=number, step=number, data=b"value")
    record = RunRecord(tmp_path, tmp_path / "program.py")
    record.refresh(0)
    assert record.is_behind
    record.refresh()
    assert not record.is_behind
    writer.record(Kind.SEND, node=1, edge=7, packet=1, step=RECORDS + 1)  # there is no such edge
    for _ in range(2):
        with pytest.raises(TraceError):
            record.refresh()
    assert not record.is_behind
    record.close()
