"""Questions to a target, each of which is answered: by the target, or by why it cannot be."""

from __future__ import annotations

import asyncio
import itertools

from fbtui.protocol import Value


class Questions:
    """Keeps who waits for which answer."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._open: dict[int, tuple[int, asyncio.Future[Value]]] = {}

    def ask(self, run: int) -> tuple[int, asyncio.Future[Value]]:
        """Return the number of a new question to a run, and its answer to come."""
        number = next(self._numbers)
        answer: asyncio.Future[Value] = asyncio.get_running_loop().create_future()
        self._open[number] = run, answer
        return number, answer

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
