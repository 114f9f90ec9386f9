"""How fast a run goes, and for how long already."""

import pytest

from fbtui.ui.pace import Pace, duration


def test_the_pace_is_that_of_the_last_second_and_begins_anew_after_a_rest() -> None:
    now = [10.0]
    pace = Pace(lambda: now[0])

    def after(seconds: float, moves: int) -> tuple[float, float] | None:
        now[0] += seconds
        return pace.measure(moves)

    assert after(0, 0) is None
    assert after(0.25, 100) is None, "too early to tell"
    assert after(0.75, 1000) == (1.0, 1000.0)
    assert after(1.0, 1500) == (2.0, 500.0)
    assert after(1.0, 1500) == (3.0, 0.0)
    pace.rest()
    assert after(5.0, 1500) is None
    assert after(1.0, 1600) == (1.0, 100.0)
    assert after(1.0, 3) is None, "that is another run"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.00025, "0.25 ms"), (0, "0 ms"), (1.24, "1.2 s"), (59.9, "59.9 s"), (185, "3:05 min"), (3723, "1:02:03")],
)
def test_a_length_of_time_is_written_as_people_do(seconds: float, words: str) -> None:
    assert duration(seconds) == words
