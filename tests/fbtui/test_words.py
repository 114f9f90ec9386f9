"""How it is told what a run has given, and what it waits for."""

import asyncio
from pathlib import Path

from fbtui.session.words import output_text
from fbtui.ui.words import LONGEST, nothing_next
from tests.fbtui.driver import Driver, drive, program, write
from tests.patience import PATIENCE


def test_an_output_too_long_to_be_read_is_cut() -> None:
    many = list(range(1_000_000))
    assert output_text(["x", many], 12) == '["x", [0, 1…'
    assert output_text("y" * 100_000_000, 8) == '"yyyyyy…'
    assert output_text({"type": "Frame", "repr": "Frame 1x2"}, 20) == "Frame 1x2"
    assert output_text([1, "\u00e9"], 20) == '[1, "\u00e9"]'
    assert len(output_text(many)) > 1_000_000


def test_a_run_ends_on_the_screen_with_a_long_output(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        lines = nothing_next(await driver.ended())
        assert sum(len(text) for line in lines for text, _ in line) < 2 * LONGEST

    drive(write(tmp_path, program("value = list(range(300_000))")), story, paused=False)


def test_a_run_that_a_thread_may_still_wake_says_what_it_waits_for(tmp_path: Path) -> None:
    body = "import threading; threading.Thread(target=time.sleep, args=(600,)).start(); await asyncio.Event().wait()"

    async def story(driver: Driver) -> None:
        session = driver.session
        async with asyncio.timeout(PATIENCE):
            while session.waits_for() != ("thread",):
                await asyncio.sleep(0.01)
        assert session.silence() == 0
        await session.stop()

    drive(write(tmp_path, program(body)), story, paused=False)


def test_a_thread_that_keeps_the_interpreter_is_told_with_its_place(tmp_path: Path) -> None:
    body = (
        "import threading\n            def spin():\n                while True: pass\n"
        "            threading.Thread(target=spin).start(); await asyncio.Event().wait()"
    )

    async def story(driver: Driver) -> None:
        session = driver.session
        await driver.until(lambda s: s.record.can_be_asked)
        async with asyncio.timeout(PATIENCE):
            while (await driver.busy_at()) != "work.py:17 in spin":
                await asyncio.sleep(0.01)
        await session.stop()

    drive(write(tmp_path, program(body)), story, paused=False)
