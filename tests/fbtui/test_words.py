"""How the screen tells what a run has given."""

from pathlib import Path

from fbtui.session.words import output_text
from fbtui.ui.words import LONGEST, nothing_next
from tests.fbtui.driver import Driver, drive, program, write


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
