"""One end of the socket between two processes: messages out, messages in."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Final

from fbdev.concurrent.messages import Message
from fbdev.concurrent.store import Store
from fbdev.runtime.net_loop import NetLoop

_LENGTH: Final = struct.Struct("!Q")
_CHUNK: Final = 1 << 18
BACKLOG: Final = 1 << 20
"""Bytes that wait to be sent before whoever need not wait for an answer is held up."""


class Link:
    """Sends and receives messages. Until `attach` is called it works without an event loop, and blocks.

    Args:
        end: the end of a connected pair.
        store: what the big payloads of its packets go by.
    """

    def __init__(self, end: socket.socket, store: Store | None = None) -> None:
        self._socket = end
        self.store = store
        self._out = bytearray()
        self._in = bytearray()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.get_ident()
        self._gathers = False
        self._is_old = False
        """True if what waits to be sent was there a turn of the loop ago."""
        self._room: asyncio.Future[None] | None = None
        self._waits_for_room = False
        self._on_message: Callable[[Message], None]
        self._on_closed: Callable[[], None]
        self.closed = False
        self.sent = 0
        self.received = 0
        """Messages that went out and came in so far."""

    def attach(self, on_message: Callable[[Message], None], on_closed: Callable[[], None]) -> None:
        """Work on the running loop from now on; the functions are called in the present context.

        Args:
            on_message: called with each message that comes.
            on_closed: called once when the other end is closed, not after a `close` of our own.
        """
        self._loop = asyncio.get_running_loop()
        self._on_message, self._on_closed = on_message, on_closed
        self._socket.setblocking(False)
        add_reader = self._loop.add_own_reader if isinstance(self._loop, NetLoop) else self._loop.add_reader
        add_reader(self._socket.fileno(), self._readable)
        if self._in:
            self._loop.call_soon(self._tell)

    # -- out

    def send(self, message: Message) -> None:
        """Send a message: at once, unless messages are gathered. A closed link drops it."""
        if self.closed:
            return
        data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
        self._out += _LENGTH.pack(len(data))
        self._out += data
        self.sent += 1
        if not self._gathers:
            self.flush()

    @contextlib.contextmanager
    def gathered(self, loop: NetLoop) -> Iterator[None]:
        """Send together what comes together: when `flush` is called, or by itself a turn of the loop later."""
        self._gathers, loop.on_turn = True, self._turn
        try:
            yield
        finally:
            self._gathers, loop.on_turn = False, None
            self.flush()

    def _turn(self) -> None:
        if self._is_old:
            self.flush()
        self._is_old = bool(self._out)

    def flush(self) -> None:
        """Send now what waits, as far as there is room."""
        if self.closed:
            return
        while self._out:
            try:
                del self._out[: self._socket.send(self._out)]
            except BlockingIOError:
                break
            except OSError:  # the other end is gone: reading tells it
                self._out.clear()
        if self._loop is not None and bool(self._out) is not self._waits_for_room:
            self._watch_for_room(self._loop)
        self._tell_room()

    def _watch_for_room(self, loop: asyncio.AbstractEventLoop) -> None:
        self._waits_for_room = bool(self._out)
        if self._waits_for_room:
            loop.add_writer(self._socket.fileno(), self.flush)
        else:
            loop.remove_writer(self._socket.fileno())

    def _tell_room(self) -> None:
        """Wake who waits for room: also if the loop is just about to wait, and does not look again."""
        if self._room is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(_come_true, self._room)
            self._room = None

    async def drained(self, to: int = BACKLOG) -> None:
        """Wait until no more than so many bytes wait to be sent."""
        while len(self._out) > to and not self.closed:
            self._room = self._room or asyncio.get_running_loop().create_future()
            await asyncio.shield(self._room)

    def press(self) -> None:
        """Send now; block while what waits to be sent is a heap, as a full pipe would."""
        self.flush()
        while len(self._out) > BACKLOG and not self.closed:
            select.select([], [self._socket], [])
            self.flush()

    def send_from_any_thread(self, message: Message) -> None:
        """Send a message at once, from a thread or from the loop.

        Raises:
            RuntimeError: if the loop is closed.
        """
        if self._loop is None or threading.get_ident() == self._thread:
            self.send(message)
            self.press()
        else:
            self._loop.call_soon_threadsafe(self.send_from_any_thread, message)

    # -- in

    def receive(self) -> Message | None:
        """Wait for a message, before `attach`; None if the other end is closed."""
        for message in self._messages():
            return message
        while data := self._socket.recv(_CHUNK):
            self._in += data
            for message in self._messages():
                return message
        return None

    def _readable(self) -> None:
        self.read()

    def read(self) -> bool:
        """Take some of what has come, and tell; returns False if there was nothing."""
        try:
            data = b"" if self.closed else self._socket.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            if not self.closed:
                self.close()
                self._on_closed()
            return False
        self._in += data
        self._tell()
        return True

    def _tell(self) -> None:
        for message in self._messages():
            self._on_message(message)

    def _messages(self) -> Iterator[Message]:
        while len(self._in) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._in)
            end = _LENGTH.size + length
            if len(self._in) < end:
                return
            data = bytes(memoryview(self._in)[_LENGTH.size : end])
            del self._in[:end]
            self.received += 1
            yield pickle.loads(data)

    def close(self) -> None:
        """Close this end; the other one sees it. Nothing happens if it is closed."""
        if self.closed:
            return
        self.flush()
        self.closed = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.remove_reader(self._socket.fileno())
                self._loop.remove_writer(self._socket.fileno())
        self._tell_room()
        self._socket.close()


def _come_true(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
