"""The target's end of the control channel."""

from __future__ import annotations

import os
import socket
from collections import deque
from os import _exit  # the real one, whatever stands in the module later

from fbtui.protocol import Frames, Message, ProtocolError, encode


class Control:
    """Sends and receives messages over a socket handed down by the debugger.

    When the debugger is gone there is nobody left to run for: the process ends.
    """

    def __init__(self, descriptor: int) -> None:
        os.set_inheritable(descriptor, False)
        self._socket = socket.socket(fileno=descriptor)
        self._frames = Frames()
        self._arrived: deque[Message] = deque()

    def fileno(self) -> int:
        """Return the file descriptor to wait on."""
        return self._socket.fileno()

    def close(self) -> None:
        """Let go of the channel: in a forked process it is that of the parent."""
        self._socket.close()

    def send(self, message: Message) -> None:
        """Send a message."""
        try:
            self._socket.sendall(encode(message))
        except OSError:
            _exit(0)

    def receive(self) -> Message:
        """Wait for the next message."""
        while not self._arrived:
            self._read()
        return self._arrived.popleft()

    def arrived(self) -> list[Message]:
        """Return what has arrived; call it when the descriptor is readable."""
        self._read()
        messages = list(self._arrived)
        self._arrived.clear()
        return messages

    def _read(self) -> None:
        try:
            data = self._socket.recv(1 << 16)
            if not data:
                _exit(0)
            self._arrived.extend(self._frames.feed(data))
        except (OSError, ProtocolError):
            _exit(0)
