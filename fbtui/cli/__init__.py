"""The command line: ``fbtui FILE``, ``fbtui run FILE``, ``fbtui draw FILE``.

Help and version are told without importing the screen.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NoReturn

from fbtui.cli.options import OF_RECORDINGS, BadOption, parser, spec_of

if TYPE_CHECKING:
    from fbtui.session.process import Started
    from fbtui.session.spec import RunSpec

COMMANDS = {"run", "draw", "check", "serve", *OF_RECORDINGS}
CANNOT_START = 2
OTHER: Final = re.compile(r"fbdev(-[^-]*)?\.(dist|egg)-info$")
"""What the distribution leaves beside its package. To ask `importlib.metadata` takes longer than all the rest."""
PIPE_CLOSED = 141
"""What a shell tells of a program that SIGPIPE has ended."""


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command that the arguments name, and exit with its code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(words)
    except BadOption as error:
        print(f"fbtui: {error}", file=sys.stderr)  # noqa: T201 - this is what a command line is for
        code = CANNOT_START
    except BrokenPipeError:  # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = PIPE_CLOSED
    sys.exit(code)


def _run(words: list[str]) -> int:
    extra: tuple[str, ...] = ()
    if "--" in words:
        at = words.index("--")
        words, extra = words[:at], tuple(words[at + 1 :])
    command = words[0] if words and words[0] in COMMANDS else "debug"
    options = parser(command).parse_args(_joined(words if command == "debug" else words[1:]))
    if command in OF_RECORDINGS:
        return _of_recordings(command, options)
    import asyncio  # noqa: PLC0415 - help and version need none of it
    import dataclasses  # noqa: PLC0415

    _refuse_other_fbdev()
    if command == "debug":
        return _debug(options, extra)
    if command == "serve":
        from fbtui.cli.serve import serve  # noqa: PLC0415 - each command imports what it needs

        return serve(options, words[1:], extra)
    spec = dataclasses.replace(spec_of(options, command), argv=extra)
    if command == "run":
        from fbtui.cli.run import run  # noqa: PLC0415 - each command imports what it needs

        return asyncio.run(run(spec, options))
    if command == "draw":
        from fbtui.cli.draw import draw  # noqa: PLC0415 - each command imports what it needs

        return asyncio.run(draw(spec, options))
    from fbtui.cli.check import check  # noqa: PLC0415 - each command imports what it needs

    return asyncio.run(check(spec, options))


def _of_recordings(command: str, options: argparse.Namespace) -> int:
    if command == "open":
        if (code := _guarded("'fbtui export' does not", options)) is not None:
            return code
        from fbtui.cli.debug import open_recording  # noqa: PLC0415 - Textual is imported for the screen alone

        return open_recording(options)
    from fbtui.cli import recordings  # noqa: PLC0415 - each command imports what it needs

    return recordings.diff(options) if command == "diff" else recordings.export(options)


def _guarded(what_does_not: str, options: argparse.Namespace) -> int | None:
    """Go on in a process under guard: None there, the exit code in the one that has waited for it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        if options.screen_reader or "TEXTUAL_DRIVER" in os.environ:  # lines need no terminal, nor does a browser
            return None
        raise BadOption(f"the debugger needs a terminal; {what_does_not}")
    if os.environ.get("TERM") == "dumb" and not options.screen_reader:
        raise BadOption(f"a terminal with TERM=dumb shows no picture: --screen-reader writes lines; {what_does_not}")
    from fbtui.cli.guard import under_guard  # noqa: PLC0415 - each command imports what it needs

    return under_guard()


def _debug(options: argparse.Namespace, extra: tuple[str, ...]) -> int:
    import dataclasses  # noqa: PLC0415 - help and version need none of it

    gc.disable()  # until the screen is up: imports leave no garbage, and to look for it takes a tenth of the start
    spec = dataclasses.replace(spec_of(options, "debug"), argv=extra) if options.file is not None else None
    if (code := _guarded("'fbtui run' and 'fbtui draw' do not", options)) is not None:
        return code
    first = _started_ahead(spec) if spec is not None else None
    from fbtui.cli.debug import open_app  # noqa: PLC0415 - Textual is imported for the screen alone

    return open_app(options, spec, first)


def _started_ahead(spec: RunSpec) -> Started | None:
    """Start the process of the first run: it comes up while the screen is imported."""
    from fbtui.session.process import start_process  # noqa: PLC0415 - each command imports what it needs

    try:
        return start_process(spec.python)
    except OSError:  # the session will say so
        return None


def _joined(words: list[str]) -> list[str]:
    """``--until move 3`` is one option with one argument."""
    joined: list[str] = []
    for word in words:
        if joined[-2:] == ["--until", "move"] and word.isdigit():
            joined[-1] = f"move {word}"
        else:
            joined.append(word)
    return joined


def _names_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder or os.curdir) as entries:
            return [entry.name for entry in entries]
    except OSError:  # no folder, or an archive
        return []


def _refuse_other_fbdev() -> None:
    """Two distributions that own the same package would overwrite each other's files."""
    found = next((name for folder in sys.path for name in _names_in(folder) if OTHER.match(name.lower())), None)
    if found is not None:
        what = found.rpartition(".")[0].replace("-", " ")
        raise BadOption(f"{what} is installed beside it: uninstall fbdev first, fbtui brings its own")
