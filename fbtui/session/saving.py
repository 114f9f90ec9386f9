"""Saves the run of a session as a recording."""

from __future__ import annotations

from pathlib import Path

from fbtui.protocol import Done
from fbtui.session.recorded import RecordedSession
from fbtui.session.session import Session
from fbtui.session.sources import texts_of
from fbtui.trace import TraceError
from fbtui.trace.recording import Meta, copy_recording, write_recording


def save_recording(session: Session, path: Path, done: Done | None = None) -> tuple[str, ...]:
    """Write what the run has recorded so far into one file.

    Args:
        session: the session, whose run may still go on.
        path: the file; an older recording there is replaced.
        done: how the run ended, if that is told better than by the session.

    Returns:
        The files whose text is not in it: they have changed since the run read them.

    Raises:
        TraceError: if there is nothing to save, or the file cannot be written.
    """
    if isinstance(session, RecordedSession):
        copy_recording(session.file, path)
        return ()
    if session.graph is None or session.record.trace is None:
        raise TraceError("nothing is recorded: the run has not begun")
    sources = texts_of(session.graph.files)
    start = session.spec.start(session.run, session.record.folder)
    lints = tuple(session.record.lints)
    write_recording(path, session.record.folder, Meta(start, session.graph, done or session.done, sources, lints))
    return tuple(file.path for file in session.graph.files if file.digest and file.path not in sources)
