"""Loads a graph without running it."""

from __future__ import annotations

import asyncio

from fbtui.cli.options import BadOption
from fbtui.protocol import Graph
from fbtui.session import Phase, RunSpec, Session
from fbtui.session.spec import clean


async def load(spec: RunSpec) -> Graph:
    """Return a graph as its target describes it; the spec asks for a description only.

    Raises:
        BadOption: if the file cannot be loaded; it tells the traceback, too.
    """
    session = Session(spec, watch=False, spares=0)
    news = asyncio.Event()
    session.subscribe(news.set)
    try:
        await session.open()
        while session.phase not in {Phase.ENDED, Phase.BROKEN}:
            await news.wait()
            news.clear()
    finally:
        await session.close()
    if session.graph is None:
        problem = session.problems[0]
        raise BadOption("\n".join(map(clean, [problem.title, *problem.text.splitlines()])))
    return session.graph
