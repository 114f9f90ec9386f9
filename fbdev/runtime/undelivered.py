"""Packets that nobody received by the end of a run: which, where, and why."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Iterable, Iterator
from typing import Final

from fbdev.comp.packet import BasePacket
from fbdev.comp.port_spec import PortType
from fbdev.exceptions import LostPacketError, UndeliveredWarning
from fbdev.graph.base_node import TAKEN, BaseNode

Undelivered = tuple[BasePacket, str, str]
"""A packet, the address where it was, and why it was not delivered."""

NAMED: Final = 5
"""Places that a notice names."""

log = logging.getLogger("fbdev")


async def stop_and_gather(top: BaseNode) -> tuple[list[Undelivered], Exception | None]:
    """Stop a net, in whatever state it is; return what was not delivered, and what went wrong while it stopped."""
    held = list(_held(top))
    problem: Exception | None = None
    try:
        await top.end()
    except Exception as raised:
        problem = raised
    await top.task_manager.destroy()
    top.hub.close()
    await asyncio.sleep(0)  # for the puts that this has ended
    gathered = list(left_behind(top))
    known = {id(packet) for packet, _, _ in gathered}
    gathered += (one for one in held if id(one[0]) not in known and not one[0].is_consumed)
    return gathered, problem


def _held(top: BaseNode) -> Iterator[Undelivered]:
    """Yield what nodes have taken, and neither consumed nor followed by a packet of their own."""
    for node in top.walk():
        for line in node.lines:
            for packet in line.holds():
                yield packet, node.address, TAKEN


def left_behind(top: BaseNode) -> Iterator[Undelivered]:
    """Yield what is on the edges and in the ports of a net, and the puts that its end has ended."""
    for packet, port in top.hub.withdrawn:
        yield packet, repr(port), "its put was waiting"
    for edge in top.all_edges():
        if edge.tail_end is None or edge.tail_end.port_type is not PortType.MESSAGE:
            for packet in edge.packets:
                yield packet, edge.address, "waits on the edge"
    for node in top.walk():
        for port in node.ports.iter_ports():
            if port.port_type is not PortType.MESSAGE:
                for packet in port.inner.held:
                    yield packet, port.address, "was given back by a get that was cancelled"
        yield from node.left_elsewhere()


def tell(undelivered: Iterable[Undelivered], *, strict: bool = False, warn: bool = False) -> None:
    """Say what was not delivered: in the log, with ``warn`` as a warning.

    Raises:
        LostPacketError: with ``strict``, if there is anything to be told.
    """
    every = list(undelivered)
    if not every:
        return
    places = list(dict.fromkeys(address for _, address, _ in every))
    more = f" and {len(places) - NAMED} more places" if len(places) > NAMED else ""
    count = "1 packet was" if len(every) == 1 else f"{len(every)} packets were"
    sentence = f"{count} not delivered: {', '.join(places[:NAMED])}{more}"
    if strict:
        raise LostPacketError(every[0][0], sentence)
    if warn:
        warnings.warn(sentence, UndeliveredWarning, stacklevel=4)
    else:
        log.info("%s", sentence)
