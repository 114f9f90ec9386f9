"""A target does not outlive its debugger, whatever it is busy with."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
"""From Linux's prctl(2): the signal that a process gets when its parent dies."""


def die_with_parent(control: int) -> None:
    """Have the process killed when its debugger is gone.

    On Linux the kernel does it; elsewhere a thread waits for the other end of the control channel to close.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel was told
            os._exit(0)
    else:
        threading.Thread(target=_wait_for_hang_up, args=(control,), name="asyncio_orphan", daemon=True).start()


def _wait_for_hang_up(control: int) -> None:
    poll = select.poll()
    poll.register(control, select.POLLHUP)
    while not any(event & select.POLLHUP for _, event in poll.poll()):
        pass
    os._exit(0)
