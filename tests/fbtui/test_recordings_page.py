"""Every example of docs/recordings.md, run as it stands there."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fbtui.driver import EXAMPLES

PAGE = (EXAMPLES.parent / "docs" / "recordings.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the examples, in which every command of the page has been run in turn."""
    folder = tmp_path_factory.mktemp("page")
    shutil.copytree(EXAMPLES, folder / "examples")
    for number, command in enumerate(COMMANDS):
        words = [sys.executable, "-m", "fbtui", *command.split()[1:]]
        environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent)}
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        if not number:
            shutil.copy(folder / "run.fbtrace", folder / "other.fbtrace")
    return folder


def test_the_page_has_examples_of_every_command() -> None:
    assert {command.split()[1] for command in COMMANDS} == {"run", "diff", "export"}
    assert len(COMMANDS) == 9


def test_the_commands_leave_what_they_say(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} >= {"run.fbtrace", "run.sqlite", "run.json", "test_run.py"}


@pytest.mark.parametrize("query", [text for kind, text in BLOCKS if kind == "sql"])
def test_the_queries_answer(folder: Path, query: str) -> None:
    database = sqlite3.connect(folder / "run.sqlite")
    try:
        assert len(database.execute(query).fetchall()) == 3
    finally:
        database.close()


def test_the_tables_have_the_columns_that_the_page_tells(folder: Path) -> None:
    database = sqlite3.connect(folder / "run.sqlite")
    try:
        found = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
        assert len(found) == 9
        for (name,) in found:
            (row,) = re.findall(rf"^\| `{name}`(?: \(a view\))? \| (.*) \|$", PAGE, re.MULTILINE)
            columns = [column[1] for column in database.execute(f"PRAGMA table_info({name})")]
            assert [word for word in re.findall(r"`(\w+)`", row) if word in columns] == columns
    finally:
        database.close()


def test_the_python_example_holds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (code,) = [text for kind, text in BLOCKS if kind == "python"]
    exec(compile(code, "recordings.md", "exec"), {})
