"""From a save to the first event on the screen: the debugger in a real terminal, against a cold interpreter.

Prints the median over some saves of ``examples/telegram.py``, and beside it how long a fresh interpreter takes to
import the runtime, which is what warm spares save. Run it by ``make bench``; it needs tmux.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.e2e.terminal import Terminal  # noqa: E402 - found beside this file's package

SAVES = 15
REST = 1.0
"""Seconds between two saves, in which the next spare warms up."""


def saves(terminal: Terminal, path: Path) -> list[float]:
    """Return the seconds from each save to the screen that shows the new run at its place."""
    taken = []
    source = path.read_text(encoding="utf-8")
    for number in range(SAVES):
        time.sleep(REST)
        run = re.compile(rf"run {number + 2} · paused at step 7\b")
        begun = time.perf_counter()
        path.write_text(source.replace("WIDTH = 44", f"WIDTH = {30 + number}"), encoding="utf-8")
        terminal.wait_for(lambda screen, run=run: bool(run.search(screen)))
        taken.append(time.perf_counter() - begun)
    return taken


def cold() -> float:
    """Return the seconds that a fresh interpreter needs to import the runtime."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import fbdev"], check=True, cwd=ROOT)
    return time.perf_counter() - begun


def main() -> None:
    """Measure, and print medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder, Terminal(160, 46) as terminal:
        shutil.copytree(ROOT / "examples", Path(folder) / "examples")
        path = Path(folder) / "examples" / "telegram.py"
        terminal.run(sys.executable, "-m", "fbtui", path)
        terminal.wait_for("paused at step 0")
        terminal.press(*"sssssss")
        terminal.wait_for("paused at step 7")
        warm = statistics.median(saves(terminal, path))
        terminal.press("C-q")
    fresh = statistics.median(cold() for _ in range(5))
    print(f"save to first event on the screen, median of {SAVES}: {warm * 1000:.0f} ms (goal: under 60 ms)")
    print(f"a cold interpreter that imports the runtime:         {fresh * 1000:.0f} ms")
    print(f"ratio: {warm / fresh:.2f}")


if __name__ == "__main__":
    main()
