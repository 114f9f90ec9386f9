"""Keeps the run that is looked at: asks for a file, and writes the recording."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.suggester import Suggester
from textual.worker import Worker

from fbtui.session.saving import save_recording
from fbtui.trace import TraceError
from fbtui.trace.recording import SUFFIX, refuse_to_overwrite
from fbtui.ui.base import Commands
from fbtui.ui.screens.line import LineScreen

HINT = "a path; → takes what is suggested, esc leaves without saving"


class Paths(Suggester):
    """Suggests how a path goes on, from the folders and recordings that there are."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        """Return a longer path that begins with a text; None if there is none."""
        begun = value.rpartition("/")[2]
        names = _names_in(value.removesuffix(begun)) if begun else []
        return next((value + name[len(begun) :] for name in names if name.startswith(begun)), None)


def _names_in(folder: str) -> list[str]:
    try:
        inside = sorted(Path(folder or ".").expanduser().iterdir())
    except (OSError, RuntimeError):  # no such folder, no such home
        return []
    return [f"{path.name}/" if path.is_dir() else path.name for path in inside if _may_be_meant(path)]


def _may_be_meant(path: Path) -> bool:
    return path.suffix == SUFFIX or path.is_dir()


def path_of(text: str) -> Path:
    """Return the file that a line means: ``~`` is the home, and a name without an ending gets that of recordings."""
    path = Path(text.strip()).expanduser().absolute()
    return path if path.suffix else path.with_suffix(SUFFIX)


class _Asking:
    """What is wrong with a line; an older recording is replaced when Enter is pressed twice."""

    def __init__(self) -> None:
        self._warned: Path | None = None

    def __call__(self, text: str) -> str:
        if not text.strip() or text.rstrip().endswith("/"):
            return "name a file"
        path = path_of(text)
        try:
            refuse_to_overwrite(path)
        except TraceError as error:
            return str(error)
        if path.exists() and path != self._warned:
            self._warned = path
            return f"{path.name} is a recording that is there already: Enter again replaces it"
        return ""


class KeepCommands(Commands):
    """The part of the application that saves what was recorded."""

    def action_save_recording(self) -> None:
        """Ask for a file, and write into it what the run has recorded so far."""
        session = self.session
        if session.record.trace is None or session.graph is None:
            self.say("nothing is recorded yet: the run has not begun")
            return
        name = f"{session.spec.path.stem}-{session.run}{SUFFIX}"
        screen = LineScreen("Save the recording as", HINT, name, _Asking(), Paths())
        self.push_screen(screen, self._save)

    def _save(self, text: str | None) -> None:
        if text is not None:
            _: Worker[None] = self.run_worker(self._write(path_of(text)), group="save")

    async def _write(self, path: Path) -> None:
        self.session.refresh()
        steps = self.session.record.marking.step
        try:
            changed = await asyncio.to_thread(save_recording, self.session, path)
        except TraceError as error:
            self.say(str(error))
            return
        names = ", ".join(Path(name).name for name in changed)
        self.notify(f"{steps} moves are in {path}: fbtui open shows them", timeout=8, markup=False)
        if names:
            self.say(f"without the text of {names}: changed since the run has read it")
