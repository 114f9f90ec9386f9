"""Packets and errors as bytes."""

from __future__ import annotations

import pickle
from typing import Any

from fbdev._utils.errors import add_note, traceback_of, words_of
from fbdev.comp.dtype import describe
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port import Port
from fbdev.concurrent.messages import Failed
from fbdev.concurrent.store import Store
from fbdev.exceptions import RemoteNodeError


def pack(packet: BasePacket, port: Port, store: Store | None = None) -> bytes:
    """Return a packet as bytes; it keeps its uuid and its parents.

    Args:
        packet: the packet.
        port: where it comes from, or goes to.
        store: what a big payload goes by.

    Raises:
        TypeError: if its payload cannot be pickled.
    """
    what = f"{port}: a payload of type {describe(packet.dtype)}"
    if store is None:
        return pack_value(packet, what)
    try:
        return store.pack(packet, port)
    except Exception as error:  # a payload's own methods may raise anything
        raise TypeError(f"{what} cannot be sent to another process ({error})") from error


def unpack(data: bytes, port: Port, store: Store | None = None) -> Packet:
    """Return the packet.

    Raises:
        TypeError: if this process cannot make the payload.
    """
    try:
        packet: Packet = pickle.loads(data) if store is None else store.unpack(data)
    except Exception as error:
        raise TypeError(f"{port}: a payload cannot be read in this process ({error})") from error
    return packet


def pack_value(value: Any, what: str) -> bytes:
    """Return a value as bytes; ``what`` tells what it is.

    Raises:
        TypeError: if it cannot be pickled.
    """
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # a value's own methods may raise anything
        raise TypeError(f"{what} cannot be sent to another process ({words_of(error, str)})") from error


def unpack_value(data: bytes, what: str) -> Any:
    """Return the value.

    Raises:
        TypeError: if this process cannot make it.
    """
    try:
        return pickle.loads(data)
    except Exception as error:  # a value's own methods may raise anything
        raise TypeError(f"{what} cannot be read in this process ({words_of(error, str)})") from error


def pack_left(packet: BasePacket) -> bytes:
    """Return a packet that is only to be reported; a payload that cannot be pickled is told by its text."""
    try:
        return pickle.dumps(packet, pickle.HIGHEST_PROTOCOL)
    except Exception:
        return pickle.dumps(Packet(repr(packet)), pickle.HIGHEST_PROTOCOL)


def unpack_left(data: bytes) -> Packet:
    """Return a packet that is only to be reported."""
    try:
        packet: Packet = pickle.loads(data)
    except Exception as error:
        return Packet(f"a payload that cannot be read in this process ({words_of(error, str)})")
    return packet


def pack_error(error: BaseException, *, inside: bool = False) -> Failed:
    """Return an error as a message; ``inside`` says that it happened in a graph's inner node."""
    words = f"{type(error).__name__}: {words_of(error, str)}"
    return Failed(_exception_as_bytes(error), words, traceback_of(error), inside)


def _exception_as_bytes(error: BaseException) -> bytes | None:
    """Return an exception as bytes; None if it cannot be made again from any.

    Many are made with other arguments than they keep, so that pickle alone cannot make them again.
    """
    for form in (error, _Parts(error)):
        try:
            data = pickle.dumps(form, pickle.HIGHEST_PROTOCOL)
            pickle.loads(data)
        except Exception:
            continue
        return data
    return None


class _Parts:
    """What an exception consists of. It is an exception again when it is read."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_parts, (type(self._error), self._error.args, dict(vars(self._error)))


def _from_parts(kind: type[BaseException], args: tuple[Any, ...], state: dict[str, Any]) -> BaseException:
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    return error


def unpack_error(failed: Failed, where: str) -> BaseException:
    """Return the error of another process: of the user's own type if that can be unpickled.

    What the traceback was there is a note; the cause is a `RemoteNodeError` that says ``where``.
    """
    try:
        error = pickle.loads(failed.error) if failed.error is not None else None
    except Exception:
        error = None
    if not isinstance(error, BaseException):
        error = RemoteNodeError(failed.words)
    error.__cause__ = RemoteNodeError(where)
    add_note(error, f"traceback in its own process:\n{failed.traceback}")
    return error
