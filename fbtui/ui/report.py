"""Reports of our own mistakes."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path

from fbtui.session import Session
from fbtui.session.state import state_folder, write_atomically
from fbtui.trace import TraceError


def write_report(error: BaseException, session: Session, *, with_recording: bool) -> str:
    """Write what went wrong into a file, and return in one sentence what happened and where to read of it.

    Args:
        error: the mistake.
        session: the session, whose run is kept.
        with_recording: save what was recorded: the session ends.
    """
    brief = f"a mistake of fbtui's own: {type(error).__name__}: {error}".rstrip(": ")
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    for folder in (state_folder() / "reports", Path(tempfile.gettempdir())):
        try:
            report = folder / f"{name}.txt"
            write_atomically(report, _text(error, session))
        except OSError:
            continue
        kept = _recording(session, folder / f"{name}.fbtrace") if with_recording else ""
        return f"{brief}; the report is in {report}{kept}"
    return f"{brief}; no report could be written"


def _recording(session: Session, path: Path) -> str:
    from fbtui.session.saving import save_recording  # noqa: PLC0415 - the first frame does not need it

    with contextlib.suppress(TraceError, OSError):
        save_recording(session, path)
        return f", the recording of the run in {path}"
    return ""


def _text(error: BaseException, session: Session) -> str:
    versions = {name: _version(name) for name in ("fbtui", "textual", "rich")}
    terminal = {name: os.environ.get(name, "") for name in ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG", "TMUX")}
    facts = {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        **versions,
        **{name: value for name, value in terminal.items() if value},
        "program": session.spec.path.name,
        "run": f"{session.run}, {session.phase.value}",
    }
    lines = [f"{name}: {value}" for name, value in facts.items()]
    return "\n".join([*lines, "", *"".join(traceback.format_exception(error)).splitlines(), ""])


def _version(name: str) -> str:
    from importlib import metadata  # noqa: PLC0415 - the first frame does not need it

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
