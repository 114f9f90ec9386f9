"""Every screen as text, at two sizes, and the chief ones in their colours: they change only when somebody means it.

``FBTUI_GOLDENS=1 pytest tests/fbtui/test_goldens.py`` writes them anew; look at the difference before you keep it.
"""

import asyncio
import os
import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from fbtui.session import RunSpec, Session
from fbtui.ui.app import DebuggerApp
from fbtui.ui.settings import Settings
from scripts.screenshots import README, picture, title_of
from tests.fbtui.driver import EXAMPLES
from tests.fbtui.test_frame import play, screen
from tests.fbtui.test_ui import paused, until

GOLDENS = Path(__file__).parent / "goldens"
ROOT = Path(__file__).parents[2]
WRITES = bool(os.environ.get("FBTUI_GOLDENS"))
SCREENS: dict[str, list[str]] = {
    "start": [],
    "step": ["s", "s", "s"],
    "timeline": ["T"],
    "filter": ["ampersand"],
    "help": ["escape", "question_mark"],
    "search": ["escape", "slash", *"Comp"],
    "edge": ["escape", "slash", *"FooComponent2.out", "enter"],
    "condition": ["X"],
    "breakpoints": ["escape", "x", "T", "T", "T"],
    "watches": ["W"],
    "menu": ["M"],
    "inputs": ["escape", "I"],
    "lineage": ["escape", "escape", "A"],
    "values": ["A", "V"],
    "compact": ["V", "minus"],
    "far": ["minus"],
    "back": ["plus", "plus", "b"],
    "ended": ["N", "slash", *"FooComponent2.out", "enter", "x", "escape", "c"],
    "changes": ["r", "T", "T", "T", "T"],
}
"""What is pressed to come from one screen to the next."""
TIMES = re.compile(r" *\d+\.\d\d\b(?: ms)?")


def shown(app: DebuggerApp) -> str:
    """Return the screen without what is another one each time."""
    return "".join(f"{TIMES.sub('   0.00', line).rstrip()}\n" for line in screen(app))


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_screen_is_as_it_was(size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for name, keys in SCREENS.items():
            app.clear_notifications()
            await pilot.press(*keys)
            app.clear_notifications()
            golden = GOLDENS / f"{name}-{size[0]}x{size[1]}.txt"
            if WRITES:
                await pilot.pause(1)
                golden.write_text(shown(app), encoding="utf-8")
                continue
            wanted = golden.read_text(encoding="utf-8")
            try:
                await until(pilot, lambda wanted=wanted: shown(app) == wanted)
            except TimeoutError:
                assert shown(app) == wanted, name

    play(story, Settings(motion=False), path=EXAMPLES / "hello.py", size=size)


HEROES: dict[Path, tuple[Path, list[str], tuple[int, int], str]] = {
    ROOT / "docs" / "screen.svg": (*README, "dark"),
    GOLDENS / "stuck.svg": (EXAMPLES / "deadlock.py", ["c"], (120, 36), "light"),
    GOLDENS / "problem.svg": (EXAMPLES / "shop.py", ["c"], (100, 30), "dark"),
}
"""Screens with their colours: where each is kept, of what, after which keys, in how many cells, in which theme."""


@pytest.mark.parametrize("kept", HEROES, ids=lambda path: path.stem)
def test_the_colours_of_the_chief_screens_are_as_they_were(kept: Path) -> None:
    file, keys, size, theme = HEROES[kept]
    if WRITES:
        asyncio.run(picture(file, keys, size, kept, theme))

    async def story() -> None:
        app = DebuggerApp(Session(RunSpec(file, cwd=ROOT), watch=False), Settings(theme, motion=False))
        async with app.run_test(size=size) as pilot:
            await paused(app, pilot, 0)
            await pilot.press(*keys)
            wanted = kept.read_text(encoding="utf-8")
            await until(pilot, lambda: app.export_screenshot(title=title_of(file)) == wanted)

    asyncio.run(story())
