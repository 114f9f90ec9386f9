"""The record of a run that writes faster than it is read."""

from __future__ import annotations

from pathlib import Path

from fbtui.session.record import RunRecord
from fbtui.trace import Kind, Places, TraceWriter

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
