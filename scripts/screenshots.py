"""Makes the pictures of the README: runs the real application on an example, without a terminal.

Usage: python scripts/screenshots.py [FILE KEYS WIDTHxHEIGHT OUT.svg]; FBTUI_THEME chooses the theme.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from fbtui.session import Phase, RunSpec, Session
from fbtui.ui.app import DebuggerApp
from fbtui.ui.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
SETTLE = 0.2
"""Seconds after a key in which the run and the screen come to rest."""
README = ROOT / "examples" / "csv_to_sqlite.py", ["s"] * 62, (160, 46)
"""The picture of the README: of what, after which keys, in how many cells."""


def title_of(file: Path) -> str:
    """Return what stands above a picture."""
    return f"fbtui {file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name}"


async def picture(file: Path, keys: list[str], size: tuple[int, int], out: Path, theme: str = "dark") -> None:
    """Open the debugger on a file, press keys one after the other, and save what is to be seen as SVG."""
    session = Session(RunSpec(file, cwd=ROOT), watch=False)
    app = DebuggerApp(session, Settings(theme, motion=False))
    async with app.run_test(size=size) as pilot:
        while session.phase is Phase.STARTING or (session.phase is Phase.PAUSED and session.paused is None):
            await pilot.pause(SETTLE)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(SETTLE / 4)
        await pilot.pause(SETTLE)
        out.write_text(app.export_screenshot(title=title_of(file)), encoding="utf-8")  # noqa: ASYNC240 - a script


def main() -> None:
    """Make the picture that the arguments describe, or that of the README."""
    if len(sys.argv) > 1:
        file, keys, size, out = sys.argv[1:]
        width, height = map(int, size.split("x"))
        theme = os.environ.get("FBTUI_THEME", "dark")
        asyncio.run(picture(Path(file).resolve(), keys.split(), (width, height), Path(out), theme))
        return
    asyncio.run(picture(*README, ROOT / "docs" / "screen.svg"))


if __name__ == "__main__":
    main()
