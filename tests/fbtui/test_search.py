"""Finding events in what a run has recorded."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from fbtui.protocol import EdgeInfo, End, GraphInfo, NodeInfo, PortInfo
from fbtui.session import Phase, RunSpec, Session
from fbtui.trace import Kind, Places, TraceReader, TraceWriter
from fbtui.trace.search import BadQuery, Query, found
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import program, write
from tests.fbtui.test_ui import paused, until

GRAPH = GraphInfo(
    (),
    (NodeInfo("Reader", "R", (PortInfo("output", "out"),)), NodeInfo("Sink", "S", (PortInfo("input", "inp"),))),
    (EdgeInfo("e", End("Reader", "output", "out"), End("Sink", "input", "inp")),),
)
VALUES = ["5", "'Hello'", "{'name': 'x', 'n': [1, 2]}", "[]", "None", "[1, 2, … 100 items]", "Thing(a=1)"]


@pytest.fixture
def trace(tmp_path: Path) -> TraceReader:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "Reader", "Sink"), ("e",)))
    for number, text in enumerate(VALUES, 1):
        writer.record(Kind.SEND, node=1, edge=0, packet=number, step=number, data=text.encode())
    writer.record(Kind.OUTPUT, node=2, data=b"the SINK is full")
    writer.record(Kind.RECEIVE, node=2, edge=0, packet=1, step=8)
    writer.close()
    return TraceReader(tmp_path)


def all_found(trace: TraceReader, text: str, *, forward: bool = True) -> list[int]:
    indices, at = [], 0 if forward else len(trace)
    while True:
        index = next((i for i in found(trace, GRAPH, Query.of(text), at, forward=forward) if i is not None), None)
        if index is None:
            return indices
        indices.append(index)
        at = index + 1 if forward else index


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("hello", [1]),
        ("is full", [7]),
        ("sink", [*range(9)]),
        ("reader.OUT->", [0, 1, 2, 3, 4, 5, 6, 8]),
        ("#1", [0, 8]),
        ("#99", []),
        ("value == 5", [0]),
        ("value in ('Hello', 5)", [0, 1]),
        ("value['n'][-1] == 2", [2]),
        ("len(value) == 0", [3]),
        ("value is None or value == 'Hello' and not value == 5", [1, 4]),
        ("0 < value < 10", [0]),
        ("value", []),
    ],
)
def test_what_fits_is_found_forwards_and_backwards(trace: TraceReader, text: str, indices: list[int]) -> None:
    assert all_found(trace, text) == indices
    assert all_found(trace, text, forward=False) == indices[::-1]


@pytest.mark.parametrize(
    "text", ["", "  ", "value.__class__ == 1", "open('x') == value", "value ** 9 == 1", "[x for x in value] == 1"]
)
def test_what_cannot_be_looked_for_is_one_sentence(text: str) -> None:
    with pytest.raises(BadQuery) as told:
        Query.of(text)
    assert "\n" not in str(told.value)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_query_and_no_payload_crashes_the_search(text: str, payload: str) -> None:
    try:
        query = Query.of(text)
    except BadQuery:
        return
    if query.condition is not None:
        from fbtui.trace.search import _holds

        assert _holds(query.condition, payload) in {True, False}


def test_a_long_search_lets_others_in_between(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "Reader", "Sink"), ("e",)))
    for number in range(5000):
        writer.record(Kind.SEND, node=1, edge=0, packet=number, step=number, data=b"1")
    writer.close()
    assert list(found(TraceReader(tmp_path), GRAPH, Query.of("#4999"), 0)) == [None, None, 4999]


def test_the_screen_goes_from_one_to_the_next(tmp_path: Path) -> None:
    source = program("value *= 10").replace('"inputs": {"inp": 5}', '"streams": {"inp": [1, 2, 3]}')
    path = write(tmp_path, source)

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        record = lambda: app.session.record  # noqa: E731 - a fresh one a run

        def newest() -> str:
            last = record().shown.last
            return record().trace.text(last) if last is not None and record().trace is not None else ""  # type: ignore[union-attr]

        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.press(
            "slash", *("space" if c == " " else "greater_than_sign" if c == ">" else c for c in "value > 10")
        )
        await pilot.press("enter")
        await until(pilot, lambda: record().cursor is not None and newest() == "20")
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: newest() == "30")
        await pilot.press("less_than_sign")
        await until(pilot, lambda: newest() == "20")
        await pilot.press("less_than_sign")
        await until(pilot, lambda: any("does not occur before" in note.message for note in app._notifications))
        assert app.selected is not None and app.selected[0] == "edge"
        found = record().shown.last
        assert found is not None and app.packet == found.packet
        await pilot.press("A")
        await until(pilot, lambda: app.inspector.what == ("lineage", found.packet))

    async def main() -> None:
        app = DebuggerApp(Session(RunSpec(path, cwd=path.parent), watch=False, spares=1))
        async with app.run_test(size=(140, 40), notifications=True) as pilot:
            await story(app, pilot)

    asyncio.run(main())
