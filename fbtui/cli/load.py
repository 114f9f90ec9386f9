"""Loads a graph without running it."""

from __future__ import annotations

from fbtui.cli.options import BadOption
from fbtui.protocol import Graph
from fbtui.protocol.characters import clean
from fbtui.session import RunSpec, Session
from fbtui.session.headless import until_over


async def load(spec: RunSpec) -> Graph:
    """Return a graph as its target describes it; the spec asks for a description only.

    Raises:
        BadOption: if the file cannot be loaded; it tells the traceback, too.
    """
    session = Session(spec, watch=False, spares=0)
    try:
        await session.open()
        await until_over(session)
    finally:
        await session.close()
    if session.graph is None:
        problem = session.problems[0]
        raise BadOption("\n".join(map(clean, [problem.title, *problem.text.splitlines()])))
    return session.graph
