"""The sessions in the documentation, typed into the real command in a real terminal."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, save

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^ *(?:```|<!-- )(\w+)\n(.*?)^ *(?:```|-->)$", re.MULTILINE | re.DOTALL)
"""A box of the page; in the README a session stands in a comment, for its words say the same."""
PAGES = [ROOT / "README.md", ROOT / "docs" / "tasks.md", ROOT / "docs" / "tutorial.md"]
RUN = re.search(r"^run: setup\n\t\$\(BIN\)/(.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
"""What ``make run`` runs."""
FIELD = "│  ╭───"
"""A corner of a field in a dialog."""

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed: no terminal to try it in"),
]


@dataclass(frozen=True)
class Step:
    """A line of a session: what is done, and the fragments of Python above it, which a ``save`` puts into a file."""

    page: str
    line: int
    verb: str
    rest: str
    above: tuple[str, ...]

    def take(self, terminal: Terminal, folder: Path) -> None:
        """Do it, or wait until it is seen."""
        match self.verb:
            case "$":
                assert RUN is not None
                words = self.rest.replace("make run", RUN[1])
                terminal.run_line(words.replace("fbtui ", f"{shlex.quote(sys.executable)} -m fbtui ", 1))
            case "press":
                for key in shlex.split(self.rest):
                    self._press(terminal, key)
                    if key in {"/", "="}:  # as a person does, who sees the dialog come, and go
                        terminal.wait_for(FIELD)
                    elif key == "Enter":
                        terminal.wait_for(lambda screen: FIELD not in screen)
            case "save":
                self._replace(folder / self.rest, *self.above[-2:])
            case "replace":
                name, old, new = shlex.split(self.rest)
                self._replace(folder / name, old, new)
            case "see":
                wanted = " ".join(self.rest.split())
                terminal.wait_for(lambda screen: wanted in " ".join(screen.split()))
            case _:
                raise AssertionError(f"{self.page}:{self.line}: no such word in a session: {self.verb}")

    def _replace(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{self.page}:{self.line}: {old!r} is not in {path.name}"
        save(path, text.replace(old, new))

    @staticmethod
    def _press(terminal: Terminal, key: str) -> None:
        is_named = key in {"Enter", "Escape", "Tab", "Up", "Down", "Left", "Right"} or key.startswith("C-")
        terminal.tmux("send-keys", "-t", "e2e", *([] if is_named else ["-l"]), key)


def steps(page: Path) -> list[Step]:
    """Return the sessions of a page, line by line."""
    text = page.read_text(encoding="utf-8")
    found: list[Step] = []
    above: list[str] = []
    for match in BLOCK.finditer(text):
        kind, body = match.groups()
        if kind == "py":
            above.append(body)
        if kind == "session":
            first = text.count("\n", 0, match.start()) + 2
            for number, line in enumerate(body.splitlines(), first):
                verb, _, rest = line.strip().partition(" ")
                found.append(Step(page.name, number, verb, rest.strip(), tuple(above)))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_sessions_go_as_the_page_says(page: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    home = {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path)}
    with Terminal(170, 44, env=home) as terminal:
        terminal.run("cd", tmp_path)
        for step in steps(page):
            try:
                step.take(terminal, tmp_path)
            except AssertionError as error:
                raise AssertionError(f"{step.page}:{step.line}: {step.verb} {step.rest}\n{error}") from None
