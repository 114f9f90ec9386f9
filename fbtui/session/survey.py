"""Runs a graph under many schedules, and tells what depends on the schedule.

For nets whose nodes only wait for one port at a time the history of every edge is the same under each schedule
(Kahn, "The semantics of a simple language for parallel programming", 1974). An edge whose history changes with the
seed is fed by something that looks at who comes first.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fbtui.protocol import Done
from fbtui.session.places import ends_of
from fbtui.session.session import Session
from fbtui.session.spec import Phase, RunSpec
from fbtui.session.words import how_it_ended
from fbtui.trace import Kind, TraceReader

AT_ONCE = 2
"""Runs that go on beside each other."""

History = tuple[str, ...]
"""The summaries of the packets that went over an edge, in order."""


@dataclass(frozen=True)
class Outcome:
    """How one run ended, and what went over each edge."""

    seed: int
    done: Done
    histories: Mapping[str, History]


@dataclass(frozen=True)
class Sensitive:
    """An edge whose history depends on the schedule: where it first differs between two seeds."""

    edge: str
    seeds: tuple[int, int]
    occurrence: int
    values: tuple[str, str]

    def __str__(self) -> str:
        one, other = (value or "nothing" for value in self.values)
        return (
            f"{self.edge}: packet {self.occurrence} is {one} under seed {self.seeds[0]},"
            f" {other} under seed {self.seeds[1]}"
        )


@dataclass(frozen=True)
class Survey:
    """What many schedules have shown."""

    outcomes: tuple[Outcome, ...]
    sensitive: tuple[Sensitive, ...]

    @property
    def bad_ends(self) -> list[tuple[str, int]]:
        """Each other end than a good one, with the first seed that shows it."""
        found: dict[str, int] = {}
        for outcome in self.outcomes:
            if outcome.done.end not in {"finished", "stopped"}:
                found.setdefault(how_it_ended(outcome.done).partition(": ")[2] or outcome.done.end, outcome.seed)
        return list(found.items())


async def survey(spec: RunSpec, seeds: Sequence[int]) -> Survey:
    """Run a graph once under each seed.

    Raises:
        CannotRun: if it cannot be run at all.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(seed: int) -> Outcome:
        async with gate:
            return await _run(dataclasses.replace(spec, order="random", seed=seed, paused=False))

    outcomes = tuple(await asyncio.gather(*map(one, seeds)))
    return Survey(outcomes, tuple(_sensitive(outcomes)))


class CannotRun(Exception):  # noqa: N818 - a sentence for the person
    """The graph cannot be run; the sentence says why."""


async def _run(spec: RunSpec) -> Outcome:
    session = Session(spec, watch=False, spares=0)
    news = asyncio.Event()
    session.subscribe(news.set)
    try:
        await session.open()
        while session.phase not in {Phase.ENDED, Phase.BROKEN, Phase.MISSING}:
            await news.wait()
            news.clear()
        if session.phase is Phase.MISSING and session.graph is not None:
            names = ", ".join(f"{port.kind} '{port.name}'" for port in session.graph.missing)
            raise CannotRun(f"no value for {names}: give --input PORT=VALUE, or a BATCH in the file")
        if session.done is None or session.graph is None:
            raise CannotRun(session.problems[0].title if session.problems else "the program does not load")
        session.refresh()
        trace = session.record.trace
        histories = {} if trace is None else _histories(trace)
        named = {ends_of(session.graph.graph, place): history for place, history in histories.items()}
        return Outcome(spec.seed, session.done, named)
    finally:
        await session.close()


def _histories(trace: TraceReader) -> dict[str, History]:
    histories: dict[str, list[str]] = {place: [] for place in trace.places.edges}
    for record in trace:
        if record.kind is Kind.SEND and record.edge >= 0:
            histories[trace.places.edges[record.edge]].append(trace.text(record))
    return {place: tuple(history) for place, history in histories.items()}


def _sensitive(outcomes: Iterable[Outcome]) -> list[Sensitive]:
    """Compare the runs that came to a good end with the first of them, edge by edge."""
    good = [outcome for outcome in outcomes if outcome.done.end in {"finished", "stopped"}]
    found: dict[str, Sensitive] = {}
    for outcome in good[1:]:
        for edge, history in outcome.histories.items():
            first = good[0].histories.get(edge, ())
            if edge not in found and history != first:
                at = next(
                    (i for i, pair in enumerate(zip(first, history, strict=False)) if pair[0] != pair[1]), None
                )
                at = min(len(first), len(history)) if at is None else at
                values = (_nth(first, at), _nth(history, at))
                found[edge] = Sensitive(edge, (good[0].seed, outcome.seed), at + 1, values)
    return list(found.values())


def _nth(history: History, index: int) -> str:
    return history[index] if index < len(history) else ""
