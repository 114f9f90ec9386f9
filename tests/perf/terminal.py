"""A pty that answers as a terminal which shows whole frames at once, and tells when something was drawn."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path

ASKS_FOR_WHOLE_FRAMES = b"\x1b[?2026$p"
ANSWER = b"\x1b[?2026;2$y"
"""Frames can be shown at once: https://gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036."""
FRAME_ENDS = b"\x1b[?2026l"
PATIENCE = 60
"""Seconds after which what was waited for will not come."""
TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    """A program on a terminal of its own.

    Args:
        command: the program and its arguments.
        size: columns and rows.
    """

    def __init__(self, command: Sequence[str], size: tuple[int, int] = (160, 50)) -> None:
        self._unread = b""
        self._asked = False
        self._begun = time.perf_counter()
        self.process, self._file = pty.fork()
        if self.process == 0:
            columns, rows = size
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody who debugs compiles everything anew each time
            os.execv(command[0], list(command))

    def _read(self, until: float) -> bool:
        """Take what the program has drawn, or wait for it; False when it is too late or the program has ended."""
        left = until - time.perf_counter()
        if left <= 0 or not select.select([self._file], [], [], left)[0]:
            return False
        try:
            self._unread += os.read(self._file, 65536)
        except OSError:  # the program has ended
            return False
        if not self._asked and ASKS_FOR_WHOLE_FRAMES in self._unread:
            self._asked = True
            self.send(ANSWER)
        return True

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._file, keys)

    def watch(self, seconds: float) -> None:
        """Let time pass; what was drawn until then is not waited for any more."""
        until = time.perf_counter() + seconds
        while self._read(until):
            self._unread = self._unread[-len(ASKS_FOR_WHOLE_FRAMES) :] if self._asked else self._unread
        self._unread = b""

    def until(self, marker: bytes, frame_ends: bytes = b"") -> float:
        """Wait until something is drawn, and to the end of its frame; return the seconds since the start.

        Raises:
            TimeoutError: if it does not come.
        """
        patience = time.perf_counter() + PATIENCE
        while (at := self._unread.find(marker)) < 0 or self._unread.find(frame_ends, at) < 0:
            if not self._read(patience):
                raise TimeoutError(f"{marker!r} was not drawn; the last that was: {self._unread[-2000:]!r}")
        self._unread = self._unread[self._unread.find(frame_ends, at) + len(frame_ends or marker) :]
        return time.perf_counter() - self._begun

    def press(self, keys: bytes, marker: bytes) -> float:
        """Press keys; return the seconds until the frame that shows something is whole."""
        begun = time.perf_counter() - self._begun
        self.send(keys)
        return self.until(marker, FRAME_ENDS) - begun

    def _family(self) -> list[int]:
        """Return the processes of the program: the one that was started, then what it has started."""
        found = [self.process]
        for process in found:
            with contextlib.suppress(FileNotFoundError):
                for thread in Path(f"/proc/{process}/task").iterdir():
                    found += map(int, (thread / "children").read_text(encoding="ascii").split())
        return found

    def processor_seconds(self) -> float:
        """Return the seconds of the processor that the program and all that it has started have used."""
        used = 0
        for process in self._family():
            words = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
            used += int(words[11]) + int(words[12])
        return used / TICKS

    def seconds_at_work(self) -> float:
        """Return the seconds of the processor that the process of the screen has used."""
        threads = Path(f"/proc/{self._family()[1]}/task").iterdir()
        return sum(int((one / "schedstat").read_text(encoding="ascii").split()[0]) for one in threads) / 1e9

    def resident(self) -> tuple[float, float]:
        """Return the megabytes that the process of the screen holds: of its own, and with the files it has mapped.

        It is the first process that the guard has started.
        """
        words = Path(f"/proc/{self._family()[1]}/statm").read_text(encoding="ascii").split()
        resident, of_files = int(words[1]), int(words[2])
        page = os.sysconf("SC_PAGE_SIZE") / 1e6
        return (resident - of_files) * page, resident * page

    def close(self) -> None:
        """End the program."""
        with contextlib.suppress(OSError):
            self.send(b"\x11")
        self.watch(0.5)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGTERM)
        self.watch(PATIENCE)
        os.waitpid(self.process, 0)
        os.close(self._file)
