"""Starts the application on a program or a recording."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from fbtui.session import RunSpec, Session
from fbtui.session.breakpoints import BreakpointList
from fbtui.session.recent import remember_opened
from fbtui.session.watches import WatchList
from fbtui.ui.app import DebuggerApp
from fbtui.ui.settings import Settings

if TYPE_CHECKING:
    from fbtui.session.process import Started
    from fbtui.trace.recording import Recording

YOUNG: Final = 10_000, 20, 20
"""New objects after which garbage is looked for among them, and how often that is done before older ones are."""
TURN: Final = 0.001
"""Seconds after which a thread that waits for another one has its turn."""
WIDE = (200, 60)
"""Columns and rows of the screen that nobody sees."""


def run_app(
    spec: RunSpec,
    settings: Settings,
    *,
    watch: bool,
    reruns: bool = True,
    breaks: Sequence[str] = (),
    remember: Callable[[str, str], None] | None = None,
    problems: Sequence[str] = (),
    first: Started | None = None,
) -> int | str:
    """Run the debugger until the person quits.

    Args:
        spec: what is debugged.
        settings: how the screen looks, and the keys.
        watch: take notice when a file is saved.
        reruns: run again then.
        breaks: breakpoints that are added to those kept.
        remember: keeps a setting for the next time.
        problems: what was wrong with the settings, told at the start.
        first: a process for the first run, started ahead.

    Returns:
        The exit code, or the program to debug next.
    """
    points = BreakpointList.of(spec.path)
    for text in breaks:
        if text not in map(str, points.items):
            points.add(text)
    watches = WatchList.of(spec.path)
    session = Session(spec, watch=watch, reruns=reruns, breakpoints=points, watches=watches, first=first)
    return _run(session, settings, remember, problems, partial(remember_opened, spec.path, spec.name))


def run_recording(
    recording: Recording,
    settings: Settings,
    *,
    remember: Callable[[str, str], None] | None = None,
    problems: Sequence[str] = (),
) -> int | str:
    """Show a recording until the person quits; the arguments and the result are those of `run_app`."""
    from fbtui.session.recorded import RecordedSession  # noqa: PLC0415 - the first frame does not need it

    program = RunSpec.of(recording.meta.start).path
    return _run(RecordedSession(recording, WatchList.of(program)), settings, remember, problems)


def _run(
    session: Session,
    settings: Settings,
    remember: Callable[[str, str], None] | None,
    problems: Sequence[str],
    drawn: Callable[[], None] | None = None,
) -> int | str:
    _be_quick()
    if settings.screen_reader:
        from fbtui.ui.spoken import SpokenApp  # noqa: PLC0415 - for those who need it alone

        spoken = SpokenApp(session, settings, remember=remember, problems=problems, drawn=drawn)
        return spoken.run(headless=True, size=WIDE) or spoken.return_code or 0
    app = DebuggerApp(session, settings, remember=remember, problems=problems, drawn=drawn)
    return app.run() or app.return_code or 0


def _be_quick() -> None:
    """Keep Python from pauses that are felt.

    What was imported stays: to look through all of it for garbage takes a tenth of a second. And the thread that
    writes to the terminal has its turn soon, whatever the next frame takes.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(*YOUNG)
    sys.setswitchinterval(TURN)
