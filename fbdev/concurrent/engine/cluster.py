"""The cluster that this process has joined, or has started: one at a time, for as long as nodes use it."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import socket
import threading
from collections.abc import Iterator
from typing import Any, Final
from weakref import WeakSet

from fbdev.exceptions import RemoteNodeError

ANSWERS: Final = 10.0
"""Seconds that a cluster has to answer."""
MISSING: Final = "nodes on other machines need Ray, which is not installed: pip install 'fbtui[ray]'"

AT_EXIT: Final = 2.0
"""Seconds that the end of this process waits for those who leave a cluster."""

_lock = threading.Lock()
_left = threading.Condition(_lock)
_is_exiting = False
_users = 0
_address: str | None = None
_was_there = False
"""True if somebody else had connected this process to a cluster before."""


class Reference:
    """Holds what lies in the cluster's store. The engine ends the process if it is let go of while the cluster is
    being left: that is done before or after, wherever the last one who has it is."""

    __slots__ = ("__weakref__", "lies")

    def __init__(self, lies: Any) -> None:
        self.lies = lies
        """How the engine calls it."""
        _references.add(self)


_references: Final[WeakSet[Reference]] = WeakSet()


def engine() -> Any:
    """Return the engine's module.

    Raises:
        RemoteNodeError: if it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        return importlib.import_module("ray")
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise RemoteNodeError(MISSING) from None


@contextlib.contextmanager
def joined(address: str | None) -> Iterator[Any]:
    """Be in a cluster, from any thread: in a running one, or in a local one, which ends with its last user.

    Args:
        address: where a cluster runs; None for a local one.

    Raises:
        RemoteNodeError: if there is no cluster at the address, or this process is in another one.
    """
    global _users  # noqa: PLW0603 - a process is in one cluster
    ray = engine()
    with _lock:
        if _users == 0:
            _join(ray, address)
        elif address != _address:
            raise RemoteNodeError(f"one run joins one cluster: it is in {_name(_address)} already")
        _users += 1
    try:
        yield ray
    finally:
        with _lock:
            _users -= 1
            if _users == 0 and not _was_there and not _is_exiting:
                _leave(ray)
            _left.notify_all()


def is_local() -> bool:
    """Return whether the cluster is a local one of our own: then this machine is all there is."""
    return _address is None and not _was_there


def _join(ray: Any, address: str | None) -> None:
    global _address, _was_there  # noqa: PLW0603 - a process is in one cluster
    _was_there = ray.is_initialized()
    if not _was_there:
        try:
            _reach(address)
            ray.init(
                address=address or "local", include_dashboard=False if address is None else None,
                log_to_driver=False, configure_logging=True, logging_level="error",
            )  # fmt: skip
        except Exception as error:  # whatever the engine raises
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            raise RemoteNodeError(f"cannot join {_name(address)} ({words})") from error
    _address = address
    atexit.unregister(_wait_for_the_last)
    atexit.register(_wait_for_the_last)  # the newest comes first: before the engine's own


def _wait_for_the_last() -> None:
    """This process ends, and the engine leaves the cluster: twice at once would end it with an error."""
    global _is_exiting  # noqa: PLW0603 - a process ends once
    with _lock:
        _left.wait_for(lambda: _users == 0, AT_EXIT)
        _is_exiting = True


def _leave(ray: Any) -> None:
    gc.collect()  # an error of the engine's holds itself, and with its frames what they had asked for
    held = [reference.lies for reference in _references]
    ray.shutdown()
    held.clear()


def _reach(address: str | None) -> None:
    """Ask at an address whether anybody answers: the engine itself would wait for minutes."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if port.isdecimal():
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERS).close()


def _name(address: str | None) -> str:
    return "a local cluster" if address is None else f"the cluster at {address}"
