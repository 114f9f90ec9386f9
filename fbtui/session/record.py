"""What one run has recorded: its trace, the state of the net after it, and what was printed."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from fbtui.protocol import GRAPH, Anchor, Graph, Lint, NodeState, Paused
from fbtui.session.busy import Busy, frames_in, node_at
from fbtui.session.printed import Printed
from fbtui.session.sources import texts_of
from fbtui.session.spec import OutputLine, Problem
from fbtui.session.then import states_then
from fbtui.session.words import death_of
from fbtui.trace import (
    Families,
    HandAct,
    History,
    Kin,
    Kind,
    Marking,
    Record,
    TraceError,
    TraceReader,
    act_of,
    is_move,
)

SOON: Final = 40
"""Records behind the moment that is looked at among which the next moves are looked for."""


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
        self.output = Printed()
        """Everything that was printed; `printed` is what had been at the moment that is looked at."""
        self.acts: list[HandAct] = []
        """What the person has done to packets by hand; `acts_by_then` is what had been at the moment looked at."""
        self.lints: list[Lint] = []
        """What was found wrong that ended nothing."""
        self.cursor: int | None = None
        """The moment that is looked at, as a count of records; None for now."""
        self.busy: Busy | None = None
        """Where the target is that has not come round for long; None while it does, or where that is not known."""
        self.is_cut = False
        """Whether the person has ended the run: there is more to it than is recorded."""
        self._past: Marking | None = None
        self._history: History | None = None
        self._then: tuple[Marking, Paused | None, Mapping[str, NodeState]] | None = None
        self._nothing = Marking()
        self._families: Families | None = None
        self._program = program
        self._is_damaged = False

    def open(self) -> None:
        """Open the trace, if there is one yet."""
        if self.trace is None:
            with contextlib.suppress(TraceError):
                self.show(TraceReader(self.folder))

    def show(self, trace: TraceReader) -> None:
        """Take a trace."""
        self.trace, self._history, self.output = trace, History(trace), Printed(trace)

    def refresh(self, seconds: float = math.inf) -> None:
        """Read what was recorded since, into `marking` and `output`.

        Args:
            seconds: when as many are over no other portion is read; the first one always is.

        Raises:
            TraceError: if the trace is damaged.
        """
        until = time.monotonic() + seconds
        try:
            for _ in self.read():
                if time.monotonic() >= until:
                    return
        except TraceError:
            self._is_damaged = True
            raise

    @property
    def is_behind(self) -> bool:
        """Whether more was recorded than is read."""
        return self.trace is not None and not self._is_damaged and self.marking.at < len(self.trace)

    def read(self) -> Iterator[int]:
        """Read what was recorded since, portion by portion, and yield how many records are read by then.

        Raises:
            TraceError: if the trace is damaged.
        """
        self.open()
        if self.trace is None or self._history is None:
            return
        for portion in self._history.follow():
            for record in portion:
                if record.kind is Kind.OUTPUT:
                    self.output.take(record)
                elif record.kind is Kind.ACT:
                    self.acts.append(act_of(self.trace, record))
            yield self.marking.at

    @property
    def marking(self) -> Marking:
        """The state of the net after everything that was read."""
        return self._nothing if self._history is None else self._history.now

    # -- the past

    @property
    def shown(self) -> Marking:
        """The state of the net at the moment that is looked at."""
        return self.marking if self._past is None else self._past

    @property
    def printed(self) -> Sequence[OutputLine]:
        """What had been printed at the moment that is looked at."""
        return self.output if self.cursor is None else self.output.before(self.cursor)

    @property
    def acts_by_then(self) -> list[HandAct]:
        """What the person had done by hand by the moment that is looked at."""
        return [act for act in self.acts if self.cursor is None or act.index < self.cursor]

    def look_behind_act(self) -> bool:
        """Look at the moment before the newest act, if no move came behind it; return whether there is one."""
        act = next(reversed(self.acts_by_then), None)
        if act is None or act.step != self.shown.step:
            return False
        self.look_at(act.index)
        return True

    def look_at(self, index: int | None) -> None:
        """Look at the moment after so many records; None looks at what is now.

        Raises:
            TraceError: if the trace is damaged there.
        """
        if index is None or self._history is None or self.trace is None or index >= len(self.trace):
            self.cursor = self._past = None
            return
        self.cursor = max(0, index)
        self._past = self._history.at(self.cursor)

    def look_at_step(self, step: int) -> None:
        """Look at the moment after a move, and after what the person did then; the newest one is now.

        Raises what `look_at` raises.
        """
        if self._history is None or step >= self.marking.step:
            self.look_at(None)
        else:
            behind_acts = (act.index + 1 for act in self.acts if act.step == step)
            self.look_at(max(self._history.after_step(step), *behind_acts, 0))

    def coming(self) -> list[Record]:
        """Return the moves that were made next after the moment that is looked at, as far as they are near."""
        if self.trace is None or self.cursor is None:
            return []
        return [record for record in self.trace[self.cursor : self.cursor + SOON] if is_move(record)]

    def states_then(self, graph: Graph | None, paused: Paused | None) -> Mapping[str, NodeState]:
        """Return what each node was doing at the moment that is looked at, by place; nothing of now."""
        if self.cursor is None or self.trace is None or graph is None:
            return {}
        if self._then is None or self._then[0] is not self.shown or self._then[1] is not paused:
            self._then = self.shown, paused, states_then(self.shown, self.trace, graph.graph, paused)
        return self._then[2]

    def summary_of(self, packet: int) -> str | None:
        """Return what a packet carries that is on an edge, or is to be sent next; None for any other."""
        soon = (r for r in self.coming() if r.kind is Kind.SEND and r.packet == packet)
        summary = self.shown.summaries.get(packet)
        if summary is None and self.trace is not None and (record := next(soon, None)) is not None:
            return self.trace.text(record)
        return summary

    def step_before(self, places: Collection[str]) -> int | None:
        """Return the step of the last move at any of some edges before the moment that is looked at."""
        if self.trace is None:
            return None
        names = self.trace.places.edges
        for index in range(self.cursor if self.cursor is not None else len(self.trace), 0, -1):
            record = self.trace[index - 1]
            if is_move(record) and record.step < self.shown.step and names[record.edge] in places:
                return record.step
        return None

    def family(self, packet: int, limit: int) -> list[Kin]:
        """Return a packet with what it was made of and what came of it until the moment that is looked at.

        It is empty before there is a trace. What a free run does not record is guessed: see `Origins`.
        """
        return self.families.family(packet, limit, self.cursor) if self.families is not None else []

    @property
    def families(self) -> Families | None:
        """What packets were made of; None before there is a trace. It is read once, portion by portion."""
        if self._families is None and self.trace is not None:
            self._families = Families(self.trace)
        return self._families

    # -- what else is there

    def read_process_output(self) -> None:
        """Add what was printed past Python: by extensions and by other programs."""
        with contextlib.suppress(OSError):
            self.add_output((self.folder / "process.txt").read_text(encoding="utf-8", errors="replace"))

    def add_output(self, text: str) -> None:
        """Add what was printed past Python: nobody knows when, so it stands at the end."""
        self.output.add(OutputLine(GRAPH, line, index=self.marking.at) for line in text.splitlines())

    def anchor(self) -> Anchor | None:
        """Return the newest move, as another run has it, too; None before the first one."""
        last = self.shown.last
        if last is None or self.trace is None:
            return None
        kind: Any = "send" if last.kind is Kind.SEND else "receive"
        return Anchor(kind, self.trace.places.edges[last.edge], last.occurrence)

    def silence(self) -> float:
        """Return for how many seconds the target's loop has not come round."""
        return self.trace.silence() if self.trace is not None else 0.0

    def waits_for(self) -> tuple[str, ...]:
        """Return what outside the run waits for: timers, threads, processes, sockets."""
        return self.trace.waits_for() if self.trace is not None else ()

    @property
    def can_be_asked(self) -> bool:
        """Whether the target is ready to say where it is: before, the signal that asks would end it."""
        return (self.folder / "process.txt").exists()

    @property
    def where(self) -> Path:
        """The file in which a busy target says where it is."""
        return self.folder / "where.txt"

    def find_busy(self, graph: Graph | None) -> Busy | None:
        """Find out, and keep in `busy`, where a target is that has been asked for it; None if that is not known."""
        frames, last = frames_in(self.where, self._program), self.marking.last
        if not frames:
            return None
        node = ""
        if graph is not None and self.trace is not None:
            mover = self.trace.node_of(last) if last is not None else ""
            node = node_at(frames, graph.graph, texts_of(graph.files), mover)
        self.busy = Busy(frames[0], node)
        return self.busy

    def death(self, code: int, *, asked: bool) -> Problem:
        """Return how the target died, given its exit code, and whether it was asked to end."""
        return death_of(code, self.folder, self._program, asked=asked)

    def close(self) -> None:
        """Let go of the files."""
        if self.trace is not None:
            self.trace.close()
            self.trace = None
