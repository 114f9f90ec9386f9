"""Orders: which of the moves that could go now goes next.

An order is a pure function of the moves and of how many have gone before, so looking ahead changes nothing, and
the same module, inputs, order and seed give the same run, move by move.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fbdev.runtime.blocked import edge_name, edge_place
from fbtui.target.recorder import Recorder, occurrence
from fbtui.trace import HandAct, Kind, TraceReader, act_of, in_words, is_move

if TYPE_CHECKING:
    import asyncio

    from fbdev.graph.net import BaseNode
    from fbdev.instrument import Move
    from fbtui.protocol import Start

_WORD: Final = (1 << 64) - 1


@dataclass(eq=False)
class Parked:
    """A move that waits at the gate. ``number`` counts the requests of the run."""

    number: int
    move: Move
    gate: asyncio.Future[None]
    seen: bool = False
    """True if the person knows that this move is next, and has said to go on: nothing stops before it."""
    judged: bool = False
    """True once its breakpoints were asked."""
    noticed: bool = False
    """True once it was told that this move is blocked."""


class Instead(Enum):
    """What an order says where it picks no move."""

    WAIT = "for what is pending outside"
    ASK = "the person, who picks one"


Order = Callable[[Sequence[Parked], int, bool], Parked | Instead]
"""Takes the parked moves that could go, at least one, the count of moves made, and whether something is pending
outside. Returns the move that goes, or what is to be done instead."""

Pick = tuple[str, str, int, str]
"""A move that another run has, too: kind, place of the edge, which one on that edge it is, from 1, and for a send
what the packet carries."""

PATIENCE: Final = 100
"""How often a replay is asked in vain before it takes a packet that carries something else than the recorded one."""


def order_of(start: Start, top: BaseNode, tell: Callable[[str], None]) -> Order:
    """Return the order that a run was asked for.

    Args:
        start: what it was asked for; a free run that is paused goes on by the order of request.
        top: the net.
        tell: takes a sentence if a recording that is replayed is left.

    Raises:
        TraceError: if the recording cannot be read.
    """
    policy: Order = ask if start.order == "ask" else fifo
    if start.order == "random":
        policy = shuffled(start.seed)
    elif start.order == "canon":
        policy = canon({node: rank for rank, node in enumerate(top.walk())})
    if start.replay is None:
        return policy
    folder, count = start.replay
    names = {edge_place(edge): edge_name(edge) for edge in top.all_edges()}
    return Replay(*recorded(Path(folder), count), policy, tell, names)


def fifo(enabled: Sequence[Parked], step: int, pending: bool) -> Parked:
    """Return the move that was asked for first."""
    return min(enabled, key=lambda parked: parked.number)


def ask(enabled: Sequence[Parked], step: int, pending: bool) -> Parked | Instead:
    """Return the only move there is; of several the person picks one."""
    return enabled[0] if len(enabled) == 1 else Instead.ASK


def canon(ranks: Mapping[BaseNode, int]) -> Order:
    """Return the order of the graph: nodes as declared, then ports by name, then requests.

    It is stable against edits that do not touch the nodes in question.
    """
    return lambda enabled, step, pending: min(
        enabled, key=lambda p: (ranks[p.move.node], repr(p.move.port), p.number)
    )


def shuffled(seed: int) -> Order:
    """Return a random order, another one for each seed."""

    def pick(enabled: Sequence[Parked], step: int, pending: bool) -> Parked:
        in_order = sorted(enabled, key=lambda parked: parked.number)
        return in_order[_mixed(seed, step) % len(in_order)]

    return pick


def _mixed(seed: int, step: int) -> int:
    """Return 64 bits that look random: the splitmix64 generator of Steele, Lea and Flood (2014) at one point."""
    z = (seed * 0xD1342543DE82EF95 + (step + 1) * 0x9E3779B97F4A7C15) & _WORD
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
    return z ^ (z >> 31)


class Replay:
    """The order of a recorded run, as far as it goes; then another one.

    Args:
        picks: the moves in the order in which they were made.
        acts: what the person did meanwhile, in order.
        then: the order of the rest.
        tell: takes a sentence if the run leaves the recording before its end.
        names: what people call the edges at the places.
    """

    def __init__(
        self,
        picks: Sequence[Pick],
        acts: Sequence[HandAct],
        then: Order,
        tell: Callable[[str], None],
        names: Mapping[str, str],
    ) -> None:
        self._picks = picks
        self._acts = deque(acts)
        self._then = then
        self._tell = tell
        self._names = names
        self._patience = PATIENCE

    def __call__(self, enabled: Sequence[Parked], step: int, pending: bool) -> Parked | Instead:
        """Return the recorded move if it is there; wait for it while something is pending."""
        if step >= len(self._picks):
            return self._then(enabled, step, pending)
        kind, edge, number, carried = self._picks[step]
        found = [
            parked
            for parked in enabled
            if parked.move.kind == kind and (edge, number) in _next_occurrences(parked.move)
        ]
        if found and (chosen := self._of_several(found, carried, pending)) is not None:
            return chosen
        if pending:
            return Instead.WAIT
        place = self._names.get(edge, edge)
        self._tell(f"the recording is left at step {step}: {kind} {number} on {place} cannot be made any more")
        self._leave()
        return self._then(enabled, step, pending)

    def due(self, step: int) -> HandAct | None:
        """Return, once, what the person did next after so many moves; None if that was nothing."""
        return self._acts.popleft() if self._acts and self._acts[0].step <= step else None

    def cannot(self, act: HandAct, why: str) -> None:
        """Tell that something cannot be done again: what came after it would be another run."""
        what = in_words(act, self._names.get(act.manner.edge, act.manner.edge))
        self._tell(f"the recording is left at step {act.step}: '{what}' cannot be done again: {why}")
        self._leave()

    def _leave(self) -> None:
        if self._acts:
            self._tell(f"what you did to {len(self._acts)} packets after that is not done again")
        self._picks = ()
        self._acts.clear()

    def _of_several(self, found: Sequence[Parked], carried: str, pending: bool) -> Parked | None:
        """Several tasks of a node may send over one edge: return the one whose packet carries what was recorded.

        Another one is taken if nobody else can come, or if the code has changed for all that can be seen.
        """
        move = found[0].move
        if move.kind == "receive" or len(tuple(move.node.lines)) == 1:
            return found[0]
        for parked in found:
            packet = parked.move.packet
            if packet is not None and Recorder.summary(packet) == carried:
                return parked
        self._patience -= 1
        return None if pending and self._patience > 0 else found[0]


def _next_occurrences(move: Move) -> list[tuple[str, int]]:
    return [(edge_place(edge), occurrence(move.kind == "receive", edge) + 1) for edge in move.edges]


def recorded(folder: Path, count: int) -> tuple[list[Pick], list[HandAct]]:
    """Return the moves among the first records of a run, and what the person did; raises `TraceError`."""
    trace = TraceReader(folder)
    picks: list[Pick] = []
    acts: list[HandAct] = []
    for record in islice(trace, count):
        if is_move(record) and record.step == len(picks) + 1:
            kind = "send" if record.kind is Kind.SEND else "receive"
            picks.append((kind, trace.places.edges[record.edge], record.occurrence, trace.text(record)))
        elif record.kind is Kind.ACT:
            acts.append(act_of(trace, record))
    trace.close()
    return picks, acts
