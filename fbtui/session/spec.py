"""What a session is asked to run, and the words for what becomes of it."""

from __future__ import annotations

import dataclasses
import sys
from enum import Enum
from pathlib import Path
from typing import Literal

from fbtui.protocol import GRAPH, Failure, Lint, OrderWord, Start
from fbtui.protocol.plain import plain


@plain
class RunSpec:
    """A graph in a file, what goes into it, and how it is run. The fields are those of `fbtui.protocol.Start`."""

    path: Path
    name: str | None = None
    cwd: Path = Path()
    argv: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    config: tuple[tuple[str, str], ...] = ()
    signals: tuple[str, ...] = ()
    batch: str | None = None
    order: OrderWord = "fifo"
    seed: int = 1
    until: Literal["rest", "outputs"] = "rest"
    paused: bool = True
    all_ports: bool = False
    memory_limit: int | None = None
    recording_limit: int = 1 << 30
    attended: bool = True
    describe_only: bool = False
    virtual_time: bool = False
    real_clock: bool = False
    capacities: tuple[tuple[str, int], ...] = ()
    replay: tuple[str, int] | None = None
    places: str | None = None
    net: int | None = None
    python: str = sys.executable
    """The interpreter that it runs on; no field of `Start`, which is told to a process of it."""

    @staticmethod
    def of(start: Start) -> RunSpec:
        """Return what a recorded run was asked for."""
        names = {field.name for field in dataclasses.fields(RunSpec)}
        fields = {field.name: getattr(start, field.name) for field in dataclasses.fields(start)}
        given = {name: value for name, value in fields.items() if name in names}
        return RunSpec(**given | {"path": Path(start.path), "cwd": Path(start.cwd)})

    def start(self, run: int, folder: Path) -> Start:
        """Return the message that makes a target run it, recording into a folder."""
        fields = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.name != "python"}
        fields |= {"path": str(self.path), "cwd": str(self.cwd), "trace": str(folder)}
        return Start(run, **fields)


class Phase(Enum):
    """What a run is doing."""

    STARTING = "starting"
    MISSING = "inputs missing"
    PAUSED = "paused"
    RUNNING = "running"
    ENDED = "ended"
    BROKEN = "cannot start"


@plain
class Problem:
    """Something that went wrong: a sentence, and the details where there are any."""

    title: str
    text: str = ""
    file: str | None = None
    line: int | None = None
    at: tuple[str, str] | None = None
    """What it is about: ``("node", place)``, ``("port", place)`` or ``("edge", place)``."""

    level: Literal["error", "warning", "remark"] = "error"
    """A warning ends nothing, a remark may be no fault at all."""

    @staticmethod
    def of(failure: Failure, title: str | None = None) -> Problem:
        """Return an error of the user's code as a problem."""
        where = f" in {failure.node}" if failure.node else ""
        words = title or f"{failure.type}{where}: {failure.message}"
        told, notes = failure.traceback, ""
        if failure.message in words:  # the title says it: the text need not
            told, _, notes = told.rpartition(f"{failure.type}: {failure.message}")
        text = f"{told.rstrip()}\n{notes.strip()}".strip("\n")
        return Problem(words, text, failure.file, failure.line, _node(failure.node))

    @staticmethod
    def of_lint(lint: Lint) -> Problem:
        """Return a mistake that ends nothing as a problem."""
        title = f"{lint.node}: {lint.sentence}" if lint.node else lint.sentence
        return Problem(title, "", lint.file, lint.line, _node(lint.node), "warning")


def _node(place: str | None) -> tuple[str, str] | None:
    return ("node", place) if place else None


@plain
class OutputLine:
    """A line that the user's code printed; ``node`` is ``GRAPH`` for what no node printed."""

    node: str
    text: str
    is_error: bool = False
    is_log: bool = False
    """True for the line of a log point."""
    index: int = 0
    """The index of its record in the trace."""

    @property
    def by(self) -> str:
        """Who printed it, in people's words: a node, or the program outside all nodes."""
        return self.node if self.node != GRAPH else "program"
