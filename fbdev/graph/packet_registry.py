"""The history of packets: what was created, moved and consumed, where and when."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from fbdev.comp.packet import BasePacket, Packet, PacketUUID
from fbdev.instrument import Instrument, Move

if TYPE_CHECKING:
    from fbdev.graph.net import BaseNode

KEPT: Final = 100_000
"""Activities that a registry keeps by default, the newest ones."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that happened to a packet. ``location`` is an address, None for outside the net."""

    packet_uuid: PacketUUID
    time: float
    location: str | None

    @property
    def timestamp(self) -> datetime:
        """When, aware, in UTC."""
        return datetime.fromtimestamp(self.time, UTC)

    @property
    def is_location_external(self) -> bool:
        """True if it happened outside the net."""
        return self.location is None


@dataclass(frozen=True, slots=True)
class PacketCreation(Activity):
    """A packet came into the net; its time is that of the packet's making."""

    packet_dtype: type


@dataclass(frozen=True, slots=True)
class PacketMovement(Activity):
    """A packet went from ``location`` to ``dest``, by a port."""

    dest: str | None
    via: str


@dataclass(frozen=True, slots=True)
class PacketConsumption(Activity):
    """A packet's payload was taken."""


class PacketRegistry(Instrument):
    """Keeps the newest activities of a net; see `BaseNode.packet_registry`.

    Args:
        limit: how many are kept, None for all.
    """

    def __init__(self, limit: int | None = KEPT) -> None:
        self._activities: deque[Activity] = deque(maxlen=limit)
        self._where: dict[PacketUUID, str | None] = {}

    def history(self, packet: BasePacket | PacketUUID | None = None) -> list[Activity]:
        """Return the activities kept, of one packet or of all, oldest first."""
        uuid = packet.uuid if isinstance(packet, BasePacket) else packet
        return [one for one in self._activities if uuid is None or one.packet_uuid == uuid]

    def is_registered(self, packet: BasePacket) -> bool:
        """Return whether the packet is in the net and not consumed."""
        return packet.uuid in self._where

    def packet_created(self, packet: BasePacket, node: BaseNode) -> None:
        """Note a packet that enters the net."""
        where = None if node.is_top_node else node.address
        self._where[packet.uuid] = where
        created = packet.creation_timestamp.timestamp()
        self._activities.append(PacketCreation(packet.uuid, created, where, packet.dtype))

    def move_committed(self, move: Move) -> None:
        """Note where a packet has gone."""
        if move.packet is None:
            return
        outside = None if move.external else move.node.address
        if move.kind == "send":
            dest: str | None = move.edges[0].address if move.edges else None
        else:
            dest = outside if move.kind == "receive" else move.edges[-1].address
        uuid = move.packet.uuid
        now = time.time()
        self._activities.append(PacketMovement(uuid, now, self._where.get(uuid), dest, repr(move.port)))
        self._where[uuid] = dest

    def packet_consumed(self, packet: BasePacket) -> None:
        """Note a consumption; the packet is forgotten but for its history."""
        where = self._where.pop(packet.uuid, None)
        self._activities.append(PacketConsumption(packet.uuid, time.time(), where))


class TrackedPacket(BasePacket):
    """A packet together with the registry that follows it, and its first location."""

    EXTERNAL_LOCATION: Final = None
    __slots__ = ("_packet", "_registry")

    def __init__(self, packet: BasePacket, location: str | None, registry: PacketRegistry) -> None:
        self._packet = packet
        self._registry = registry
        registry._where.setdefault(packet.uuid, location)

    @property
    def uuid(self) -> PacketUUID:
        """The packet's identity."""
        return self._packet.uuid

    @property
    def creation_timestamp(self) -> datetime:
        """When the packet was made."""
        return self._packet.creation_timestamp

    @property
    def dtype(self) -> type:
        """The exact type of the payload."""
        return self._packet.dtype

    @property
    def is_consumed(self) -> bool:
        """True once the payload has been taken."""
        return self._packet.is_consumed

    @property
    def is_empty(self) -> bool:
        """True for a packet that never had a payload."""
        return self._packet.is_empty

    async def consume(self) -> Any:
        """Take the payload, and note it."""
        payload = await self._packet.consume()
        self._registry.packet_consumed(self._packet)
        return payload

    async def peek(self) -> Any:
        """Return the payload and leave it where it is."""
        return await self._packet.peek()

    @classmethod
    def get_empty(cls) -> BasePacket:
        """Return a packet without a payload, followed by a registry of its own."""
        return cls(Packet.get_empty(), cls.EXTERNAL_LOCATION, PacketRegistry())
