"""The debugger as lines of text: the real command between two pipes, as a screen reader's user types."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fbtui.driver import EXAMPLES, program, write
from tests.patience import PATIENCE


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Breakpoints are kept from session to session."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def talk(path: Path, *lines: str) -> list[str]:
    """Return what is told when lines are typed one after the other."""
    result = subprocess.run(
        [sys.executable, "-m", "fbtui", str(path), "--screen-reader", "--no-watch"],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert result.stderr == "" and "\x1b" not in result.stdout
    return result.stdout.splitlines()


def in_order(told: list[str], *wanted: str) -> None:
    """Check that sentences are told in this order, whatever is told between them."""
    rest = iter(told)
    for sentence in wanted:
        assert any(sentence in line for line in rest), (sentence, told)


def test_a_run_is_stepped_and_its_end_told() -> None:
    told = talk(EXAMPLES / "hello.py", "s", "debug.step", "s", "c", "nonsense")
    in_order(
        told,
        "paused at step 0. Next: GRAPH sends inp #1 5",
        "paused at step 1. Next: FooComponent1 takes inp #1 5",
        "FooComponent1 : 5",
        "paused at step 3. Next: FooComponent2 takes inp",
        "FooComponent2 : there",
        'finished after 6 moves. out "world"; The run has ended',
        "there is no command nonsense: help lists them",
    )


def test_dialogs_ask_in_lines_and_a_breakpoint_is_set_with_a_condition() -> None:
    told = talk(EXAMPLES / "hello.py", "/", "Comp", "X", "FooComponent1 if oops(", "esc", "x", "c", "help")
    in_order(
        told,
        "Type it; 'esc' leaves.",
        "node FooComponent1",
        "then if EXPR",
        "oops(",
        "a breakpoint at: FooComponent1",
        "paused at step 1",
        "s, F10: Step: commit the next move",
    )


def test_missing_inputs_are_asked_for_and_a_problem_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, program("value / 0").replace("BATCH", "NOTHING"))
    told = talk(path, "", "out=1", "inp=7", "", "c")
    in_order(
        told,
        "Type PORT=VALUE for each",
        "input.inp is needed",
        "there is no port out",
        "paused at step 0. Next: GRAPH sends inp #1 7",
        "ZeroDivisionError in Work: division by zero",
    )


def test_lists_are_told_in_parts_and_their_lines_chosen(tmp_path: Path) -> None:
    path = write(tmp_path, program().replace('"inp": 5', '"inp": __import__("fbdev").Stream(range(6))'))
    told = talk(
        path, "c", "choose 1", "more", "timeline", "more", "timeline 4", "more", "choose 3", "N", "T", "T", "&",
        "takes value > 4", "breakpoints",
    )  # fmt: skip
    in_order(
        told,
        "there is no such line: tell a list first",
        "say which list first: next, ",
        "Timeline, lines 16 to 24 of 24:",
        "24: ",
        "that is the end of the list",
        "Timeline, lines 4 to 12 of 24:",
        "4: 4 ",
        "Timeline, lines 13 to 21 of 24:",
        "looking back at step 3 of 24",
        "finished after 24 moves",
        "Problems: nothing",
        "Changes, lines 1 to 1 of 1:",
        "Timeline, lines 1 to 2 of 2:",
        "Work takes #",
        "Breakpoints: nothing",
    )
