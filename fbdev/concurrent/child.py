"""The life of a node's process, as its parent sees it: started, settled, failed, finished, stopped, dead."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import socket
import sys
from collections.abc import Callable
from typing import Any, Final, Protocol

from fbdev.comp.line import Line, current_line
from fbdev.concurrent.link import Link
from fbdev.concurrent.messages import (
    Failed,
    Finished,
    Message,
    Printed,
    Settled,
    Start,
    Started,
    Stop,
    Stopped,
    Stopping,
)
from fbdev.concurrent.packing import unpack_error
from fbdev.concurrent.process import ChildProcess
from fbdev.concurrent.store import Store
from fbdev.exceptions import RemoteNodeError
from fbdev.graph.base_node import BaseNode
from fbdev.task_manager import Chain

PATIENCE: Final = 2.0
"""Seconds that a child has to hear that it is to stop, and to end when its component has stopped."""


class Process(Protocol):
    """What a child needs to know of its process, wherever that runs."""

    ended: asyncio.Future[str]
    """Done when it has ended: how it did."""

    @property
    def pid(self) -> int | None:
        """The process id; None before there is one."""

    @property
    def where(self) -> str:
        """Where it runs, in the words of an error."""

    def kill(self) -> None:
        """Kill it, if it has not ended."""


class Child:
    """A process that runs the component of a node. Made on a running loop.

    Args:
        node: the node.
        line: the node's line of work: whatever the child does is done on it.
        obey: called with each message that is not about the child's life.
        on_error: called with an error of the child after its start.
        on_death: called when the process has ended before it was stopped, with how; returns an error, or None if
            another child takes the place of this one.
        spawn: starts the process, which gets the other end of a socket.
        store: what the big payloads of its packets go by.
    """

    def __init__(
        self,
        node: BaseNode,
        line: Line,
        obey: Callable[[Message], None],
        on_error: Callable[[Chain], None],
        on_death: Callable[[str], BaseException | None] = RemoteNodeError,
        spawn: Callable[[socket.socket], Process] = ChildProcess,
        store: Store | None = None,
    ) -> None:
        self._node = node
        self._obey = obey
        self._on_error = on_error
        self._on_death = on_death
        self._settled = Settled(0, ())
        self._stops = False
        loop = asyncio.get_running_loop()
        self._began, self.ran, self._heard, self._stopped = (loop.create_future() for _ in range(4))
        """Done when the component has started; when its tasks have all ended; when the child knows that it is to
        stop; when the component has stopped, or the process has ended."""
        self.left: tuple[tuple[bytes, str, str], ...] | None = None
        """After the stop: the packets inside that nobody received, each with its address and why. None if the
        process has died before it could tell."""
        ours, theirs = socket.socketpair()
        self._link = Link(ours, store)
        context = contextvars.copy_context()
        context.run(current_line.set, line)
        context.run(self._link.attach, self._arrived, self._hung_up)
        self._process = spawn(theirs)
        self._process.ended.add_done_callback(self._ended, context=context)

    @property
    def pid(self) -> int | None:
        """The process id; None before there is one."""
        return self._process.pid

    def send(self, message: Message) -> None:
        """Send a message; one to a child that is gone is lost."""
        self._link.send(message)

    def goes_on(self) -> tuple[str, ...]:
        """Return what goes on in the child, in the words of `NetLoop.outside`: nothing if it waits for us."""
        if self.ran.done():
            return ()
        if self._link.closed:  # how it has ended is about to be told
            return () if self._process.ended.done() else ("process",)
        return self._settled.outside if self._settled.received == self._link.sent else ("process",)

    @property
    def store(self) -> Store | None:
        """What the big payloads of its packets go by."""
        return self._link.store

    @property
    def has_started(self) -> bool:
        """True once the component has started."""
        return self._began.done() and self._began.exception() is None

    # -- life

    def succeed(self, other: Child) -> None:
        """Take the place of a child that is dead: whoever waits for the end of its tasks waits for this one's."""
        other._let_go()
        self.ran = other.ran

    def begin(self, message: Start) -> None:
        """Have the component started."""
        self._node.hub.peers.update({self._began: self.goes_on, self.ran: self.goes_on})
        self._link.send(message)

    async def has_begun(self) -> None:
        """Wait until the component has started; raises what it raises, and then there is no child any more."""
        try:
            await self._began
        except BaseException:
            self._stops = True
            self._let_go()
            raise

    async def stop(self) -> None:
        """Stop the component and end the process; if it does not hear, it is killed."""
        self._stops = True
        self._link.send(Stop())
        if not self._began.done():
            self._began.set_exception(RemoteNodeError(f"{self._where} is stopped before it has started"))
        try:
            if await _comes_true(self._heard):
                await self._stopped
        finally:
            await self._end()

    async def _end(self) -> None:
        try:
            if not await _comes_true(self._process.ended):
                self._process.kill()
                await asyncio.wait([self._process.ended])
        finally:
            self._let_go()

    def _let_go(self) -> None:
        self._link.close()
        self._process.kill()
        for future in (self._began, self.ran):
            self._node.hub.peers.pop(future, None)

    # -- what comes

    def _arrived(self, message: Message) -> None:
        match message:
            case Settled():
                self._settled = message
                if self._node.hub.on_wait is not None:
                    self._node.hub.on_wait()
            case Started():
                _set(self._began)
            case Finished():
                _set(self.ran)
            case Failed():
                self.fail(unpack_error(message, f"{self._where} failed"), inside=message.inside)
            case Printed(stream, text):
                with contextlib.suppress(OSError, ValueError):  # it is closed, or takes only ASCII
                    print(text, end="", file=getattr(sys, stream), flush=True)
            case Stopping():
                _set(self._heard)
            case Stopped(left):
                self.left = left
                _set(self._stopped)
            case _:
                self._obey(message)

    @property
    def _where(self) -> str:
        return f"{self._node.address} ({self._node.component_name}), {self._process.where},"

    def fail(self, error: BaseException, *, inside: bool = False) -> None:
        """Have an error raised by whoever waits for the child, or else tell the net of it.

        What comes after the error that has ended the start follows from it, and is not told.

        Args:
            error: the error.
            inside: it happened in a node of the graph that the component is; the component itself may go on.
        """
        if not self._stops and self._could_not_begin():
            return
        waiting = self._stopped if self._stops else self._began
        if not (waiting.done() or (inside and self._node.hub.goes_on)):
            waiting.set_exception(error)
        elif not self._stops:
            self._on_error((error, RemoteNodeError(f"{self._where} has failed inside")) if inside else (error,))

    def _could_not_begin(self) -> bool:
        return self._began.done() and (self._began.cancelled() or self._began.exception() is not None)

    def _hung_up(self) -> None:
        """The child has closed its end: it is dead, or soon will be."""
        asyncio.get_running_loop().call_later(PATIENCE, self._process.kill)

    def _ended(self, how: asyncio.Future[str]) -> None:
        """The process has ended; what it said last is still to be read."""
        while self._link.read():
            pass
        self._link.close()
        if not self._stops:
            error = self._on_death(f"{self._where} {how.result()}")
            if error is not None:
                self.fail(error)
        _set(self._heard)
        _set(self._stopped)


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _comes_true(future: asyncio.Future[Any]) -> bool:
    """Wait for a future for as long as a child has time; it is not cancelled."""
    await asyncio.wait([future], timeout=PATIENCE)
    return future.done()
