"""``fbtui draw``: the diagram on standard output."""

from __future__ import annotations

import argparse
import asyncio
import json

from fbtui.cli.options import BadOption
from fbtui.diagram import lay_out, to_data, to_text
from fbtui.session import Phase, RunSpec, Session
from fbtui.session.spec import clean


async def draw(spec: RunSpec, options: argparse.Namespace) -> int:
    """Print a graph, and return the exit code.

    Raises:
        BadOption: if the file cannot be loaded.
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
        details = "".join(f"\n{line}" for line in session.problems[0].text.splitlines())
        raise BadOption(clean(session.problems[0].title) + "\n".join(map(clean, details.split("\n"))))
    if options.format == "mermaid":
        print(session.graph.mermaid)  # noqa: T201 - the answer
        return 0
    scene = lay_out(session.graph.graph, all_ports=spec.all_ports)
    if options.format == "json":
        print(json.dumps(to_data(scene)))  # noqa: T201 - the answer
    else:
        print(to_text(scene, ascii_only=options.format == "ascii"))  # noqa: T201 - the answer
    return 0
