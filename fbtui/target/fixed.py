"""What a scheduled run fixes besides its order, so that it can be had again: chance, and if asked for, time.

Fixed: ``random`` and the global generator of numpy, ``uuid1`` and ``uuid4``, with the hash seed that a target starts
with. Under virtual time ``time.time``, ``monotonic``, ``perf_counter`` and ``sleep`` follow the loop's clock, which
jumps to the next timer when nothing else can happen.

Not fixed: ``datetime.now``, ``os.urandom``, ``secrets``, ``default_rng()``, sets ordered by identity, threads, and
real input and output.
"""

from __future__ import annotations

import random
import sys
import threading
import time
import uuid
from collections.abc import Callable
from time import monotonic  # the real one, whatever stands in the module later
from typing import Any, ClassVar, Final, SupportsIndex

from fbdev.runtime.net_loop import NetLoop

BEGINNING: Final = 1_767_225_600.0
"""What ``time.time()`` gives when a run under virtual time begins: the first second of 2026, UTC."""
_EXECUTORS: Final = "asyncio_"
"""How asyncio names the threads of its executor, whose calls the loop counts by itself."""


class VirtualLoop(NetLoop):
    """A loop whose clock stands still while anything happens, and jumps to the next timer when nothing can.

    While it has to wait for something real (a thread, a socket, a process) its time passes as it really does.
    """

    on_thread: ClassVar[Callable[[], None] | None] = None
    """Called once, when a thread of the program keeps the clock from jumping."""

    def __init__(self, since: float = 0.0) -> None:
        self._virtual = since
        self._waits: tuple[float, float] | None = None
        """Since when it really waits, and for how long at most."""
        super().__init__()

    def time(self) -> float:
        """Return the virtual seconds since the run began."""
        if self._waits is not None:
            (since, longest), self._waits = self._waits, None
            self.pass_time(min(monotonic() - since, longest))
        return self._virtual

    def may_wait(self, timeout: float | None) -> bool:
        """Jump instead of waiting, unless something real may come first."""
        if timeout is None or self.frozen:
            return True
        has_threads = foreign_threads()
        if has_threads and (tell := VirtualLoop.on_thread) is not None:
            VirtualLoop.on_thread = None
            tell()
        if has_threads or self.outside() != ("timer",):
            self._waits = monotonic(), timeout
            return True
        self.pass_time(timeout)
        return False

    def pass_time(self, seconds: float) -> None:
        """Let the clock jump."""
        self._virtual += max(0.0, seconds)


def foreign_threads() -> bool:
    """Return whether there is a thread that the program has started: it may do anything at any time."""
    return any(
        thread is not threading.main_thread() and not thread.name.startswith(_EXECUTORS)
        for thread in threading.enumerate()
    )


def fix_chance(seed: int) -> None:
    """Have everything that is drawn by chance drawn from a seed."""
    random.seed(seed)
    drawn = random.Random(seed)

    def make_uuid(*_: Any, **__: Any) -> uuid.UUID:
        return uuid.UUID(int=drawn.getrandbits(128), version=4)

    uuid.uuid4 = uuid.uuid1 = make_uuid


def fix_numpy(seed: int) -> None:
    """Seed numpy's global generator, if the program has imported numpy."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % (1 << 32))


def fix_time(now: Callable[[], VirtualLoop]) -> None:
    """Have Python's clocks follow that of a loop: of whichever the function returns at the time."""
    for name, beginning in (("time", BEGINNING), ("monotonic", 0.0), ("perf_counter", 0.0)):
        setattr(time, name, lambda beginning=beginning: beginning + now().time())
        setattr(time, f"{name}_ns", lambda beginning=beginning: round((beginning + now().time()) * 1e9))
    really_sleep = time.sleep

    def sleep(seconds: SupportsIndex | float, /) -> None:
        in_loop = threading.current_thread() is threading.main_thread()
        (now().pass_time if in_loop else really_sleep)(float(seconds))

    time.sleep = sleep
