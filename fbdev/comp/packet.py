"""Packets: what travels over the edges of a graph."""

from __future__ import annotations

import itertools
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from time import time
from typing import TYPE_CHECKING, Any, Final, Protocol

from fbdev.comp.channel import Channel

if TYPE_CHECKING:
    from datetime import datetime

    from fbdev.comp.hub import Hub

PacketUUID = str
Identity = int | PacketUUID
"""What a packet is known by inside: its number in this process, or a uuid that came from elsewhere."""


class _Numbers:
    """Numbers the packets of this process; with a random prefix a number is a uuid, made when it is read.

    A forked child counts on from a random number of its own, so that what was made before keeps its uuid.
    """

    def __init__(self) -> None:
        self.prefix = os.urandom(8).hex()
        self.next = itertools.count(1).__next__
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._part)

    def _part(self) -> None:
        self.next = itertools.count(int.from_bytes(os.urandom(7), "big")).__next__


_numbers: Final = _Numbers()


def uuid_of(identity: Identity) -> PacketUUID:
    """Return the uuid that an identity stands for."""
    return identity if isinstance(identity, str) else f"{_numbers.prefix}{identity:016x}"


class EmptyPayload:
    """The dtype of a packet that carries nothing: a message or a signal."""


_NOTHING: Final = EmptyPayload()


class Place(Protocol):
    """Where a packet can be: a node, an edge, or outside the net."""

    @property
    def address(self) -> str | None:
        """The address; None outside the net."""

    @property
    def hub(self) -> Hub | None:
        """What the net shares that the place belongs to; None for none."""


class Nowhere:
    """Where a packet is of which nothing is left to be moved."""

    address: Final = None
    hub: Final = None

    def __init__(self, why: str) -> None:
        self.why = why


CONSUMED: Final = Nowhere("is consumed")
DROPPED: Final = Nowhere("was dropped")
SPREAD: Final = Nowhere("was put on several edges, on each in an envelope of its own")


class BasePacket(ABC):
    """What ports accept: something with an identity whose payload can be taken once."""

    __slots__ = ("_at", "_identity")

    _at: Place | None
    """Where it is. A port sets it; None until the first put."""
    _identity: Identity

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

    __slots__ = ("__weakref__", "_created", "_data", "_dtype", "_parents", "tag")

    _dtype: type
    """The payload's type, once it has been taken."""

    def __init__(self, data: Any, *, parents: Iterable[BasePacket] | None = None) -> None:
        self._data = data
        self._identity = _numbers.next()
        self._created = time()
        self._at = None
        self._parents: tuple[Identity, ...] | None = None
        self.tag: Any = None
        """Free for an instrument's own use."""
        if parents is not None:
            self._parents = tuple(identity_of(parent) for parent in parents)

    @property
    def uuid(self) -> PacketUUID:
        """The packet's identity: 32 hexadecimal digits."""
        return uuid_of(self._identity)

    @property
    def creation_timestamp(self) -> datetime:
        """When the packet was made, aware, in UTC."""
        from datetime import UTC, datetime  # noqa: PLC0415 - few packets are asked

        return datetime.fromtimestamp(self._created, UTC)

    @property
    def dtype(self) -> type:
        """The exact type of the payload; `EmptyPayload` for an empty packet."""
        return self._dtype if self._at is CONSUMED else type(self._data)

    @property
    def is_consumed(self) -> bool:
        """True once the payload has been taken."""
        return self._at is CONSUMED

    @property
    def is_empty(self) -> bool:
        """True for a packet that never had a payload."""
        return (self._dtype if self._at is CONSUMED else type(self._data)) is EmptyPayload

    @property
    def parents(self) -> tuple[PacketUUID, ...]:
        """The uuids of the packets it was made from, known once it has been put."""
        return tuple(map(uuid_of, self._parents or ()))

    async def consume(self) -> Any:
        """Take the payload; the packet lets go of it.

        Raises:
            RuntimeError: if it has been taken before.
        """
        return self._take()

    def _take(self) -> Any:
        at = self._at
        if at is CONSUMED:
            raise RuntimeError("Packet is already consumed.")
        data = self._data
        dtype = self._dtype = type(data)
        self._at = CONSUMED
        self._data = None
        if at is not None and (hub := at.hub) is not None:
            if isinstance(at, Channel):
                at.spoil()
            if hub.follows:
                hub.consumed(self, at, dtype)
        return None if data is _NOTHING else data

    def _payload(self) -> Any:
        if self._at is CONSUMED:
            raise RuntimeError("Packet is already consumed.")
        return None if self._data is _NOTHING else self._data

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
        return Packet(self._data, parents=(self,))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as the same packet, which is in no net there."""
        return _arrived, (type(self), self._data, self.uuid, self._created, self.parents, self.is_empty)

    def __repr__(self) -> str:
        state = "consumed" if self.is_consumed else self.dtype.__name__
        return f"<Packet {self.uuid[-8:]} {state}>"


def _arrived(
    kind: type[Packet], data: Any, uuid: PacketUUID, created: float, parents: tuple[PacketUUID, ...], empty: bool
) -> Packet:
    packet = kind(_NOTHING if empty else data)
    packet._identity, packet._created, packet._parents = uuid, created, parents
    return packet


def identity_of(packet: BasePacket) -> Identity:
    """Return what a packet is known by inside."""
    try:
        return packet._identity
    except AttributeError:  # a class of the user's own
        packet._identity = packet.uuid
        return packet._identity


def place_of(packet: BasePacket) -> Place | None:
    """Return where a packet is, None if it has not been put."""
    return CONSUMED if packet.is_consumed else getattr(packet, "_at", None)


def payload_of(packet: BasePacket) -> Any:
    """Return what a packet carries, for an observer: no trace of the look is left. None if it is consumed."""
    data = getattr(packet, "_data", None)
    return None if data is _NOTHING else data
