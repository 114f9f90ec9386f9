"""Target processes: spawned ahead of time, talked to over a socket, ended step by step."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from fbtui.protocol import Frames, Hello, Message, Preload, ProtocolError, Start, Stop, encode
from fbtui.session.strays import MARK, kill_strays, new_mark

SPARES: Final = 2
ASK: Final = 0.1
INTERRUPT: Final = 0.7
"""Seconds that a target has to end: asked to stop, then interrupted; after that it is killed."""
ANSWER: Final = 2.0
"""Seconds that a target has to say where it is: no work for it, but it may have to wait for a core."""
LOOK_AGAIN: Final = 0.02
"""Seconds after which its answer is looked at again."""


class NoTarget(Exception):  # noqa: N818 - a sentence for the person
    """No process for a run comes up; the sentence says why."""


class Started(NamedTuple):
    """A process that was started, and what will be needed to talk to it. No loop has to run for that."""

    process: subprocess.Popen[bytes]
    ours: socket.socket
    theirs: socket.socket
    """The ends of the channel."""
    mark: str
    """The word by which its descendants are known."""


def start_process(python: str = sys.executable) -> Started:
    """Start a process of a Python interpreter that will be a target; it says hello when it is warm.

    The working folder is not on its path: a file of the user's there may have the name of one of Python's own.
    Raises OSError if there is no such interpreter.
    """
    ours, theirs = socket.socketpair()
    mark = new_mark()
    try:
        process = subprocess.Popen(
            [python, "-P", "-m", "fbtui.target", "--control", str(theirs.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
            env={**os.environ, MARK: mark, "PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"},
        )
    except BaseException:
        ours.close()
        theirs.close()
        raise
    return Started(process, ours, theirs, mark)


class Target:
    """A target process and the channel to it. It has no terminal, empty stdin, and a process group of its own.

    Its end of the channel is held here, too, until the process has ended: so a message to one that is gone cannot
    break the channel while its last words are unread, and nobody else keeps it open.

    Args:
        started: the process.
        reader: what it says.
        writer: what is said to it.
    """

    def __init__(self, started: Started, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._process, self._far_end, self._mark = started.process, started.theirs, started.mark
        self._started = False
        self._reader, self._writer = reader, writer
        self.on_message: Callable[[Message], None] | None = None
        self.on_exit: Callable[[int], None] | None = None
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        """Done when it has said hello (True), or has died before (False)."""
        self.ended = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        self._listening = asyncio.ensure_future(self._listen())
        self._waiting = asyncio.ensure_future(self._wait())

    @classmethod
    async def spawn(cls, python: str = sys.executable, started: Started | None = None) -> Target:
        """Start a process of a Python interpreter, or take one that was started before there was a loop."""
        started = started or start_process(python)
        return cls(started, *await asyncio.open_connection(sock=started.ours))

    @property
    def pid(self) -> int:
        """The process id, and that of its group."""
        return self._process.pid

    def send(self, message: Message) -> None:
        """Send a message; one to a process that is gone is lost."""
        self._started |= isinstance(message, Start)
        if not self.ended.is_set():
            self._writer.write(encode(message))

    async def _listen(self) -> None:
        frames = Frames()
        while messages := await self._read(frames):
            for message in messages:
                if isinstance(message, Hello):
                    if not self.ready.done():
                        self.ready.set_result(True)
                elif self.on_message is not None:
                    self.on_message(message)

    async def _read(self, frames: Frames) -> list[Message]:
        """Return the next messages; none when the target says nothing more, or nothing that can be understood."""
        messages: list[Message] = []
        with contextlib.suppress(OSError, ProtocolError):
            while not messages and (data := await self._reader.read(1 << 16)):
                messages += frames.feed(data)
        return messages

    async def _wait(self) -> None:
        code = await _exit_code(self._process)
        self._far_end.shutdown(socket.SHUT_WR)  # nothing comes after what it said last
        await asyncio.wait([self._listening])
        self.kill()  # what it has started must not outlive it
        if self._started:
            await asyncio.to_thread(kill_strays, self._mark)
        self.ended.set()
        if not self.ready.done():
            self.ready.set_result(False)
        self._writer.transport.abort()
        self._far_end.close()
        if self.on_exit is not None:
            self.on_exit(code)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def ask_where(self, answer: Path) -> None:
        """Have it write into a file where it is. Returns when it has, or when it has not in time."""
        size = before = _size(answer)
        self.signal(signal.SIGUSR1)
        loop = asyncio.get_running_loop()
        end = loop.time() + ANSWER
        while loop.time() < end and not self.ended.is_set():
            await asyncio.sleep(LOOK_AGAIN)
            size, last = _size(answer), size
            if size == last != before:
                return

    def kill(self) -> None:
        """Kill the process and everything it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    @property
    def is_ending(self) -> bool:
        """Whether it was asked to end."""
        return self._ending is not None

    async def end(self, run: int) -> None:
        """End it: ask, interrupt, kill, each in its time. Returns when it has ended."""
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end(run))
        await self._ending

    async def _end(self, run: int) -> None:
        self.send(Stop(run))
        if not await self._ends_within(ASK):
            if self._started:
                self.signal(signal.SIGUSR1)  # it leaves the place where it is
            self.signal(signal.SIGINT)
            if not await self._ends_within(INTERRUPT):
                self.kill()
        await self.ended.wait()

    async def _ends_within(self, seconds: float) -> bool:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)
        return self.ended.is_set()


