"""A process that waits for the debugger's own, and gives the terminal back however that one ends.

A process that is killed, or crashes in C, cannot restore its terminal. The one that started it can: it has done
nothing but wait. It stops and goes on with the debugger (ctrl+z), and hands signals on.

One that is stuck, and does not end when it is told to, is killed in the end: a closed window leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
from typing import Any, Final

RESTORE: Final = (
    "\x1b[?1049l"  # the screen that was there before
    "\x1b[?25h\x1b[0m"  # cursor, colours
    "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l"  # mouse
    "\x1b[?2004l\x1b[?1004l\x1b[?2048l"  # paste, focus, resizes in the input
    "\x1b[<u"  # the protocol of keys
)
"""What undoes all that the debugger may have asked of a terminal."""
GRACE: Final = 10
"""Seconds that it has to end after a signal that ends it."""
HANDED_ON: Final = (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGINT)


def under_guard() -> int | None:
    """Go on in a child process.

    Returns:
        None in the child, which is to do the work; in the parent, when that has ended, the exit code.
    """
    before = termios.tcgetattr(sys.stdin.fileno())
    lives, ours = os.pipe()
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, HANDED_ON)  # the child may be sent one before this one hands on
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(ours)
        _end_with_parent(lives)
        return None
    os.close(lives)
    for number in HANDED_ON:
        signal.signal(number, lambda number, _: _hand_on(child, number))
    signal.signal(signal.SIGALRM, lambda *_: _send(child, signal.SIGKILL))
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    status = _wait(child)
    if os.WIFSIGNALED(status):
        _restore(before)
        from fbtui.session.strays import kill_strays, marks_of  # noqa: PLC0415 - it is seldom needed

        kill_strays(marks_of(child))
        with contextlib.suppress(OSError):
            name = signal.Signals(os.WTERMSIG(status)).name
            print(f"fbtui: it was killed by {name}; the terminal is as it was", file=sys.stderr)  # noqa: T201
        return 128 + os.WTERMSIG(status)
    return os.WEXITSTATUS(status)


def _hand_on(process: int, number: int) -> None:
    _send(process, number)
    if number != signal.SIGINT:
        signal.alarm(GRACE)


def _send(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _wait(child: int) -> int:
    """Wait for the end of a process; stop with it. The shell lets both go on: they are of one group."""
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            return status
        os.kill(os.getpid(), signal.SIGSTOP)


def _restore(before: list[Any]) -> None:
    with contextlib.suppress(OSError, termios.error):
        os.write(sys.stdout.fileno(), RESTORE.encode())
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)


def _end_with_parent(lives: int) -> None:
    """A parent that is killed closes its end of the pipe: nobody would wait for this process any more."""
    import fcntl  # noqa: PLC0415 - in the child alone

    os.set_inheritable(lives, False)
    signal.signal(signal.SIGIO, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    fcntl.fcntl(lives, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lives, fcntl.F_SETFL, fcntl.fcntl(lives, fcntl.F_GETFL) | os.O_ASYNC)
