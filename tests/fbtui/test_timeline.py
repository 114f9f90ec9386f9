"""The Timeline: what it leaves out, what it is asked for, and that its cursor is a moment of the run."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from fbtui.session import Phase
from fbtui.trace import Deed, Kind, Places, TraceReader, TraceWriter
from fbtui.trace.carried import NEAR, carried
from fbtui.trace.search import BadQuery
from fbtui.trace.sieve import ASKED, EVENTS, Sieve, Wanted
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import program, write
from tests.fbtui.test_frame import play
from tests.fbtui.test_search import GRAPH
from tests.fbtui.test_ui import lines, paused, until


@pytest.fixture
def trace(tmp_path: Path) -> TraceReader:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "Reader", "Sink", "Sink/In"), ("e",)))
    writer.record(Kind.NODE, node=1, data=b"ready")
    writer.record(Kind.SEND, node=1, edge=0, packet=1, step=1, data=b"5")
    writer.record(Kind.FIRED, node=1)
    writer.record(Kind.RECEIVE, node=2, edge=0, packet=1, step=2)
    writer.record(Kind.OUTPUT, node=3, data=b"a word")
    writer.close()
    return TraceReader(tmp_path)


def rows(sieve: Sieve) -> list[int]:
    while sieve.is_behind:
        sieve.read()
    return [sieve[row] for row in range(len(sieve))]


@pytest.mark.parametrize(
    ("text", "places", "indices"),
    [
        ("", None, [1, 3, 4]),
        ("all", None, [0, 1, 2, 3, 4]),
        ("states", None, [0, 2]),
        ("sends prints", None, [1, 4]),
        ("takes", None, [3]),
        ("#1", None, [1, 3]),
        ("value > 4", None, [1, 3]),
        ("takes 5", None, [3]),
        ("takes value == 5", None, [3]),
        ("takes 6", None, []),
        ("value > 5", None, []),
        ("prints WORD", None, [4]),
        ("all reader->", None, []),
        ("", {"e"}, [1, 3]),
        ("", {"Sink"}, [3, 4]),
        ("all", {"Reader"}, [0, 1, 2]),
    ],
)
def test_what_is_wanted_is_found(trace: TraceReader, text: str, places: set[str] | None, indices: list[int]) -> None:
    assert rows(Sieve(trace, GRAPH, Wanted.of(text), places)) == indices


def test_a_packet_that_crosses_a_border_is_told_once_and_at_either_edge(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "Net"), ("out", "in")))
    writer.record(Kind.CROSS, node=1, edge=0, packet=1, step=1, detail=1)
    writer.record(Kind.CROSS, node=1, edge=1, packet=1, step=1, data=b"5")
    writer.close()
    trace = TraceReader(tmp_path)
    assert rows(Sieve(trace, None, Wanted.of(""))) == [1]
    assert rows(Sieve(trace, None, Wanted.of(""), {"out"})) == [0]
    assert rows(Sieve(trace, None, Wanted.of(""), {"in"})) == [1]


def test_rows_and_records_belong_together_and_a_long_trace_is_read_in_portions(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ()))
    for number in range(2 * ASKED):
        writer.record(Kind.OUTPUT if number % 2 else Kind.FIRED, node=1, data=b"x")
    reader = TraceReader(tmp_path)
    sieve = Sieve(reader, None, Wanted.of("x"))
    sieve.read()
    assert (len(sieve), sieve.is_behind) == (ASKED // 2, True)
    assert [sieve.row_of(index) for index in (0, 1, 2, 3)] == [-1, 0, 0, 1]
    sieve.read()
    assert (len(sieve), sieve.is_behind) == (ASKED, False)
    writer.record(Kind.OUTPUT, node=1, data=b"x")
    reader.refresh()
    assert sieve.is_behind
    writer.close()


def test_what_is_wanted_of_a_trace_of_several_segments_is_found_without_decoding_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ("e",)))
    for number in range(0, 30_000, 3):
        writer.record(Kind.FIRED, node=1)
        writer.record(Kind.SEND, node=1, edge=0, packet=number, step=number)
        writer.record(Kind.RECEIVE, node=0, edge=0, packet=number, step=number)
    writer.close()
    reader = TraceReader(tmp_path)
    monkeypatch.setattr(TraceReader, "__getitem__", lambda *_: pytest.fail("a record was decoded"))
    assert rows(Sieve(reader, None, Wanted())) == [i for i in range(30_000) if i % 3]
    assert rows(Sieve(reader, None, Wanted.of("sends"), {"A"})) == list(range(1, 30_000, 3))
    reader.close()


def test_a_query_that_cannot_be_evaluated_is_refused() -> None:
    with pytest.raises(BadQuery):
        Wanted.of("sends value.x > 1")
    assert Wanted.of("  ").kinds == EVENTS


def test_the_timeline_shows_what_is_selected_and_what_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, program("print('seen', value)"))

    def shown(app: DebuggerApp) -> list[str]:
        return [line[22:].strip() for line in lines(app, "timeline")]

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c", "T")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        everything = [
            "GRAPH sends #1 5  GRAPH.inp->Work.inp",
            "Work takes #1 5  GRAPH.inp->Work.inp",
            "Work │ seen 5",
            "Work sends #2 5  Work.out->GRAPH.out",
            "GRAPH takes #2 5  Work.out->GRAPH.out",
        ]
        await until(pilot, lambda: shown(app) == everything)
        await pilot.press("slash", *"Work.out", "enter")
        await until(pilot, lambda: shown(app) == everything[3:])
        assert app._tabs.row.labels["timeline"] == "Timeline (Work.out->GRAPH.out)"
        await pilot.press("escape", "ampersand", *"prints", "enter")
        await until(pilot, lambda: shown(app) == everything[2:3])
        await pilot.press("ampersand", *["backspace"] * 6, *"states", "space", *"finished", "enter")
        await until(pilot, lambda: shown(app) == ["Work is finished", "GRAPH is finished"])
        await pilot.press("ampersand", *["backspace"] * 20, *"value.x", "greater_than_sign", "1", "enter")
        await pilot.pause()
        assert len(app.screen_stack) == 2, "it is not left before it will do"
        await pilot.press("escape")

    play(story, path=path)


def test_the_cursor_moves_the_diagram_in_time_and_its_selection_sifts_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, program("print('seen', value)"))

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c", "T")
        await until(pilot, lambda: app.session.phase is Phase.ENDED and len(lines(app, "timeline")) == 5)
        await pilot.press("home")
        assert app.session.record.shown.step == 1 and app.session.record.shown.edge("edge0").waiting
        await pilot.press("down")
        assert app.session.record.shown.step == 2 and not app.session.record.shown.edge("edge0").waiting
        await pilot.press("enter")
        await until(pilot, lambda: app.selected == ("edge", "edge0"))
        assert len(lines(app, "timeline")) == 5 and app.timeline.list.cursor == 1
        await pilot.press("end")
        assert app.session.record.cursor is None

    play(story, path=path)


def test_a_moment_far_from_the_end_is_scrolled_to_at_once(tmp_path: Path) -> None:
    source = program("value *= 10").replace('"inputs": {"inp": 5}', f'"streams": {{"inp": {list(range(40))}}}')

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        timeline = app.timeline.list
        await paused(app, pilot, 0)
        await pilot.press("T")
        await until(pilot, lambda: timeline.size.height > 0)
        await pilot.press("c")
        await until(
            pilot, lambda: app.session.phase is Phase.ENDED and timeline.cursor == len(lines(app, "timeline")) - 1
        )
        await until(pilot, lambda: timeline.scroll_y == timeline.max_scroll_y > timeline.size.height)
        app.session.record.look_at_step(2)
        app.update()
        await until(pilot, lambda: timeline.cursor < 10)
        assert timeline.scroll_y <= timeline.cursor
        app.session.record.look_at(None)
        app.update()
        await until(pilot, lambda: timeline.scroll_y == timeline.max_scroll_y)

    play(story, path=write(tmp_path, source))


def test_what_was_taken_is_told_as_it_was_on_the_edge_last_and_not_if_that_is_long_ago(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A", "B"), ("one", "two")))
    writer.record(Kind.SEND, node=1, edge=0, packet=1, step=1, data=b"5")
    writer.record(Kind.SEND, node=1, edge=1, packet=1, step=2, data=b"6")
    writer.record(Kind.ACT, edge=0, packet=1, step=2, detail=Deed.EDITED, data=b"7")
    writer.record(Kind.RECEIVE, node=2, edge=0, packet=1, step=3)
    for _ in range(NEAR):
        writer.record(Kind.OUTPUT, node=2, step=3, data=b"a word")
    writer.record(Kind.RECEIVE, node=2, edge=1, packet=1, step=4)
    writer.close()
    trace = TraceReader(tmp_path)
    assert [carried(trace, trace[index]) for index in (0, 3, len(trace) - 1)] == ["", "7", ""]
