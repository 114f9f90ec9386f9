"""Keeps what is looked at: asks for a file, and writes the recording of the run or what the Inspector shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.suggester import Suggester
from textual.worker import Worker

from fbtui.session import Phase
from fbtui.session.saving import save_recording
from fbtui.trace import TraceError
from fbtui.trace.recording import SUFFIX, refuse_to_overwrite
from fbtui.ui.base import Commands
from fbtui.ui.screens.line import LineScreen
from fbtui.ui.widgets.inspector import Inspector

HINT = "a path; → takes what is suggested, esc leaves without saving"
HINT_PAYLOAD = "a text and bytes as they are, NAME.json as JSON, else as Python writes it"
TEXT = ".txt"
"""The ending that a file gets which is named without one."""


class Paths(Suggester):
    """Suggests how a path goes on, from the folders and recordings that there are."""

    def __init__(self, ending: str = "") -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._ending = ending

    async def get_suggestion(self, value: str) -> str | None:
        """Return a longer path that begins with a text; None if there is none."""
        begun = value.rpartition("/")[2]
        names = _names_in(value.removesuffix(begun), self._ending) if begun else []
        return next((value + name[len(begun) :] for name in names if name.startswith(begun)), None)


def _names_in(folder: str, ending: str) -> list[str]:
    try:
        inside = sorted(Path(folder or ".").expanduser().iterdir())
    except (OSError, RuntimeError):  # no such folder, no such home
        return []
    offered = [path for path in inside if path.is_dir() or path.name.endswith(ending)]
    return [f"{path.name}/" if path.is_dir() else path.name for path in offered]


def path_of(text: str, ending: str = SUFFIX) -> Path:
    """Return the file that a line means: ``~`` is the home, and a name without an ending gets one."""
    path = Path(text.strip()).expanduser().absolute()
    return path if path.suffix else path.with_suffix(ending)


class _Asking:
    """What is wrong with a line; an older file is replaced when Enter is pressed twice.

    Args:
        ending: what a name without an ending gets.
        refuse: raises TraceError for a file that is not to be written.
        what: what a file is that may be replaced.
    """

    def __init__(self, ending: str, refuse: Callable[[Path], None], what: str) -> None:
        self._ending, self._refuse, self._what = ending, refuse, what
        self._warned: Path | None = None

    def __call__(self, text: str) -> str:
        if not text.strip() or text.rstrip().endswith("/"):
            return "name a file"
        path = path_of(text, self._ending)
        try:
            self._refuse(path)
        except TraceError as error:
            return str(error)
        if path.exists() and path != self._warned:
            self._warned = path
            return f"{path.name} is {self._what} that is there already: Enter again replaces it"
        return ""


def _refuse_folders(path: Path) -> None:
    if path.is_dir():
        raise TraceError(f"{path} is a folder: name a file in it")
    if not path.parent.is_dir():
        raise TraceError(f"cannot write {path}: there is no folder {path.parent}")


class KeepCommands(Commands):
    """The part of the application that saves what was recorded, and what is shown."""

    inspector: Inspector

    def action_save_recording(self) -> None:
        """Ask for a file, and write into it what the run has recorded so far."""
        session = self.session
        if session.record.trace is None or session.graph is None:
            self.say("nothing is recorded yet: the run has not begun")
            return
        name = f"{session.spec.path.stem}-{session.run}{SUFFIX}"
        asking = _Asking(SUFFIX, refuse_to_overwrite, "a recording")
        screen = LineScreen("Save the recording as", HINT, name, asking, Paths(SUFFIX), replaces=True)
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
        self.tell(f"{steps} moves are in {path}: fbtui open shows them", seconds=8)
        if names:
            self.say(f"without the text of {names}: changed since the run has read it")

    def action_write_file(self) -> None:
        """Ask for a file, and write into it the whole payload that is looked at, else what the Inspector shows."""
        session, number = self.session, self._whole_packet()
        if number is None and not self.inspector.text:
            self.say("nothing is shown in the Inspector: select a node, an edge or a packet")
            return
        title = "Write what the Inspector shows into" if number is None else f"Write the payload of #{number} into"
        name = f"{session.spec.path.stem}-{number or 'inspector'}{TEXT}"
        asking = _Asking(TEXT, _refuse_folders, "a file")
        hint = HINT if number is None else f"{HINT_PAYLOAD}; {HINT}"

        def write(text: str | None) -> None:
            if text is not None:
                path = path_of(text, TEXT)
                _: Worker[None] = self.run_worker(self._write_file(path, number), group="save")

        self.push_screen(LineScreen(title, hint, name, asking, Paths(), replaces=True), write)

    def _whole_packet(self) -> int | None:
        """Return the packet that is looked at, if the run can still be asked for the whole of its payload."""
        what, session = self.inspector.what, self.session
        is_now = session.is_live and session.phase is Phase.PAUSED and session.record.cursor is None
        return what[1] if is_now and what is not None and what[0] == "packet" and isinstance(what[1], int) else None

    async def _write_file(self, path: Path, number: int | None) -> None:
        if number is not None:
            problem = (await self.session.questions.inspect(packet=number, into=str(path))).problem
        else:
            problem = _write_text(path, f"{self.inspector.text}\n")
        if problem:
            self.say(problem)
        else:
            what = "what the Inspector shows" if number is None else f"the payload of #{number}"
            self.tell(f"{what} is in {path}", seconds=8)


def _write_text(path: Path, text: str) -> str:
    """Write a text into a file; return why that cannot be, or nothing."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        return f"cannot write {path}: {error.strerror}"
    return ""
