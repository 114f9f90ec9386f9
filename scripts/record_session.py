"""Records a session in the terminal as a text file that plays: docs/session.cast, asciicast format, version 2.

Usage: python scripts/record_session.py. The real command runs on a pseudo-terminal, on a copy of the examples; what
it prints is kept with its time. ``asciinema play docs/session.cast`` plays it.
"""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import pty
import select
import shutil
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS, ROWS = 132, 34
BUG = "            if product in PRICES:\n                await self.ports.output.price.put_value(PRICES[product])"
MENDED = "            await self.ports.output.price.put_value(PRICES.get(product, 0.0))"
STORY: tuple[tuple[float, str], ...] = (
    (2.5, ""),
    *((0.7, "s"),) * 6,
    (1.5, "c"),
    (2.5, "/"),
    *((0.08, key) for key in "LookUp.price"),
    (0.8, "\r"),
    (2.0, "r"),
    (1.5, "X"),
    *((0.12, key) for key in "value < 1"),
    (0.8, "\r"),
    (1.2, "c"),
    (2.5, "SAVE"),
    (3.0, "x"),
    (1.0, "c"),
    (3.0, "\x11"),
)
"""Seconds to wait, then what is typed; ``SAVE`` mends the program."""


def events(command: list[str], folder: Path) -> list[tuple[float, str]]:
    """Play the story; return what was printed, and when, in seconds since the start."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", PYTHONPATH=str(ROOT))
        os.environ.update(
            XDG_CONFIG_HOME=str(folder), XDG_STATE_HOME=str(folder), FBTUI_THEME="dark", TEXTUAL_ANIMATIONS="none"
        )
        os.execv(command[0], command)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    begun = time.monotonic()
    printed: list[tuple[float, str]] = []

    def listen(seconds: float) -> bool:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if select.select([terminal], [], [], left)[0]:
                try:
                    printed.append((time.monotonic() - begun, decode(os.read(terminal, 1 << 16))))
                except OSError:  # the other end has been closed
                    return False
        return True

    for wait, typed in STORY:
        listen(wait)
        if typed == "SAVE":
            program = folder / "examples" / "shop.py"
            program.write_text(program.read_text(encoding="utf-8").replace(BUG, MENDED), encoding="utf-8")
        else:
            os.write(terminal, typed.encode())
    while listen(1.0):
        pass
    os.waitpid(process, 0)
    return printed


def main() -> None:
    """Record, and write the file."""
    with tempfile.TemporaryDirectory(prefix="shop-") as name:
        folder = Path(name)
        shutil.copytree(ROOT / "examples", folder / "examples")
        printed = events(
            [sys.executable, "-m", "fbtui", "examples/shop.py", "--input", "path=examples/data/basket.txt"], folder
        )
    head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "fbtui examples/shop.py"}
    lines = [json.dumps(head), *(json.dumps([round(at, 3), "o", text]) for at, text in printed)]
    (ROOT / "docs" / "session.cast").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
