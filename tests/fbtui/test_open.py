"""A recording opened: every moment of the run as it was, and nothing runs."""

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from fbtui.cli import main
from fbtui.session import Phase, Session
from fbtui.session.recorded import RecordedSession
from fbtui.session.saving import save_recording
from fbtui.trace.recording import Recording
from fbtui.ui.actions import ACTIONS
from fbtui.ui.app import DebuggerApp
from fbtui.ui.words import first_keys
from tests.fbtui.driver import EXAMPLES, Driver, drive, program, write
from tests.fbtui.test_cli import fbtui
from tests.fbtui.test_frame import screen, told
from tests.fbtui.test_recording import drive_and_save
from tests.fbtui.test_ui import lines, until
from tests.patience import PATIENCE


def moment(session: Session) -> tuple[object, ...]:
    """Return everything that is shown of a moment."""
    shown = session.record.shown
    edges = {place: (tuple(mark.waiting), mark.sent, mark.received) for place, mark in shown.edges.items()}
    nodes = {place: (mark.state, mark.firings) for place, mark in shown.nodes.items()}
    return shown.step, edges, nodes, shown.summaries, tuple(line.text for line in session.record.printed)


@pytest.fixture(scope="module")
def printing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the recording of a run of three packets that prints each."""
    folder = tmp_path_factory.mktemp("printing")
    source = program("print('got', value)").replace('"inputs": {"inp": 5}', '"streams": {"inp": [1, 2, 3]}')
    drive_and_save(write(folder, source), folder / "run.fbtrace")
    return folder / "run.fbtrace"


async def opened(path: Path) -> RecordedSession:
    session = RecordedSession(Recording(path))
    await session.open()
    return session


def test_every_moment_is_shown_as_it_was_in_the_run(tmp_path: Path) -> None:
    moments = {}

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        session.refresh()
        assert session.record.trace is not None
        for index in range(len(session.record.trace) + 1):
            session.record.look_at(index)
            moments[index] = moment(session)
        save_recording(session, tmp_path / "run.fbtrace")

    drive(EXAMPLES / "telegram.py", story)

    async def look() -> None:
        session = await opened(tmp_path / "run.fbtrace")
        assert session.phase is Phase.ENDED and session.done is not None and session.done.end == "finished"
        for index in [*range(0, len(moments), 7), len(moments) - 1, 3]:
            session.record.look_at(index)
            assert moment(session) == moments[index]
        await session.close()

    asyncio.run(look())
    assert len({text for _, _, _, _, text in moments.values()}) > 10, "what was printed grows from moment to moment"


def test_what_the_run_found_wrong_is_shown_again(tmp_path: Path) -> None:
    drive_and_save(EXAMPLES / "shop.py", tmp_path / "run.fbtrace")
    (problem,) = asyncio.run(opened(tmp_path / "run.fbtrace")).problems
    assert problem.level == "warning" and problem.title.startswith("Bill: it ended at shop.py:72, waiting for price")


def test_nothing_is_run_and_every_command_of_a_run_says_so(printing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def spawned(*_: object, **__: object) -> None:
        pytest.fail("a process was started")

    async def look() -> None:
        session = await opened(printing)
        assert session.controls.back() == ""
        answers = [
            await session.fork(), await session.again(), await session.stop(), await session.give((), (), ()),
            await session.choose("x"), session.controls.resume(), session.controls.pause(),
            await session.questions.act("drop", packet=1),
        ]  # fmt: skip
        assert all("this is a recording, in which nothing runs; 'fbtui work.py' runs" in told for told in answers)
        assert session.run == 1
        assert session.controls.step() == "" and session.record.cursor is None
        assert (
            session.controls.step()
            == "this is the end of what was recorded: {time.back} looks back, {time.back_to} at the beginning"
        )
        await session.close()

    monkeypatch.setattr(subprocess, "Popen", spawned)
    asyncio.run(look())


def test_a_recording_is_played_from_moment_to_moment(printing: Path) -> None:
    async def look() -> None:
        session = await opened(printing)
        assert "end of what was recorded" in session.controls.play()
        session.controls.look(0)
        session.controls.player.faster(1000)
        steps = []
        ended = asyncio.Event()

        def seen() -> None:
            steps.append(session.record.shown.step)
            if session.record.cursor is None:
                ended.set()

        session.subscribe(seen)
        assert session.controls.play() == ""
        await asyncio.wait_for(ended.wait(), PATIENCE)
        assert steps == list(range(1, session.record.marking.step + 1))
        await session.close()

    asyncio.run(look())


def test_what_is_left_of_a_truncated_recording_is_shown_and_the_rest_told(printing: Path, tmp_path: Path) -> None:
    whole, cut = printing.read_bytes(), tmp_path / "cut.fbtrace"
    cut.write_bytes(whole[: whole.index(b"heap.0") + 50])

    async def look() -> None:
        session = await opened(cut)
        assert session.problems[0].title.startswith(f"{cut} is damaged (it ends too early): ")
        step = session.record.marking.step
        assert 0 < step < 12
        assert session.controls.back() == "" and session.record.shown.step == step - 1
        await session.close()

    asyncio.run(look())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "cannot read"), (b"", "is empty"), (b"print('run me')", "is no recording of fbtui")],
)
def test_what_is_no_recording_is_one_sentence_and_2(
    tmp_path: Path,
    content: bytes | None,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "run.fbtrace"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr("fbtui.cli._guarded", lambda *_: None)
    with pytest.raises(SystemExit) as end:
        main(["open", str(path)])
    assert end.value.code == 2
    told_so = capsys.readouterr().err
    assert sentence in told_so and told_so.count("\n") == 1


def test_without_a_terminal_the_way_out_is_told(printing: Path) -> None:
    done = fbtui("open", printing)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "fbtui: the debugger needs a terminal; 'fbtui export' does not\n"


# ------------------------------------------------------------------------------------ on the screen


def show(path: Path, story: Callable[[DebuggerApp, Pilot[str]], Awaitable[None]]) -> None:
    async def main() -> None:
        app = DebuggerApp(RecordedSession(Recording(path)))
        async with app.run_test(size=(140, 40), notifications=True) as pilot:
            await until(pilot, lambda: "recording " in screen(app)[0] and app.session.phase is Phase.ENDED)
            await pilot.pause()
            await story(app, pilot)

    asyncio.run(main())


def test_the_screen_shows_a_moment_of_a_recording(printing: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await until(pilot, lambda: "recording run.fbtrace · finished after 12 moves" in screen(app)[0])
        assert lines(app, "output") == ["Work │ got 1", "Work │ got 2", "Work │ got 3"]
        await pilot.press("b", "b", "b", "b", "b")
        await until(pilot, lambda: "looking back at step 7 of 12" in screen(app)[0])
        assert lines(app, "output") == ["Work │ got 1"]
        following = lines(app, "next")
        assert following[0].startswith("▶ ") and following[-1].startswith("In the past: b further back")
        assert "c goes on" not in following[-1]
        assert lines(app, "inspector")[0].startswith("packet #")
        app._tabs.active = "timeline"
        await pilot.pause()
        shown, record = app.timeline, app.session.record
        row = shown.record_of(shown.list.cursor)
        assert row is not None and record.cursor is not None and row.index < record.cursor
        assert row.step == 7
        await pilot.press("N")
        await until(pilot, lambda: "finished after 12 moves" in screen(app)[0])
        assert len(lines(app, "output")) == 3

    show(printing, story)


def test_keys_that_need_a_run_are_grey_and_say_why(printing: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        active = app.screen.active_bindings
        assert not active["c"].enabled and not active["x"].enabled and active["b"].enabled
        keys = [action.keys.partition(",")[0] for action in ACTIONS if action.needs_run]
        assert len(keys) >= 18
        said: list[str] = []
        for key in keys:
            app.clear_notifications()
            await pilot.press(key)
            await until(pilot, lambda: told(app))
            said += told(app)
        assert {one.partition(";")[0] for one in said} == {
            "cannot do that: this is a recording, in which nothing runs"
        }

    show(printing, story)


def test_the_damage_is_the_first_thing_seen(printing: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.fbtrace"
    cut.write_bytes(printing.read_bytes()[:-400].replace(b"got 1", b"got 7"))

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await until(pilot, lambda: any("is damaged" in line for line in lines(app, "problems")))
        assert app.query_one("#bottom").active == "problems"  # type: ignore[attr-defined]

    show(cut, story)


def test_a_file_that_a_forged_recording_names_is_not_given_to_an_editor(
    printing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    monkeypatch.setenv("EDITOR", "editor")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("fbtui.ui.view.subprocess.run", lambda command, **_: started.append(command))

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        session = app.session
        session.spec = type(session.spec)(Path("+!touch /tmp/owned"))
        await pilot.press("o")
        assert told(app) == ["there is no file +!touch /tmp/owned here"] and not started

    show(printing, story)


def test_what_to_press_is_only_what_a_recording_knows() -> None:
    def keys(*, is_live: bool, is_nested: bool = False) -> str:
        return "".join(text for line in first_keys({}, is_live=is_live, is_nested=is_nested) for text, _ in line)

    assert "run again" in keys(is_live=True) and "breakpoint there" in keys(is_live=True)
    assert "enter opens a box with a +" in keys(is_live=True, is_nested=True)
    assert "opens" not in keys(is_live=True)
    recorded = keys(is_live=False)
    assert "one move" in recorded and "look back" in recorded
    assert not any(words in recorded for words in ("run again", "breakpoint there", "go on, pause"))
