"""Watches: an edge, a port, an expression over a node; now, in the past, in the next run, in the next session."""

import re
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fbtui.session.places import NoPlace
from fbtui.session.watches import BadWatch, Reading, Watch, WatchList, check, parse
from fbtui.ui.app import DebuggerApp
from fbtui.ui.words import watch_line
from tests.fbtui.driver import Driver, drive, program, write
from tests.fbtui.test_ui import lines, paused, play, until

STREAM = '\nfrom fbdev import Stream\nBATCH = {"inputs": {"inp": Stream([5, 6, 7, 8])}}\n'
EDGE, PORT = "GRAPH.inp->Work.inp", "Work.out"


def several(folder: Path) -> Path:
    return write(folder, program("double = 2 * value") + STREAM)


def seen(driver: Driver) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Return what each watch has seen: how many, and the newest of them first."""
    return {str(watch): (one.count, one.values) for watch, one in driver.session.controls.readings()}


def watching(driver: Driver, *texts: str) -> None:
    for text in texts:
        assert driver.session.controls.watches.toggle(text)
    driver.session.controls.update_watches()


def test_edges_ports_and_expressions_are_watched_now_and_in_the_past(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        watching(driver, EDGE, PORT, "Work: double", "Work: nobody", "Work: double // 4")
        assert seen(driver)[EDGE] == (0, ())
        session.controls.resume()
        await driver.ended()
        assert seen(driver)[EDGE] == (4, ("8", "7", "6"))
        assert seen(driver)[PORT] == (4, ("8", "7", "6"))
        count, values = seen(driver)["Work: double"]
        assert values[0] == "16" and "14" in values and count >= 7
        assert seen(driver)["Work: double // 4"][1][0] == "4"
        reading = next(one for watch, one in session.controls.readings() if str(watch) == "Work: nobody")
        assert reading == Reading(0, (), "NameError: name 'nobody' is not defined")
        line = "".join(text for text, _ in watch_line(Watch("Work", "nobody"), reading))
        assert line == "Work: nobody  no value yet: NameError: name 'nobody' is not defined"
        end = seen(driver)
        session.controls.look(0)
        assert seen(driver)[EDGE] == (0, ())
        session.controls.look(4)
        assert seen(driver)[EDGE][1][0] in {"5", "6"}
        assert seen(driver)["Work: double"][0] < count
        session.controls.now()
        assert seen(driver) == end

    drive(several(tmp_path), story)


def test_a_new_expression_has_a_value_at_once_and_a_removed_one_costs_nothing(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(4)
        await driver.paused(4)
        watching(driver, "Work: double")
        await driver.until(lambda s: seen(driver)["Work: double"] == (1, ("10",)))
        assert not session.controls.watches.toggle("Work: double")
        session.controls.update_watches()
        session.controls.resume()
        await driver.ended()
        assert session.record.marking.watched["Work", "double"].count == 1

    drive(several(tmp_path), story)


def test_watches_come_back_with_a_rerun_and_one_whose_place_is_gone_is_kept(tmp_path: Path) -> None:
    path = several(tmp_path)

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        watching(driver, EDGE, "Work: double")
        session.controls.resume()
        await driver.ended()
        first = seen(driver)
        await session.again()
        await driver.until(lambda s: s.run == 2)
        await driver.paused()
        session.controls.resume()
        await driver.ended()
        assert seen(driver) == first
        path.write_text(path.read_text().replace("add_node(Work)", "add_node(Work, id='Other')"))
        await session.again()
        await driver.until(lambda s: s.run == 3)
        await driver.until(lambda s: s.graph and any(node.id == "Other" for node in s.graph.graph.nodes))
        problems = [reading.problem for _, reading in session.controls.readings()]
        assert problems == ["there is no such place now"] * 2

    drive(path, story)


def test_a_run_that_goes_on_has_its_watches_before_its_first_move(tmp_path: Path) -> None:
    watches = WatchList()
    watches.toggle("Work: self.ports")

    async def story(driver: Driver) -> None:
        await driver.ended()
        assert driver.session.done is not None and driver.session.done.end == "finished"
        assert seen(driver)["Work: self.ports"][0] == 8  # a receive and a send each

    drive(several(tmp_path), story, paused=False, watches=watches)


def test_an_input_with_several_edges_and_an_output_with_several_count_each_packet_once(tmp_path: Path) -> None:
    text = (
        program()
        + """
graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "inp"))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "out"))
a, b, c, d = (graph.add_node(Work, id=name) for name in "ABCD")
graph.ports.input.inp >> a
a >> b >> d
a >> c >> d
d >> graph.ports.output.out
BATCH = {"inputs": {"inp": 5}}
"""
    )

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        watching(driver, "A.out", "D.inp")
        session.controls.resume()
        await driver.ended()
        assert seen(driver) == {"A.out": (1, ("5",)), "D.inp": (2, ("5", "5"))}

    drive(write(tmp_path, text), story)


def test_watches_are_kept_for_their_file(tmp_path: Path) -> None:
    kept = WatchList(tmp_path / "kept.json")
    kept.toggle(EDGE)
    kept.toggle("Work: {1: double}")
    kept.toggle(PORT)
    kept.toggle(PORT)
    again = WatchList(tmp_path / "kept.json")
    again.load()
    assert list(map(str, again.items)) == [EDGE, "Work: {1: double}"]
    (tmp_path / "kept.json").write_text("[3]")
    again.load()
    assert again.items == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a watch is an edge"),
        ("Work:", "a watch is an edge"),
        ("Work: 1 +", "'1 +': invalid syntax"),
        ("Work", "Work is a node: 'Work: EXPRESSION' watches"),
        ("Wrk: 1", "there is no node 'Wrk'"),
        ("Work.outt", "there is no place 'Work.outt'"),
    ],
)
def test_a_text_that_is_no_watch_is_told(text: str, told: str, tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session.graph is not None
        check(EDGE, session.graph.graph)
        with pytest.raises((BadWatch, NoPlace), match=re.escape(told)):
            check(text, session.graph.graph)

    drive(several(tmp_path), story)
    assert parse(" Work : a[1:2] ").expression == "a[1:2]"


def test_watches_are_set_by_key_seen_in_their_pane_and_removed(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[Any]) -> None:
        await paused(app, pilot, 0)
        pane = app.query_one("#watches")
        assert not pane.display
        app.select(("edge", "edge0"))
        await pilot.press("W", "s")
        await paused(app, pilot, 1)
        await until(pilot, lambda: lines(app, "watches") == [f"{EDGE}  1 value  5"])
        await until(pilot, lambda: pane.display and pane.size.height >= 1)
        app.select(("node", "Work"))
        await pilot.press("W")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"nobody_", "enter")
        await until(pilot, lambda: len(lines(app, "watches")) == 2 and "NameError" in lines(app, "watches")[1])
        app.select(None)
        await pilot.click("#watches", offset=(3, 1))
        await pilot.click("#watches", offset=(3, 1))
        await until(pilot, lambda: app.selected == ("edge", "edge0"))
        await pilot.press("b")
        await until(pilot, lambda: lines(app, "watches")[0] == f"{EDGE}  no value yet")
        pane.focus()
        await pilot.press("delete")
        await until(pilot, lambda: len(lines(app, "watches")) == 1)
        await pilot.press("delete")
        await until(pilot, lambda: not pane.display)

    play(several(tmp_path), story)
