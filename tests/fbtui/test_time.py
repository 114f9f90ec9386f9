"""Looking back in a run, and going on from there."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbtui.session import Phase, Session
from fbtui.trace import History, Kind, Marking, Places, TraceReader, TraceWriter
from tests.fbtui.driver import EXAMPLES, Driver, drive, write
from tests.fbtui.test_stepping import CHAIN


def state(session: Session) -> dict[str, tuple[int, ...]]:
    """Return what waits on each edge at the moment that is looked at."""
    return {place: tuple(mark.waiting) for place, mark in session.record.shown.edges.items() if mark.waiting}


def log(session: Session) -> list[tuple[int, int, str]]:
    """Return the moves of a run."""
    session.refresh()
    trace = session.record.trace
    assert trace is not None
    return [(r.kind, r.edge, trace.text(r)) for r in trace if r.kind in {Kind.SEND, Kind.RECEIVE}]


def test_looking_back_shows_each_moment_as_it_was(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        seen = [state(session)]
        for step in range(1, 13):
            session.controls.step()
            await driver.paused(step)
            session.refresh()
            seen.append(state(session))
        for step in range(11, -1, -1):
            assert session.controls.back() == ""
            assert session.record.shown.step == step
            assert state(session) == seen[step]
        assert session.controls.back() == "this is the beginning"
        session.controls.step()
        assert state(session) == seen[1], "in the past a step looks at the next moment"
        session.controls.now()
        assert session.record.cursor is None and state(session) == seen[12]

    drive(write(tmp_path, CHAIN), story)


def test_back_to_an_edge_goes_to_the_last_move_on_it(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        session.refresh()
        assert session.record.trace is not None
        edges = session.record.trace.places.edges
        steps = [r.step for r in session.record.trace if r.edge >= 0 and edges[r.edge] == "middle"]
        found = []
        while session.controls.back(("middle",), "middle") == "":
            found.append(session.record.shown.step)
        assert found == steps[::-1]

    drive(write(tmp_path, CHAIN), story)


def test_going_on_from_the_past_makes_the_recorded_moves_again_also_those_chosen_by_hand(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(5)
        session = await driver.paused(5)
        assert session.paused is not None
        other = next(m for m in session.paused.parked if m.enabled and m.id != session.paused.next)
        session.controls.step(move=other.id)
        session = await driver.paused(6)
        session.controls.step(4)
        session = await driver.paused(10)
        before = log(session)
        session.controls.look(8)
        await session.fork()
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step == 8)
        assert session.notice == "fork of run 1 at step 8"
        assert log(session) == before[:8]
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.outputs == {"out": [12, 22, 32]}

    drive(write(tmp_path, CHAIN), story)


def test_no_breakpoint_stops_a_run_on_its_way_to_the_moment_that_was_looked_at(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(14)
        await driver.paused(14)
        session.controls.breakpoints.add("middle")
        session.controls.look(12)
        await session.fork()
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and (session.paused.step, session.paused.why) == (12, "")
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 12)
        assert session.paused is not None and session.paused.why == "breakpoint middle, hit 3"

    drive(write(tmp_path, CHAIN), story)


def test_a_recording_that_the_code_has_left_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, CHAIN)

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(9)
        session = await driver.paused(9)
        write(tmp_path, CHAIN.replace("Stream([10, 20, 30])", "10"))
        session.controls.look(8)
        await session.fork()
        session = await driver.ended()
        assert session.notice.startswith("the recording is left at step ")
        assert session.done is not None and session.done.outputs == {"out": [12]}

    drive(path, story)


def test_a_save_while_looking_back_comes_to_that_moment(tmp_path: Path) -> None:
    path = write(tmp_path, CHAIN)

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(10)
        await driver.paused(10)
        session.controls.look(4)
        write(tmp_path, CHAIN + "\n")
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step == 4)
        assert session.record.cursor is None

    drive(path, story, watch=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=60), st.integers(1, 9), st.data())
def test_any_moment_is_that_of_all_records_before(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[bool, int]], apart: int, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("run")
    writer = TraceWriter(folder)
    writer.name(Places(("GRAPH",), ("a", "b", "c", "d")))
    waiting = [0, 0, 0, 0]
    for step, (sends, edge) in enumerate(moves, 1):
        kind = Kind.SEND if sends or not waiting[edge] else Kind.RECEIVE  # nothing is taken that is not there
        waiting[edge] += 1 if kind is Kind.SEND else -1
        writer.record(kind, edge=edge, packet=step, occurrence=1, step=step, data=b"x")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fbtui.trace.history.APART", apart)
        reader = TraceReader(folder)
        history = History(reader)
        for _ in range(3):
            index = data.draw(st.integers(0, len(moves)))
            wanted = Marking()
            wanted.advance(reader, index)
            found = history.at(index)
            assert (found.edges, found.step, found.at) == (wanted.edges, wanted.step, wanted.at)
            assert history.after_step(index) == index
        reader.close()


def test_hello_can_be_walked_back_on_the_example() -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        session.refresh()
        assert session.controls.back() == ""
        assert (session.record.shown.step, state(session)) == (5, {"edge2": (3,)})

    drive(EXAMPLES / "hello.py", story)
