"""What the engine runs for a node: an actor, whose process is the node's."""

from __future__ import annotations

import os
import socket
import threading
from collections import deque
from typing import Any, Final

from fbdev.concurrent.engine.cluster import engine
from fbdev.concurrent.link import Link
from fbdev.concurrent.store import Parts, Store, Stored
from fbdev.concurrent.subprocess_node_launcher import run_node

CHUNK: Final = 1 << 18

GROUPS: Final = {"feed": 1, "listen": 1, "give": 1}
"""The methods that go on beside each other; the calls of each are made one after the other, in order."""


class _StoreThere(Store):
    """The store as a node sees it: what it has sent waits until the net fetches it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Parts] = {}

    def put(self, parts: Parts) -> Parts:
        """Keep a payload."""
        return parts

    def arrived(self, stored: Stored, lies: Any) -> Any:
        """Fetch a payload; it waits until it is here."""
        return engine().get(lies).payload()


class Worker:
    """An actor: bytes in, bytes out. The node runs in a thread of its own and knows its end of a socket pair."""

    def __init__(self) -> None:
        self._store = _StoreThere()
        self._ours, theirs = socket.socketpair()
        threading.Thread(target=self._run, args=(theirs,), name="fbdev_node", daemon=True).start()

    def _run(self, theirs: socket.socket) -> None:
        with theirs:
            run_node(Link(theirs, self._store))

    def who(self) -> tuple[str, int]:
        """Return the machine and the process."""
        return socket.gethostname(), os.getpid()

    def feed(self, data: bytes, lies: dict[str, Any]) -> None:
        """Take bytes for the node, and how the engine calls the payloads that go with them."""
        for key, one in lies.items():
            self._store.comes(key, one)
        if data:
            self._ours.sendall(data)
        else:
            self._ours.shutdown(socket.SHUT_WR)

    def listen(self) -> tuple[bytes, list[tuple[str, str]]]:
        """Return bytes of the node when there are some, and the keys and ports of the payloads that go with them."""
        try:
            data = self._ours.recv(CHUNK)
        except OSError:
            data = b""
        keys: deque[tuple[str, str]] = deque()
        for stored, port in self._store.going():
            if isinstance(stored.lies, Parts):
                self._store.kept[stored.key] = stored.lies
            keys.append((stored.key, port))
        return data, list(keys)

    def give(self, key: str) -> Parts:
        """Hand a payload over to the engine's store."""
        return self._store.kept.pop(key)
