"""Saves in a row, as editors and people make them: whatever was in between, the last state is the right one."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fbtui.session import Phase, Session
from tests.fbtui.driver import Driver, drive, program, write

STREAM = ('"inputs": {"inp": 5}', '"streams": {"inp": [1, 2, 3]}')


def source(number: int) -> str:
    return program(f"value += {number}").replace(*STREAM)


def in_place(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def moved_over(path: Path, text: str) -> None:
    """As many editors save: a new file takes the place of the old one."""
    draft = path.with_suffix(".swp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def deleted_and_made_again(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text, encoding="utf-8")


def shows(session: Session, number: int) -> bool:
    """Whether the run of a source is what is shown, and nothing else."""
    outputs = [1 + number, 2 + number, 3 + number]
    return (
        session.phase is Phase.ENDED
        and session.done is not None
        and session.done.outputs == {"out": outputs}
        and session.broken is None
        and not [problem for problem in session.problems if problem.level == "error"]
    )


@pytest.mark.parametrize("save", [in_place, moved_over, deleted_and_made_again])
def test_twenty_saves_half_of_them_bad_end_in_the_right_state_each_time(
    tmp_path: Path, save: Callable[[Path, str], None]
) -> None:
    path = write(tmp_path, source(0))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.until(lambda s: shows(s, 0))
        for number in range(1, 6):
            save(path, source(number))
            await driver.until(lambda s, n=number: shows(s, n))
            save(path, source(number).replace("async def main", "async def main("))
            session = await driver.broken()
            assert "SyntaxError" in session.problems[0].title or "SyntaxError" in session.problems[0].text
            assert session.graph is not None, "the last good graph stands"
            save(path, source(number)[: 200 + 40 * number])  # half of it is written
            save(path, source(number + 100))
            await driver.until(lambda s, n=number + 100: shows(s, n))
            save(path, "")
            save(path, source(number))  # and back to what it was
            session = await driver.until(lambda s, n=number: shows(s, n))
            assert session.changes.earlier is not None
        assert session.run >= 16

    drive(path, story, watch=True)


def test_a_save_that_is_taken_back_before_the_run_has_begun_is_no_other_run_in_the_end(tmp_path: Path) -> None:
    path = write(tmp_path, source(0))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.until(lambda s: shows(s, 0))
        for number in range(1, 21):
            in_place(path, source(number))  # nobody waits
        await driver.until(lambda s: shows(s, 20))
        in_place(path, source(0))
        await driver.until(lambda s: shows(s, 0))

    drive(path, story, watch=True)


LATE = "if value == 2:\n                import late\n                value = late.VALUE"


def test_helpers_that_come_late_break_go_and_come_back_are_followed(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "import helper\n" + program(LATE).replace(*STREAM).replace("Packet(value)", "Packet(value + helper.VALUE)"),
    )
    helper, late = tmp_path / "helper.py", tmp_path / "late.py"
    helper.write_text("VALUE = 10\n")
    late.write_text("VALUE = 5\n")

    def gives(*outputs: int):  # type: ignore[no-untyped-def]
        return lambda s: s.phase is Phase.ENDED and s.done is not None and s.done.outputs == {"out": list(outputs)}

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.until(gives(11, 15, 13))
        late.write_text("VALUE = 6\n")
        await driver.until(gives(11, 16, 13))
        helper.write_text("VALUE = 1 / 0\n")
        session = await driver.broken()
        assert "ZeroDivisionError" in session.problems[0].title + session.problems[0].text
        helper.write_text("VALUE = 20\n")
        await driver.until(gives(21, 26, 23))
        os.rename(late, tmp_path / "later.py")
        session = await driver.until(lambda s: "late.py is gone" in s.notice)
        await session.again()
        await driver.until(lambda s: s.phase is Phase.PAUSED)
        session.controls.resume()
        session = await driver.until(lambda s: s.done is not None and s.done.end == "failed")
        assert session.done is not None and session.done.error is not None
        assert session.done.error.type == "ModuleNotFoundError"
        os.rename(tmp_path / "later.py", late)
        await driver.until(gives(21, 26, 23))
        late.unlink()
        late.write_text("VALUE = 7\n")
        await driver.until(gives(21, 27, 23))

    drive(path, story, watch=True)
