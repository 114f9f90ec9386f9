"""What the person does with a run: the ladder of steps, what is held up, and the breakpoints."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import Any, Final, Protocol

from fbtui.protocol import Graph, Hold, Message, Pause, Paused, Resume, SetBreakpoints, SetWatches, Step
from fbtui.session.ahead import Command, Steps, TypedAhead
from fbtui.session.breakpoints import Breakpoint, BreakpointList
from fbtui.session.player import Player
from fbtui.session.record import RunRecord
from fbtui.session.spec import Phase
from fbtui.session.watches import Reading, Watch, WatchList, read

BEGINNING: Final = "this is the beginning"


class Steered(Protocol):
    """The session, as far as its controls need it."""

    run: int
    phase: Phase
    graph: Graph | None
    record: RunRecord
    notice: str

    @property
    def is_on_its_way(self) -> bool:
        """Whether the run is still coming to the place where it is to be shown."""

    def send(self, message: Message) -> None:
        """Send a message to the target of the run."""

    def refresh(self, seconds: float = math.inf) -> None:
        """Read what was recorded."""

    def cannot(self, what: str) -> str:
        """Return in one sentence why something cannot be done with the run now."""


class Controls:
    """Steers the run of a session. A method that can do nothing returns a sentence that says why.

    Args:
        session: the session.
        breakpoints: the breakpoints of its file.
        watches: the watches of its file.
        changed: called when something has changed that the target does not tell.
    """

    def __init__(
        self, session: Steered, breakpoints: BreakpointList, watches: WatchList, changed: Callable[[], None]
    ) -> None:
        self._session = session
        self._changed = changed
        self.breakpoints = breakpoints
        self.watches = watches
        self.held: frozenset[str] = frozenset()
        """Nodes and edges that are held up."""
        self.player = Player(self.step, self._next_is_there)
        self.ahead = TypedAhead()
        """What was typed while a step went on."""
        self.on_step: Callable[[], None] = lambda: None
        """Called when a step has been sent: until it is made, which may take long, the run says nothing."""
        self.is_pausing = False
        """True from when a pause is asked for until it comes."""
        self.is_stepping = False
        """True between a step of the ladder and the pause that ends it: what is typed meanwhile waits for that."""

    def begin(self) -> None:
        """A run begins, or is to end: nothing is under way."""
        self.player.stop()
        self.ahead.drop()
        self.is_stepping = self.is_pausing = False

    def arrive(self, paused: Paused) -> None:
        """The run is paused again: do what was typed meanwhile, unless it says why it has stopped."""
        self.breakpoints.spend(paused.spent)
        self.is_stepping = self.is_pausing = False
        if paused.why:
            self.player.stop()
            self.ahead.drop()
        self.ahead.carry_out(lambda: self._session.phase is Phase.PAUSED and not self._session.is_on_its_way)

    @property
    def _has_to_wait(self) -> bool:
        return self.is_stepping or self._session.phase is Phase.STARTING

    def in_turn(self, command: Command) -> str:
        """Carry a command out, or have it wait while a run or a step is under way; return why it cannot be done."""
        if not self._has_to_wait:
            return command()
        self.ahead.add(command)
        return ""

    def equip(self) -> None:
        """Give a new run the breakpoints, the watches, and what is held up."""
        session = self._session
        assert session.graph is not None
        if points := self.breakpoints.resolved(session.graph.graph):
            session.send(SetBreakpoints(session.run, points))
        if watches := self.watches.resolved(session.graph.graph):
            session.send(SetWatches(session.run, watches))
        if self.held:
            session.send(Hold(session.run, tuple(sorted(self.held))))

    # -- the ladder

    def step(self, count: int = 1, move: int | None = None) -> str:
        """Commit the next move, or the parked move chosen. In the past: look at the moment after the next move."""
        session = self._session
        if session.record.cursor is not None and move is None:
            return self.look(session.record.shown.step + count)
        if session.phase is Phase.PAUSED:
            self.is_stepping, session.notice = True, ""
            session.phase = Phase.RUNNING
            session.send(Step(session.run, count, move))
            self.on_step()
            return ""
        if self._has_to_wait:
            self.ahead.add(Steps(self.step, count))
            return ""
        return self._session.cannot("step")

    def resume(self, until: int | None = None, **more: Any) -> str:
        """Let the run go on, to what is named: see `fbtui.protocol.Resume`."""
        session = self._session
        if session.phase is Phase.PAUSED:
            self.player.stop()
            session.phase, session.notice, self.is_pausing = Phase.RUNNING, "", False
            self.is_stepping = until is not None or bool(more)
            session.send(Resume(session.run, until, **more))
            return ""
        return self._session.cannot("go on")

    def pause(self) -> str:
        """Stop at the next gates."""
        self.player.stop()
        self.ahead.drop()
        session = self._session
        if session.phase is Phase.RUNNING:
            session.send(Pause(session.run))
            self.is_pausing = True
            return ""
        return "" if session.phase is Phase.PAUSED else self._session.cannot("pause")

    def _next_is_there(self) -> bool | None:
        """Whether there is a next move: now, later (None), or never; in the past there is one until it is now."""
        if self._session.record.cursor is not None or self._session.phase is Phase.PAUSED:
            return True
        return None if self._session.phase is Phase.RUNNING else False

    def play(self) -> str:
        """Step on in slow motion; in the past, from moment to moment."""
        if not self._next_is_there():
            return self._session.cannot("play")
        self.player.start()
        return ""

    # -- the past

    def look(self, step: int) -> str:
        """Look at the moment after a move, 0 for the beginning; the newest one is now."""
        record = self._session.record
        if record.trace is None:
            return "nothing is recorded yet"
        self._catch_up()
        record.look_at_step(max(0, step))
        self._changed()
        return ""

    def _catch_up(self) -> None:
        """A run that is paused may have been faster than its reader: now is after all that it has done."""
        if self._session.phase is Phase.PAUSED:
            self._session.refresh()

    def back(self, places: Collection[str] = (), name: str = "") -> str:
        """Look at the moment before the last move or act, or after the last move before it on any of some edges.

        Args:
            places: the edges.
            name: what people call them.
        """
        self._catch_up()
        record = self._session.record
        if not places and record.look_behind_act():
            self._changed()
            return ""
        before: int | None = record.shown.step
        if places:
            before = record.step_before(places)
        if not before:
            return f"nothing has moved at {name} before" if places else BEGINNING
        return self.look(before if places else before - 1)

    def back_to_the_beginning(self) -> str:
        """Look at the moment before the first move."""
        return self.look(0) if self._session.record.shown.step else BEGINNING

    def now(self) -> str:
        """Look at what is now."""
        if self._session.record.cursor is None:
            return "this is now"
        self._session.record.look_at(None)
        self._changed()
        return ""

    # -- what stops it

    def hold(self, place: str) -> bool:
        """Hold up a node or an edge, or let it go again; return whether it is held up now."""
        self.held ^= {place}
        self._session.send(Hold(self._session.run, tuple(sorted(self.held))))
        self._changed()
        return place in self.held

    def update_breakpoints(self) -> None:
        """The list of breakpoints has changed: tell the run."""
        session = self._session
        if session.graph is not None:
            session.send(SetBreakpoints(session.run, self.breakpoints.resolved(session.graph.graph)))
        self._changed()

    def passed_on_the_way(self, paused: Paused) -> str:
        """Return in words how many breakpoints lie behind the place that a run has come to; nothing if none."""
        stops = {point.id for point in self.breakpoints.items if point.log is None}
        passed = sum(number in stops and count > 0 for number, count in paused.hits)
        which = "a breakpoint" if passed == 1 else f"{passed} breakpoints"
        return f" · past {which}: {{debug.restart}} begins anew and stops there" if passed else ""

    def behind(self, point: Breakpoint) -> int:
        """Return how many moves or firings a breakpoint would have looked at that are made already."""
        graph, shown = self._session.graph, self._session.record.marking
        if graph is None:
            return 0
        firings, edges = shown.firings(), shown.edges
        count = 0
        for event in point.events(graph.graph):
            word, _, place = event.partition(" ")
            if word in {"begins", "ends"}:
                count += firings[place]
            elif word in {"send", "receive"} and place in edges:
                count += edges[place].sent if word == "send" else edges[place].received
        return count

    # -- watches

    def update_watches(self) -> None:
        """The list of watches has changed: tell the run."""
        session = self._session
        if session.graph is not None:
            session.send(SetWatches(session.run, self.watches.resolved(session.graph.graph)))
        self._changed()

    def readings(self) -> list[tuple[Watch, Reading]]:
        """Return what each watch has seen by the moment that is looked at."""
        graph, marking = self._session.graph, self._session.record.shown
        if graph is None:
            return [(watch, Reading()) for watch in self.watches.items]
        return [(watch, read(watch, graph.graph, marking)) for watch in self.watches.items]
