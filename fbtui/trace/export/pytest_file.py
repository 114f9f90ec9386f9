"""A recording as a test: a Python file that runs the graph again and compares what went over every edge."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fbtui.protocol import Start
from fbtui.trace.comparison import histories
from fbtui.trace.export.problem import ExportError
from fbtui.trace.recording import Recording

_PLAIN = ("argv", "inputs", "config", "signals", "batch", "virtual_time")


def lines(recording: Recording, path: Path | None) -> Iterator[str]:
    """Yield the lines of the test.

    Args:
        recording: the run.
        path: where the test will stand; the program is named relative to it.

    Raises:
        ExportError: if the run has not ended, or an input was the content of a file.
    """
    meta = recording.meta
    if meta.done is None:
        raise ExportError("the run was recorded before its end: a test needs to know how it ends")
    _refuse_files(meta.start)
    subject = f"{Path(meta.start.path).name}:{meta.graph.name}"
    yield f'"""Runs {_plain(subject)} on the recorded inputs: every edge has to carry the recorded packets.'
    yield ""
    yield f"Made by fbtui from {_plain(recording.path.name)}."
    yield '"""'
    yield ""
    yield from ("from pathlib import Path", "", "import pytest", "", "from fbtui.testing import Ran, run_graph", "")
    yield f"PROGRAM = {_place(meta.start.path, path)}"
    yield f"FOLDER = {_place(meta.start.cwd, path)}"
    yield f"END = {meta.done.end!r}"
    yield "HISTORIES = {"
    for edge, history in histories(recording.trace, meta.graph.graph).items():
        yield f"    {edge!r}: ["
        yield from (f"        {packet.summary!r}," for packet in history)
        yield "    ],"
    yield "}"
    yield from ("", "", '@pytest.fixture(scope="module", name="ran")', "def run_again() -> Ran:")
    yield f"    return run_graph({', '.join(['PROGRAM', *_arguments(meta.start, meta.graph.name)])})"
    yield from ("", "", "def test_it_ends_as_recorded(ran: Ran) -> None:", "    assert ran.end == END, ran.text")
    yield from ("", "", '@pytest.mark.parametrize("edge", HISTORIES)')
    yield "def test_the_edge_carries_the_recorded_packets(ran: Ran, edge: str) -> None:"
    yield "    assert ran.histories.get(edge) == HISTORIES[edge]"


def _refuse_files(start: Start) -> None:
    for name, text in (*start.inputs, *start.config):
        if text.startswith("@") and not text.startswith("@@"):
            raise ExportError(
                f"port '{name}' was given the file {text[1:]}, whose content is not recorded: record a run with the"
                " value itself, or with a BATCH in the program"
            )


def _arguments(start: Start, name: str) -> Iterator[str]:
    yield f"name={(start.name or name)!r}" if start.net is None else f"net={start.net}"
    yield "cwd=FOLDER"
    yield f"order={('fifo' if start.order == 'ask' else start.order)!r}"
    yield f"seed={start.seed}"
    yield f"until={start.until!r}"
    yield from (f"{field}={value!r}" for field in _PLAIN if (value := getattr(start, field)))


def _place(place: str, test: Path | None) -> str:
    """Return an expression for a path, relative to the test if it is known where that will stand."""
    if test is None:
        return f"Path({place!r})"
    return f"(Path(__file__).parent / {os.path.relpath(place, test.resolve().parent)!r}).resolve()"


def _plain(text: str) -> str:
    return re.sub(r"[^\w.: -]", "_", text)
