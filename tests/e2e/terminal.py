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

from tests.patience import PATIENCE

LOOK_AGAIN = 0.25
"""Seconds: what was printed before the control client was attached is not told."""
PROMPT = "ready:"
"""What the shell says when it waits for a command."""
RESTORED = {"alternate_on": "0", "mouse_any_flag": "0", "cursor_flag": "1"}
"""The flags of a pane as a shell has them, and every application has to leave them."""


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
        self.type(f"PS1={PROMPT}")
        self.wait_for_prompt()
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
        """Have the shell run a command, as soon as it waits for one."""
        self.run_line(shlex.join(map(str, words)))

    def run_line(self, line: str) -> None:
        """Have the shell run a line of its own language, as soon as it waits for one."""
        self.wait_for_prompt()  # an application that ends throws away what was typed ahead
        self.type(line)

    def type(self, line: str) -> None:
        """Type a line and press Enter, whoever reads it."""
        self.tmux("send-keys", "-t", "e2e", "-l", line)
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

    def flags(self, *names: str) -> dict[str, str]:
        """Return flags of the pane, such as ``alternate_on``, as they are at one moment."""
        told = self.tmux("display-message", "-p", "-t", "e2e", " ".join(f"#{{{name}}}" for name in names))
        return dict(zip(names, told.split(), strict=True))

    def wait_for(self, *wanted: str | Callable[[str], object], seconds: float = PATIENCE) -> str:
        """Return the first screen that holds every text and fits every condition.

        A screen may be seen half drawn: name all that it has to hold here, instead of looking for it afterwards.

        Raises:
            AssertionError: if none has come in time; the message shows the screen as it is.
        """
        screen = ""

        def unmet() -> str:
            nonlocal screen
            screen = self.screen
            missing = [want for want in wanted if not (want in screen if isinstance(want, str) else want(screen))]
            return f"{missing!r} is not on the screen, which is\n{screen}" if missing else ""

        self._wait_while(unmet, seconds)
        return screen

    def wait_for_flags(self, wanted: dict[str, str], seconds: float = PATIENCE) -> None:
        """Return when the pane has all these flags at once.

        Raises:
            AssertionError: if it does not have them in time; the message shows those that it has, and the screen.
        """

        def unmet() -> str:
            flags = self.flags(*wanted)
            return "" if flags == wanted else f"the flags are {flags}, the screen is\n{self.screen}"

        self._wait_while(unmet, seconds)

    def wait_until_restored(self) -> None:
        """Return when an application that ends has left the terminal as a shell has it.

        It gives the cursor back some bytes after the screen: neither alone tells that it is done.
        """
        self.wait_for_flags(RESTORED)

    def wait_for_prompt(self) -> str:
        """Return the screen when the shell waits for a command."""
        return self.wait_for(lambda screen: screen.rstrip().rpartition("\n")[2] == PROMPT)

    def _wait_while(self, unmet: Callable[[], str], seconds: float) -> None:
        """Look again whenever something was printed, until there is nothing unmet to be told any more."""
        deadline = time.monotonic() + seconds
        while problem := unmet():
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"waited {seconds:g} s: {problem}")
            self._until_something_is_printed(min(left, LOOK_AGAIN))

    def _until_something_is_printed(self, seconds: float) -> None:
        pipe = self._client.stdout
        assert pipe is not None
        if select.select([pipe], [], [], seconds)[0]:
            os.read(pipe.fileno(), 1 << 16)


def save(path: Path, text: str) -> None:
    """Save a file as an editor does that leaves no moment in which half of it can be read."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
