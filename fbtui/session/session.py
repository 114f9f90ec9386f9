"""The debugger without a screen: runs a graph in a target, steps it, reruns it when its source is saved.

The screen, the headless commands and the tests drive the same `Session`. It tells its subscribers that something
has changed; what it is now they read from it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fbtui.protocol import (
    GRAPH,
    Anchor,
    CannotStart,
    Done,
    Graph,
    Inspect,
    Message,
    Notice,
    Pause,
    Paused,
    Resume,
    Running,
    Start,
    Step,
    Value,
)
from fbtui.session.folders import TraceFolders
from fbtui.session.places import ends_of
from fbtui.session.process import SparePool, Target
from fbtui.session.spec import OutputLine, Phase, Problem, RunSpec
from fbtui.session.words import death_of, how_it_ended, place_in
from fbtui.trace import Kind, Marking, Record, Stream, TraceError, TraceReader
from fbtui.watch import Watch, settled

SLOWEST: Final = 0.5
FASTEST: Final = 32.0
"""Moves a second that play offers."""
CALM: Final = 0.15
"""Seconds that a fresh run has the machine for itself, and nothing is shown that it has not come to yet."""
WHERE: Final = 0.2
"""Seconds that a busy target has to say where it is."""


class Session:
    """Debugs one graph.

    Args:
        spec: the file, the graph and what goes into it.
        watch: rerun when one of the program's files is saved.
        spares: targets kept warm.
    """

    def __init__(self, spec: RunSpec, *, watch: bool = True, spares: int = 2) -> None:
        self.spec = spec
        self.phase = Phase.STARTING
        self.run = 0
        """Number of the run, from 1."""
        self.graph: Graph | None = None
        """The last good graph: it stands while a newer source does not load."""
        self.paused: Paused | None = None
        self.done: Done | None = None
        self.broken: CannotStart | None = None
        self.trace: TraceReader | None = None
        self.marking = Marking()
        self.output: list[OutputLine] = []
        self.problems: list[Problem] = []
        self.notice = ""
        """The newest sentence for the person."""
        self.rate = 2.0
        self.playing = False
        self._watches = watch
        self._watch: Watch | None = None
        self._pool = SparePool(spares)
        self._folders: TraceFolders | None = None
        self._folder = Path()
        self._target: Target | None = None
        self._old: set[asyncio.Task[None]] = set()
        self._subscribers: list[Callable[[], None]] = []
        self._questions = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Value]] = {}
        self._then: Resume | None = None
        self._stepping = False
        """True between a step asked for and the pause that ends it: further steps are counted meanwhile."""
        self._queued = 0
        self._hushed = False
        """True while a run is fresh: nothing is shown before it has come to its place."""
        self._starting = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None
        self._player: asyncio.Task[None] | None = None

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
        if self._watches:
            self._watch = Watch([self.spec.path])
            self._watching = asyncio.ensure_future(self._rerun_on_save(self._watch))
        await self._start()

    async def close(self) -> None:
        """End the run and every process, and remove what was recorded."""
        self.stop_playing()
        if self._watch is not None and self._watching is not None:
            self._watch.stop()
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._target is not None:
            self._target.on_message = self._target.on_exit = None
            await self._target.end(self.run)
        await asyncio.gather(self._pool.close(), *self._old)
        if self.trace is not None:
            self.trace.close()
        if self._folders is not None:
            self._folders.remove()

    # -- starting a run

    async def _start(self) -> None:
        async with self._starting:
            assert self._folders is not None
            self.run += 1
            self._folder = self._folders.next_run(self.run)
            target = await self._pool.take()
            asyncio.get_running_loop().call_later(CALM, self._calm_down, self.run)
            self.phase, self.paused, self.done, self.broken = Phase.STARTING, None, None, None
            if self.trace is not None:
                self.trace.close()
                self.trace = None
            self.marking = Marking()
            self.output, self.problems = [], []
            self._stepping, self._queued = False, 0
            self._hushed = True
            run = self.run
            self._target = target
            target.on_message = lambda message: self._on_message(run, message)
            target.on_exit = lambda code: self._on_exit(run, code)
            target.send(self._start_message())

    def _calm_down(self, run: int) -> None:
        """A run has begun a while ago: now is the time to warm up the next spare, and to show what goes on."""
        self._pool.fill()
        if run == self.run and self._on_its_way():
            self._hushed = False
            self._changed()

    def _on_its_way(self) -> bool:
        """Return whether the run is still coming to the place where it is to be shown."""
        return self.phase is Phase.STARTING or (
            self._then is not None and self.phase in {Phase.PAUSED, Phase.RUNNING}
        )

    def _start_message(self) -> Start:
        fields = {field.name: getattr(self.spec, field.name) for field in dataclasses.fields(self.spec)}
        fields |= {"path": str(self.spec.path), "cwd": str(self.spec.cwd), "trace": str(self._folder)}
        return Start(self.run, **fields)

    async def rerun(self, *, reason: str = "") -> None:
        """Run again from the source as it is now, up to the place where this run is.

        A run that went on goes on; one that had ended runs to its end.
        """
        self.stop_playing()
        self._then = self._place()
        old, self._target = self._target, None
        if old is not None:
            old.on_message = old.on_exit = None
            ending = asyncio.ensure_future(old.end(self.run))
            self._old.add(ending)
            ending.add_done_callback(self._old.discard)
        self._fail_questions("the run was started anew")
        self.notice = reason
        await self._start()

    def _place(self) -> Resume | None:
        """Return how the next run comes to the place where this one is; None for its beginning."""
        run = self.run + 1
        if self._then is not None:  # this run has not come to the place yet
            return dataclasses.replace(self._then, run=run)
        if self.phase in {Phase.RUNNING, Phase.ENDED}:
            return Resume(run) if self.phase is Phase.RUNNING or self.graph is not None else None
        self.refresh()
        last = self.marking.last
        if last is None or self.trace is None:
            return None
        kind: Any = "send" if last.kind is Kind.SEND else "receive"
        return Resume(run, anchor=Anchor(kind, self.trace.places.edges[last.edge], last.occurrence))

    async def give(
        self, inputs: tuple[tuple[str, str], ...], config: tuple[tuple[str, str], ...], signals: tuple[str, ...]
    ) -> None:
        """Run again with these inputs instead of those of the command line."""
        self.spec = dataclasses.replace(self.spec, inputs=inputs, config=config, signals=signals)
        self._then = None
        await self.rerun(reason="run with the inputs given")

    async def _rerun_on_save(self, watch: Watch) -> None:
        async for changed in watch.changes():
            await settled(changed[0])
            await self.rerun(reason=f"{', '.join(path.name for path in changed)} saved: run again")

    # -- what the target says

    def _on_message(self, run: int, message: Message) -> None:
        if run != self.run or getattr(message, "run", run) != run:
            return  # what a superseded run says is never shown
        match message:
            case Graph():
                self._on_graph(message)
            case Paused():
                self.paused, self.phase = message, Phase.PAUSED
                self.refresh()
                self._at_the_place(message)
                self._stepping = False
                queued, self._queued = self._queued, 0
                if queued and not message.why:
                    self.step(queued)
            case Running():
                self.phase = Phase.RUNNING
            case Done():
                self._on_done(message)
            case CannotStart():
                self._on_broken(message)
            case Value():
                answer = self._answers.pop(message.request, None)
                if answer is not None and not answer.done():
                    answer.set_result(message)
                return
            case Notice(sentence=sentence):
                self.notice = sentence
            case _:
                return
        if not (self._hushed and self._on_its_way()):
            self._changed()

    def _on_graph(self, message: Graph) -> None:
        self.graph = message
        self._follow(message.files)
        self._pool.preload(message.modules)
        for sentence in message.notices:
            self.notice = sentence
        if self.spec.describe_only:
            self.phase = Phase.ENDED
        elif message.missing:
            self.phase = Phase.MISSING
        else:
            self._open_trace()
            self.phase = Phase.STARTING if self.spec.paused else Phase.RUNNING
            if self._then is not None and self._target is not None:
                self._target.send(self._then)

    def _open_trace(self) -> None:
        with contextlib.suppress(TraceError):
            self.trace = TraceReader(self._folder)

    def _follow(self, files: tuple[str, ...]) -> None:
        if self._watch is not None and files:
            self._watch.follow(map(Path, files))

    def _at_the_place(self, message: Paused) -> None:
        then, self._then = self._then, None
        if then is not None and then.anchor is not None and message.step:
            anchor = then.anchor
            self.notice += f" · at the same place, {anchor.kind} {anchor.occurrence} on {anchor.edge}"
        elif then is not None:
            self._then = then if not message.step else None
        self.notice = message.why or self.notice

    def _on_done(self, message: Done) -> None:
        self.done, self.phase = message, Phase.ENDED
        self.playing = self._stepping = False
        self.refresh()
        if message.end in {"finished", "stopped"}:
            if self._then is not None and self._then.anchor is not None:
                self.notice += " · the place where you were is gone"
            self._then = None
        self._read_process_output()
        if message.error is not None:
            self.problems.append(Problem.of(message.error))
        elif message.end in {"blocked", "killed", "timeout"}:
            self.problems.append(Problem(how_it_ended(message)))
        for left in message.undelivered:
            place = ends_of(self.graph.graph if self.graph is not None else None, left.place)
            self.problems.append(Problem(f"{left.count} not delivered: {place}", is_remark=True))
        self._fail_questions("the run has ended")

    def _on_broken(self, message: CannotStart) -> None:
        self.broken, self.phase = message, Phase.BROKEN
        self._follow(message.files)
        names = f": choose one of {', '.join(message.names)}" if message.names else ""
        if message.failure is not None:
            self.problems.append(Problem.of(message.failure, message.sentence))
        else:
            self.problems.append(Problem(message.sentence + names))

    def _on_exit(self, run: int, code: int) -> None:
        if run != self.run or self.phase in {Phase.ENDED, Phase.BROKEN, Phase.MISSING}:
            return
        self.refresh()
        self._read_process_output()
        moves = self.marking.step
        sentence = death_of(code, self._folder, self.spec.path)
        self.done = Done(run, "killed", moves, reason=sentence, order=self.spec.order, seed=self.spec.seed)
        self.phase, self.playing, self._stepping = Phase.ENDED, False, False
        self.problems.append(Problem(sentence))
        self._fail_questions("the target is gone")
        self._changed()

    # -- what the person does

    def _send(self, message: Message) -> None:
        if self._target is not None:
            self._target.send(message)

    def step(self, count: int = 1, move: int | None = None) -> str:
        """Commit the next move (or the parked move chosen). Returns why it cannot be done, or nothing."""
        if self.phase is Phase.PAUSED:
            self._stepping = True
            self.phase = Phase.RUNNING
            self._send(Step(self.run, count, move))
            return ""
        if self._stepping:
            self._queued += count
            return ""
        return self._cannot("step")

    def resume(self, until: int | None = None, **more: Any) -> str:
        """Let the run go on. Returns why it cannot be done, or nothing."""
        if self.phase is Phase.PAUSED:
            self._send(Resume(self.run, until, **more))
            return ""
        return self._cannot("go on")

    def pause(self) -> str:
        """Stop at the next gates. Returns why it cannot be done, or nothing."""
        self.stop_playing()
        self._queued = 0
        if self.phase is Phase.RUNNING:
            self._send(Pause(self.run))
            return ""
        return "" if self.phase is Phase.PAUSED else self._cannot("pause")

    def _cannot(self, what: str) -> str:
        match self.phase:
            case Phase.ENDED if self.done is not None:
                return f"cannot {what}: the run has {how_it_ended(self.done)}; r runs it again"
            case Phase.BROKEN:
                return f"cannot {what}: {self.problems[0].title if self.problems else 'the program does not load'}"
            case Phase.MISSING:
                return f"cannot {what}: inputs are missing; I opens the form"
            case _:
                return f"cannot {what}: the run is {self.phase.value}"

    def play(self) -> str:
        """Step on in slow motion, `rate` moves a second. Returns why it cannot be done, or nothing."""
        if self.phase is not Phase.PAUSED:
            return self._cannot("play")
        self.playing = True
        self._player = asyncio.ensure_future(self._play())
        return ""

    async def _play(self) -> None:
        while self.playing and self.phase in {Phase.PAUSED, Phase.RUNNING}:
            if self.phase is Phase.PAUSED:
                self.step()
            await asyncio.sleep(1 / self.rate)

    def stop_playing(self) -> None:
        """Leave slow motion."""
        self.playing = False
        if self._player is not None:
            self._player.cancel()
            self._player = None

    def faster(self, factor: float) -> None:
        """Change the rate of slow motion."""
        self.rate = min(FASTEST, max(SLOWEST, self.rate * factor))
        self._changed()

    async def stop(self) -> str:
        """End the run: it is asked, then interrupted, then killed. Returns why it cannot be done, or nothing."""
        self.stop_playing()
        if self._target is None or self.phase is Phase.ENDED:
            return self._cannot("stop")
        await self._target.end(self.run)
        return ""

    # -- looking

    def refresh(self) -> list[Record]:
        """Read what was recorded since, into `marking` and `output`; return it."""
        if self.trace is None:
            self._open_trace()
        if self.trace is None:
            return []
        try:
            fresh = self.marking.follow(self.trace)
            places = self.trace.places
            for record in fresh:
                if record.kind is Kind.OUTPUT:
                    is_error = record.detail == Stream.STDERR
                    self.output.append(OutputLine(places.nodes[record.node], self.trace.text(record), is_error))
        except TraceError as error:
            self.problems.append(Problem(str(error)))
            return []
        return fresh

    def _read_process_output(self) -> None:
        """What was printed past Python: by extensions and by other programs."""
        with contextlib.suppress(OSError):
            text = (self._folder / "process.txt").read_text(encoding="utf-8", errors="replace")
            self.output += [OutputLine(GRAPH, line) for line in text.splitlines()]

    def silence(self) -> float:
        """Return for how many seconds the target's loop has not come round; 0 while it need not."""
        if self.phase is Phase.RUNNING and self.trace is not None:
            return self.trace.silence()
        return 0.0

    async def where(self) -> str | None:
        """Return the place in the user's code where a busy target is: ``work.py:12 in main``."""
        if self._target is None:
            return None
        self._target.signal(signal.SIGUSR1)
        await asyncio.sleep(WHERE)
        return place_in(self._folder / "where.txt", self.spec.path)

    async def inspect(
        self,
        *,
        packet: int | None = None,
        edge: str | None = None,
        node: str | None = None,
        path: tuple[int, ...] = (),
    ) -> Value:
        """Ask the paused target what stands at a place; ``path`` leads into a payload."""
        request = next(self._questions)
        if self.phase is not Phase.PAUSED:
            return Value(
                self.run, request, problem=f"the run is {self.phase.value}: what it holds can be seen paused"
            )
        answer: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._answers[request] = answer
        self._send(Inspect(self.run, request, packet, edge, node, path))
        return await answer

    def _fail_questions(self, why: str) -> None:
        for request, answer in self._answers.items():
            if not answer.done():
                answer.set_result(Value(self.run, request, problem=why))
        self._answers.clear()
