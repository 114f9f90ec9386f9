"""The history of the packets of a net as data: what was created, moved and consumed, where and when.

A net notes what happens in a few numbers (`fbdev.comp.history`); the objects here are made when they are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, Literal

from fbdev.comp.dtype import describe
from fbdev.comp.history import Event, Kept
from fbdev.comp.hub import Hub
from fbdev.comp.packet import (
    CONSUMED,
    BasePacket,
    Packet,
    PacketUUID,
    Place,
    identity_of,
    place_of,
    uuid_of,
)
from fbdev.comp.port import Port, PortID, PortType

LocationUUID = str
"""A location: the address of a node or an edge. None stands for outside the net."""


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that happened to a packet. ``location`` is an address, None for outside the net."""

    kind: ClassVar[Literal["created", "moved", "consumed"]]
    packet_uuid: PacketUUID
    timestamp: datetime
    """When, aware, in UTC."""
    location: LocationUUID | None

    @property
    def is_location_external(self) -> bool:
        """True if it happened outside the net."""
        return self.location is None

    def touches(self, location: LocationUUID) -> bool:
        """Return whether it happened at a location, or led there."""
        return self.location == location

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "kind": self.kind,
            "packet": self.packet_uuid,
            "time": self.timestamp.isoformat(),
            "location": self.location,
        }

    def __str__(self) -> str:
        return f"{self.timestamp.isoformat()} {self.kind} at {self.location or 'external'}"


@dataclass(frozen=True, slots=True)
class PacketCreation(Activity):
    """A packet came into the net. The time is that of its making."""

    kind = "created"
    packet_dtype: type
    parents: tuple[PacketUUID, ...] = ()
    """The packets that it was made from."""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            **super(PacketCreation, self).as_dict(),
            "dtype": describe(self.packet_dtype),
            "parents": list(self.parents),
        }


@dataclass(frozen=True, slots=True)
class PacketMovement(Activity):
    """A packet went from ``origin``, its location, to ``dest`` by the port ``via``."""

    kind = "moved"
    dest: LocationUUID | None
    via: PortID
    port: str
    """The address of the port."""

    @property
    def origin(self) -> LocationUUID | None:
        """From where it went."""
        return self.location

    @property
    def port_id(self) -> PortID:
        """Kind and name of the port."""
        return self.via

    @property
    def port_type(self) -> PortType:
        """The kind of the port."""
        return self.via[0]

    @property
    def port_name(self) -> str:
        """The name of the port."""
        return self.via[1]

    @property
    def is_origin_external(self) -> bool:
        """True if it came from outside the net."""
        return self.location is None

    @property
    def is_dest_external(self) -> bool:
        """True if it left the net."""
        return self.dest is None

    def touches(self, location: LocationUUID) -> bool:
        """Return whether it happened at a location, or led there."""
        return location in {self.location, self.dest}

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**super(PacketMovement, self).as_dict(), "dest": self.dest, "port": self.port}

    def __str__(self) -> str:
        where = f"{self.location or 'external'} -> {self.dest or 'external'}"
        return f"{self.timestamp.isoformat()} moved {where} by {self.port}"


@dataclass(frozen=True, slots=True)
class PacketConsumption(Activity):
    """A packet's payload was taken."""

    kind = "consumed"
    payload_dtype: type

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {**super(PacketConsumption, self).as_dict(), "dtype": describe(self.payload_dtype)}


class PacketHistory(list[Activity]):
    """Activities, oldest first."""

    def to_json(self) -> str:
        """Return them as a JSON list."""
        return json.dumps([activity.as_dict() for activity in self])


class Spot:
    """Where a packet is by the word of whoever registered it."""

    def __init__(self, address: LocationUUID | None, hub: Hub) -> None:
        self.address = address
        self.hub = hub


