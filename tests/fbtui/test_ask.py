"""The order ``ask``: of several moves that could go the person picks one, and the picks hold in the next run."""

from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from fbtui.session import Phase, Session
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import Driver, drive, program, write
from tests.fbtui.test_ui import lines, paused, until
from tests.fbtui.test_ui import play as play_app

TWO = (
    program()
    + """
graph = GraphSpec(PortSpecCollection())
for name in "ab":
    graph.add_graph_port(PortSpec(PortType.INPUT, name))
    graph.add_graph_port(PortSpec(PortType.OUTPUT, name + "out"))
    node = graph.add_node(Work, id=name.upper())
    getattr(graph.ports.input, name) >> node >> getattr(graph.ports.output, name + "out")
BATCH = {"inputs": {"a": 1, "b": 2}}
"""
)


def moves(session: Session) -> list[tuple[str, str]]:
    trace = session.record.trace
    assert trace is not None
    return [
        (record.kind.name, session.edge_name(trace.edge_of(record) or ""))
        for record in trace
        if record.kind.name in {"SEND", "RECEIVE"}
    ]


async def pick_last(driver: Driver, count: int) -> None:
    """Pick so many times the move that was asked for last of those that can go."""
    session = driver.session
    for step in range(count):
        assert session.paused is not None
        can_go = [move.id for move in session.paused.parked if move.enabled]
        session.controls.step(move=can_go[-1])
        await driver.paused(step + 1)


def test_of_several_moves_the_person_picks_one_and_of_one_nobody_is_asked(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session.paused is not None and session.paused.next is None
        session.controls.resume()
        await driver.until(lambda s: "moves can go: choose one in Next up" in s.notice)
        await pick_last(driver, 3)
        while session.phase is not Phase.ENDED:
            assert session.paused is not None
            can_go = [move for move in session.paused.parked if move.enabled]
            if len(can_go) > 1:
                assert session.paused.next is None
                session.controls.step(move=can_go[-1].id)
            else:
                session.controls.resume()
            await driver.until(lambda s: s.phase in {Phase.PAUSED, Phase.ENDED})
        assert session.done is not None and session.done.end == "finished"

    drive(write(tmp_path, TWO), story, order="ask")


def test_the_picks_are_made_again_in_the_next_run(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        await pick_last(driver, 4)
        session.refresh()
        picked = moves(session)
        await session.again()
        await driver.until(lambda s: s.run == 2)
        await driver.paused(4)
        assert moves(session) == picked and len(picked) == 4
        assert not session.fork_of

    drive(write(tmp_path, TWO), story, order="ask")


def test_a_pick_that_cannot_be_made_any_more_is_told_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, TWO)

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        await pick_last(driver, 4)
        session.refresh()
        assert len({place.partition("->")[0] for _, place in moves(session)}) > 1
        path.write_text(TWO.replace("            pass\n", "            await asyncio.Event().wait()\n"))
        await session.again()
        await driver.until(
            lambda s: s.run == 2 and s.phase in {Phase.PAUSED, Phase.ENDED} and "cannot be made" in s.notice
        )
        left = [part for part in session.notice.split(" · ") if "cannot be made" in part]
        assert len(left) == 1
        assert left[0].startswith("the recording is left at step ") and "->GRAPH." in left[0], left

    drive(path, story, order="ask")


def test_the_app_says_that_one_is_to_be_chosen_and_enter_lets_it_go(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[Any]) -> None:
        await paused(app, pilot, 0)
        pane = app.query_one("#next")
        await until(pilot, lambda: str(pane.border_title).startswith("Next up: choose one"))
        assert not any("▶" in line for line in lines(app, "next"))
        await pilot.press("s")
        await until(pilot, lambda: "choose one in Next up" in app.session.notice)
        wanted = lines(app, "next")[1].split("#")[0].strip()
        pane.focus()
        await pilot.press("down", "enter")
        await paused(app, pilot, 1)
        app.session.refresh()
        assert wanted.startswith("GRAPH sends") and moves(app.session) == [("SEND", "GRAPH.b->B.inp")]

    play_app(write(tmp_path, TWO), story, order="ask")
