"""Processes that the user's code has started and that have left the target's process group.

Every target has a word of its own in its environment, which its descendants inherit wherever they go. On Linux that
word is looked for in ``/proc``; elsewhere only the process group is known.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MARK: Final = "FBTUI_TARGET"
"""The variable of the environment that holds the word."""
_LOOKS: Final = 20
"""How often it is looked for processes that come while others are killed."""
_numbers: Final = itertools.count(1)


def new_mark() -> str:
    """Return a word for a new target of this process."""
    return f"{marks_of(os.getpid())}{next(_numbers)}-"


def marks_of(debugger: int) -> str:
    """Return how the words of all targets of a process begin."""
    return f"{debugger}-"


def kill_strays(beginning: str) -> None:
    """Kill every process whose word begins so."""
    for _ in range(_LOOKS):
        found = list(_marked(beginning))
        if not found:
            return
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)


def _marked(beginning: str) -> Iterator[int]:
    wanted = f"{MARK}={beginning}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(entry.startswith(wanted) for entry in (folder / "environ").read_bytes().split(b"\0")):
                yield int(folder.name)
