"""What is done with recordings: ``fbtui run --record`` and ``--expect``, ``fbtui diff``, ``fbtui export``."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from fbtui.cli.options import BadOption
from fbtui.protocol import Done
from fbtui.protocol.characters import clean
from fbtui.session import RunSpec, Session
from fbtui.session.saving import save_recording
from fbtui.trace import TraceError
from fbtui.trace.comparison import differences, histories
from fbtui.trace.export import ExportError, export_to
from fbtui.trace.profile import profile_of, table
from fbtui.trace.recording import Recording, refuse_to_overwrite

DIFFERS: Final = 4


@contextlib.contextmanager
def opened(path: str | Path, tell: Callable[[str], None]) -> Iterator[Recording]:
    """Open a recording; what is damaged in it is told, and what can be read is there.

    Raises:
        BadOption: if nothing of it can be read.
    """
    try:
        with Recording(Path(path)) as recording:
            if recording.damage:
                tell(clean(recording.damage))
            yield recording
    except TraceError as error:
        raise BadOption(clean(str(error))) from error


def complain(sentence: str) -> None:
    """Tell a sentence on standard error."""
    print(f"fbtui: {sentence}", file=sys.stderr)  # noqa: T201 - this is what a command line is for


# ------------------------------------------------------------------------------------ fbtui run


def check_record(path: str | None) -> None:
    """Raise BadOption, before anything runs, if a recording cannot be written there."""
    try:
        if path is not None:
            refuse_to_overwrite(Path(path))
    except TraceError as error:
        raise BadOption(f"--record: {error}") from error


def save(session: Session, path: str, done: Done) -> None:
    """Write the recording of a run.

    Raises:
        BadOption: if it cannot be written.
    """
    try:
        for file in save_recording(session, Path(path), done):
            complain(clean(f"{file} has changed since the run began: its text is not in the recording"))
    except TraceError as error:
        raise BadOption(f"--record: {error}") from error


def print_profile(session: Session) -> None:
    """Print on standard error where the time of a run went."""
    session.refresh()
    if session.record.trace is not None and session.graph is not None:
        for line in table(profile_of(session.record.trace, session.graph.graph)):
            print(clean(line), file=sys.stderr)  # noqa: T201 - for people


def as_recorded(spec: RunSpec, recording: Recording, options: argparse.Namespace) -> RunSpec:
    """Return a run like the recorded one: what the command line does not say is as it was recorded."""
    start = recording.meta.start
    batch = spec.batch if spec.batch is not None else start.batch
    return dataclasses.replace(
        spec,
        name=spec.name or start.name,
        net=spec.net or start.net,
        argv=spec.argv or start.argv,
        inputs=_merged(start.inputs, spec.inputs, "input."),
        config=_merged(start.config, spec.config, "config."),
        signals=tuple(dict.fromkeys((*start.signals, *spec.signals))),
        batch=batch,
        order=options.order or ("fifo" if start.order == "ask" else start.order),
        seed=start.seed if options.seed is None else options.seed,
        until=spec.until if options.until else start.until,
        virtual_time=spec.virtual_time or start.virtual_time,
    )


def _merged(
    recorded: tuple[tuple[str, str], ...], said: tuple[tuple[str, str], ...], prefix: str
) -> tuple[tuple[str, str], ...]:
    """The command line wins, port by port."""
    names = {name.removeprefix(prefix) for name, _ in said}
    return (*(pair for pair in recorded if pair[0].removeprefix(prefix) not in names), *said)


def differs(session: Session, done: Done, recording: Recording) -> str:
    """Return in one sentence where a run first differs from a recorded one; empty if it is the same."""
    assert session.graph is not None
    before = histories(recording.trace, recording.meta.graph.graph)
    trace = session.record.trace
    after = {} if trace is None else histories(trace, session.graph.graph)
    found = differences(before, after)
    if found:
        more = f", and {len(found) - 1} more edges differ" if len(found) > 1 else ""
        return f"first difference after move {found[0].step}: {found[0]}{more}"
    if recording.meta.done is not None and recording.meta.done.end != done.end:
        return f"every edge carried the same, but it was to end {recording.meta.done.end}, and has {done.end}"
    return ""


# ------------------------------------------------------------------------------------ fbtui diff


def diff(options: argparse.Namespace) -> int:
    """Print where two recordings differ, edge by edge, and return the exit code.

    Raises:
        BadOption: if one of them cannot be read.
    """
    with opened(options.before, complain) as before, opened(options.after, complain) as after:
        found = differences(*(histories(one.trace, one.meta.graph.graph) for one in (before, after)))
        ends = [None if one.meta.done is None else one.meta.done.end for one in (before, after)]
    same = not found and ends[0] == ends[1]
    if options.json:
        edges = [dataclasses.asdict(one) for one in found]
        data = {"same": same, "end": {"before": ends[0], "after": ends[1]}, "edges": edges}
        print(json.dumps(data))  # noqa: T201 - the answer
    else:
        for one in found:
            print(clean(str(one)))  # noqa: T201 - the answer
        if ends[0] != ends[1]:
            print(f"the end: was {ends[0] or 'still to come'}, is {ends[1] or 'still to come'}")  # noqa: T201 - the answer
        if same:
            print("the same: every edge carried the same packets, and the end is the same")  # noqa: T201 - the answer
    return 0 if same else DIFFERS


# ------------------------------------------------------------------------------------ fbtui export


def export(options: argparse.Namespace) -> int:
    """Write a recording in another format, and return the exit code.

    Raises:
        BadOption: if it cannot be read, or not be written so.
    """
    target = None if options.output is None else Path(options.output)
    if target is not None and target.exists() and target.samefile(options.recording):
        raise BadOption(f"-o {options.output} is the recording itself: name another file")
    with opened(options.recording, complain) as recording:
        try:
            export_to(options.to, recording, target, sys.stdout)
        except ExportError as error:
            raise BadOption(clean(str(error))) from error
        except OSError as error:
            if target is None:
                raise
            raise BadOption(f"cannot write {target}: {error.strerror}") from error
    return 0
