"""For tests of graphs: runs a graph in a process of its own, and tells what went over every edge.

The tests that ``fbtui export --to pytest`` writes use it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from fbtui.protocol import OrderWord
from fbtui.session.headless import CannotRun, run_to_end
from fbtui.session.spec import RunSpec
from fbtui.session.words import how_it_ended

__all__ = ["CannotRun", "Ran", "run_graph"]


@dataclass(frozen=True)
class Ran:
    """A run that has ended: the word of its end, a sentence about it, the packets that left by each output, and what
    came onto each edge (``A.out->B.inp``) in order, each packet as a short text."""

    end: str
    text: str
    outputs: dict[str, list[Any]]
    histories: dict[str, list[str]]


def run_graph(
    path: str | Path,
    *,
    name: str | None = None,
    inputs: Iterable[tuple[str, str]] = (),
    config: Iterable[tuple[str, str]] = (),
    signals: Iterable[str] = (),
    batch: str | None = None,
    argv: Iterable[str] = (),
    cwd: str | Path | None = None,
    order: OrderWord = "fifo",
    seed: int = 1,
    until: Literal["rest", "outputs"] = "rest",
    virtual_time: bool = False,
    net: int | None = None,
    timeout: float = 60.0,
) -> Ran:
    """Run a graph of a file to its end.

    The arguments are the options of ``fbtui run``: ``inputs`` and ``config`` are pairs of port and text as on the
    command line, ``batch`` is the text of a batch file, ``argv`` what the program finds behind its own name; with
    ``net`` the file is run as a program (``--main --net N``).

    Args:
        cwd: the working folder of the run; the file's own folder if it is not given.
        timeout: seconds after which the run is killed.

    Raises:
        CannotRun: if it cannot be run at all, or has not ended in time.
    """
    path = Path(path).resolve()
    spec = RunSpec(
        path,
        name,
        Path(cwd) if cwd is not None else path.parent,
        tuple(argv),
        tuple(inputs),
        tuple(config),
        tuple(signals),
        batch,
        order,
        seed,
        until,
        paused=False,
        virtual_time=virtual_time,
        net=net,
    )
    outcome = asyncio.run(run_to_end(spec, timeout))
    histories = {edge: [packet.summary for packet in history] for edge, history in outcome.histories.items()}
    return Ran(outcome.done.end, how_it_ended(outcome.done), outcome.done.outputs, histories)
