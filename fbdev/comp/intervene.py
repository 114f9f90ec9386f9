"""What may be done to a net from outside while it stands still: the seam for a debugger that lets a person act.

Every move of the net has to be held (`fbdev.instrument.Instrument.admit`) while one of these is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fbdev.comp.channel import Channel
from fbdev.comp.packet import DROPPED, BasePacket, Packet, place_of

if TYPE_CHECKING:
    from fbdev.graph.net import Edge


def drop(edge: Edge, packet: BasePacket) -> None:
    """Take a packet off an edge, so that nobody receives it.

    Raises:
        ValueError: if it is not there.
    """
    index = edge.packets.index(packet)
    del edge.packets[index]
    packet._at = DROPPED
    if edge.head_end is not None:
        edge.head_end.forget_arrival(edge, index)
        edge.head_end.packet_left(edge)


def drop_put(packet: BasePacket) -> None:
    """Drop a packet whose put is held. Let the put go on then: it ends as if it had been made.

    Raises:
        ValueError: if the packet waits on an edge, or is consumed.
    """
    if packet.is_consumed or isinstance(place_of(packet), Channel):
        raise ValueError("the packet is not about to be put")
    packet._at = DROPPED


def inject(edge: Edge, packet: Packet) -> None:
    """Put a packet at the end of an edge.

    Raises:
        ValueError: if there is no room, or nothing leads on from the edge.
    """
    if not edge.has_room():
        raise ValueError(f"the edge is full: {len(edge.packets)}/{edge.capacity}")
    if edge.head_end is None:
        raise ValueError("the edge leads nowhere")
    if edge.ended:
        edge.reopen()
    packet._at = edge
    edge.packets.append(packet)
    edge.entered += 1
    edge.head_end.packet_arrived(edge)


def replace(packet: Packet, payload: Any) -> None:
    """Give a packet another payload; whoever holds the old one keeps it.

    Raises:
        ValueError: if the packet is consumed.
    """
    if packet.is_consumed:
        raise ValueError("the packet is consumed")
    packet._data = payload


def widen(edge: Edge, capacity: int) -> None:
    """Let an edge hold more packets than before.

    Raises:
        ValueError: if it would not hold more.
    """
    if edge.capacity is None or capacity <= edge.capacity:
        raise ValueError(f"the edge holds {'any number' if edge.capacity is None else edge.capacity} already")
    edge.limit += capacity - edge.capacity
    edge.capacity = capacity
    if edge.tail_end is not None:
        edge.tail_end.room_appeared()
