"""Questions to a target, each of which is answered: by the target, or by why it cannot be."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from typing import Protocol

from fbtui.protocol import Act, ActWord, Inspect, Message, Value
from fbtui.session.record import RunRecord
from fbtui.session.spec import Phase


class Asked(Protocol):
    """The session, as far as its questions need it."""

    run: int
    phase: Phase
    record: RunRecord

    def send(self, message: Message) -> None:
        """Send a message to the target of the run."""

    def cannot(self, what: str) -> str:
        """Return in one sentence why something cannot be done with the run now."""


class Questions:
    """Asks the paused target of a session, and keeps who waits for which answer."""

    def __init__(self, session: Asked) -> None:
        self._session = session
        self._numbers = itertools.count(1)
        self._open: dict[int, tuple[int, asyncio.Future[Value]]] = {}

    async def inspect(
        self,
        *,
        packet: int | None = None,
        edge: str | None = None,
        node: str | None = None,
        path: tuple[int, ...] = (),
        expression: str | None = None,
        into: str | None = None,
    ) -> Value:
        """Ask what stands at a place; see `fbtui.protocol.Inspect`."""
        run, phase = self._session.run, self._session.phase
        if phase is not Phase.PAUSED:
            return Value(run, 0, problem=f"the run is {phase.value}: what it holds can be seen paused")
        return await self._ask(lambda request: Inspect(run, request, packet, edge, node, path, expression, into))

    async def literal(self, packet: int) -> str:
        """Return what a packet carries as a Python literal on one line; nothing if that cannot be had."""
        run = self._session.run
        if self._session.phase is not Phase.PAUSED:
            return ""
        answer = await self._ask(lambda request: Inspect(run, request, packet, literal=True))
        return answer.items[0].summary if answer.items else ""

    async def act(
        self, act: ActWord, *, packet: int | None = None, edge: str | None = None, text: str = "", size: int = 0
    ) -> str:
        """Do something to the net; see `fbtui.protocol.Act`. Returns why it cannot be done, or nothing."""
        run = self._session.run
        if self._session.phase is not Phase.PAUSED:
            return self._session.cannot(act)
        if self._session.record.cursor is not None:
            ways = "{time.now} looks at what is now, {debug.continue} makes it now in a new run"
            return f"cannot {act} in the past: {ways}"
        answer = await self._ask(lambda request: Act(run, request, act, packet, edge, text, size))
        return answer.problem

    async def _ask(self, question: Callable[[int], Message]) -> Value:
        """Send a question, made with its number, and return the answer."""
        number = next(self._numbers)
        answer: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._open[number] = self._session.run, answer
        self._session.send(question(number))
        return await answer

    def answer(self, value: Value) -> None:
        """Give an answer to whoever waits for it."""
        _, answer = self._open.pop(value.request, (0, None))
        if answer is not None and not answer.done():
            answer.set_result(value)

    def fail(self, why: str) -> None:
        """Answer everything that is open with a reason."""
        for number, (run, answer) in self._open.items():
            if not answer.done():
                answer.set_result(Value(run, number, problem=why))
        self._open.clear()
