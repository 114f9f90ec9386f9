"""Packets: what travels over the edges of a graph."""

from __future__ import annotations

import itertools
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fbdev.comp.hub import Hub

PacketUUID = str


class _Identities:
    """Hands out ids: one random prefix a process, then a count. A forked child draws a prefix of its own."""

    def __init__(self) -> None:
        self.count = itertools.count(1)
        self.draw()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.draw)

    def draw(self) -> None:
        self.prefix = os.urandom(8).hex()

    def uuid(self, serial: int) -> PacketUUID:
        return f"{self.prefix}{serial:016x}"


_identities = _Identities()


class EmptyPayload:
    """The dtype of a packet that carries nothing: a message or a signal."""


_NOTHING = EmptyPayload()


class BasePacket(ABC):
    """What ports accept: something with an identity whose payload can be taken once."""

    __slots__ = ()

    @property
    @abstractmethod
    def uuid(self) -> PacketUUID:
        """The packet's identity: 32 hexadecimal digits."""

    @property
    @abstractmethod
    def creation_timestamp(self) -> datetime:
        """When the packet was made, aware, in UTC."""

    @property
    @abstractmethod
    def dtype(self) -> type:
        """The exact type of the payload; `EmptyPayload` for an empty packet."""

    @property
    @abstractmethod
    def is_consumed(self) -> bool:
        """True once the payload has been taken."""

    @property
    @abstractmethod
    def is_empty(self) -> bool:
        """True for a packet that never had a payload."""

    @abstractmethod
    async def consume(self) -> Any:
        """Take the payload. A packet can be consumed once."""

    @abstractmethod
    async def peek(self) -> Any:
        """Return the payload and leave it where it is."""

    @classmethod
    @abstractmethod
    def get_empty(cls) -> BasePacket:
        """Return a packet without a payload."""


class Packet(BasePacket):
    """A payload on its way.

    Args:
        data: the payload, any object. It is handed over as it is, never copied.
        parents: the packets it was made from; by default those that the sending component has received since
            it last sent.
    """

    __slots__ = (
        "__weakref__",
        "_consumed",
        "_created",
        "_data",
        "_dtype",
        "_hub",
        "_parents",
        "_serial",
        "_uuid",
        "tag",
    )

    def __init__(self, data: Any, *, parents: Iterable[BasePacket] | None = None) -> None:
        self._data = data
        self._dtype = type(data)
        self._consumed = False
        self._created = time.time()
        self._serial = next(_identities.count)
        self._uuid: PacketUUID | None = None
        self.tag = 0
        """Free for an instrument's own use."""
        self._hub: Hub | None = None
        self._parents: tuple[PacketUUID, ...] | None = None
        if parents is not None:
            self._parents = tuple(parent.uuid for parent in parents)

    @property
    def uuid(self) -> PacketUUID:
        """The packet's identity: 32 hexadecimal digits."""
        if self._uuid is None:
            self._uuid = _identities.uuid(self._serial)
        return self._uuid

    @property
    def creation_timestamp(self) -> datetime:
        """When the packet was made, aware, in UTC."""
        return datetime.fromtimestamp(self._created, UTC)

    @property
    def dtype(self) -> type:
        """The exact type of the payload; `EmptyPayload` for an empty packet."""
        return self._dtype

    @property
    def is_consumed(self) -> bool:
        """True once the payload has been taken."""
        return self._consumed

    @property
    def is_empty(self) -> bool:
        """True for a packet that never had a payload."""
        return self._dtype is EmptyPayload

    @property
    def parents(self) -> tuple[PacketUUID, ...]:
        """The uuids of the packets it was made from, known once it has been put."""
        return self._parents or ()

    def _payload(self) -> Any:
        if self._consumed:
            raise RuntimeError("Packet is already consumed.")
        return None if self._data is _NOTHING else self._data

    async def consume(self) -> Any:
        """Take the payload; the packet lets go of it.

        Raises:
            RuntimeError: if it has been taken before.
        """
        data = self._payload()
        self._consumed, self._data = True, None
        if self._hub is not None and self._hub.instruments:
            self._hub.packet_consumed(self)
        return data

    async def peek(self) -> Any:
        """Return the payload and leave it where it is.

        Raises:
            RuntimeError: if it has been taken before.
        """
        return self._payload()

    @classmethod
    def get_empty(cls) -> Packet:
        """Return a packet without a payload: its payload reads as None."""
        return cls(_NOTHING)

    def envelope(self) -> Packet:
        """Return a packet of its own around the same payload, a child of this one: for one more edge."""
        twin = Packet(self._data, parents=(self,))
        twin._hub = self._hub
        return twin

    def __repr__(self) -> str:
        state = "consumed" if self._consumed else self._dtype.__name__
        return f"<Packet {self.uuid[-8:]} {state}>"


def payload_of(packet: BasePacket) -> Any:
    """Return what a packet carries, for an observer: no trace of the look is left. None if it is consumed."""
    data = getattr(packet, "_data", None)
    return None if data is _NOTHING else data
