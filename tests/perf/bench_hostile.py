"""How quick the application answers while the program it debugs misbehaves.

For each kind of misbehaviour a program does it in the middle of a run; meanwhile a key (``M``, a menu) is pressed
again and again, and the time to the frame that shows its effect is taken, on a terminal of 160x50 that is a pty.
Printed are the least, the median and the slowest of each, beside the goal, and those of a program at rest; and what
of the median the application has worked for it: on a machine that does other things, too, the rest is mostly the
wait for a processor. Run it by ``make bench``, or by itself: ``--presses 20``, ``--only fork``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.fbtui.driver import program  # noqa: E402 - found beside its package
from tests.perf.terminal import Terminal  # noqa: E402

FBTUI = (sys.executable, "-m", "fbtui")
GOAL: Final = 50
"""Milliseconds from a key to its frame."""
OPENED: Final = b"The run"
APART: Final = 0.12
"""Seconds between two keys: Textual waits so long to tell Escape from the beginning of another key."""

CLASS = "class Value:\n                def __repr__(self):\n                    {}\n            value = Value()"
BODIES: Final = {
    "at rest": "pass",
    "endless loop": "while True: pass",
    "endless loop in except": "while True:\n                try: time.sleep(9)\n                except: pass",
    "time.sleep(60)": "time.sleep(60)",
    "C loop that never returns": "import re; re.match('(a+)+b', 'a' * 60)",
    "os._exit": "os._exit(3)",
    "segfault": "import ctypes; ctypes.string_at(0)",
    "abort": "os.abort()",
    "sys.exit": "sys.exit(2)",
    "5 GB allocation": "value = [bytearray(1 << 20) for _ in range(5_000)]",
    "task bomb": (
        "async def bomb():\n                while True: asyncio.ensure_future(bomb()); await asyncio.sleep(0)\n"
        "            await bomb()"
    ),
    "forked grandchildren": "[os.fork() for _ in range(5)]; time.sleep(60)",
    "input()": "input('name? ')",
    "await for ever": "await asyncio.Event().wait()",
    "recursion": "deep = lambda n: deep(n + 1)\n            deep(0)",
    "__repr__ raises": CLASS.format("raise ValueError"),
    "__repr__ hangs": CLASS.format("while True: pass"),
    "__repr__ of 100 MB": CLASS.format("return 'x' * 100_000_000"),
    "payload that cannot be copied": "import threading; value = [threading.Lock(), (_ for _ in '')]",
    "10 MB in a burst": "print('\\n'.join(['x' * 99] * 100_000)); await asyncio.Event().wait()",
    "10 MB in one line": "print('x' * 10_000_000); await asyncio.Event().wait()",
    "output without an end": "while True: print('x' * 99)",
    "logging without an end": "import logging\n            while True: logging.warning('x' * 99)",
    "escape codes and markup": (
        "print('\\x1b]0;owned\\x07\\x1b[2J[bold red]x[/]'); raise ValueError('\\x1b[2J[bold]x[/]')"
    ),
    "thread left running": (
        "import threading\n            def spin():\n                while True: pass\n"
        "            [threading.Thread(target=spin).start() for _ in range(3)]; await asyncio.Event().wait()"
    ),
    "os.close(1)": "os.close(1); os.close(2); print('x'); await asyncio.Event().wait()",
    "every descriptor closed": "os.closerange(0, 200); await asyncio.Event().wait()",
    "another working folder": "os.chdir('/'); await asyncio.Event().wait()",
    "signal handler of its own": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n            while 1: pass"
    ),
    "signal that says where, ignored": (
        "import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n            while 1: pass"
    ),
    "packets without an end": "while True: await self.ports.output.out.put(Packet(value))",
    "a payload of 100 MB": "value = ['x' * 50, b'y' * 100_000_000, list(range(1_000_000))]",
    "problems without an end": (
        "while True:\n                task = asyncio.ensure_future(asyncio.sleep(0))\n"
        "                task.add_done_callback(lambda _: 1 / 0); await asyncio.sleep(0)"
    ),
}
MODULES: Final = {
    "asyncio.run at import": "import asyncio\nasyncio.run(asyncio.sleep(3600))\n",
    "endless loop at import": "while True: pass\n",
    "os._exit at import": "import os\nos._exit(4)\n",
    "names with codes and markup": program().replace(
        "graph.add_node(Work)", "graph.add_node(Work, '\\x1b[2J[bold red]x[/]')"
    ),
}


def programs() -> dict[str, str]:
    """Return the programs by what they do."""
    return {name: program(body) for name, body in BODIES.items()} | {
        name: text if "graph" in text else text + program() for name, text in MODULES.items()
    }


def keys(path: Path, presses: int) -> tuple[list[float], list[float]]:
    """Return what a key takes while a program runs that has been let go: in time, and in time of the processor."""
    terminal = Terminal([*FBTUI, str(path), "--go", "--no-watch", "--no-motion"])
    try:
        terminal.until(b"fbtui")
        terminal.watch(1.2)
        taken, worked = [], []
        for _ in range(presses + 1):
            before = terminal.seconds_at_work()
            taken.append(terminal.press(b"M", OPENED))
            worked.append(terminal.seconds_at_work() - before)
            terminal.send(b"\x1b")
            terminal.watch(2 * APART)
        return taken[1:], worked[1:]  # the first menu makes the styles of all
    finally:
        terminal.close()


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--presses", type=int, default=8, help="keys pressed under each program")
    options.add_argument("--only", default="", help="only the programs whose name holds this")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for number, (what, text) in enumerate(programs().items()):
            if given.only not in what:
                continue
            path = Path(name) / f"hostile{number}.py"
            path.write_text(text, encoding="utf-8")
            taken, worked = keys(path, given.presses)
            least, median, worst = (of(taken) * 1000 for of in (min, statistics.median, max))
            work = statistics.median(worked) * 1000
            slow = "" if median <= GOAL else "   slower than the goal"
            times = f"{median:6.1f} ms (least {least:.1f}, slowest {worst:.1f}; goal {GOAL})"
            print(f"{what:34} {times}, at work {work:.1f}{slow}", flush=True)


if __name__ == "__main__":
    main()
