"""Runs a graph once to its end, with nobody looking."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from fbtui.protocol import Done
from fbtui.session.session import Session
from fbtui.session.spec import Phase, RunSpec
from fbtui.trace.comparison import History, histories


class CannotRun(Exception):  # noqa: N818 - a sentence for the person
    """The graph cannot be run; the sentence says why."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended, and what went over each edge."""

    done: Done
    histories: Mapping[str, History]


async def run_to_end(spec: RunSpec, seconds: float | None = None) -> Outcome:
    """Run a graph, and return what became of it.

    Args:
        spec: the run.
        seconds: how long it may take, its start not counted; None for as long as it likes.

    Raises:
        CannotRun: if it cannot be run at all, or has not ended in time.
    """
    session = Session(dataclasses.replace(spec, attended=False), watch=False, spares=0)
    try:
        await session.open()
        async with asyncio.timeout(seconds):
            await until_over(session)
        return _outcome(session)
    except TimeoutError as error:
        raise CannotRun(f"{spec.path.name} has not ended within {seconds:g} s") from error
    finally:
        await session.close()


async def until_over(session: Session) -> None:
    """Wait until a run has ended, or cannot begin."""
    news = asyncio.Event()
    session.subscribe(news.set)
    while session.phase not in {Phase.ENDED, Phase.BROKEN, Phase.MISSING}:
        await news.wait()
        news.clear()


def _outcome(session: Session) -> Outcome:
    if session.phase is Phase.MISSING and session.graph is not None:
        names = ", ".join(f"{port.kind} '{port.name}'" for port in session.graph.missing)
        raise CannotRun(f"no value for {names}: give --input PORT=VALUE, or a BATCH in the file")
    if session.done is None or session.graph is None:
        raise CannotRun(session.problems[0].title if session.problems else "the program does not load")
    session.refresh()
    trace = session.record.trace
    return Outcome(session.done, {} if trace is None else histories(trace, session.graph.graph))
