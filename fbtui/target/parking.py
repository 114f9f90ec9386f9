"""The moves that wait at a gate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING, Literal

from fbdev.comp.packet import BasePacket
from fbdev.comp.port import Port
from fbdev.graph.net import BaseNode
from fbdev.instrument import Move
from fbtui.target.orders import Parked

if TYPE_CHECKING:
    import asyncio


class Parking(Collection[Parked]):
    """The parked moves, in the order in which they were asked for.

    Args:
        number_of: returns the number of a packet.
    """

    def __init__(self, number_of: Callable[[BasePacket], int]) -> None:
        self._number_of = number_of
        self._moves: dict[Move, Parked] = {}
        self._requests = 0

    def __len__(self) -> int:
        return len(self._moves)

    def __iter__(self) -> Iterator[Parked]:
        return iter(self._moves.values())

    def __contains__(self, move: object) -> bool:
        return move in self._moves

    def park(self, move: Move, gate: asyncio.Future[None]) -> None:
        """Have a move wait until its gate is opened."""
        self._requests += 1
        self._moves[move] = Parked(self._requests, move, gate)

    def forget(self, move: Move) -> None:
        """A move was withdrawn."""
        self._moves.pop(move, None)

    def let_go(self, parked: Parked) -> None:
        """Open the gate for a parked move."""
        del self._moves[parked.move]
        if not parked.gate.done():
            parked.gate.set_result(None)

    def numbered(self, number: int) -> Parked | None:
        """Return the parked move of a number."""
        return next((parked for parked in self if parked.number == number), None)

    def send_of(self, packet: int) -> Parked | None:
        """Return the parked send of the packet of a number."""
        for parked in self:
            if parked.move.packet is not None and self._number_of(parked.move.packet) == packet:
                return parked
        return None

    def of(self, node: BaseNode) -> list[Parked]:
        """Return the parked moves of a node."""
        return [parked for parked in self if parked.move.node is node]

    def enabled(self) -> list[Parked]:
        """Return those that could go now."""
        return [parked for parked in self if parked.move.can_go()]

    def waits(self) -> list[tuple[Port, Literal["send", "receive"]]]:
        """Return the ports that they wait at, and for what."""
        return [(move.port, "send" if move.kind == "send" else "receive") for move in self._moves]
