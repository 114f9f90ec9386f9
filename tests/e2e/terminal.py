"""A real terminal for tests: a tmux server of its own, watched through tmux's control mode.

The control client is told of every byte that the pane prints, so waiting for a screen needs no guessed pause:
it reads until something was printed, then looks again.
"""

from __future__ import annotations

import os
import select
import shlex
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

LOOK_AGAIN = 0.25
"""Seconds: what was printed before the control client was attached is not told."""


class Terminal:
    """A shell in a tmux pane of ``columns`` by ``rows`` cells. Use it as a context manager."""

    def __init__(self, columns: int = 120, rows: int = 36, *, env: dict[str, str] | None = None) -> None:
        self._socket = f"fbtui-{uuid.uuid4().hex[:12]}"
        self._columns, self._rows = columns, rows
        self._env = {
            **{k: v for k, v in os.environ.items() if k not in {"TMUX", "NO_COLOR", "COLUMNS", "LINES"}},
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
            "TEXTUAL_ANIMATIONS": "none",
            **(env or {}),
        }

    def __enter__(self) -> Terminal:
        size = ["-x", str(self._columns), "-y", str(self._rows)]
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "e2e", *size, "sh")
        self.tmux("set-option", "-g", "window-size", "manual")
        self.tmux("set-option", "-g", "escape-time", "0")
        self._client = subprocess.Popen(
            ["tmux", "-L", self._socket, "-C", "attach-session", "-t", "e2e"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self._env,
        )
        self.resize(self._columns, self._rows)
        self.wait_for(lambda screen: bool(screen.strip()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the window, as a person does who is done with it."""
        subprocess.run(["tmux", "-L", self._socket, "kill-server"], capture_output=True, check=False)
        self._client.communicate()

    def tmux(self, *command: str) -> str:
        """Return what a tmux command prints."""
        result = subprocess.run(
            ["tmux", "-L", self._socket, *command], capture_output=True, check=True, text=True, env=self._env
        )
        return result.stdout

    def run(self, *words: str | Path) -> None:
        """Type a command and press Enter."""
        self.tmux("send-keys", "-t", "e2e", "-l", shlex.join(map(str, words)))
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names: ``s``, ``Enter``, ``C-q``, ``F5``."""
        self.tmux("send-keys", "-t", "e2e", *keys)

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size."""
        self.tmux("resize-window", "-t", "e2e", "-x", str(columns), "-y", str(rows))

    @property
    def screen(self) -> str:
        """What stands on the screen now, line by line, without colours."""
        return self.tmux("capture-pane", "-p", "-t", "e2e")

    def state(self, name: str) -> str:
        """Return a flag of the pane, such as ``alternate_on`` or ``cursor_flag``."""
        return self.tmux("display-message", "-p", "-t", "e2e", f"#{{{name}}}").strip()

    def wait_for(self, wanted: str | Callable[[str], bool], seconds: float = 20.0) -> str:
        """Return the first screen that holds the text, or that fits.

        Raises:
            AssertionError: if none has come in time; the message shows the screen as it is.
        """
        fits = (lambda screen: wanted in screen) if isinstance(wanted, str) else wanted
        deadline = time.monotonic() + seconds
        while not fits(screen := self.screen):
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"waited {seconds:g} s for {wanted!r}; the screen is\n{screen}")
            self._until_something_is_printed(min(left, LOOK_AGAIN))
        return screen

    def _until_something_is_printed(self, seconds: float) -> None:
        pipe = self._client.stdout
        assert pipe is not None
        if select.select([pipe], [], [], seconds)[0]:
            os.read(pipe.fileno(), 1 << 16)
