"""A target says how its run has ended, then exits: the end comes first, whatever the debugger does meanwhile."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path

from fbtui.protocol import Graph, Inspect, Message
from fbtui.session import Phase, RunSpec
from fbtui.session.process import Target
from tests.fbtui.driver import Driver, drive, program, write
from tests.patience import PATIENCE

WAITS = "while not os.path.exists('go'): time.sleep(0.001)"
HOLDS = "if ctypes.CDLL(None).fork() == 0: ctypes.CDLL(None).pause()"
"""A process that Python does not know of: it keeps every descriptor."""


def last_words(folder: Path, body: str) -> list[str]:
    """Return what a target tells that is written to when it has gone and its last words are unread."""
    told: list[str] = []

    def listen(target: Target, message: Message) -> None:
        told.append(type(message).__name__)
        if isinstance(message, Graph):
            (folder / "go").touch()
            with contextlib.suppress(ChildProcessError):  # it was waited for already
                os.waitid(os.P_PID, target.pid, os.WEXITED | os.WNOWAIT)
            target.send(Inspect(1, 1, packet=1))

    async def main() -> None:
        (folder / "trace").mkdir()
        target = await Target.spawn()
        target.on_message = lambda message: listen(target, message)
        target.on_exit = lambda code: told.append(f"exit {code}")
        spec = RunSpec(write(folder, f"import ctypes\n{program(body)}"), cwd=folder, paused=False)
        target.send(spec.start(1, folder / "trace"))
        async with asyncio.timeout(PATIENCE):
            await target.ended.wait()

    asyncio.run(main())
    return told


def test_a_message_to_a_target_that_has_gone_does_not_lose_what_it_said_last(tmp_path: Path) -> None:
    told = last_words(tmp_path, WAITS)
    assert told[0] == "Graph" and told[-2:] == ["Done", "exit 0"]


def test_the_end_is_told_although_a_process_it_has_left_holds_the_channel(tmp_path: Path) -> None:
    told = last_words(tmp_path, f"{WAITS}\n            {HOLDS}")
    assert told[0] == "Graph" and told[-2:] == ["Done", "exit 0"]


def test_a_rerun_for_which_no_process_comes_up_is_told_alone_and_the_next_one_runs(tmp_path: Path) -> None:
    python = write(tmp_path, f'#!/bin/sh\nexec {sys.executable} "$@"\n', "python")
    python.chmod(0o700)
    path = write(tmp_path, program("os.write(1, b'past Python\\n')"))

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert [line.text for line in session.record.output] == ["past Python"]
        python.chmod(0o600)
        while session.phase is not Phase.BROKEN:  # what was warm is taken first
            await session.rerun(anew=True)
            await driver.until(lambda s: s.phase in {Phase.BROKEN, Phase.ENDED})
        assert [problem.title for problem in session.problems] == [f"{python} cannot be run: Permission denied"]
        assert not session.record.output
        python.chmod(0o700)
        await session.rerun(anew=True)
        await driver.ended()

    drive(path, story, python=str(python), paused=False)
