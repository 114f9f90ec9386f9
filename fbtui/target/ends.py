"""How a net has ended, in the words of the protocol."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final, cast

from fbdev.comp.packet import BasePacket
from fbdev.exceptions import BlockedNetError
from fbdev.graph.base_node import TAKEN
from fbdev.graph.net import Edge
from fbdev.runtime.blocked import Wait, edge_place
from fbdev.runtime.undelivered import Undelivered as LeftPacket
from fbtui.protocol import Blocked, Raise, Undelivered
from fbtui.protocol import Wait as WaitInfo
from fbtui.target.frames import awaiting_frame
from fbtui.target.recorder import Recorder

NAMED: Final = 3
"""Packets of a place that are told one by one."""


def blocked_of(error: BlockedNetError, local: Collection[str]) -> Blocked:
    """Return why a net is blocked, as a runtime has raised it, and where a node waits for something of its own.

    Args:
        error: what was raised.
        local: the paths of the user's files.
    """
    edge = cast("Edge | None", error.lengthen)
    way_out = None if edge is None else Raise(edge_place(edge), (edge.capacity or 0) + 1)
    chain, text = cast("tuple[Wait, ...]", error.chain), str(error).removeprefix(f"{error.verdict}: ")
    for wait in chain:
        frame = awaiting_frame(wait.node, local) if wait.waits == "inside" else None
        if frame is not None:
            where = f"waits at {Path(frame.f_code.co_filename).name}:{frame.f_lineno}"
            text = text.replace(str(wait), str(wait).replace("waits inside", where))
    return Blocked(error.verdict, tuple(map(_wait, chain)), text, way_out)


def left_of(undelivered: Iterable[LeftPacket], recorder: Recorder) -> tuple[Undelivered, ...]:
    """Return which packets nobody has received, place by place."""
    left: dict[tuple[str, str | None], list[BasePacket]] = {}
    for packet, address, why in undelivered:
        taken_from = recorder.taken_from(packet) if why == TAKEN else None
        left.setdefault((_place(address), taken_from), []).append(packet)
    return tuple(
        Undelivered(place, len(packets), tuple(map(recorder.named, packets[:NAMED])), taken_from)
        for (place, taken_from), packets in left.items()
    )


def _wait(wait: Wait) -> WaitInfo:
    edge = wait.edge
    return WaitInfo(
        wait.name,
        wait.waits,
        wait.port.name if wait.port is not None else None,
        edge_place(edge) if edge is not None else None,
        len(edge.packets) if edge is not None else 0,
        edge.capacity if edge is not None else None,
    )


def _place(address: str) -> str:
    """Return an address of the runtime as a place: ``TOP->Outer|edge0`` as ``Outer/edge0``."""
    return address.removeprefix("TOP").lstrip("->|:").replace("->", "/").replace("|", "/")
