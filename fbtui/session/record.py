"""What one run has recorded: its trace, the state of the net after it, and what was printed."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from fbtui.protocol import GRAPH, Anchor
from fbtui.session.spec import OutputLine
from fbtui.session.words import death_of, place_in
from fbtui.trace import Kind, Marking, Record, Stream, TraceError, TraceReader


class RunRecord:
    """The record of a run in its folder.

    Args:
        folder: the run's folder; the target writes into it.
        program: the user's file, whose lines are looked for in stacks.
    """

    def __init__(self, folder: Path, program: Path) -> None:
        self.folder = folder
        self.trace: TraceReader | None = None
        """None until the target has begun to write it."""
        self.marking = Marking()
        self.output: list[OutputLine] = []
        self._program = program

    def open(self) -> None:
        """Open the trace, if there is one yet."""
        if self.trace is None:
            with contextlib.suppress(TraceError):
                self.trace = TraceReader(self.folder)

    def refresh(self) -> list[Record]:
        """Read what was recorded since, into `marking` and `output`, and return it.

        Raises:
            TraceError: if the trace is damaged.
        """
        self.open()
        if self.trace is None:
            return []
        fresh = self.marking.follow(self.trace)
        places = self.trace.places
        for record in fresh:
            if record.kind is Kind.OUTPUT:
                node, text = places.nodes[record.node], self.trace.text(record)
                is_error, is_log = record.detail == Stream.STDERR, record.detail == Stream.LOG
                self.output.append(OutputLine(node, text, is_error, is_log))
        return fresh

    def read_process_output(self) -> None:
        """Add what was printed past Python: by extensions and by other programs."""
        with contextlib.suppress(OSError):
            text = (self.folder / "process.txt").read_text(encoding="utf-8", errors="replace")
            self.output += [OutputLine(GRAPH, line) for line in text.splitlines()]

    def anchor(self) -> Anchor | None:
        """Return the newest move, as another run has it, too; None before the first one."""
        last = self.marking.last
        if last is None or self.trace is None:
            return None
        kind: Any = "send" if last.kind is Kind.SEND else "receive"
        return Anchor(kind, self.trace.places.edges[last.edge], last.occurrence)

    def silence(self) -> float:
        """Return for how many seconds the target's loop has not come round."""
        return self.trace.silence() if self.trace is not None else 0.0

    def busy_at(self) -> str | None:
        """Return the place in the user's code that a busy target was found at: ``work.py:12 in main``."""
        return place_in(self.folder / "where.txt", self._program)

    def death(self, code: int) -> str:
        """Return in one sentence how the target died, given its exit code."""
        return death_of(code, self.folder, self._program)

    def close(self) -> None:
        """Let go of the files."""
        if self.trace is not None:
            self.trace.close()
            self.trace = None
