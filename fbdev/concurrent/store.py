"""Big payloads, which travel beside the messages: by an engine's object store.

A packet whose payload is big is sent with a `Stored` in its place. The payload itself goes by its key, and whoever
needs it fetches it; the net that it passes holds the reference alone.
"""

from __future__ import annotations

import copy
import pickle
import uuid
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fbdev.comp.dtype import describe
from fbdev.comp.packet import BasePacket, Packet, payload_of
from fbdev.comp.port import Port

BIG: Final = 100_000
"""Bytes from which on a payload goes by the store."""

_SMALL: Final = frozenset({int, float, bool, type(None)})


def _type_alone(payload: Any) -> str:
    return f"<{describe(type(payload))} in the store>"


summary: Callable[[Any], str] = _type_alone
"""What a payload looks like where nobody fetches it. A debugger sets its own words."""


class Parts(NamedTuple):
    """A payload as it lies in a store: pickled, its buffers beside it."""

    data: bytes
    buffers: list[Any]

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.data) + sum(memoryview(buffer).nbytes for buffer in self.buffers)

    def payload(self) -> Any:
        """Return the payload: a new one, which may be changed as any other."""
        return pickle.loads(self.data, buffers=[bytearray(buffer) for buffer in self.buffers])


def parts_of(payload: Any) -> Parts:
    """Return a payload as parts; its buffers are not copied."""
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(payload, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
    return Parts(data, buffers)


class Stored:
    """Stands for a payload that is in the store; it lies there for as long as this does."""

    __slots__ = ("key", "lies", "text", "type_name")

    def __init__(self, key: str, type_name: str, text: str, lies: Any = None) -> None:
        self.key = key
        self.type_name = type_name
        self.text = text
        """The payload in a line."""
        self.lies = lies
        """How the engine calls it; nothing that is sent."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Stored, (self.key, self.type_name, self.text)

    def __repr__(self) -> str:
        return self.text


class Store(ABC):
    """What goes by the store to one process, or from there."""

    def __init__(self) -> None:
        self._going: deque[tuple[Stored, str]] = deque()
        self._come: dict[str, Any] = {}

    def pack(self, packet: BasePacket, port: Port) -> bytes:
        """Return a packet as bytes; its payload goes by the store if it is big.

        Raises:
            Exception: whatever the pickling of the payload raises.
        """
        if isinstance(packet, Packet) and not (packet.is_consumed or packet.is_empty):
            stored = self._to_store(packet)
            if stored is not None:
                self._going.append((stored, port.spec.id_str))  # before the bytes: they never come without it
                packet = copy.copy(packet)
                packet._data = stored
        return pickle.dumps(packet, pickle.HIGHEST_PROTOCOL)

    def _to_store(self, packet: Packet) -> Stored | None:
        payload = payload_of(packet)
        if type(payload) in _SMALL or isinstance(payload, Stored):
            return payload if isinstance(payload, Stored) else None
        parts = parts_of(payload)
        if parts.size < BIG:
            return None
        return Stored(uuid.uuid4().hex, describe(type(payload)), summary(payload), self.put(parts))

    def unpack(self, data: bytes) -> Packet:
        """Return the packet.

        Raises:
            Exception: whatever the making of its payload raises.
        """
        packet: Packet = pickle.loads(data)
        if type(packet._data) is Stored:
            packet._data = self.arrived(packet._data, self._come.pop(packet._data.key))
        return packet

    def going(self) -> list[tuple[Stored, str]]:
        """Take what goes with the messages that are sent now, each with the port's name."""
        return [self._going.popleft() for _ in range(len(self._going))]

    def comes(self, key: str, lies: Any) -> None:
        """Know what came with a message."""
        self._come[key] = lies

    @abstractmethod
    def put(self, parts: Parts) -> Any:
        """Put a payload into the store; returns what `Stored.lies` is."""

    @abstractmethod
    def arrived(self, stored: Stored, lies: Any) -> Any:
        """Return the payload of a packet that has come, or what stands for it here."""
