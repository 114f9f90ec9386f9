"""The process of a node, and the thread that waits for its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from fbdev._utils.errors import words_of

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_BOOT: Final = (
    "import sys; sys.path.insert(0, sys.argv.pop(1));"
    " from fbdev.concurrent.subprocess_node_launcher import main; main(int(sys.argv.pop(1)))"
)


class ChildProcess:
    """A fresh interpreter that is handed one end of a socket pair. Made on a running loop, which is not held up.

    Args:
        theirs: the child's end; it is closed here.
    """

    def __init__(self, theirs: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._process: subprocess.Popen[bytes] | None = None
        self._unwanted = False
        self.ended: asyncio.Future[str] = self._loop.create_future()
        """Done when the process has ended, and is no zombie: how it did."""
        threading.Thread(target=self._run, args=(theirs,), name="fbdev_node_process", daemon=True).start()

    @property
    def pid(self) -> int | None:
        """The process id; None before there is one."""
        return self._process.pid if self._process is not None else None

    @property
    def where(self) -> str:
        """Where it runs, in the words of an error."""
        return f"in its process {self.pid}"

    def kill(self) -> None:
        """Kill it, if it has not ended."""
        self._unwanted = True
        if self._process is not None:
            self._process.kill()

    # -- in the thread

    def _run(self, theirs: socket.socket) -> None:
        with theirs:
            words = self._spawn(theirs.fileno())
        if self._process is not None:
            if self._unwanted:
                self._process.kill()
            words = _how_it_ended(self._process.wait())
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            self._loop.call_soon_threadsafe(self._tell, words)

    def _spawn(self, fd: int) -> str:
        try:
            # An interrupt is the parent's: the child lets it through as soon as it can take it.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _BOOT, _ROOT, str(fd)], stdin=subprocess.DEVNULL, pass_fds=(fd,)
            )
        except Exception as error:  # whatever it is, somebody waits to hear of it
            return f"could not be started: {words_of(error, str)}"
        return ""

    def _tell(self, words: str) -> None:
        if not self.ended.done():
            self.ended.set_result(words)


def _how_it_ended(code: int) -> str:
    if code >= 0:
        return f"has exited with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}"
