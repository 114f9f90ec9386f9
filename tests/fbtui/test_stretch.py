"""What a long stretch of a free run does to a net is what its records do one by one."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbtui.trace import NUMBER, Deed, History, Kind, Marking, Places, TraceError, TraceReader, TraceWriter

NODES, EDGES = ("GRAPH", "A", "B", "C"), ("a", "b", "c")
Step = tuple[int, int, int]


def write(folder: Path, steps: list[Step], order: bytes = b"free") -> TraceReader:
    """Write the trace of a run that does what can be done of some steps, and return it."""
    writer = TraceWriter(folder)
    writer.name(Places(NODES, EDGES))
    writer.record(Kind.ORDER, data=order)
    held: list[deque[int]] = [deque() for _ in EDGES]
    packets = 0
    for made, (what, edge, node) in enumerate(steps, 1):
        if what < 6 and held[edge] and what % 2:
            writer.record(Kind.RECEIVE, edge=edge, node=node, packet=held[edge].popleft(), step=made, occurrence=1)
        elif what < 6:
            packets += 1
            held[edge].append(packets)
            number = what == 2
            data = b"" if number else b"x%d" % packets
            writer.record(
                Kind.SEND, edge=edge, node=node, packet=packets, step=made, detail=NUMBER * number, data=data
            )
        elif what == 6:
            writer.record(Kind.NODE, node=node, data=b"finished", step=made)
        elif what == 7:
            writer.record(Kind.OUTPUT, node=node, data=b"hello", step=made)
        elif what == 10:
            writer.record(Kind.FIRED, node=node, step=made)
        elif what == 11:
            writer.record(Kind.MADE, node=node, packet=packets, step=made, data=b"1 2")
        elif what == 8 and held[edge]:
            dropped = held[edge].pop()
            writer.record(Kind.ACT, edge=edge, packet=dropped, step=made, detail=Deed.DROPPED, data=b"x")
        elif what == 9 and held[edge]:
            packet = held[edge].popleft()
            held[(edge + 1) % 3].append(packet)
            writer.record(Kind.CROSS, edge=edge, packet=packet, step=made, detail=1)
            writer.record(Kind.CROSS, edge=(edge + 1) % 3, packet=packet, step=made, data=b"y")
    return TraceReader(folder)


STEPS = st.tuples(st.integers(0, 11), st.integers(0, 2), st.integers(0, 3))
MOVES = st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 3))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(MOVES, MOVES, MOVES, STEPS), max_size=150), st.sampled_from([b"free", b"fifo"]), st.data())
def test_a_stretch_does_what_its_records_do(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], order: bytes, data: st.DataObject
) -> None:
    reader = write(tmp_path_factory.mktemp("run"), steps, order)
    fast, slow = Marking(), Marking()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fbtui.trace.marking.FEW", data.draw(st.integers(1, 20)))
        patch.setattr("fbtui.trace.marking.MANY", data.draw(st.integers(1, 50)))
        told = []
        for index in (*sorted(data.draw(st.lists(st.integers(0, len(reader)), max_size=3))), len(reader)):
            told += fast.advance(reader, index)
    slow.apply(reader, reader[:])
    assert (fast.edges, fast.nodes, fast.summaries) == (slow.edges, slow.nodes, slow.summaries)
    assert (fast.step, fast.last, fast.at) == (slow.step, slow.last, len(reader))
    others = [record for record in reader if record.kind in {Kind.OUTPUT, Kind.ACT}]
    assert [record for record in told if record.kind in {Kind.OUTPUT, Kind.ACT}] == others
    reader.close()


def test_a_damaged_place_in_a_stretch_is_told(tmp_path: Path) -> None:
    write(tmp_path, [(0, 0, 0)] * 5).close()
    with (tmp_path / "records.0").open("r+b") as file:
        file.seek(3 * 40 + 4)
        file.write((1000).to_bytes(4, "little"))
    reader = TraceReader(tmp_path)
    with pytest.raises(TraceError, match="damaged"):
        Marking().follow(reader)
    reader.close()


def test_what_is_kept_of_a_long_free_run_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fbtui.trace.history.ROOM", 2000)
    monkeypatch.setattr("fbtui.trace.history.APART", 16)
    reader = write(tmp_path, [(0, 0, 1), (1, 0, 2)] * 3000)
    history = History(reader)
    for _ in history.follow():
        pass
    assert sum(marking.weight for marking in history._kept) <= 2000
    wanted = Marking()
    wanted.advance(reader, 4321)
    assert history.at(4321).edges == wanted.edges
    reader.close()
