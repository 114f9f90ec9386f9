"""The descriptors that this process needs, kept from the user's code: it may close all that it has not opened."""

from __future__ import annotations

import errno
import os
from os import close, closerange
from pathlib import Path
from typing import Final

_OPEN: Final = Path("/dev/fd")
"""The folder that names the descriptors of the process that looks."""


def keep_open() -> None:
    """Have ``os.close`` and ``os.closerange`` leave all descriptors from 3 on alone that are open now.

    For the user's code there are none: to close one fails, to close a range passes it over. A forked process closes
    what it likes.
    """
    this = os.getpid()
    ours = frozenset(
        number for number in (int(each.name) for each in _OPEN.iterdir()) if number > 2 and _is_open(number)
    )

    def close_one(fd: int) -> None:
        if fd in ours and os.getpid() == this:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        close(fd)

    def close_range(fd_low: int, fd_high: int) -> None:
        begin = fd_low
        for number in sorted(ours) if os.getpid() == this else ():
            if begin <= number < fd_high:
                closerange(begin, number)
                begin = number + 1
        closerange(begin, fd_high)

    os.close, os.closerange = close_one, close_range


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False  # it was that of the folder itself
    return True
