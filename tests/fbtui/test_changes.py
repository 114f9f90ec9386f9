"""A save against the run before: what was edited, where the two first differ, and how to get there."""

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from fbtui.protocol import EdgeInfo, End, GraphInfo, NodeInfo, PortInfo
from fbtui.session import Phase, RunSpec, Session
from fbtui.session.changes import Changes
from fbtui.target.digests import describe, digest_of
from fbtui.trace import BEYOND, Kind, Places, TraceReader, TraceWriter
from fbtui.trace.comparison import Arrivals, Comparison, differences, histories
from fbtui.ui.app import DebuggerApp
from fbtui.ui.changes import marked
from tests.fbtui.driver import Driver, drive, program, write
from tests.fbtui.test_frame import screen
from tests.fbtui.test_ui import lines, paused, play, until

OUT, IN = End("A", "output", "out"), End("B", "input", "inp")
GRAPH = GraphInfo(
    (),
    (
        NodeInfo("A", "A", (PortInfo("output", "out"), PortInfo("output", "other"))),
        NodeInfo("B", "B", (PortInfo("input", "inp"), PortInfo("input", "other"))),
    ),
    (EdgeInfo("one", OUT, IN), EdgeInfo("two", End("A", "output", "other"), End("B", "input", "other"))),
)
runs = st.lists(st.tuples(st.integers(0, 1), st.sampled_from("xyz")), max_size=12)


def trace_of(folder: Path, run: list[tuple[int, str]]) -> TraceReader:
    folder.mkdir()
    writer = TraceWriter(folder)
    writer.name(Places(("GRAPH", "A", "B"), ("one", "two")))
    for step, (edge, text) in enumerate(run, 1):
        writer.record(Kind.SEND, edge=edge, packet=step, step=step, data=text.encode())
    writer.close()
    return TraceReader(folder)


@settings(deadline=None, max_examples=60)
@given(runs, runs)
def test_comparing_on_the_way_finds_what_comparing_at_the_end_finds(
    tmp_path_factory: pytest.TempPathFactory, before: list[tuple[int, str]], after: list[tuple[int, str]]
) -> None:
    folder = tmp_path_factory.mktemp("runs")
    one, other = trace_of(folder / "one", before), trace_of(folder / "other", after)
    comparison = Comparison(Arrivals(one, GRAPH), Arrivals(other, GRAPH), before_ended=True)
    for _ in comparison.follow():
        pass
    wanted = differences(histories(one, GRAPH), histories(other, GRAPH))
    key = lambda found: (found.step, found.edge)  # noqa: E731 - two edges may differ at the same step
    assert sorted(comparison.differences(ended=True), key=key) == sorted(wanted, key=key)
    still = comparison.differences(ended=False)
    assert still == [found for found in comparison.differences(ended=True) if found.after is not None]


@given(st.lists(st.integers(), max_size=300), st.data())
def test_a_change_beyond_the_summary_changes_the_digest(numbers: list[int], data: st.DataObject) -> None:
    assert describe(numbers) == describe(list(numbers))
    if numbers:
        at = data.draw(st.integers(0, len(numbers) - 1))
        assert describe([*numbers[:at], numbers[at] + 1, *numbers[at + 1 :]]) != describe(numbers)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x" * 5000, "x" * 4999 + "y"),
        (bytes(5000), bytes(4999) + b"1"),
        ([{"a": 1, "b": [1, 2, "x"]}] * 20, [*[{"a": 1, "b": [1, 2, "x"]}] * 19, {"a": 1, "b": [1, 2, "y"]}]),
        (dict.fromkeys(range(50)), dict.fromkeys([*range(49), 50])),
        (set(map(str, range(50))), set(map(str, range(1, 51)))),
        ([1.0] * 30, [1] * 30),
        (list(range(3000)), [*range(3000), 3000]),
    ],
)
def test_long_payloads_that_differ_have_other_digests(one: object, other: object) -> None:
    assert digest_of(one) == digest_of(one) != digest_of(other)
    assert BEYOND in describe(one)


def test_what_is_shown_whole_has_no_digest_and_no_code_of_the_user_is_run() -> None:
    class Trap(list[int]):
        def __iter__(self) -> object:  # type: ignore[override]
            raise AssertionError("it was called")

        __len__ = __hash__ = __eq__ = __repr__ = __reduce__ = __iter__  # type: ignore[assignment]

    assert describe([1, "two", None]) == "[1, 'two', None]"
    assert digest_of([Trap([1])] * 30)


