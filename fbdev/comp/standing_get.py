"""A get that is always pending, without a task: config ports are followed by it while a component runs."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import Any

from fbdev.comp.line import Quiet, current_line
from fbdev.comp.port import InputPort
from fbdev.exceptions import EndOfInput


class StandingGet:
    """Keeps one get request pending at a port, from `begin` to `close` or the end of the input.

    It drives the port's own coroutine from callbacks of the event loop, as a task would, so a move that it makes is
    like any other; but no task stays alive for it, and it belongs to no firing.

    Args:
        port: where to get.
        took: called with each payload.
        failed: called with the error if ``took``, or the get, raises one: it then asks no more.
    """

    __slots__ = ("_asked", "_awaited", "_context", "_failed", "_port", "_took")

    def __init__(
        self, port: InputPort, took: Callable[[Any], None], failed: Callable[[BaseException], None]
    ) -> None:
        self._port = port
        self._took = took
        self._failed = failed
        self._asked: Coroutine[Any, Any, Any] | None = None
        self._awaited: asyncio.Future[Any] | None = None
        self._context = contextvars.copy_context()
        self._context.run(current_line.set, Quiet(getattr(port, "node", None), asyncio.get_running_loop()))

    def begin(self) -> None:
        """Ask for a packet; those that are there are taken at once."""
        self._asked = self._port.get_and_consume()
        self._go_on()

    def take(self) -> None:
        """Take what has arrived, without waiting for the loop to come round to it."""
        if self._awaited is not None and self._awaited.done():
            self._go_on()

    def close(self) -> None:
        """Withdraw the request; a packet that was promised to it stays where it is."""
        asked, self._asked, self._awaited = self._asked, None, None
        if asked is not None:
            asked.close()

    def _go_on(self) -> None:
        self._awaited = None
        while self._asked is not None:
            try:
                awaited = self._context.run(self._asked.send, None)
            except StopIteration as got:
                self._asked = self._port.get_and_consume()
                self._deliver(got.value)
            except (EndOfInput, asyncio.CancelledError):
                self._asked = None
            except Exception as error:
                self._asked = None
                self._failed(error)
            else:
                self._wait_for(awaited)
                return

    def _deliver(self, payload: Any) -> None:
        try:
            self._context.run(self._took, payload)
        except Exception as error:
            self.close()
            self._failed(error)

    def _wait_for(self, awaited: asyncio.Future[Any] | None) -> None:
        """Go on when what the coroutine waits for is there; at the next turn of the loop if it only yielded."""
        if awaited is None:
            loop = asyncio.get_running_loop()
            awaited = loop.create_future()
            awaited.set_result(None)
        self._awaited = awaited
        awaited.add_done_callback(self._woken)

    def _woken(self, awaited: asyncio.Future[Any]) -> None:
        if awaited is self._awaited:
            self._go_on()
