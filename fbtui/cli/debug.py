"""``fbtui FILE``, ``fbtui open RECORDING``: on a terminal; ``fbtui`` alone lists the files opened last."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fbtui import config
from fbtui.cli.encoding import can_draw
from fbtui.cli.options import BadOption, breaks_of, parser, spec_of
from fbtui.session.recent import program_of, recent
from fbtui.session.spec import RunSpec
from fbtui.ui.start import run_app, run_recording

if TYPE_CHECKING:
    from fbtui.session.process import Started


def open_app(options: argparse.Namespace, spec: RunSpec | None, first: Started | None = None) -> int:
    """Debug one program after the other until the person quits, and return the exit code.

    Args:
        options: those of the command line.
        spec: what to begin with; None asks for one of the files opened last.
        first: a process for its first run, started ahead.

    Raises:
        BadOption: if there is nothing to choose from.
    """
    given = _given(options)
    if spec is None:
        options.file = _choose(given)
        if options.file is None:
            return 0
        spec = spec_of(options, "debug")
    breaks = breaks_of(options)
    while True:
        found = config.load(spec.path, os.environ, given)
        result = run_app(
            spec,
            found.settings,
            watch=not options.no_watch,
            reruns=not options.no_rerun,
            breaks=breaks,
            remember=_remember,
            problems=found.problems,
            first=first,
        )
        if isinstance(result, int):
            return result
        spec, breaks, first = _next(spec, result), [], None


def open_recording(options: argparse.Namespace) -> int:
    """Show a recording until the person quits, and return the exit code.

    Raises:
        BadOption: if nothing of it can be read.
    """
    from fbtui.cli.recordings import opened  # noqa: PLC0415 - the first frame does not need it

    given = _given(options)
    with opened(options.recording, lambda _: None) as recording:  # the screen tells what is damaged
        found = config.load(recording.path.absolute(), os.environ, given)
        result = run_recording(recording, found.settings, remember=_remember, problems=found.problems)
    if isinstance(result, int):
        return result
    debug = parser("debug").parse_args([result])
    return open_app(argparse.Namespace(**vars(debug) | _looks(options)), spec_of(debug, "debug"))


def _looks(options: argparse.Namespace) -> dict[str, Any]:
    return {name: getattr(options, name) for name in ("theme", "ascii", "no_color", "no_motion", "screen_reader")}


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the command line says of the settings."""
    plain = True if options.ascii or not can_draw(sys.stdout) else None
    return {
        "theme": options.theme,
        "ascii": plain,
        "color": False if options.no_color else None,
        "screen_reader": True if options.screen_reader else None,
        "motion": False if options.no_motion else None,
    }


def _choose(given: dict[str, Any]) -> str | None:
    from fbtui.ui.chooser import choose_program  # noqa: PLC0415 - the first frame does not need it

    programs = recent()
    if not programs:
        raise BadOption("name a file: 'fbtui FILE.py' opens it; those opened before are listed by 'fbtui' alone")
    return choose_program(programs, config.load(Path.cwd() / "fbtui.py", os.environ, given).settings)


def _next(spec: RunSpec, program: str) -> RunSpec:
    """Another program has inputs of its own; how it runs stays as the options say."""
    path, name = program_of(program)
    return dataclasses.replace(
        spec, path=path, name=name, inputs=(), config=(), signals=(), batch=None, argv=(), capacities=()
    )


def _remember(name: str, value: str) -> None:
    """Keep a setting, unless the file is not to be written or is no TOML: that was told at the start."""
    with contextlib.suppress(OSError, ValueError):
        config.remember(name, value)
