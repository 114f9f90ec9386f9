"""Orders: which of the moves that could go now goes next.

An order is a pure function of the moves and of how many have gone before, so looking ahead changes nothing, and
the same module, inputs, order and seed give the same run, move by move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import asyncio

    from fbdev.graph.net import BaseNode
    from fbdev.instrument import Move

_WORD: Final = (1 << 64) - 1


@dataclass(eq=False)
class Parked:
    """A move that waits at the gate. ``number`` counts the requests of the run."""

    number: int
    move: Move
    gate: asyncio.Future[None]
    passed: bool = False
    """True once a stop before this move was told: the next time it may go."""
    noticed: bool = False
    """True once it was told that this move is blocked."""


Order = Callable[[Sequence[Parked], int], Parked]
"""Takes the parked moves that could go, at least one, and the count of moves made; returns the one that goes."""


def fifo(enabled: Sequence[Parked], step: int) -> Parked:
    """Return the move that was asked for first."""
    return min(enabled, key=lambda parked: parked.number)


def canon(ranks: Mapping[BaseNode, int]) -> Order:
    """Return the order of the graph: nodes as declared, then ports by name, then requests.

    It is stable against edits that do not touch the nodes in question.
    """
    return lambda enabled, step: min(enabled, key=lambda p: (ranks[p.move.node], repr(p.move.port), p.number))


def shuffled(seed: int) -> Order:
    """Return a random order, another one for each seed."""

    def pick(enabled: Sequence[Parked], step: int) -> Parked:
        in_order = sorted(enabled, key=lambda parked: parked.number)
        return in_order[_mixed(seed, step) % len(in_order)]

    return pick


def _mixed(seed: int, step: int) -> int:
    """Return 64 bits that look random: the splitmix64 generator of Steele, Lea and Flood (2014) at one point."""
    z = (seed * 0xD1342543DE82EF95 + (step + 1) * 0x9E3779B97F4A7C15) & _WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
    return z ^ (z >> 31)
