"""The raw history of a net, the newest events. `PacketRegistry` reads it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from time import time
from typing import TYPE_CHECKING, Any, Final, Literal

from fbdev.comp.packet import BasePacket, Identity, Packet, Place, identity_of

if TYPE_CHECKING:
    from fbdev.comp.port import Port

KEPT: Final = 100_000
"""Activities that are kept by default, the newest ones."""

Kept = int | Literal["all"] | None
"""How many activities are kept: a number, ``"all"``, or None for no history at all."""

Path = tuple[tuple[Place, Place, "Port"], ...]
"""A transfer step by step: from where, to where, by which port. It is made once for each way that packets take."""

Creation = tuple[Place, type, tuple[Identity, ...]]
"""Where a packet was made, the type of its payload, and the packets that it was made from."""
Consumption = tuple[Place, type]
"""Where a payload was taken, and its type."""

Event = tuple[Identity, float, Path | Creation | Consumption]
"""Which packet, when (in seconds since the epoch), and what came about. Only a path consists of tuples."""


class History:
    """Events in order, their three parts one after the other: that costs less than an object for each of them.

    No packet and no payload is held by it.
    """

    def __init__(self, kept: Kept = KEPT) -> None:
        self._parts: deque[Any] = deque()
        self.keep(kept)

    def keep(self, kept: Kept) -> None:
        """Say how much is kept from now on; None forgets what there is.

        Raises:
            ValueError: if it is no number above 0, nor ``"all"``, nor None.
        """
        if not (kept is None or kept == "all" or (isinstance(kept, int) and kept > 0)):
            raise ValueError(f"history is a number of activities, 'all', or None for none: not {kept!r}.")
        self.kept = kept
        self.on = kept is not None
        self._parts = deque(self._parts if self.on else (), maxlen=3 * kept if isinstance(kept, int) else None)

    @property
    def log(self) -> Callable[[object], None] | None:
        """What takes the next part of an event; None if nothing is kept."""
        return self._parts.append if self.on else None

    def moved(self, packet: BasePacket, path: Path) -> None:
        """Note that a packet has moved."""
        self._parts.extend((packet._identity, time(), path))

    def created(self, packet: BasePacket, place: Place) -> None:
        """Note that a packet has come into the net; the time is that of its making."""
        if isinstance(packet, Packet):
            parts = packet._identity, packet._created, (place, type(packet._data), packet._parents or ())
        else:
            parts = identity_of(packet), packet.creation_timestamp.timestamp(), (place, packet.dtype, ())
        self._parts.extend(parts)

    def consumed(self, packet: BasePacket, place: Place, dtype: type) -> None:
        """Note that a packet's payload was taken."""
        self._parts.extend((packet._identity, time(), (place, dtype)))

    def __iter__(self) -> Iterator[Event]:
        parts = tuple(self._parts)
        for end, what in enumerate(parts):
            if isinstance(what, tuple):  # the last part; an event that an interrupt has cut short has none
                yield parts[end - 2], parts[end - 1], what
