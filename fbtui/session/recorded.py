"""A recording, looked at like a run: nothing runs, and nothing can be done to it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from fbtui.session.session import Session
from fbtui.session.spec import Phase, Problem, RunSpec
from fbtui.session.watches import WatchList
from fbtui.session.words import problems_of_end
from fbtui.trace import TraceError
from fbtui.trace.recording import Recording


class RecordedSession(Session):
    """A session on a recording, read-only. It shows the end of the run, from which every moment can be looked at.

    Args:
        recording: the recording; it is closed with the session.
        watches: what is watched in it.
    """

    def __init__(self, recording: Recording, watches: WatchList | None = None) -> None:
        super().__init__(RunSpec.of(recording.meta.start), watch=False, spares=0, watches=watches)
        self._recording = recording

    @property
    def is_live(self) -> bool:
        """False: nothing runs."""
        return False

    @property
    def file(self) -> Path:
        """The recording."""
        return self._recording.path

    @property
    def label(self) -> str:
        """The name of the file."""
        return f"recording {self._recording.path.name}"

    async def open(self) -> None:
        """Read the recording, portion by portion, so that a long one keeps nobody waiting."""
        meta = self._recording.meta
        self.run, self.graph = meta.start.run, meta.graph
        self.started = asyncio.get_running_loop().time()
        self.record.show(self._recording.trace)
        if self._recording.damage:
            self.problems.append(Problem(self._recording.damage))
        count = max(1, len(self._recording.trace))
        try:
            for read in self.record.read():
                self.notice = f"reading: {read * 100 // count} %"
                self._changed()
                await asyncio.sleep(0)
        except TraceError as error:
            self.problems.append(Problem(str(error)))
        self.record.add_output(self._recording.printed)
        self.notice, self.phase, self.done = "", Phase.ENDED, meta.done
        self.problems += map(Problem.of_lint, meta.lints)
        if meta.done is not None:
            self.problems += problems_of_end(meta.done, self.record.acts, self.edge_name)
        self.controls.ahead.carry_out(lambda: True)
        self._changed()

    async def close(self) -> None:
        """Let go of the file."""
        self.controls.player.stop()
        self._recording.close()

    def cannot(self, what: str) -> str:
        """Return in one sentence why nothing can be done to it."""
        if what in {"step", "play"}:
            return "this is the end of what was recorded: {time.back} looks back, {time.back_to} at the beginning"
        program = self.spec.path.name
        return f"cannot {what}: this is a recording, in which nothing runs; 'fbtui {program}' runs the program"

    async def rerun(
        self,
        *,
        reason: str = "",
        anew: bool = False,
        until: int | None = None,
        replay: tuple[str, int] | None = None,
    ) -> str:
        """Say that nothing can be run."""
        return self.cannot("run it")
