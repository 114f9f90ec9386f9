"""Spares: what they import ahead of time is what the program imports, and never in the place of its own files."""

import subprocess
import sys
from pathlib import Path

from tests.fbtui.driver import Driver, drive, program, write

IMPORT = "import platformdirs\n"
USE = "value = platformdirs.__name__"


def test_every_run_says_what_it_has_imported_also_what_its_spare_had_ahead_of_time(tmp_path: Path) -> None:
    path = write(tmp_path, IMPORT + program(USE))

    async def story(driver: Driver) -> None:
        for number in range(1, 4):
            session = await driver.until(lambda s, n=number: s.run == n and s.done is not None)
            assert session.graph is not None and session.graph.modules == ("platformdirs",)
            await session.rerun(anew=True)

    drive(path, story, paused=False)


def test_what_is_no_longer_imported_is_not_imported_ahead_of_time(tmp_path: Path) -> None:
    path = write(tmp_path, IMPORT + program(USE))

    async def story(driver: Driver) -> None:
        session = await driver.until(lambda s: s.done is not None)
        write(tmp_path, program("value += 1"))
        await session.rerun(anew=True)
        await driver.until(lambda s: s.run == 2 and s.done is not None)
        assert session.graph is not None and session.graph.modules == ()

    drive(path, story, paused=False)


def test_a_file_of_the_program_wins_over_a_module_that_came_ahead_of_time(tmp_path: Path) -> None:
    path = write(tmp_path, IMPORT + program("value = getattr(platformdirs, 'MINE', 0)"))

    async def story(driver: Driver) -> None:
        session = await driver.until(lambda s: s.done is not None)
        assert session.done is not None and session.done.outputs == {"out": [0]}
        write(tmp_path, "MINE = 7\n", "platformdirs.py")
        await session.rerun(anew=True)
        await driver.until(lambda s: s.run == 2 and s.done is not None)
        assert session.done.outputs == {"out": [7]}

    drive(path, story, paused=False)


def test_the_screen_draws_soon_after_a_change() -> None:
    asked = "import fbtui.ui, textual.screen; print(textual.screen.UPDATE_PERIOD)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert float(told.stdout) <= 0.004
