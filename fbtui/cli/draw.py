"""``fbtui draw``: the diagram on standard output."""

from __future__ import annotations

import argparse
import json
import sys

from fbtui.cli.encoding import can_draw
from fbtui.cli.load import load
from fbtui.diagram import lay_out, to_data, to_svg, to_text
from fbtui.session import RunSpec


async def draw(spec: RunSpec, options: argparse.Namespace) -> int:
    """Print a graph, and return the exit code.

    Raises:
        BadOption: if the file cannot be loaded.
    """
    graph = await load(spec)
    if options.format == "mermaid":
        print(graph.mermaid)  # noqa: T201 - the answer
        return 0
    scene = lay_out(
        graph.graph,
        all_ports=spec.all_ports,
        zoom="compact" if options.compact else "full",
        depth=options.depth,
    )
    if options.format == "json":
        print(json.dumps(to_data(scene)))  # noqa: T201 - the answer
    elif options.format == "svg":
        print(to_svg(scene), end="")  # noqa: T201 - the answer
    else:
        print(to_text(scene, ascii_only=options.format == "ascii" or not can_draw(sys.stdout)))  # noqa: T201 - the answer
    return 0
