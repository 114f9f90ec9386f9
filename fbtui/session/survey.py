"""Runs a graph under many schedules, and tells what depends on the schedule.

For nets whose nodes only wait for one port at a time the history of every edge is the same under each schedule
(Kahn, "The semantics of a simple language for parallel programming", 1974). An edge whose history changes with the
seed is fed by something that looks at who comes first.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fbtui.session.headless import Outcome, run_to_end
from fbtui.session.spec import RunSpec
from fbtui.session.words import how_it_ended
from fbtui.trace.comparison import differences

AT_ONCE = 2
"""Runs that go on beside each other."""


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
                found.setdefault(
                    how_it_ended(outcome.done).partition(": ")[2] or outcome.done.end, outcome.done.seed
                )
        return list(found.items())


async def survey(spec: RunSpec, seeds: Sequence[int]) -> Survey:
    """Run a graph once under each seed.

    Raises:
        CannotRun: if it cannot be run at all.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(seed: int) -> Outcome:
        async with gate:
            return await run_to_end(dataclasses.replace(spec, order="random", seed=seed, paused=False))

    outcomes = tuple(await asyncio.gather(*map(one, seeds)))
    return Survey(outcomes, tuple(_sensitive(outcomes)))


def _sensitive(outcomes: Iterable[Outcome]) -> list[Sensitive]:
    """Compare the runs that came to a good end with the first of them, edge by edge."""
    good = [outcome for outcome in outcomes if outcome.done.end in {"finished", "stopped"}]
    found: dict[str, Sensitive] = {}
    for outcome in good[1:]:
        for one in differences(good[0].histories, outcome.histories):
            values = (one.before or "", one.after or "")
            seeds = (good[0].done.seed, outcome.done.seed)
            found.setdefault(one.edge, Sensitive(one.edge, seeds, one.occurrence, values))
    return list(found.values())
