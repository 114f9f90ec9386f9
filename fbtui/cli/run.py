"""``fbtui run``: the session without a screen."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import signal
import sys
from dataclasses import asdict
from typing import Any, Final

from fbtui.cli.encoding import bar
from fbtui.cli.options import BadOption, breaks_of
from fbtui.cli.recordings import as_recorded, check_record, differs, opened, print_profile, save
from fbtui.protocol import Done, Paused
from fbtui.protocol.characters import clean
from fbtui.session import Phase, RunSpec, Session, how_it_ended
from fbtui.session.breakpoints import BreakpointList
from fbtui.session.places import NoPlace, stops_at
from fbtui.session.words import end_in_brief, output_text
from fbtui.trace.recording import Recording

CODES: Final = {
    "finished": 0, "stopped": 0, "failed": 1, "blocked": 3, "timeout": 5, "killed": 5, "interrupted": 130,
}  # fmt: skip
CANNOT_START: Final = 2
NOT_REACHED: Final = 4
TICK: Final = 1 / 30
QUIET: Final = 10.0
"""Seconds without a move after which a run that goes on is told how it can be ended."""


async def run(spec: RunSpec, options: argparse.Namespace) -> int:
    """Run a graph to its end, and return the exit code."""
    check_record(options.record)
    with contextlib.ExitStack() as stack:
        expected = None
        if options.expect is not None:
            expected = stack.enter_context(opened(options.expect, _say))
            spec = as_recorded(spec, expected, options)
        return await _run(spec, options, expected)


async def _run(spec: RunSpec, options: argparse.Namespace, expected: Recording | None) -> int:
    until = options.until if options.until not in {None, "outputs", "rest"} else None
    if until is not None:
        spec = dataclasses.replace(spec, paused=True, order="fifo" if spec.order == "free" else spec.order)
    points = BreakpointList()
    for text in breaks_of(options):
        points.add(text)
    session = Session(spec, watch=False, spares=0, breakpoints=points)
    headless = _Headless(session, until, options.timeout)
    try:
        await headless.drive()
        done = headless.done()
        if done is not None and options.record is not None:
            save(session, options.record, done)
        if done is not None and options.profile:
            print_profile(session)
        if done is not None and expected is not None:
            headless.difference = differs(session, done, expected)
    finally:
        await session.close()
    return headless.report(as_json=options.json)


class _Headless:
    def __init__(self, session: Session, until: str | None, timeout: float | None) -> None:
        self._session = session
        self._until = until
        self._timeout = timeout
        self._news = asyncio.Event()
        self._end: str | None = None
        self._reached = False
        self._reason = ""
        self._printed = 0
        self._run_on = False
        self.difference: str | None = None
        """Where the run differs from the expected one: empty for nowhere, None if none is expected."""
        session.subscribe(self._news.set)

    # -- to the end

    async def drive(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, lambda: self._give_up("interrupted"))
        loop.add_signal_handler(signal.SIGTERM, lambda: self._give_up("interrupted"))
        loop.add_signal_handler(signal.SIGHUP, lambda: self._give_up("interrupted"))
        await self._session.open()
        began = moved = loop.time()
        steps, told = 0, False
        while not self._is_over():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._news.wait(), TICK)
            self._news.clear()
            self._print_output()
            self._check_breaks()
            self._go_on()
            now = loop.time()
            if self._session.record.marking.step != steps:
                steps, moved = self._session.record.marking.step, now
            if self._timeout is not None and now - began > self._timeout:
                await self._time_out()
            elif now - moved > QUIET and not told:
                told = True
                _say(f"nothing has moved for {QUIET:.0f} s; --until or --timeout ends such a run")
            if self._end is not None:
                await self._session.stop()
        self._print_output()

    def _is_over(self) -> bool:
        return self._session.phase in {Phase.ENDED, Phase.BROKEN, Phase.MISSING}

    def _give_up(self, word: str) -> None:
        if not self._is_over():
            self._end = self._end or word
        self._news.set()

    def _check_breaks(self) -> None:
        """A breakpoint at a place that the graph has not would never stop anything, and nobody would know."""
        if (graph := self._session.graph) is None:
            return
        for point in self._session.controls.breakpoints.items:
            try:
                point.events(graph.graph)
            except NoPlace as error:
                raise BadOption(f"--break: {error}") from error

    def _go_on(self) -> None:
        """With ``--until`` the run begins paused; when it pauses again it is where it was to stop."""
        session = self._session
        if session.phase is not Phase.PAUSED or session.paused is None:
            return
        if session.paused.at_breakpoint:
            self._tell_stop(session.paused)
            session.controls.resume(**(self._stop_of(self._until) if self._until is not None else {}))
        elif self._until is None:
            return
        elif not self._run_on:
            self._run_on = True
            session.controls.resume(**self._stop_of(self._until))
        elif not self._reached:
            self._reached = True
            self._give_up("stopped")

    def _tell_stop(self, paused: Paused) -> None:
        """A breakpoint has stopped the run: tell what is about to move there."""
        move = next((move for move in paused.parked if move.id == paused.next), None)
        what = "" if move is None else f": {move.node} {move.kind}s {move.port} #{move.packet} {move.summary}"
        _say(clean(f"step {paused.step}, {paused.why}{what}"))

    def _stop_of(self, until: str) -> dict[str, Any]:
        assert self._session.graph is not None
        if until == "blocked":
            return {"until_blocked": True}
        if until.startswith("move ") and until[5:].strip().isdigit():
            return {"until": int(until[5:])}
        try:
            return {"stop_at": stops_at(until, self._session.graph.graph)}
        except NoPlace as error:
            raise BadOption(f"--until: {error}") from error

    async def _time_out(self) -> None:
        outside = ", ".join(self._session.waits_for())
        place = None if outside else await self._session.where()
        told = f", waiting for: {outside}" if outside else f", busy {place}" if place else ""
        self._reason = f"{self._timeout:g} s were over{told}"
        self._give_up("timeout")

    def _print_output(self) -> None:
        self._session.refresh()
        for line in self._session.record.output[self._printed :]:
            _say(clean(line.text), mark=line.by)
        self._printed = len(self._session.record.output)

    # -- what is told

    def done(self) -> Done | None:
        """Return how the run ended; None if it has not begun. One that ends by itself while it is told to, has."""
        done = self._session.done
        if done is not None and self._end is not None and done.end not in {"finished", "blocked"}:
            return dataclasses.replace(done, end=self._end, reason=self._reason)  # type: ignore[arg-type]  # its words
        return done

    def report(self, *, as_json: bool) -> int:
        """Print how it ended, and return the exit code."""
        session = self._session
        if session.phase is Phase.BROKEN:
            for problem in session.problems:
                _say(clean(problem.title))
                for line in problem.text.splitlines():
                    _say(clean(line), mark="")
            return CANNOT_START
        if session.phase is Phase.MISSING and session.graph is not None:
            names = ", ".join(f"{port.kind} '{port.name}'" for port in session.graph.missing)
            _say(f"no value for {names}: give --input PORT=VALUE, --config NAME=VALUE, or a BATCH in the file")
            return CANNOT_START
        done = self.done()
        assert done is not None
        if as_json:
            print(json.dumps(_data(done), ensure_ascii=False))  # noqa: T201 - the answer
        else:
            self._print_for_people(done)
        if self.difference is not None:
            _say(clean(self.difference or "the same as recorded: the end, and the packets of every edge"))
            return NOT_REACHED if self.difference else 0
        if self._until is not None and not self._has_reached(done):
            _say(f"--until {self._until} was not reached")
            return NOT_REACHED if CODES[done.end] == 0 else CODES[done.end]
        return CODES[done.end]

    def _print_for_people(self, done: Done) -> None:
        for name, packets in done.outputs.items():
            if not packets:
                _say(clean(f"{name}: nothing"))
            for packet in packets:
                print(f"{name}: {clean(output_text(packet))}")  # noqa: T201 - the answer
        if done.error is not None:
            for line in done.error.traceback.splitlines():
                _say(clean(line), mark="")
        for problem in self._session.problems:
            if problem.level != "error":
                _say(clean(problem.title))
        _say(clean(end_in_brief(done) if done.error is not None else how_it_ended(done)))

    def _has_reached(self, done: Done) -> bool:
        assert self._until is not None
        wanted = self._until.removeprefix("move ").strip()
        return self._reached or (wanted.isdigit() and done.moves >= int(wanted))


def _say(text: str, mark: str = "fbtui") -> None:
    print(f"{mark} {bar(sys.stderr)} {text}" if mark else text, file=sys.stderr)  # noqa: T201 - for people


def _data(done: Done) -> dict[str, Any]:
    blocked = None
    if done.blocked is not None:
        blocked = asdict(done.blocked)
        blocked["raise"] = blocked.pop("raise_")
    return {
        "end": done.end,
        "outputs": done.outputs,
        "moves": done.moves,
        "error": asdict(done.error) if done.error is not None else None,
        "blocked": blocked,
        "undelivered": [
            {"edge": left.place, "count": left.count, "packets": left.packets, "taken_from": left.taken_from}
            for left in done.undelivered
        ],
        "order": done.order,
        "seed": done.seed,
        "reason": done.reason,
    }
