"""A target says how its run has ended, then exits: the end comes first, whatever the debugger does meanwhile."""

import asyncio
import contextlib
import os
from pathlib import Path

from fbtui.protocol import Graph, Inspect, Message
from fbtui.session import RunSpec
from fbtui.session.process import Target
from tests.fbtui.driver import program, write
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
