"""From a save to the first event on the screen: the debugger on a terminal, against a cold interpreter.

Prints the median over some saves of ``examples/telegram.py``, seven steps into the run, as it is and with pandas in
it; beside each how long a fresh interpreter takes to import the same, which is what warm spares save. Run it by
``make bench``.
"""

from __future__ import annotations

import importlib.util
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.perf.terminal import FRAME_ENDS, Terminal  # noqa: E402 - found beside its package

SAVES = 15
STEPS = 7
REST = 1.5
"""Seconds between two saves, in which the next spare warms up."""


def saves(path: Path) -> list[float]:
    """Return the seconds from each save to the end of the frame that shows the new run at its place."""
    source = path.read_text(encoding="utf-8")
    terminal = Terminal([sys.executable, "-m", "fbtui", str(path)])
    try:
        terminal.until(b"paused at step 0")
        for step in range(1, STEPS + 1):
            terminal.press(b"s", b"paused at step %d" % step)
            terminal.watch(0.2)
        terminal.watch(2 * REST)
        taken = []
        for number in range(SAVES):
            content = source.replace("WIDTH = 44", f"WIDTH = {30 + number}")
            begun = time.perf_counter()
            path.write_text(content, encoding="utf-8")
            terminal.until(b"run %d" % (number + 2), FRAME_ENDS)
            taken.append(time.perf_counter() - begun)
            terminal.watch(REST)
        return taken
    finally:
        terminal.close()


def cold(modules: str) -> float:
    """Return the seconds that a fresh interpreter needs to import something."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {modules}"], check=True, cwd=ROOT)
    return time.perf_counter() - begun


def measure(what: str, folder: Path, modules: str, goal: int) -> None:
    """Print medians in milliseconds, and their ratio."""
    path = Path(shutil.copytree(ROOT / "examples", folder)) / "telegram.py"
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace("\nfrom pathlib", f"\nimport {modules}\nfrom pathlib", 1), encoding="utf-8")
    taken = saves(path)
    warm, fresh = statistics.median(taken), statistics.median(cold(modules) for _ in range(5))
    spread = f"least {min(taken) * 1000:.0f}, most {max(taken) * 1000:.0f}; goal: under {goal}"
    print(f"save to first event on the screen, {what}: {warm * 1000:.0f} ms at the median of {SAVES} ({spread})")
    print(f"  a cold interpreter that imports the same: {fresh * 1000:.0f} ms; ratio {warm / fresh:.2f}", flush=True)


def main() -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        measure("a light module", Path(folder) / "light", "fbdev", 30)
        if importlib.util.find_spec("pandas") is not None:
            measure("with pandas", Path(folder) / "heavy", "fbdev, pandas", 45)
        else:
            print("with pandas: not measured, it is not installed here")


if __name__ == "__main__":
    main()