class PacketRegistry:
    """Knows where the packets of a net are, and what has happened to them: see `BaseNode.packet_registry`.

    Args:
        hub: what the net shares. Without it the registry is on its own, for packets that are registered by hand.
    """

    def __init__(self, hub: Hub | None = None) -> None:
        self._hub = hub if hub is not None else Hub()

    def keep(self, history: Kept) -> None:
        """Say how many activities are kept from now on: the newest 100 000 by default, ``"all"``, or None for none.

        Raises:
            ValueError: if it is none of these.
        """
        self._hub.keep_history(history)

    # -- reading

    def history(
        self, packet: BasePacket | PacketUUID | None = None, node: Any = None, edge: Any = None
    ) -> PacketHistory:
        """Return the activities that are kept, oldest first.

        Args:
            packet: only those of this packet, given itself or by its uuid.
            node: only those at this node, given itself or by its address, or on the way to or from it.
            edge: only those on this edge, likewise.
        """
        uuid = packet.uuid if isinstance(packet, BasePacket) else packet
        places = [_address(place) for place in (node, edge) if place is not None]
        every = list(self._activities())
        if isinstance(self._hub.history.kept, int):
            every = every[-self._hub.history.kept :]
        return PacketHistory(
            one
            for one in every
            if (uuid is None or one.packet_uuid == uuid) and all(place and one.touches(place) for place in places)
        )

    def _activities(self) -> Iterator[Activity]:
        for event in self._hub.history:
            yield from activities_of(event)

    def to_json(self) -> str:
        """Return the whole history as a JSON list."""
        return self.history().to_json()

    def print_packet_history(self, packet: BasePacket | PacketUUID) -> None:
        """Print what has happened to a packet, a line an activity."""
        for activity in self.history(packet):
            print(activity)  # noqa: T201 - this is what it is asked for

    # -- what is where

    def is_registered(self, packet: BasePacket) -> bool:
        """Return whether a packet has come into this net."""
        at = place_of(packet)
        if at is CONSUMED:
            return any(identity == identity_of(packet) for identity, _, _ in self._hub.history)
        return at is not None and at.hub is self._hub

    def register_packet(self, packet: BasePacket, location: LocationUUID | None) -> None:
        """Take a packet in at a location by hand; one that a port has put is known already."""
        if not self.is_registered(packet):
            packet._at = Spot(location, self._hub) if location is not None else self._hub.outside
            if self._hub.history.on:
                self._hub.history.created(packet, packet._at)

    def _place(self, packet: BasePacket) -> Place:
        at = place_of(packet)
        if at is CONSUMED:
            raise RuntimeError(f"{packet!r} is consumed: nothing happens to it any more.")
        if at is None or at.hub is not self._hub:
            raise RuntimeError(f"{packet!r} is not registered here.")
        return at

    def register_move(self, packet: BasePacket, origin: Any, dest: Any, via: Any) -> None:
        """Note by hand that a packet has moved.

        Args:
            packet: the packet.
            origin: where it was: a node, an edge or an address; None for outside.
            dest: where it is now.
            via: the port, or its id.

        Raises:
            RuntimeError: if it is not registered, or consumed, or not at ``origin``.
        """
        at = self._place(packet)
        start, end = _address(origin), _address(dest)
        if at.address != start:
            raise RuntimeError(
                f"{packet!r} is at {at.address or 'external'}: it cannot go from {start or 'external'}"
                f" to {end or 'external'}."
            )
        packet._at = Spot(end, self._hub) if end is not None else self._hub.outside
        if self._hub.history.on:
            self._hub.history.moved(packet, ((at, packet._at, via),))

    def register_consumption(self, packet: BasePacket, dtype: type) -> None:
        """Note by hand that a packet's payload was taken.

        Raises:
            RuntimeError: if it is not registered, or consumed already.
        """
        self._hub.history.consumed(packet, self._place(packet), dtype)


def activities_of(event: Event) -> Iterable[Activity]:
    """Return what an event of the raw history stands for: a transfer over several borders has several steps."""
    identity, time, what = event
    uuid, when = uuid_of(identity), datetime.fromtimestamp(time, UTC)
    if isinstance(what[0], tuple):
        return [_movement(uuid, when, *step) for step in what]
    if len(what) == 2:
        place, dtype = what
        return [PacketConsumption(uuid, when, place.address, dtype)]
    place, dtype, parents = what
    return [PacketCreation(uuid, when, place.address, dtype, tuple(map(uuid_of, parents)))]


def _movement(uuid: PacketUUID, when: datetime, origin: Place, dest: Place, via: Any) -> PacketMovement:
    port_id = via.id if isinstance(via, Port) else via
    return PacketMovement(uuid, when, origin.address, dest.address, port_id, str(via))


def _address(place: Any) -> LocationUUID | None:
    return place if place is None or isinstance(place, str) else place.address


class TrackedPacket(BasePacket):
    """A packet that is registered at a location from the start, not only when it is put.

    Args:
        packet: the packet.
        location: where it is.
        registry: what follows it.
    """

    EXTERNAL_LOCATION: Final = None
    __slots__ = ("_packet",)

    def __init__(self, packet: BasePacket, location: LocationUUID | None, registry: PacketRegistry) -> None:
        self._packet = packet
        self._identity = identity_of(packet)
        registry.register_packet(packet, location)

    @property
    def _at(self) -> Place | None:
        return self._packet._at

    @_at.setter
    def _at(self, place: Place | None) -> None:
        self._packet._at = place

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
        """Take the payload; the registry that follows the packet notes it."""
        return await self._packet.consume()

    async def peek(self) -> Any:
        """Return the payload and leave it where it is."""
        return await self._packet.peek()

    @classmethod
    def get_empty(cls) -> TrackedPacket:
        """Return a packet without a payload, outside of everything, followed by a registry of its own."""
        return cls(Packet.get_empty(), cls.EXTERNAL_LOCATION, PacketRegistry())
