"""How a run was spent: in which shares of it each node worked, waited and was blocked, and how full edges were.

Nothing is measured for it. A node has *waited* from its last move until the packet came that it then took, it was
*blocked* from its last move until there was room for what it then sent, and it was *busy* for the rest. The unit is
the move of the run: while a person steps, the clock tells how long the person thinks. In moves the rest is called
*ready*: the node has what it needs, and it works, or another one has its turn.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import field
from typing import Final

from fbtui.protocol.plain import plain, slotted
from fbtui.trace.layout import Deed, Kind, Record
from fbtui.trace.reader import TraceReader

PORTION: Final = 5_000
"""Records taken in at once, so that who asks is not kept waiting for long: asked again it is nearer."""
_OVER: Final = {"finished", "failed", "stopped"}


@plain
class Shares:
    """Parts of a run, each from 0 to 1; together they are 1, or 0 of a node that has not moved yet."""

    busy: float = 0.0
    waiting: float = 0.0
    blocked: float = 0.0
    work: str = "busy"
    """What the first of them is called."""

    @property
    def most(self) -> tuple[str, float]:
        """The word of the greatest share, and that share."""
        return max(
            ((self.work, self.busy), ("waiting", self.waiting), ("blocked", self.blocked)), key=lambda one: one[1]
        )


@slotted()
class _Node:
    step: int = 0
    """The step of the last move."""
    last: int = 0
    before: int = 0
    """The move before the last one: a send over several edges is told once an edge."""
    stalled: int = 0
    """For how long the last one was blocked."""
    waited: int = 0
    blocked: int = 0
    ended: int | None = None
    takes_from: set[int] = field(default_factory=set)
    sends_to: set[int] = field(default_factory=set)


@slotted()
class _Edge:
    arrivals: deque[int] = field(default_factory=deque)
    since: int = 0
    """When it was filled, if it is full."""
    freed: int = 0
    """When there was room again, after it was full."""
    full: int = 0
    """For how many moves it was full."""


class Load:
    """The shares of all nodes and edges of a run, gathered from its trace.

    Args:
        trace: the trace; it may still grow.
        capacities: what each edge holds, by place; an edge that is not named holds any number.
        by_time: measure by the clock instead of by moves.
    """

    def __init__(self, trace: TraceReader, capacities: Mapping[str, int], *, by_time: bool = False) -> None:
        self._trace = trace
        self._by_time = by_time
        self._capacities = {i: capacities[name] for i, name in enumerate(trace.places.edges) if name in capacities}
        self._begin()

    def _begin(self) -> None:
        self._at = self._now = self._wanted = 0
        self._nodes: dict[int, _Node] = {}
        self._edges: dict[int, _Edge] = {}

    @property
    def work(self) -> str:
        """What it is called when a node neither waits nor is blocked."""
        return "busy" if self._by_time else "ready"

    @property
    def is_behind(self) -> bool:
        """True while the trace holds more than was taken in."""
        return self._at < self._wanted

    def at(self, index: int) -> Load:
        """Return the load after the records before an index: this one, brought there, or by a portion nearer.

        Raises:
            TraceError: if a record on the way is damaged.
        """
        wanted = min(index, len(self._trace))
        if wanted < self._at:
            self._begin()
        self._wanted = wanted
        portion = self._trace[self._at : min(wanted, self._at + PORTION)]
        for record in portion:
            if record.edge >= 0:
                self._apply(record, self._edges.setdefault(record.edge, _Edge()))
            elif record.kind is Kind.NODE and record.node in self._nodes and self._trace.text(record) in _OVER:
                self._nodes[record.node].ended = self._now
        self._at += len(portion)
        return self

    def _apply(self, record: Record, edge: _Edge) -> None:
        match record.kind:
            case Kind.SEND:
                self._send(self._moves(record), record.edge, edge)
                self._enter(record.edge, edge)
            case Kind.RECEIVE:
                self._receive(self._moves(record), record.edge, edge)
                self._leave(record.edge, edge)
            case Kind.CROSS if record.detail:
                self._leave(record.edge, edge)
            case Kind.CROSS:
                self._enter(record.edge, edge)
            case Kind.ACT if record.detail == Deed.DROPPED:
                self._leave(record.edge, edge)
            case Kind.ACT if record.detail == Deed.INJECTED:
                self._enter(record.edge, edge)

    def _moves(self, record: Record) -> _Node:
        self._now = record.time if self._by_time else record.step
        node = self._nodes.setdefault(record.node, _Node())
        if node.step != record.step:
            node.step, node.before, node.last, node.stalled = record.step, node.last, self._now, 0
        return node

    def _send(self, node: _Node, number: int, edge: _Edge) -> None:
        stalled = max(node.stalled, edge.freed - node.before)
        node.blocked += stalled - node.stalled
        node.stalled = stalled
        node.sends_to.add(number)

    def _receive(self, node: _Node, number: int, edge: _Edge) -> None:
        arrived = edge.arrivals[0] if edge.arrivals else self._now
        node.waited += max(0, arrived - node.before)
        node.takes_from.add(number)

    def _enter(self, number: int, edge: _Edge) -> None:
        edge.arrivals.append(self._now)
        if len(edge.arrivals) == self._capacities.get(number):
            edge.since = self._now

    def _leave(self, number: int, edge: _Edge) -> None:
        if len(edge.arrivals) == self._capacities.get(number):
            edge.full += self._now - edge.since
            edge.freed = self._now
        if edge.arrivals:
            edge.arrivals.popleft()

    # -- what came of it

    def _is_full(self, number: int) -> bool:
        return len(self._edges[number].arrivals) == self._capacities.get(number)

    def _parts(self, node: _Node) -> tuple[int, int, int]:
        """Return for how many moves a node was busy, waited and was blocked; what it does now counts, too."""
        now = self._now if node.ended is None else node.ended
        waited, blocked = node.waited, node.blocked
        full = [self._edges[number].since for number in node.sends_to if self._is_full(number)]
        if node.ended is None and full:
            blocked += now - max(node.last, *full)
        elif node.ended is None and node.takes_from and not self._has_input(node):
            waited += now - node.last
        return now - waited - blocked, waited, blocked

    def _has_input(self, node: _Node) -> bool:
        return any(self._edges[number].arrivals for number in node.takes_from)

    def parts(self) -> dict[str, list[int]]:
        """Return for how many moves, or nanoseconds, each node that has moved was busy, waited and was blocked.

        It is by place; of a nested graph it is the sum over all that is in it.
        """
        sums: dict[str, list[int]] = {}
        for number, node in self._nodes.items():
            place = self._trace.places.nodes[number]
            steps = place.split("/")
            for depth in range(1, len(steps) + 1):
                parts = sums.setdefault("/".join(steps[:depth]), [0, 0, 0])
                for i, part in enumerate(self._parts(node)):
                    parts[i] += part
        return sums

    def nodes(self) -> dict[str, Shares]:
        """Return the shares of each node that has moved, by place; of a nested graph those of all that is in it."""
        return {place: _shares(parts, self.work) for place, parts in self.parts().items()}

    def edges(self) -> dict[str, float]:
        """Return for each edge that was full once the share of the run for which it was full, by place."""
        found = {}
        for number, edge in self._edges.items():
            full = edge.full + (self._now - edge.since if self._is_full(number) else 0)
            if full and self._now:
                found[self._trace.places.edges[number]] = min(1.0, full / self._now)
        return found


def _shares(parts: list[int], work: str) -> Shares:
    whole = sum(parts) or 1
    busy, waiting, blocked = (part / whole for part in parts)
    return Shares(busy, waiting, blocked, work)
