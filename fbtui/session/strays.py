"""Processes that the user's code has started and that have left the target's process group.

Every target has a word of its own in its environment, which its descendants inherit wherever they go. On Linux that
word is looked for in ``/proc``; elsewhere only the process group is known.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import time
from pathlib import Path
from typing import Final

MARK: Final = "FBTUI_TARGET"
"""The variable of the environment that holds the word."""
_LOOKS: Final = 20
"""How often it is looked for processes that come while others are killed."""
_UNKNOWN: Final = 4
"""How often it is looked again because of processes that show no environment: they may be strays, or have none."""
_SOON: Final = 0.005
"""Seconds in between."""
_numbers: Final = itertools.count(1)


def new_mark() -> str:
    """Return a word for a new target of this process."""
    return f"{marks_of(os.getpid())}{next(_numbers)}-"


def marks_of(debugger: int) -> str:
    """Return how the words of all targets of a process begin."""
    return f"{debugger}-"


def kill_strays(beginning: str) -> None:
    """Kill every process whose word begins so. It may wait for a moment, and wants a thread."""
    unknown = 0
    for _ in range(_LOOKS):
        found, unknown_now = _marked(beginning)
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        if not found:
            unknown += 1
            if not unknown_now or unknown > _UNKNOWN:
                return
            time.sleep(_SOON)


def _marked(beginning: str) -> tuple[list[int], bool]:
    """Return the processes with such a word, and whether there are some that show no environment.

    One that has only just begun a program shows none yet, although who started it has gone on.
    """
    wanted, found, unknown = f"{MARK}={beginning}".encode(), list[int](), False
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environment = (folder / "environ").read_bytes()
            if any(entry.startswith(wanted) for entry in environment.split(b"\0")):
                found.append(int(folder.name))
            elif not environment:
                unknown |= bool((folder / "exe").readlink())  # the kernel's own and the dead have none
    return found, unknown
