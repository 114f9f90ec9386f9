"""How the application ends: signals, a closed window, and mistakes of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from rich.text import Text

from fbtui.ui.base import Commands
from fbtui.ui.report import write_report


class Life(Commands):
    """The part of the application that sees to it that every end leaves a terminal as it was."""

    def watch_over(self) -> None:
        """Take the signals that would end the process, and what goes wrong where nobody waits."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGQUIT):
            loop.add_signal_handler(number, self.exit, None, 128 + number)
        signal.signal(signal.SIGHUP, self._on_hang_up)
        loop.set_exception_handler(self._on_stray_error)
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(layout=True))

    def _on_hang_up(self, number: int, _: object) -> None:
        """The window was closed: Textual would wait for ever to write to it. It runs even while Textual does."""
        if sys.stdin.isatty():
            self.call_later(self.exit, None, 128 + number)
        else:
            self.session.abandon()
            os._exit(128 + number)

    def _on_stray_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """A task of ours has failed and nobody waits for it: the screen stands, the person is told."""
        error = context.get("exception")
        if isinstance(error, Exception):
            self.say(write_report(error, self.session, with_recording=False))
        else:
            loop.default_exception_handler(context)

    def _fatal_error(self) -> None:
        """A mistake of ours ends the application: a report instead of a traceback."""
        error = sys.exception()
        sentence = write_report(error or RuntimeError("unknown"), self.session, with_recording=True)
        self.panic(Text(f"fbtui: {sentence}"))
