"""Saving the recording of a run from the application."""

import ast
import asyncio
import json
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from fbtui.session.recorded import RecordedSession
from fbtui.target.written import CannotWrite, write_out
from fbtui.trace.recording import SUFFIX, Recording
from fbtui.ui.app import DebuggerApp
from fbtui.ui.keeping import Paths
from fbtui.ui.screens.line import LineScreen
from tests.fbtui.driver import program, write
from tests.fbtui.test_frame import told
from tests.fbtui.test_ui import paused, play, until


async def asked(app: DebuggerApp, pilot: Pilot[None], key: str = "ctrl+s") -> Input:
    """Press the key, and return the field of the dialog."""
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, LineScreen) and isinstance(app.focused, Input))
    field = app.focused
    assert isinstance(field, Input)
    return field


def saved(path: Path) -> int:
    """Return the moves in a recording."""
    with Recording(path) as recording:
        assert recording.damage == ""
        return max((record.step for record in recording.trace), default=0)


def test_a_run_that_goes_on_is_saved_as_far_as_it_is_and_nothing_is_replaced_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path, program())
    other = write(tmp_path, "precious", "notes.txt")

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s")
        await paused(app, pilot, 2)
        field = await asked(app, pilot)
        assert field.value == "work-1.fbtrace"
        field.value = "mine"
        await pilot.press("enter")
        file = tmp_path / "mine.fbtrace"
        await until(pilot, file.exists)
        assert saved(file) == 2
        await pilot.press("s")
        await paused(app, pilot, 3)
        field = await asked(app, pilot)
        field.value = "mine"
        await pilot.press("enter")
        problem = app.screen.query_one("#line-problem", Static)
        await until(pilot, lambda: "there already: Enter again replaces it" in str(problem.content))
        assert saved(file) == 2
        await pilot.press("enter")
        await until(pilot, lambda: saved(file) == 3)
        field = await asked(app, pilot)
        field.value = str(other)
        await pilot.press("enter")
        problem = app.screen.query_one("#line-problem", Static)
        await until(pilot, lambda: "is no recording: it is not overwritten" in str(problem.content))
        await pilot.press("escape")
        assert other.read_text(encoding="utf-8") == "precious"

    play(path, story)


def test_an_opened_recording_is_saved_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = tmp_path / "first.fbtrace", tmp_path / "second.fbtrace"

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s")
        await paused(app, pilot, 2)
        (await asked(app, pilot)).value = "first"
        await pilot.press("enter")
        await until(pilot, first.exists)

    play(write(tmp_path, program()), story)

    async def look() -> None:
        app = DebuggerApp(RecordedSession(Recording(first)))
        async with app.run_test(size=(140, 40)) as pilot:
            await until(pilot, lambda: app.session.record.trace is not None and app.session.graph is not None)
            (await asked(app, pilot)).value = "second"
            await pilot.press("enter")
            await until(pilot, second.exists)

    asyncio.run(look())
    assert second.read_bytes() == first.read_bytes()


def test_folders_and_recordings_are_suggested(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    write(tmp_path / "runs", "", "nightly.fbtrace")
    write(tmp_path / "runs", "", "nightly.txt")

    def suggested(text: str) -> str | None:
        return asyncio.run(Paths(SUFFIX).get_suggestion(text))

    assert suggested(f"{tmp_path}/ru") == f"{tmp_path}/runs/"
    assert suggested(f"{tmp_path}/runs/ni") == f"{tmp_path}/runs/nightly.fbtrace"
    assert suggested(f"{tmp_path}/runs/x") is None
    assert suggested(f"{tmp_path}/gone/x") is None
    assert suggested("") is None


def test_the_whole_payload_is_written_into_a_file_and_what_the_inspector_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    body = "value = {'text': 'ä' * 50_000, 'rows': list(range(3000))}"
    payload = {"text": "ä" * 50_000, "rows": list(range(3000))}

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s")
        await paused(app, pilot, 2)
        await until(pilot, lambda: app.inspector.text.startswith("packet #2"))
        field = await asked(app, pilot, "Y")
        assert field.value == "work-2.txt"
        field.value = "all.json"
        await pilot.press("enter")
        await until(pilot, lambda: "all.json" in " ".join(told(app)))
        assert json.loads((tmp_path / "all.json").read_text(encoding="utf-8")) == payload
        (await asked(app, pilot, "Y")).value = "all"
        await pilot.press("enter")
        await until(pilot, lambda: "all.txt" in " ".join(told(app)))
        assert ast.literal_eval((tmp_path / "all.txt").read_text(encoding="utf-8")) == payload
        await pilot.press("slash", *"Work", "enter")
        await until(pilot, lambda: app.inspector.text.startswith("node Work"))
        (await asked(app, pilot, "Y")).value = "gone/node"
        await pilot.press("enter")
        problem = app.screen.query_one("#line-problem", Static)
        await until(pilot, lambda: "there is no folder" in str(problem.content))
        app.screen.query_one(Input).value = "node"
        await pilot.press("enter")
        await until(pilot, (tmp_path / "node.txt").exists)
        assert (tmp_path / "node.txt").read_text(encoding="utf-8").startswith("node Work\n")

    play(write(tmp_path, program(body)), story)


@pytest.mark.parametrize(
    ("value", "name", "content"),
    [
        ("a\nb", "p.txt", b"a\nb"),
        (b"\0\1", "p.bin", b"\0\1"),
        ((1, "x"), "p.txt", b"(1, 'x')\n"),
        ([1, "x"], "p.json", b'[\n 1,\n "x"\n]\n'),
    ],
)
def test_a_payload_is_written_as_its_file_is_called(
    value: object, name: str, content: bytes, tmp_path: Path
) -> None:
    write_out(value, tmp_path / name)
    assert (tmp_path / name).read_bytes() == content


def test_why_a_payload_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"JSON cannot hold it: .*another ending"):
        write_out({1, 2}, tmp_path / "p.json")
    with pytest.raises(CannotWrite, match=r"cannot write .*: No such file or directory"):
        write_out(1, tmp_path / "gone" / "p.txt")
