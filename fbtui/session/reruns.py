"""The ways in which a person has a run started anew."""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod

from fbtui.protocol import Done, Graph, Resume
from fbtui.session.places import ends_of
from fbtui.session.record import RunRecord
from fbtui.session.spec import Phase, Problem, RunSpec
from fbtui.session.words import why_not

Pairs = tuple[tuple[str, str], ...]
Replay = tuple[str, int]
"""The folder of a recorded run, and of how many of its records moves and acts are made again."""


class Reruns(ABC):
    """The part of a session that runs again. Every method returns why it cannot be done, or nothing."""

    spec: RunSpec
    phase: Phase
    run: int
    graph: Graph | None
    done: Done | None
    record: RunRecord
    problems: list[Problem]
    saved: str = ""
    """The names of files that were saved since the run began, if a save does not run again."""
    _then: Resume | None
    _runs_again: bool
    _filled_in = False
    """Whether the inputs are those of the form."""

    @abstractmethod
    def refresh(self, seconds: float = math.inf) -> None:
        """Read what was recorded since into `record`; when so many seconds are over, leave the rest for later."""

    @abstractmethod
    def _changed(self) -> None:
        """Tell whoever looks on."""

    @abstractmethod
    async def rerun(
        self,
        *,
        reason: str = "",
        anew: bool = False,
        until: int | None = None,
        replay: tuple[str, int] | None = None,
    ) -> str:
        """Run again from the source as it is now, up to the place where this run is.

        Args:
            reason: a sentence for the person.
            anew: begin from the beginning instead.
            until: stop after so many moves instead.
            replay: make recorded moves again.
        """

    async def _on_saved(self, names: str) -> None:
        if self._runs_again:
            await self.rerun(reason=f"{names} saved: run again{self._with()}")
        else:
            self.saved = names
            self._changed()

    def _with(self) -> str:
        """Return in words that the inputs are those of the form: they go before what stands in the file."""
        return ", with the inputs of the form ({debug.inputs})" if self._filled_in else ""

    def _place(self) -> Resume | None:
        """Return how the next run comes to the place where this one is; None for its beginning."""
        run = self.run + 1
        if self._then is not None:  # this run has not come to the place yet
            return dataclasses.replace(self._then, run=run)
        if self.phase in {Phase.RUNNING, Phase.ENDED} and self.record.cursor is None:
            return Resume(run) if self.phase is Phase.RUNNING or self.graph is not None else None
        self.refresh()
        anchor = self.record.anchor()
        return Resume(run, anchor=anchor) if anchor is not None else None

    def cannot(self, what: str) -> str:
        """Return in one sentence why something cannot be done with the run now."""
        return f"cannot {what}: {why_not(self.phase, self.done, self.problems)}"

    def edge_name(self, place: str) -> str:
        """Return an edge as people write it; what is no edge of the graph stays as it is."""
        return ends_of(self.graph.graph if self.graph is not None else None, place)

    def _picks(self) -> Replay | None:
        """Return the moves that the person has picked so far, for the next run to make again; None if none were."""
        at = self.record.shown.at
        return (str(self.record.folder), at) if self.spec.order == "ask" and self.record.shown.step else None

    async def fork(self) -> str:
        """Go on from the moment that is looked at: a new run makes the recorded moves up to there, and stops.

        It does again, too, what the person had done to packets by then.
        """
        step = self.record.shown.step
        today = f", with {self.saved} as it is saved now" if self.saved else ""
        reason = f"fork of run {self.run} at step {step}{today}"
        return await self.rerun(reason=reason, until=step, replay=(str(self.record.folder), self.record.shown.at))

    async def again(self) -> str:
        """Run again: from the beginning if the run has ended, else to the place where it is."""
        anew = self.phase is Phase.ENDED and self.record.cursor is None
        return await self.rerun(reason=f"run again{self._with()}", anew=anew)

    async def restart(self) -> str:
        """Run again from the beginning, wherever this run is."""
        return await self.rerun(reason=f"run again from the beginning{self._with()}", anew=True)

    async def give(self, inputs: Pairs, config: Pairs, signals: tuple[str, ...]) -> str:
        """Run again with these inputs instead of those of the command line."""
        self.spec = dataclasses.replace(self.spec, inputs=inputs, config=config, signals=signals)
        self._filled_in = bool(inputs or config or signals)
        return await self.rerun(reason="run with the inputs given", anew=True)

    async def choose(self, name: str) -> str:
        """Run another graph of the file, or a component, or what a function makes."""
        self.spec = dataclasses.replace(self.spec, name=name)
        return await self.rerun(reason=f"{name} chosen", anew=True)

    async def raise_capacity(self) -> str:
        """Run again with the capacity that would have kept the run from being blocked."""
        blocked = self.done.blocked if self.done is not None else None
        if blocked is None or blocked.raise_ is None:
            return "no capacity blocks the run: an artificial deadlock is what this mends"
        way_out = blocked.raise_
        capacities = dict(self.spec.capacities) | {way_out.edge: way_out.to}
        self.spec = dataclasses.replace(self.spec, capacities=tuple(sorted(capacities.items())))
        return await self.rerun(reason=f"{self.edge_name(way_out.edge)} holds {way_out.to} now")
