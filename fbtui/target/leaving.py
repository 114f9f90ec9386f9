"""How this process is left before its time: by an exit of the user's own, and by a fork that goes on as the run."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import sys
from os import _exit  # the real one, whatever stands in the module later
from typing import Final

from fbdev.runtime.net_loop import NetLoop
from fbtui.target.control import Control
from fbtui.trace import TraceWriter

_WENT_ON: Final = "a forked process went on with the run and was ended: end it with os._exit()\n"


def tell_where_it_is_left(crash: int) -> None:
    """Have ``os._exit`` leave the place that it was called at.

    Args:
        crash: the descriptor of the file where a crash leaves its stack.
    """
    this = os.getpid()

    def leave(status: int) -> None:
        if os.getpid() == this:
            with contextlib.suppress(Exception):
                faulthandler.dump_traceback(crash, all_threads=False)
        _exit(status)

    os._exit = leave  # type: ignore[assignment]  # it never returns either


def part_forks_from(writer: TraceWriter, control: Control, loop: NetLoop) -> None:
    """Have a forked process print past the run, and end when it comes back into the net: that is its parent's."""

    def part() -> None:
        faulthandler.disable()
        control.close()
        loop.on_turn = _end
        writer.forsake(_end)
        sys.stdout = open(1, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115

    os.register_at_fork(after_in_child=part)


def _end() -> None:
    with contextlib.suppress(OSError):
        os.write(2, _WENT_ON.encode())
    _exit(1)
