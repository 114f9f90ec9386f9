"""The debugger without a screen: runs a graph in a target, steps it, reruns it when its source is saved.

The screen, the headless commands and the tests drive the same `Session`. It tells its subscribers that something
has changed; what it is now they read from it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from fbtui.protocol import CannotStart, Done, Files, Graph, Lint, Message, Notice, Paused, Resume, Running, Value
from fbtui.session.breakpoints import BreakpointList
from fbtui.session.changes import Changes
from fbtui.session.controls import Controls
from fbtui.session.findings import problems_of_findings
from fbtui.session.folders import TraceFolders
from fbtui.session.last import LastRun
from fbtui.session.looking import Looking
from fbtui.session.process import NoTarget, SparePool, Started, Target
from fbtui.session.questions import Questions
from fbtui.session.record import RunRecord
from fbtui.session.reruns import Replay, Reruns
from fbtui.session.saves import Saves
from fbtui.session.spec import Phase, Problem, RunSpec
from fbtui.session.watches import WatchList
from fbtui.session.widened import to_be_written, widened
from fbtui.session.words import problems_of_end
from fbtui.trace import TraceError

CALM: Final = 0.15
"""Seconds that a fresh run has the machine for itself, and nothing is shown that it has not come to yet."""
AT_A_PAUSE: Final = 0.004
"""Seconds in which is read at a pause what a run has recorded: it is shown at once, and the rest is read by and by,
or when it is asked for."""


class Session(Looking, Reruns):
    """Debugs one graph.

    Args:
        spec: the file, the graph and what goes into it.
        watch: take notice when one of the program's files is saved.
        reruns: run again then; without it a person is told, and decides.
        spares: targets kept warm.
        breakpoints: those that are set from the start.
        watches: what is watched from the start.
        first: a process for the first run, started ahead.
    """

    def __init__(
        self,
        spec: RunSpec,
        *,
        watch: bool = True,
        reruns: bool = True,
        spares: int = 2,
        breakpoints: BreakpointList | None = None,
        watches: WatchList | None = None,
        first: Started | None = None,
    ) -> None:
        self.spec = spec
        self.phase = Phase.STARTING
        self.run = 0
        """Number of the run, from 1."""
        self.graph: Graph | None = None
        """The last good graph: it stands while a newer source does not load."""
        self.started = 0.0
        """The loop's time at which the run began."""
        self.paused: Paused | None = None
        self.done: Done | None = None
        self.broken: CannotStart | None = None
        self.record = RunRecord(Path(), spec.path)
        self.problems: list[Problem] = []
        self.notice = ""
        """The newest sentence for the person."""
        self._runs_again = reruns
        self._saves = Saves(spec.path, self._on_saved, self._on_gone, watch=watch)
        self._pool = SparePool(spares, spec.python, first)
        self._last = LastRun()
        self._folders: TraceFolders | None = None
        self._target: Target | None = None
        self._old: set[asyncio.Task[None]] = set()
        self._subscribers: list[Callable[[], None]] = []
        self.controls = Controls(self, breakpoints or BreakpointList(), watches or WatchList(), self._changed)
        self.questions = Questions(self)
        self.changes = Changes(self, self._changed)
        self._then: Resume | None = None
        self._replay: Replay | None = None
        self.fork_of = ""
        """Of which run it is a fork, and where: ``fork of run 2 at step 8``; empty for any other run."""
        self._said = ""  # what the target has told since the last pause
        self._hushed = False
        """True while a run is fresh: nothing is shown before it has come to its place."""
        self._starting = asyncio.Lock()

    @property
    def is_live(self) -> bool:
        """Whether there is a run that can be steered; a recording can only be looked at."""
        return True

    @property
    def label(self) -> str:
        """What the run is called."""
        return f"run {self.run}{f', {self.fork_of}' if self.fork_of else ''}"

    @property
    def shown_run(self) -> int:
        """The run whose record is shown: while a newer source does not load that is the last one that has moved."""
        return self._last.number(self.record) or self.run

    # -- its own life

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Have a function called whenever something has changed."""
        self._subscribers.append(callback)

    def _changed(self) -> None:
        for callback in self._subscribers:
            callback()

    async def open(self) -> None:
        """Begin with the first run."""
        self._folders = TraceFolders()
        await self._start()
        self._saves.begin()

    async def close(self) -> None:
        """End the run and every process, and remove what was recorded."""
        self.controls.player.stop()
        await self._saves.end()
        if self._target is not None:
            self._target.on_message = self._target.on_exit = None
            await self._target.end(self.run)
        await asyncio.gather(self._pool.close(), *self._old)
        self.changes.close()
        self.record.close()
        self._last.let_go()
        if self._folders is not None:
            self._folders.remove()

    def abandon(self) -> None:
        """End every process and remove what was recorded, at once: nobody is left to wait."""
        for target in (self._target, *self._pool.targets):
            if target is not None:
                target.kill()
        if self._folders is not None:
            self._folders.remove()

    # -- starting a run

    async def _start(self) -> None:
        async with self._starting:
            assert self._folders is not None
            self.changes.keep()
            self._last.keep(self.run, self.record)
            self.run += 1
            self.phase, self.paused, self.done, self.broken = Phase.STARTING, None, None, None
            self.controls.begin()  # what is typed from here on is for this run
            target = await self._take()
            self.started = asyncio.get_running_loop().time()
            self.record = RunRecord(self._folders.next_run(self.run), self.spec.path)
            self.problems, self.saved = [], ""
            if isinstance(target, CannotStart):
                self._on_broken(target)
                self._changed()
                return
            asyncio.get_running_loop().call_later(CALM, self._calm_down, self.run)
            self._hushed = True
            run, self._target = self.run, target
            target.on_message = lambda message: self._on_message(run, message)
            target.on_exit = lambda code: self._on_exit(run, code)
            target.send(self._spec_now().start(self.run, self.record.folder))

    async def _take(self) -> Target | CannotStart:
        try:
            return await self._pool.take()
        except NoTarget as error:
            return CannotStart(self.run, "file", str(error))

    def _calm_down(self, run: int) -> None:
        """A run has begun a while ago: now is the time to warm up the next spare, and to show what goes on."""
        self._pool.fill()
        if run != self.run:
            return
        self.changes.read_sources()
        if self.is_on_its_way:
            self._hushed = False
            self._changed()
        elif self.changes.edits:
            self._changed()

    @property
    def is_on_its_way(self) -> bool:
        """Whether the run is still coming to the place where it is to be shown."""
        return self.phase is Phase.STARTING or (
            self._then is not None and self.phase in {Phase.PAUSED, Phase.RUNNING}
        )

    def _spec_now(self) -> RunSpec:
        """A run with breakpoints or watches begins paused, to have them from its first move on; so does a fork."""
        evaluates = self.controls.watches.has_expressions and self.spec.order != "free"
        waits = evaluates or bool(self.controls.breakpoints.items) or self._replay is not None
        paused = self.spec.paused or waits
        return dataclasses.replace(self.spec, paused=paused, replay=self._replay)

    async def rerun(
        self,
        *,
        reason: str = "",
        anew: bool = False,
        until: int | None = None,
        replay: tuple[str, int] | None = None,
    ) -> str:
        """Run again from the source as it is now, up to the place where this run is; see `Reruns.rerun`.

        A run that went on goes on; one that had ended runs to its end.
        """
        self.controls.begin()
        if until is not None:
            self._then = Resume(self.run + 1, until=until, straight=True)
        else:
            self._then = None if anew else self._place()
        self._replay = replay or (None if anew else self._picks())
        self.fork_of = reason if replay is not None else ""
        old, self._target = self._target, None
        if old is not None:
            old.on_message = old.on_exit = None
            ending = asyncio.ensure_future(old.end(self.run))
            self._old.add(ending)
            ending.add_done_callback(self._old.discard)
        self.questions.fail("the run was started anew")
        self.notice = reason
        await self._start()
        return ""

    def _on_gone(self, names: str) -> None:
        self.notice = f"{names} is gone: this is the last run of it"
        self._changed()

    # -- what the target says

    def _on_message(self, run: int, message: Message) -> None:
        if run != self.run or getattr(message, "run", run) != run:
            return  # what a superseded run says is never shown
        if self._is_aside(message):
            return
        match message:
            case Graph():
                self._on_graph(message)
            case Paused():
                self.paused, self.phase = message.after(self.paused), Phase.PAUSED
                self.refresh(AT_A_PAUSE)
                self.changes.compare()
                self._at_the_place(message)
                self.controls.arrive(message)
            case Running():
                self.phase = Phase.RUNNING
            case Done():
                self._on_done(message)
            case CannotStart():
                self._on_broken(message)
            case Notice(sentence=sentence):
                self.notice = self._said = sentence
            case Lint():
                self.record.lints.append(message)
                self.problems.append(Problem.of_lint(message))
            case _:
                return
        if not (self._hushed and self.is_on_its_way):
            self._changed()

    def _is_aside(self, message: Message) -> bool:
        """Take what changes nothing that is shown."""
        match message:
            case Files(files=files):
                self._saves.follow(files)
                if self.graph is not None:
                    self.graph = dataclasses.replace(self.graph, files=files)
            case Value():
                self.questions.answer(message)
            case _:
                return False
        return True

    def _on_graph(self, message: Graph) -> None:
        capacities = dict(self.spec.capacities)
        graph = widened(message.graph, capacities) if capacities else message.graph
        self.graph = dataclasses.replace(message, graph=graph)
        self._saves.follow(message.files)
        self._pool.preload(message.modules)
        self.notice = next(reversed(message.notices), self.notice)
        self.problems += problems_of_findings(message)
        if self.spec.describe_only:
            self.phase = Phase.ENDED
        elif message.missing:
            self.phase = Phase.MISSING
            self.controls.begin()
        else:
            self._last.let_go()
            self.record.open()
            self.problems += to_be_written(message, self.spec.capacities)
            self.changes.begin()
            self.phase = Phase.STARTING if self.spec.paused else Phase.RUNNING
            if self.phase is Phase.RUNNING:
                self.controls.ahead.drop()  # it stops nowhere of its own accord
            self.controls.equip()
            if self._then is not None:
                self.send(self._then)
            elif not self.spec.paused and self._spec_now().paused:
                self.send(Resume(self.run, seen=False))

    def _at_the_place(self, message: Paused) -> None:
        then, self._then = self._then, None
        if then is not None and then.anchor is not None and message.step:
            anchor = then.anchor
            place = self.edge_name(anchor.edge)
            self.notice += f" · at the same place, {anchor.kind} {anchor.occurrence} on {place}"
            self.notice += self.controls.passed_on_the_way(message)
        elif then is not None:
            self._then = then if not message.step else None
        said, self._said = self._said, ""
        self.notice = " · ".join(filter(None, (said, message.why))) or self.notice

    def _on_done(self, message: Done) -> None:
        self.done, self.phase = message, Phase.ENDED
        self.controls.begin()
        self.refresh()
        if message.end in {"finished", "stopped"}:
            if self._then is not None and self._then.anchor is not None:
                self.notice += " · the place where you were is gone"
            self._then = None
        self.record.read_process_output()
        self.problems += problems_of_end(message, self.record.acts, self.edge_name)
        self.questions.fail("the run has ended")
        self.changes.look()

    def _on_broken(self, message: CannotStart) -> None:
        self.broken, self.phase = message, Phase.BROKEN
        self.controls.begin()
        self.notice = self.notice.partition(": run again")[0]  # it does not
        self._saves.follow(message.files)
        self.refresh()
        self.record.read_process_output()
        if message.reason in {"import", "graph"}:  # it is the source's doing
            self.record = self._last.instead_of(self.record)
        file = self.spec.path.name
        names = f": choose one of {', '.join(f'{file}:{name}' for name in message.names)}" if message.names else ""
        if message.failure is not None:
            self.problems.append(Problem.of(message.failure, message.sentence))
        else:
            self.problems.append(Problem(message.sentence + names))

    def _on_exit(self, run: int, code: int) -> None:
        if run != self.run or self.phase in {Phase.ENDED, Phase.BROKEN, Phase.MISSING}:
            return
        self.refresh()
        self.record.read_process_output()
        asked = self._target is not None and self._target.is_ending
        death = self.record.death(code, asked=asked)
        self.done = Done(
            run, "killed", self.record.marking.step, reason=death.title, order=self.spec.order, seed=self.spec.seed
        )
        self.controls.begin()
        self.phase = Phase.ENDED
        self.problems.append(death)
        self.questions.fail("the target is gone")
        self.changes.look()
        self._changed()

    def send(self, message: Message) -> None:
        """Send a message to the target of the run."""
        if self._target is not None:
            self._target.send(message)

    async def stop(self) -> str:
        """End the run: it is asked, then interrupted, then killed. Returns why it cannot be done, or nothing."""
        self.controls.begin()
        if self._target is None or self.phase is Phase.ENDED:
            return self.cannot("stop")
        self.record.is_cut = True
        await self._target.end(self.run)
        return ""

    # -- looking

    def refresh(self, seconds: float = math.inf) -> None:
        """Read what was recorded since into `record`; when so many seconds are over, leave the rest for later."""
        try:
            self.record.refresh(seconds)
        except TraceError as error:
            self.problems.append(Problem(str(error)))
