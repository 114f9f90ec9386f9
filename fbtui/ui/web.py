"""The driver of a debugger that is shown in a browser tab; the server asks for it in ``TEXTUAL_DRIVER``."""

from __future__ import annotations

import contextlib
import os
from functools import partial
from typing import Any, ClassVar, Final

from textual import messages
from textual.drivers import web_driver

GRACE: Final = 5.0
"""Seconds that the application has for its end when the server has gone."""
_READY = b"__GANGLION__\n"
"""What tells the server that packets follow."""


class WebDriver(web_driver.WebDriver):
    """Textual's driver for the web, for a process that shows several programs and ends with its server."""

    _is_announced: ClassVar[bool] = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._write = partial(self._write_once_ready)

    def _write_once_ready(self, data: bytes) -> int:
        if data == _READY:
            if WebDriver._is_announced:
                return 0
            WebDriver._is_announced = True
        with contextlib.suppress(BrokenPipeError):  # the end of the input ends the application
            return os.write(self.fileno, data)
        return 0

    def write_meta(self, data: dict[str, object]) -> None:
        """Write a message for the server, but for "exit": another program may follow; its end tells."""
        if data.get("type") != "exit":
            super().write_meta(data)

    def on_meta(self, packet_type: str, payload: dict[str, object]) -> None:
        """Take a message of the server; the size is kept for the program that follows."""
        if packet_type == "resize":
            os.environ.update(COLUMNS=str(payload["width"]), ROWS=str(payload["height"]))
        super().on_meta(packet_type, payload)

    def run_input_thread(self) -> None:
        """Read what the server sends; where it has gone, end the application; if that hangs, the process."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())
            if not self.exit_event.wait(GRACE):
                os._exit(1)