class SparePool:
    """Keeps warm targets at hand, with the modules preloaded that the last run imported.

    Args:
        size: how many.
        python: the interpreter that they run on.
        first: a process that was started before, for the first of them.
    """

    def __init__(self, size: int = SPARES, python: str = sys.executable, first: Started | None = None) -> None:
        self._size = size
        self._python = python
        self._first = first
        self._spares: list[asyncio.Task[Target]] = []
        self._modules: tuple[str, ...] = ()
        self._closed = False

    @property
    def targets(self) -> list[Target]:
        """The spares that are up."""
        return [spare.result() for spare in self._spares if spare.done() and not _is_dead(spare)]

    def fill(self) -> None:
        """Spawn what is lacking, and what has died."""
        self._spares = [spare for spare in self._spares if not (spare.done() and _is_dead(spare))]
        while len(self._spares) < self._size and not self._closed:
            self._spares.append(asyncio.ensure_future(self._warm()))

    async def _warm(self) -> Target:
        first, self._first = self._first, None
        target = await Target.spawn(self._python, first)
        if self._modules:
            target.send(Preload(0, self._modules))
        return target

    def preload(self, modules: tuple[str, ...]) -> None:
        """Have every spare import these modules."""
        if modules == self._modules:
            return
        self._modules = modules
        for spare in self._spares:
            if spare.done() and spare.exception() is None:
                spare.result().send(Preload(0, modules))

    async def take(self) -> Target:
        """Return a warm target; its place is filled again by `fill`.

        Raises:
            NoTarget: if no process comes up.
        """
        try:
            for _ in range(self._size + 3):
                target = await (self._spares.pop(0) if self._spares else asyncio.ensure_future(self._warm()))
                if await target.ready and not target.ended.is_set():
                    return target
        except OSError as error:
            raise NoTarget(f"{self._python} cannot be run: {error.strerror}") from error
        said = await self._complaint()
        raise NoTarget(f"no run comes up on {self._python} (it needs Python 3.11 and fbtui): {said}")

    async def _complaint(self) -> str:
        """Return what the interpreter says when it is to be a target."""
        process = await asyncio.create_subprocess_exec(
            *(self._python, "-P", "-m", "fbtui.target", "--help"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        lines = said.decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "it ends without a word")

    async def close(self) -> None:
        """Kill every spare."""
        self._closed = True
        spares = await asyncio.gather(*self._spares, return_exceptions=True)
        targets = [spare for spare in spares if isinstance(spare, Target)]
        for target in targets:
            target.kill()
        await asyncio.gather(*(target.ended.wait() for target in targets))


async def _exit_code(process: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a process, in a thread that nobody has to wait for."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def wait() -> None:
        code = process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(_settle, ended, code)

    threading.Thread(target=wait, name="fbtui_wait", daemon=True).start()
    return await ended


def _settle(ended: asyncio.Future[int], code: int) -> None:
    if not ended.done():
        ended.set_result(code)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _is_dead(spare: asyncio.Task[Target]) -> bool:
    return spare.cancelled() or spare.exception() is not None or spare.result().ended.is_set()
