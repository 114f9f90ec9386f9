"""This run beside the one before: what the edit touched, and where the two first differ."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Protocol

from fbtui.protocol import Done, Graph, edge_names
from fbtui.protocol.plain import plain
from fbtui.session.controls import Controls
from fbtui.session.edits import Edit, edits
from fbtui.session.record import RunRecord
from fbtui.session.sources import texts_of
from fbtui.session.spec import Phase
from fbtui.trace import TraceError, TraceReader
from fbtui.trace.comparison import Arrivals, Comparison, Difference

AGAIN: Final = 1 / 30
"""Seconds between two looks at a run that goes on to its first difference."""
AT_ONCE: Final = 0.003
"""Seconds in which is compared at a pause what is new; the rest beside whatever else goes on."""


@plain
class Earlier:
    """An earlier run: its number, where it is recorded, its graph, how it ended, and its sources.

    ``done`` is None for one that somebody ended: it is compared as far as it came."""

    run: int
    folder: Path
    graph: Graph
    step: int
    """How far it came."""
    done: Done | None
    sources: dict[str, str]


class Compared(Protocol):
    """The session, as far as its runs are compared."""

    run: int
    phase: Phase
    graph: Graph | None
    done: Done | None
    record: RunRecord
    controls: Controls


class Changes:
    """Compares the run of a session with the one before it that has moved.

    Args:
        session: the session.
        changed: called when something is known that was not.
    """

    def __init__(self, session: Compared, changed: Callable[[], None]) -> None:
        self._session = session
        self._changed = changed
        self.earlier: Earlier | None = None
        self.edits: list[Edit] = []
        """What the save has changed."""
        self.sources: dict[str, str] = {}
        """The text of the files that this run is made of."""
        self._comparison: Comparison | None = None
        self._old_trace: TraceReader | None = None
        self._task: asyncio.Task[None] | None = None
        self._more = False
        """Whether more has been recorded since the task began to compare."""
        self._step: int | None = None
        """Up to which move the runs are compared; None before the first look."""
        self._seeks = False

    # -- runs come and go

    def keep(self) -> None:
        """The run so far is over: it is the one before, if it has moved.

        One that failed before it came as far as the one before it is passed over: it is mended and run again.
        """
        session = self._session
        self.close()
        record, known = session.record, self.earlier is not None and self.earlier.folder == session.record.folder
        if session.graph is not None and record.marking.step and not known:
            done, sources = None if record.is_cut else session.done, self.sources or self._read()
            step, before, failed = record.marking.step, self.earlier, done is not None and done.end == "failed"
            if before is None or not failed or step >= before.step or not before.folder.is_dir():
                self.earlier = Earlier(session.run, record.folder, session.graph, step, done, sources)
        self.edits, self.sources = [], {}

    def begin(self) -> None:
        """A run has begun to record."""
        session, earlier = self._session, self.earlier
        if earlier is None or session.graph is None or session.record.trace is None:
            return
        with contextlib.suppress(TraceError):
            self._old_trace = TraceReader(earlier.folder)
            self._comparison = Comparison(
                Arrivals(self._old_trace, earlier.graph.graph),
                Arrivals(session.record.trace, session.graph.graph),
                before_ended=earlier.done is not None,
            )

    def read_sources(self) -> None:
        """Keep the text of the files that the run has read, and see what the save has changed."""
        graph = self._session.graph
        if graph is None or self.sources:
            return
        self.sources = self._read()
        if self.earlier is not None:
            self.edits = edits(self.earlier.graph, graph, self.earlier.sources, self.sources)

    def _read(self) -> dict[str, str]:
        return texts_of(self._session.graph.files) if self._session.graph is not None else {}

    def close(self) -> None:
        """Compare no more."""
        self._seeks = False
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._old_trace is not None:
            self._old_trace.close()
        self._old_trace = self._comparison = self._step = None

    # -- comparing

    def look(self) -> None:
        """See what the save has changed, and compare what has been recorded since."""
        self.read_sources()
        self.compare()

    def compare(self) -> None:
        """Compare what has been recorded since: a little at once, more beside whatever else goes on."""
        self._more = True
        if self._comparison is not None and self._task is None:
            until = time.monotonic() + AT_ONCE
            comparing = self._compare(self._comparison)
            for _ in comparing:
                if time.monotonic() > until:
                    break
            else:
                if not self._seeks:
                    return
            self._task = asyncio.ensure_future(self._go_on(self._comparison, comparing))

    def _compare(self, comparison: Comparison) -> Iterator[None]:
        """Compare all that there is, a portion at a time."""
        try:
            while self._more:
                self._more, step = False, self._session.record.marking.step
                yield from comparison.follow()
                self._step = step
        except TraceError:
            self._comparison = None

    async def _go_on(self, comparison: Comparison, comparing: Iterator[None]) -> None:
        while True:
            for _ in comparing:
                await asyncio.sleep(0)
            if not self._seeks or self.differences or self._session.phase is not Phase.RUNNING:
                break
            await asyncio.sleep(AGAIN)
            self._more, comparing = True, self._compare(comparison)
        self._task = None
        if self._seeks:
            self._arrive()
        self._changed()

    @property
    def differences(self) -> list[Difference]:
        """The first difference of each edge that is known, in the order of the run."""
        if self._comparison is None:
            return []
        return self._comparison.differences(ended=self._session.done is not None)

    @property
    def verdict(self) -> str:
        """In one sentence how this run is to the one before; empty if there is none."""
        session, earlier = self._session, self.earlier
        if earlier is None or self._comparison is None or self._step is None:
            return ""
        found = self.differences
        if found:
            more = f"; {len(found) - 1} more edges differ" if len(found) > 2 else ""
            more = "; another edge differs" if len(found) == 2 else more
            return f"first difference to run {earlier.run}: {_in_words(found[0])}{more}"
        ends = earlier.done, session.done
        if ends[0] is None or ends[1] is None:
            return f"the same as run {earlier.run} up to step {min(self._step, earlier.step)}"
        if ends[0].end == ends[1].end:
            return f"the same as run {earlier.run} to the end"
        return f"every edge carries the same, but run {earlier.run} has {ends[0].end}, and this one {ends[1].end}"

    def place_of(self, edge: str) -> str | None:
        """Return the place of an edge, by its name; None if this graph has none of that name."""
        graph = self._session.graph
        names = edge_names(graph.graph) if graph is not None else {}
        return next((place for place, name in names.items() if name == edge), None)

    # -- going there

    def seek(self) -> str:
        """Run on to the first difference, and look at it. Returns why it cannot be done, or nothing."""
        session = self._session
        if self._comparison is None:
            return "there is no run before this one to compare with: save a change, or run again"
        self._seeks = True
        if not self.differences and session.phase is Phase.PAUSED and (why := session.controls.resume()):
            return why
        self.look()
        return ""

    def _arrive(self) -> None:
        self._seeks = False
        session = self._session
        if session.phase is Phase.RUNNING:
            session.controls.pause()
        if found := self.differences:
            session.record.refresh()
            session.record.look_at_step(found[0].step)


def _in_words(difference: Difference) -> str:
    before, after = (one if one is not None else "nothing" for one in (difference.before, difference.after))
    return f"packet {difference.occurrence} on {difference.edge}: {before} became {after}"
