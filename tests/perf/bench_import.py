"""What importing the runtime costs beside importing asyncio and anyio, which it stands on.

Prints the best of several processes each, in processor time beyond that of an empty program, and the ratio to
``import asyncio, anyio``. Target: at most 1.4 for all that a program with a graph imports.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys

ROUNDS = 15
BASE = "import asyncio, anyio"
PROGRAM = """
from fbdev.complib import ExecComponent
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor
"""
VARIANTS = {BASE: BASE, "import fbdev": "import fbdev", "what a program with a graph imports": PROGRAM}


def processor_seconds(code: str) -> float:
    """Run a program in a process of its own, with its modules compiled."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Let the variants take turns, and print the best of each."""
    best = dict.fromkeys(["", *VARIANTS.values()], float("inf"))
    for _ in range(ROUNDS):
        for code in best:
            best[code] = min(best[code], processor_seconds(code))
    for name, code in VARIANTS.items():
        own = best[code] - best[""]
        print(f"{name:36} {own * 1000:6.1f} ms  {own / (best[BASE] - best['']):5.2f}")
    print("target: what a program with a graph imports at most 1.4")


if __name__ == "__main__":
    main()
