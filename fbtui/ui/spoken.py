"""The debugger as lines of text, for screen readers: what changes is written line by line, commands are typed lines.

It is the same application without a screen: every command of the table works, by its key or by its name.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Any, Final

from textual.geometry import Offset
from textual.widgets import Static
from textual.worker import Worker

from fbtui.diagram import Run
from fbtui.protocol.characters import clean
from fbtui.session import Phase
from fbtui.ui.actions import ACTIONS, Action
from fbtui.ui.app import DebuggerApp
from fbtui.ui.keys import shown
from fbtui.ui.overlay import next_up
from fbtui.ui.panes import NAMES
from fbtui.ui.reading import LISTED, USAGE, Reading
from fbtui.ui.screens.dialog import Dialog, Field
from fbtui.ui.screens.help import fixed_in, sections
from fbtui.ui.screens.inputs import InputsScreen
from fbtui.ui.screens.menu import Entry
from fbtui.ui.widgets.lines import LineList
from fbtui.ui.words import move_line, nothing_next, output_line, phase_words, problem_lines, watch_line

PATIENCE: Final = 0.5
"""Seconds that a line waits for the run to come to rest; then it is meant for a run that goes on."""
WELCOME: Final = (
    "fbtui, lines of text. {debug.step} steps, {debug.continue} continues, help lists the commands, quit leaves."
)


def plain_line(runs: list[Run]) -> str:
    """Return a line as it is spoken: without the signs that only the eye needs."""
    return " ".join("".join(text for text, _ in runs).replace("│", ":").strip(" ▶●◆✗·!").split())


class SpokenApp(DebuggerApp):
    """The debugger without a screen."""

    _state = ""
    _output_told = 0
    _problems_told = 0
    _watches_told: list[str] = []  # noqa: RUF012 - replaced, never changed
    _told_of: Dialog[Any] | None = None

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._reading = Reading()
        self._is_chosen = False
        """Whether the line heard last chose one of a list: that brings the list to the front again."""

    async def on_mount(self) -> None:
        """Listen to lines."""
        self._tell(self.named(WELCOME))
        os.set_blocking(sys.__stdin__.fileno(), False)  # type: ignore[union-attr]
        self._heard = ""
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._news = asyncio.Event()
        self.session.subscribe(self._news.set)
        _: Worker[None] = self.run_worker(self._listen, group="listen")
        asyncio.get_running_loop().add_reader(sys.__stdin__.fileno(), self._hear)  # type: ignore[union-attr]

    def _tell(self, text: str) -> None:
        stream = sys.__stdout__
        if text and stream is not None:
            stream.write(f"{text}\n")
            stream.flush()

    # -- what is told

    def notify(self, message: str, **how: Any) -> None:
        """Tell a sentence."""
        self._tell(clean(message))

    def update(self) -> None:
        """Tell what has changed."""
        super().update()
        self._tell_output()
        self._tell_problems()
        self._tell_state()

    def _tell_output(self) -> None:
        output = self.session.record.output
        fresh = output[self._output_told :] if len(output) >= self._output_told else output
        self._output_told = len(output)
        for line in fresh:
            self._tell(plain_line(output_line(line)))

    def _tell_problems(self) -> None:
        problems = self.session.problems
        for problem in problems[self._problems_told :] if len(problems) >= self._problems_told else problems:
            for run in problem_lines(problem):
                self._tell(run[0].strip(" ✗·!"))
        self._problems_told = len(problems)

    def _tell_watches(self) -> None:
        told = [plain_line(watch_line(*one)) for one in self.session.controls.readings()]
        for line in told:
            if line not in self._watches_told:
                self._tell(line)
        self._watches_told = told

    def _tell_state(self) -> None:
        if self.session.phase in {Phase.STARTING, Phase.RUNNING} and self.session.record.cursor is None:
            return
        parked = next_up(self.session)
        lines = [move_line(move, is_next=False) for move in parked if move.enabled] or nothing_next(
            self.session, self.settings.keys
        )
        now = self.named(phase_words(self.session)[0])
        first = f"{now}. Next: " if parked else f"{now}. "
        state = first + "; ".join(map(plain_line, lines[:LISTED]))
        if state != self._state:
            self._state = state
            self._tell(state)
        self._tell_watches()

    def select(self, what: tuple[str, str] | None, *, anew: bool = False, sifts: bool = True) -> None:
        """Select something, and tell what it is."""
        super().select(what, anew=anew, sifts=sifts)
        if what is not None:
            _: Worker[None] = self.run_worker(self._tell_closely, group="tell", exclusive=True)

    async def _tell_closely(self) -> None:
        asked = asyncio.Event()
        self.inspector.call_after_refresh(asked.set)  # the Inspector asks after a refresh, too, and before that
        await asked.wait()
        await self._finished("inspect")
        self._tell("\n".join(map(str.strip, self.inspector.text.splitlines())))

    async def _finished(self, *groups: str) -> None:
        """Wait until no worker of some groups works.

        They are looked at, not awaited: one that is replaced ends by an error, and to give up waiting cancels it.
        """
        while any(worker.group in groups and not worker.is_finished for worker in self.workers):
            await self._turn()

    # -- what is heard

    def _hear(self) -> None:
        try:
            data = os.read(sys.__stdin__.fileno(), 1 << 16)  # type: ignore[union-attr]
        except BlockingIOError:
            return
        *lines, self._heard = (self._heard + data.decode("utf-8", "replace")).split("\n")
        for line in lines:
            self._lines.put_nowait(line.strip())
        if not data:
            asyncio.get_running_loop().remove_reader(sys.__stdin__.fileno())  # type: ignore[union-attr]
            self._lines.put_nowait(None)

    async def _listen(self) -> None:
        """Carry the lines out one after the other, each when the run is at rest."""
        await self._rest({Phase.STARTING}, None)
        await self._settle()
        while (line := await self._lines.get()) is not None:
            await self._do(line)
            await self._settle()
        await self._rest({Phase.STARTING, Phase.RUNNING}, None)
        self.exit()

    async def _settle(self) -> None:
        """Wait until what a line has set going is done, and told."""
        await self._turn()
        while any(isinstance(screen, Dialog) and screen.left for screen in self.screen_stack):
            await self._turn()
        if self.session.phase is Phase.PAUSED:  # whoever answers has taken the command before
            await self.session.questions.inspect(node="")
        await self._rest({Phase.STARTING}, None)
        await self._rest({Phase.RUNNING}, PATIENCE)
        await self._finished("inspect", "tell")
        await self._turn()
        await self._ask_what_a_dialog_asks()

    async def _turn(self) -> None:
        """Wait until application and screen have dealt with all that came before."""
        for pump in (self.screen_stack[0], self):
            done = asyncio.Event()
            pump.call_later(done.set)
            await done.wait()

    async def _rest(self, phases: set[Phase], seconds: float | None) -> None:
        """Wait until the run is in none of some phases, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.session.phase in phases:
                    self._news.clear()
                    await self._news.wait()
        await self._turn()

    async def _do(self, line: str) -> None:
        dialog, self._is_chosen = self.screen, False
        if isinstance(dialog, Dialog):
            await self._answer(dialog, line)
        elif line in {"help", "?"}:
            self._tell_help()
        elif line == "quit":
            self.exit()
        elif self._reads(line):
            return
        elif line and (action := self._meant(line)) is not None:
            await self._run(action)
        elif line:
            self._tell(f"there is no command {clean(line)}: help lists them")

    def _reads(self, line: str) -> bool:
        """Tell a list, more of it, or choose a line of it, if that is what is typed."""
        word, _, number = line.casefold().partition(" ")
        first = int(number) if number.isdecimal() else None
        if word in NAMES and (first is not None or not number):
            self._tell_list(word, first)
        elif word == "more" and not number:
            self._tell("\n".join(self._reading.more()))
        elif word == "choose" and first is not None:
            self._is_chosen = True
            self.say(self._reading.choose(first))
        else:
            return False
        return True

    def _tell_list(self, name: str, first: int | None = None) -> None:
        if name == "timeline":
            self.timeline.show()
            while self.timeline.is_behind:
                self.timeline.show()
        self._tell("\n".join(self._reading.tell(self.screen_stack[0].query_one(f"#{name}", LineList), first)))

    def show_tab(self, tab: str) -> None:
        """Bring a list to the front, and tell it."""
        super().show_tab(tab)
        if not self._is_chosen:
            self.call_later(self._tell_list, tab)

    def action_next_tab(self) -> None:
        """Show the next tab, and tell it."""
        super().action_next_tab()
        self.call_later(self._tell_list, self._tabs.active)

    def _meant(self, line: str) -> Action | None:
        word = line.casefold()
        keys = [action for action in ACTIONS if line in shown(action, self.settings.keys).split(", ")]
        names = [action for action in ACTIONS if word == action.id or action.title.casefold().startswith(word)]
        return next(iter(keys or names), None)

    async def _run(self, action: Action) -> None:
        result = getattr(self, f"action_{action.method}")()
        if asyncio.iscoroutine(result):
            await result

    def show_menu(self, title: str, entries: list[Entry], spot: Offset) -> None:
        """Tell what can be done; each command is then typed by its key."""
        self._tell(f"{clean(title)}:")
        for entry in entries:
            if entry.is_possible and entry.action.method != "choose":
                self._tell(f"  {entry.keys}: {entry.title}")

    def _tell_help(self) -> None:
        self._tell("\n".join(("Lists:", *(f"  {line}" for line in USAGE))))
        for title, rows in sections("", "", self.settings.keys, fixed_in(self.session)):
            if title not in {"Signs", "Everywhere"}:
                self._tell(f"{title}:")
                for keys, meaning in rows:
                    self._tell(f"  {keys}: {meaning}")

    # -- dialogs

    async def _ask_what_a_dialog_asks(self) -> None:
        dialog = self.screen
        if isinstance(dialog, Dialog) and dialog is not self._told_of:
            self._told_of = dialog
            while not dialog.query(Field):
                await self._turn()
            self._ask(dialog)

    def _ask(self, dialog: Dialog[Any]) -> None:
        texts = [str(label.content) for label in dialog.query(Static)]
        self._tell("\n".join(text for text in texts if text.strip()))
        if isinstance(dialog, InputsScreen):
            self._tell("Type PORT=VALUE for each, then an empty line to run; 'esc' leaves.")
        else:
            self._tell("Type it; 'esc' leaves.")

    async def _answer(self, dialog: Dialog[Any], line: str) -> None:
        if line == "esc":
            dialog.dismiss()
            return
        fields = list(dialog.query(Field))
        port, equals, value = line.partition("=")
        if isinstance(dialog, InputsScreen) and equals:
            named = next((one for one in fields if port in {one.name, (one.name or "").partition(".")[2]}), None)
            if named is None:
                self._tell(f"there is no port {clean(port)}")
            else:
                named.value = value
            return
        if not isinstance(dialog, InputsScreen):
            fields[0].value = line
        dialog.submit()
        await self._finished("submit")
        problems = [str(one.content) for one in dialog.query("#line-problem, #inputs-problem").results(Static)]
        if not dialog.left:
            self._tell(" ".join(problems))
