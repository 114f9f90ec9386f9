"""``fbtui serve FILE``: the debugger in a browser tab."""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from fbtui.cli.options import BadOption, breaks_of, spec_of

MISSING: Final = (
    "'fbtui serve' needs textual-serve, which is not installed: pip install 'fbtui[serve]' (in a clone: '.[serve]')"
)
HOST: Final = "127.0.0.1"
TOKEN_BYTES: Final = 24


def serve(options: argparse.Namespace, words: Sequence[str], extra: Sequence[str]) -> int:
    """Serve the debugger until it is interrupted, and return the exit code.

    Args:
        options: those of the command line.
        words: the same as they were written; each tab runs the debugger with them.
        extra: the arguments of the program that is debugged.

    Raises:
        BadOption: if the file cannot be found, the extra is missing, or the port is taken.
    """
    spec = spec_of(options, "debug")
    breaks_of(options)
    if options.screen_reader:
        raise BadOption("--screen-reader is for a terminal: 'fbtui FILE --screen-reader'")
    if find_spec("textual_serve") is None:
        raise BadOption(MISSING)
    command = [sys.executable, "-P", "-m", "fbtui", *_without_port(words), *(["--", *extra] if extra else [])]
    try:
        listening = socket.create_server((HOST, options.port))
    except OSError as error:
        raise BadOption(
            f"--port {options.port}: {os.strerror(error.errno or 0)}; without --port it takes a free one"
        ) from error
    asyncio.run(_serve(listening, command, spec.path.name))
    return 0


def _without_port(words: Sequence[str]) -> list[str]:
    """Return the words that are meant for the debugger."""
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    own.add_argument("--port")
    return own.parse_known_args(words)[1]


async def _serve(listening: socket.socket, command: list[str], title: str) -> None:
    from aiohttp import web  # noqa: PLC0415 - of the extra

    from fbtui.cli.web import GRACE, Site  # noqa: PLC0415 - needs the extra

    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    site = Site(command, title, token=secrets.token_urlsafe(TOKEN_BYTES), port=listening.getsockname()[1])
    runner = web.AppRunner(site.application(), access_log=None, shutdown_timeout=2 * GRACE)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        print(site.address, flush=True)  # noqa: T201 - the answer
        print("fbtui: open this address in a browser; ctrl+c ends it", file=sys.stderr)  # noqa: T201
        await over.wait()
    finally:
        await runner.cleanup()