def test_the_part_that_differs_is_marked_and_kept_in_view() -> None:
    before, after = marked("[1, 2, 3]", "[1, 5, 3]", 40)
    assert [text for text, style in before if style == "error.marked"] == ["2"]
    assert [text for text, style in after if style == "good.marked"] == ["5"]
    before, after = marked("a" * 90 + "X" + "b" * 90, "a" * 90 + "YY" + "b" * 90, 30)
    for runs_of, part in ((before, "X"), (after, "YY")):
        text = "".join(text for text, _ in runs_of)
        assert text.startswith("…aaa") and part in text and text.endswith("…") and len(text) <= 32
    assert marked(None, "5", 30)[0] == [("nothing", "error")]


# ------------------------------------------------------------------------------------ in a session

STREAM = ('"inputs": {"inp": 5}', '"streams": {"inp": [1, 2, 3, 4]}')
HELPER = "def twice(value):\n    return 2 * value\n"


def source(body: str) -> str:
    return program(body).replace(*STREAM)


async def compared(driver: Driver, run: int, words: str) -> Session:
    return await driver.until(lambda s: s.run == run and s.phase is Phase.ENDED and words in s.changes.verdict)


def test_the_verdict_and_the_edit_after_each_save(tmp_path: Path) -> None:
    path = write(tmp_path, HELPER + source("value = twice(value)"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session.changes.verdict == ""
        session.controls.resume()
        await driver.ended()
        write(tmp_path, HELPER + "# a remark\n" + source("value = twice(value)  # and another"))
        session = await compared(driver, 2, "the same as run 1 to the end")
        assert session.changes.edits == [] and session.changes.differences == []
        write(tmp_path, HELPER + source("value = twice(value) + (value == 3)"))
        session = await compared(driver, 3, "first difference to run 2: packet 3 on Work.out->GRAPH.out: 6 became 7")
        (edit,) = session.changes.edits
        assert (edit.mark, edit.what, edit.at) == ("~", "the code of Work", ("node", "Work"))
        write(tmp_path, HELPER.replace("2 *", "3 *") + source("value = twice(value) + (value == 3)"))
        session = await compared(driver, 4, "packet 1 on Work.out->GRAPH.out: 2 became 3")
        assert [(edit.mark, edit.what) for edit in session.changes.edits] == [("~", "work.py: twice")]
        write(tmp_path, source("value = 1 / 0"))
        session = await compared(driver, 5, "became nothing")
        assert ("-", "work.py: twice") in [(edit.mark, edit.what) for edit in session.changes.edits]

    drive(path, story, watch=True)


def test_a_run_that_comes_back_to_its_place_tells_what_differs_by_then_and_at_each_step(tmp_path: Path) -> None:
    path = write(tmp_path, source("value = 2 * value"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(6)
        await driver.paused(6)
        write(tmp_path, source("value = 2 * value  # as before"))
        await driver.until(lambda s: s.run == 2 and s.changes.verdict == "the same as run 1 up to step 6")
        session.controls.step()
        await driver.paused(7)
        assert session.changes.verdict == "the same as run 1 up to step 6"  # that one came no further
        write(tmp_path, source("value = 3 * value"))
        told = "first difference to run 2: packet 1 on Work.out->GRAPH.out: 2 became 3"
        await driver.until(lambda s: s.run == 3 and s.paused and s.changes.verdict == told)

    drive(path, story, watch=True)


def test_a_save_may_only_be_told_of_and_the_person_runs_again(tmp_path: Path) -> None:
    path = write(tmp_path, source("value = 2 * value"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(5)
        await driver.paused(5)
        write(tmp_path, source("value = 3 * value"))
        await driver.until(lambda s: s.saved == "work.py")
        assert session.run == 1 and session.paused is not None and session.paused.step == 5
        session.controls.look(4)
        await session.fork()
        await driver.until(lambda s: s.run == 2 and s.paused and s.paused.step == 4)
        assert session.saved == "" and session.fork_of == "fork of run 1 at step 4, with work.py as it is saved now"

    drive(path, story, watch=True, reruns=False)


def test_nodes_edges_and_inputs_of_an_edit_are_told(tmp_path: Path) -> None:
    more = source("pass").replace(
        "graph.add_node(Work) >>", 'graph.add_node(Work) >> graph.add_node(Work, "More") >>'
    )
    path = write(tmp_path, source("pass"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        write(tmp_path, more.replace("[1, 2, 3, 4]", "[1, 2, 3, 5]"))
        session = await compared(driver, 2, "first difference")
        told = {(edit.mark, edit.what) for edit in session.changes.edits}
        assert told >= {
            ("+", "node More"),
            ("+", "edge Work.out->More.inp"),
            ("+", "edge More.out->GRAPH.out"),
            ("-", "edge Work.out->GRAPH.out"),
            ("~", "the inputs"),
        }
        write(tmp_path, source("pass"))
        session = await compared(driver, 3, "first difference")
        assert ("-", "node More") in {(edit.mark, edit.what) for edit in session.changes.edits}

    drive(path, story, watch=True)


def test_a_payload_that_differs_beyond_its_summary_is_a_difference(tmp_path: Path) -> None:
    path = write(tmp_path, source("value = list(range(100))"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        write(tmp_path, source("value = [*range(99), 1000]"))
        session = await compared(driver, 2, "it differs further on than is shown")
        assert session.changes.differences[0].occurrence == 1

    drive(path, story, watch=True)


def test_the_first_difference_is_one_call_away_wherever_the_run_is(tmp_path: Path) -> None:
    path = write(tmp_path, source("pass"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert "no run before" in session.changes.seek()
        session.controls.resume()
        await driver.ended()
        session.controls.look(2)
        write(tmp_path, source("value += value == 3"))
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step == 2)
        assert session.changes.seek() == ""
        session = await driver.until(lambda s: s.record.cursor is not None)
        last = session.record.shown.last
        assert last is not None and session.record.trace is not None
        assert (session.record.trace.text(last), last.occurrence) == ("4", 3)
        assert await session.fork() == ""
        session = await driver.until(lambda s: s.run == 3 and s.phase is Phase.PAUSED and s.paused.step == last.step)
        assert session.label == f"run 3, fork of run 2 at step {last.step}"
        await session.again()
        session = await driver.until(lambda s: s.run == 4 and s.phase is Phase.PAUSED)
        assert session.label == "run 4", "only the fork is called so"

    drive(path, story, watch=True)


def test_a_run_that_has_not_moved_and_one_that_does_not_load_are_not_compared_with(tmp_path: Path) -> None:
    path = write(tmp_path, source("pass"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        write(tmp_path, "def broken(")
        await driver.broken()
        write(tmp_path, source("value += 1"))
        session = await compared(driver, 3, "first difference to run 1")
        assert isinstance(session.changes, Changes)

    drive(path, story, watch=True)


def test_the_pane_shows_them_and_leads_there(tmp_path: Path) -> None:
    path = write(tmp_path, source("pass"))

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await until(pilot, lambda: app.session.phase is Phase.PAUSED)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        assert "no run before" in lines(app, "changes")[0]
        write(tmp_path, source("value += value == 3"))
        await until(pilot, lambda: len(app.session.changes.differences) == 1)
        await until(pilot, lambda: any("Changes (1)" in line for line in screen(app)))
        await until(pilot, lambda: any("~" in line and "Work" in line for line in screen(app)[2:20]))
        await pilot.press("R")
        await until(pilot, lambda: app.session.record.cursor is not None)
        told = lines(app, "changes")
        assert told[0] == "first difference to run 1: packet 3 on Work.out->GRAPH.out: 3 became 4"
        assert told[1:] == ["~ the code of Work", "≠ Work.out->GRAPH.out packet 3  was 3  is 4"]
        app.session.controls.now()
        app.query_one("#changes").focus()
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.session.record.cursor is not None)
        assert app.selected is not None and app.selected[0] == "edge"

    async def main() -> None:
        app = DebuggerApp(Session(RunSpec(path, cwd=path.parent), watch=True, spares=1))
        async with app.run_test(size=(150, 40)) as pilot:
            await story(app, pilot)

    asyncio.run(main())


def test_a_run_that_somebody_ended_is_compared_as_far_as_it_came(tmp_path: Path) -> None:
    path = write(tmp_path, program())

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(2)
        await driver.paused(2)
        await session.stop()
        await driver.ended()
        await session.again()
        await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED)
        session.controls.resume()
        await driver.ended()
        await driver.until(lambda s: s.changes.verdict == "the same as run 1 up to step 2")
        assert not session.changes.differences

    drive(path, story)


def test_a_run_that_failed_on_the_way_is_not_compared_with(tmp_path: Path) -> None:
    path = write(tmp_path, source("pass"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        write(tmp_path, source("raise ValueError(value)"))
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.ENDED)
        assert session.done is not None and session.done.end == "failed"
        write(tmp_path, source("value += 1"))
        session = await compared(driver, 3, "first difference to run 1")
        assert session.done is not None and session.done.end == "finished"

    drive(path, story, watch=True)


def test_what_a_save_has_changed_is_told_at_the_pause_it_comes_back_to(tmp_path: Path) -> None:
    path = write(tmp_path, program())

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s")
        await paused(app, pilot, 2)
        path.write_text(program("value += 0"), encoding="utf-8")
        await pilot.press("r")
        await until(pilot, lambda: app.session.run == 2 and app.session.phase is Phase.PAUSED)
        await until(pilot, lambda: "~ the code of Work" in " ".join(lines(app, "changes")))
        assert app.session.record.marking.step == 2

    play(path, story)
