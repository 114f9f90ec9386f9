"""Where the time of a run goes: what each node did, how much went over each edge, and what held the rest up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from fbtui.protocol import GraphInfo, edge_names, edges_in, nodes_in
from fbtui.protocol.plain import plain
from fbtui.trace.layout import Deed, Kind
from fbtui.trace.reader import TraceReader
from fbtui.trace.shares import PORTION, Load, Shares

HELD_UP: Final = 0.05
"""The share of the run for which an edge is full that is worth telling."""
BUSY: Final = 0.5
"""The share of the run for which a node is busy that makes it what the run waits for."""


@plain
class NodeProfile:
    """A node by place: the shares of the run in which it was busy or ready, waited and was blocked, and how many
    packets it took and sent."""

    place: str
    shares: Shares
    taken: int
    sent: int


@plain
class EdgeProfile:
    """An edge by name: how many packets came onto it, the most that waited on it, what it holds (None: any number),
    and the share of the run for which it was full."""

    name: str
    place: str
    packets: int
    highest: int
    capacity: int | None
    full: float


@plain
class Profile:
    """How a run was spent. ``seconds`` is how long it took, from its start to its last event."""

    seconds: float
    nodes: tuple[NodeProfile, ...]
    edges: tuple[EdgeProfile, ...]
    bottleneck: str
    """In one sentence what holds the others up."""

    by_time: bool = True
    """Whether shares are of the time; of moves it cannot be told how fast anything is."""

    def rate(self, edge: EdgeProfile) -> float:
        """Return how many packets a second came onto an edge."""
        return edge.packets / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class _Count:
    waiting: int = 0
    packets: int = 0
    highest: int = 0


@dataclass(slots=True)
class _Moves:
    taken: int = 0
    sent: int = 0


@dataclass
class Profiler:
    """Gathers a profile from a trace.

    Args:
        trace: the trace.
        graph: its graph.
        by_time: whether shares are of the time that the run took; else they are of its moves, as is right for a run
            that a person has stepped: the clock tells how long the person thinks.
    """

    trace: TraceReader
    graph: GraphInfo
    by_time: bool = True
    _edges: dict[int, _Count] = field(default_factory=dict)
    _nodes: dict[int, _Moves] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._infos = {path + edge.id: edge for path, edge in edges_in(self.graph)}
        held = {place: edge.capacity for place, edge in self._infos.items() if edge.capacity is not None}
        self._load = Load(self.trace, held, by_time=self.by_time)
        self._last = 0

    def read(self) -> Iterator[None]:
        """Read the trace, a portion at a time.

        Raises:
            TraceError: if it is damaged.
        """
        for start in range(0, len(self.trace), PORTION):
            self._load.at(start + PORTION)
            for record in self.trace[start : start + PORTION]:
                self._last = record.time
                if record.edge >= 0:
                    self._count(record.kind, record.detail, record.node, record.edge)
            yield

    def _count(self, kind: Kind, detail: int, node: int, edge: int) -> None:
        count, moves = self._edges.setdefault(edge, _Count()), self._nodes.setdefault(node, _Moves())
        crosses, dropped = kind is Kind.CROSS, kind is Kind.ACT and detail == Deed.DROPPED
        leaves = kind is Kind.RECEIVE or (crosses and bool(detail)) or dropped
        enters = kind is Kind.SEND or (crosses and not detail) or (kind is Kind.ACT and detail == Deed.INJECTED)
        moves.taken += kind is Kind.RECEIVE
        moves.sent += kind is Kind.SEND
        count.packets += enters
        count.waiting = max(0, count.waiting + enters - leaves)
        count.highest = max(count.highest, count.waiting)

    def result(self) -> Profile:
        """Return the profile of what was read."""
        places, shares, full = self.trace.places, self._load.nodes(), self._load.edges()
        names = edge_names(self.graph)
        nets = {place for place, node in nodes_in(self.graph) if node.graph is not None}
        nodes = tuple(
            NodeProfile(place, shares[place], self._nodes[number].taken, self._nodes[number].sent)
            for number, place in enumerate(places.nodes)
            if number and place in shares and number in self._nodes and place not in nets
        )
        edges = []
        for number, count in sorted(self._edges.items()):
            place = places.edges[number]
            info = self._infos.get(place)
            held = None if info is None else info.capacity
            name, share = names.get(place, place), full.get(place, 0.0)
            edges.append(EdgeProfile(name, place, count.packets, count.highest, held, share))
        return Profile(self._last / 1e9, nodes, tuple(edges), self._bottleneck(nodes, edges), self.by_time)

    def _bottleneck(self, nodes: tuple[NodeProfile, ...], edges: list[EdgeProfile]) -> str:
        """The node that was busy most is what the others wait for, and a full edge into it shows that they do."""
        worst = max(nodes, key=lambda node: node.shares.busy, default=None)
        if worst is None or worst.shares.busy < BUSY:
            return "no node holds the others up: each waits more than it works"
        held = [edge for edge in edges if edge.full >= HELD_UP and self._leads_to(edge.place, worst.place)]
        busy = f"{worst.place} is the bottleneck: {worst.shares.work} for {worst.shares.busy:.0%}"
        if not held and not self.by_time:
            most = f"{worst.shares.work} most was {worst.place}, for {worst.shares.busy:.0%}"
            return f"no edge was full for long; {most}"
        if not held:
            return f"{busy}, and no edge into it was full for long"
        return f"{busy}, and {held[0].name} before it full for {held[0].full:.0%}"

    def _leads_to(self, place: str, node: str) -> bool:
        edge, (path, slash, _) = self._infos.get(place), place.rpartition("/")
        return edge is not None and edge.head is not None and f"{path}{slash}{edge.head.node}" == node


def profile_of(trace: TraceReader, graph: GraphInfo, *, by_time: bool = True) -> Profile:
    """Return how a run was spent; see `Profiler`."""
    profiler = Profiler(trace, graph, by_time)
    for _ in profiler.read():
        pass
    return profiler.result()


def table(profile: Profile, room: int = 1 << 20) -> list[str]:
    """Return a profile as lines of text, in which names have at most ``room`` characters."""
    node_rows = [
        (_short(one.place, room), f"{one.shares.busy:.0%}", f"{one.shares.waiting:.0%}", f"{one.shares.blocked:.0%}",
         str(one.taken), str(one.sent))
        for one in sorted(profile.nodes, key=lambda node: -node.shares.busy)
    ]  # fmt: skip
    work = next((one.shares.work for one in profile.nodes), "busy")
    edge_rows = [
        (_short(one.name, room), str(one.packets), *((f"{profile.rate(one):,.1f}/s",) if profile.by_time else ()),
         f"{one.highest}{'' if one.capacity is None else f'/{one.capacity}'}", f"{one.full:.0%}")
        for one in sorted(profile.edges, key=lambda edge: -edge.full)
    ]  # fmt: skip
    return [
        f"{profile.bottleneck}; the run took {profile.seconds:.3f} s" if profile.by_time else profile.bottleneck,
        "",
        *_aligned([("node", work, "waiting", "blocked", "taken", "sent"), *node_rows]),
        "",
        *_aligned([("edge", "packets", *(("rate",) if profile.by_time else ()), "highest", "full"), *edge_rows]),
    ]


def _short(name: str, room: int) -> str:
    """Return a name, or its beginning and its end."""
    if len(name) <= room:
        return name
    head = room // 2
    return f"{name[:head]}…{name[len(name) - (room - head - 1) :]}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.rjust(width) if column else cell.ljust(width) for column, (cell, width) in enumerate(pairs))
        for pairs in (zip(row, widths, strict=True) for row in rows)
    ]
