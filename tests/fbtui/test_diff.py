"""Two recordings, edge by edge."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fbtui.trace.comparison import Difference, Passed, differences
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.test_cli import fbtui
from tests.fbtui.test_recording import drive_and_save

texts = st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), max_size=5))


def passed(run: dict[str, list[str]]) -> dict[str, tuple[Passed, ...]]:
    return {edge: tuple(Passed(text, n) for n, text in enumerate(history)) for edge, history in run.items()}


@given(texts, texts)
def test_each_edge_that_differs_is_named_once_with_its_first_difference(
    before: dict[str, list[str]], after: dict[str, list[str]]
) -> None:
    found = {one.edge: one for one in differences(passed(before), passed(after))}
    for edge in "abc":
        old, new = before.get(edge, []), after.get(edge, [])
        assert (edge in found) == (old != new)
        if edge in found:
            at = found[edge].occurrence - 1
            assert old[:at] == new[:at]
            assert (found[edge].before, found[edge].after) == (
                old[at] if at < len(old) else None,
                new[at] if at < len(new) else None,
            )
            assert found[edge].before != found[edge].after


def test_differences_come_in_the_order_of_the_run() -> None:
    before = {"late": (Passed("1", 9),), "early": (Passed("1", 2),)}
    after = {"late": (Passed("2", 8),), "early": ()}
    assert differences(before, after) == [
        Difference("early", 1, "1", None, 2),
        Difference("late", 1, "1", "2", 8),
    ]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("pair")
    path = write(folder, program())
    drive_and_save(path, folder / "a.fbtrace")
    write(folder, program("value += 1"))
    drive_and_save(path, folder / "b.fbtrace")
    return folder / "a.fbtrace", folder / "b.fbtrace"


def test_diff_tells_the_first_packet_that_differs(pair: tuple[Path, Path]) -> None:
    done = fbtui("diff", *pair)
    assert (done.returncode, done.stdout) == (4, "Work.out->GRAPH.out: packet 1 was 5, is 6\n")
    data = json.loads(fbtui("diff", *pair, "--json").stdout)
    assert data == {
        "same": False,
        "end": {"before": "finished", "after": "finished"},
        "edges": [{"edge": "Work.out->GRAPH.out", "occurrence": 1, "before": "5", "after": "6", "step": 3}],
    }


def test_diff_of_the_same_is_0(pair: tuple[Path, Path]) -> None:
    done = fbtui("diff", pair[0], pair[0])
    assert done.returncode == 0 and done.stdout.startswith("the same:")
    assert json.loads(fbtui("diff", pair[0], pair[0], "--json").stdout)["same"] is True


def test_diff_tells_another_end(tmp_path: Path) -> None:
    for name, until in (("a", "move 2"), ("b", "move 6")):
        hello = EXAMPLES / "hello.py"
        assert fbtui("run", hello, "--until", until, "--record", tmp_path / f"{name}.fbtrace").returncode == 0
    done = fbtui("diff", tmp_path / "a.fbtrace", tmp_path / "b.fbtrace")
    assert done.returncode == 4
    assert done.stdout.splitlines()[0] == "FooComponent1.out->FooComponent2.inp: packet 1 was nothing, is 'there'"


def test_diff_of_what_is_no_recording_is_one_sentence_and_2(pair: tuple[Path, Path]) -> None:
    done = fbtui("diff", pair[0], "README.md")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "fbtui: README.md is no recording of fbtui, or its meta.json is damaged\n"


def test_diff_of_a_damaged_recording_compares_what_is_left(pair: tuple[Path, Path], tmp_path: Path) -> None:
    cut = tmp_path / "cut.fbtrace"
    cut.write_bytes(pair[0].read_bytes()[:-900])
    done = fbtui("diff", pair[0], cut)
    assert "cut.fbtrace is damaged (it ends too early)" in done.stderr
    assert done.returncode in {0, 4}
