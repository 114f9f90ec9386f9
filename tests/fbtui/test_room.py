"""What a run does whose recording takes all the room that there is."""

import resource
from pathlib import Path
from typing import Any

import pytest

from fbtui.session import Phase
from fbtui.trace import Kind
from fbtui.trace.recording import Recording
from tests.fbtui.driver import Driver, drive, program, write
from tests.fbtui.test_cli import fbtui

MB = 1 << 20
LONG = program('print("x" * 3900)').replace('"inputs": {"inp": 5}', '"streams": {"inp": range(100_000)}')
"""It prints 390 MB."""
LIMIT = 2 * MB - 1
SMALL_DISK = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, {resource.RLIM_INFINITY}))\n"


@pytest.mark.parametrize("order", ["free", "fifo"])
def test_a_run_that_has_recorded_so_much_pauses_and_can_go_on_for_as_much_again(tmp_path: Path, order: Any) -> None:
    path = write(tmp_path, LONG)

    async def story(driver: Driver) -> None:
        session = await driver.until(lambda s: s.phase is Phase.PAUSED)
        told = "the recording has used 4 MB more of the disk: go on, and it may use as much again"
        assert session.notice == told
        assert session.record.trace is not None
        session.refresh()
        first = session.record.marking.at
        lines = sum(record.kind is Kind.OUTPUT for record in session.record.trace)
        assert 2 * MB < lines * 3900 < 8 * MB
        session.controls.resume()
        await driver.until(lambda s: s.phase is Phase.PAUSED and s.record.marking.at > first)
        assert session.notice == told
        steps = [record.step for record in session.record.trace if record.kind in {Kind.SEND, Kind.RECEIVE}]
        assert steps == list(range(1, len(steps) + 1))

    drive(path, story, paused=False, order=order, recording_limit=4 * MB)


@pytest.mark.parametrize("order", ["free", "fifo"])
def test_a_run_with_nobody_there_ends_with_a_recording_of_all_so_far(tmp_path: Path, order: str) -> None:
    path, saved = write(tmp_path, LONG), tmp_path / "run.fbtrace"
    done = fbtui("run", path, "--order", order, "--limit-recording", "4", "--record", saved)
    assert done.returncode == 5
    last = done.stderr.splitlines()[-1]
    assert "killed" in last and last.endswith("limit of 4 MB: --limit-recording gives it more")
    with Recording(saved) as recording:
        assert recording.damage == "" and len(recording.trace) > 500


@pytest.mark.parametrize("order", ["free", "fifo"])
def test_a_full_disk_is_told_in_one_sentence_and_nothing_before_it_is_lost(tmp_path: Path, order: str) -> None:
    path, saved = write(tmp_path, SMALL_DISK + LONG), tmp_path / "run.fbtrace"
    done = fbtui("run", path, "--order", order, "--record", saved)
    assert done.returncode == 5
    last = done.stderr.splitlines()[-1]
    assert last.endswith("the recording cannot grow (File too large): what happened before is kept")
    assert "Traceback" not in done.stderr
    with Recording(saved) as recording:
        assert recording.damage == ""
        lines = [recording.trace.text(one) for one in recording.trace if one.kind is Kind.OUTPUT]
        assert lines == [line.removeprefix("Work │ ") for line in done.stderr.splitlines()[:-1]]
        assert len(lines) > 200
