"""The application on a recording."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fbtui.session.recorded import RecordedSession
from fbtui.trace.recording import Recording
from fbtui.ui.app import DebuggerApp
from fbtui.ui.settings import Settings


def run_recording(
    recording: Recording,
    settings: Settings,
    *,
    remember: Callable[[str, str], None] | None = None,
    problems: Sequence[str] = (),
) -> int | str:
    """Show a recording until the person quits; the arguments and the result are those of `run_app`."""
    app = DebuggerApp(RecordedSession(recording), settings, remember=remember, problems=problems)
    return app.run() or app.return_code or 0
