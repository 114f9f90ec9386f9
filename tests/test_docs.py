"""The examples of the documentation: they run, and print what stands below them."""

import itertools
import json
import re
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("*.md"))
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str) -> list[tuple[int, str, str | None]]:
    """Return each block of Python with its line, and what it prints: the block of text right below it."""
    found: list[tuple[int, str, str | None]] = []
    below = -1
    for match in BLOCK.finditer(text):
        kind, body = match.groups()
        if kind == "python":
            found.append((text.count("\n", 0, match.start()) + 1, body, None))
        elif found and not text[below : match.start()].strip():
            line, code, _ = found[-1]
            found[-1] = (line, code, body)
        below = match.end()
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_run_and_print_what_is_said(
    page: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("example")
    monkeypatch.setitem(sys.modules, "example", module)
    monkeypatch.chdir(ROOT)
    for line, code, printed in blocks(page.read_text(encoding="utf-8")):
        placed = "\n" * line + code  # so that an error tells the line of the page
        exec(compile(placed, page.name, "exec", dont_inherit=True), vars(module))
        out = capsys.readouterr().out
        assert printed is None or out == printed, f"{page.name}:{line}"


def test_a_block_of_text_belongs_to_the_python_right_above_it() -> None:
    page = "```python\n1\n```\n```text\none\n```\n\n```python\n2\n```\n\nWords.\n\n```text\nelse\n```\n"
    assert blocks(page) == [(1, "1\n", "one\n"), (8, "2\n", None)]


def test_the_recorded_session_is_one_that_players_read() -> None:
    head, *events = map(json.loads, (ROOT / "docs" / "session.cast").read_text(encoding="utf-8").splitlines())
    assert head["version"] == 2 and head["width"] > 80 and head["height"] > 24
    assert all(kind == "o" and isinstance(text, str) for _, kind, text in events)
    assert all(before[0] <= after[0] for before, after in itertools.pairwise(events))
    assert any("breakpoint" in text for _, _, text in events)
