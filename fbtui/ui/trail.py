"""Where the packet that is looked at comes from, and how the run was spent: both follow the moment that is shown."""

from __future__ import annotations

from fbtui.diagram import CHOSEN, Run
from fbtui.protocol import MoveInfo, edges_in
from fbtui.session import Phase, Session
from fbtui.session.places import ends_of
from fbtui.trace import Kind, TraceReader
from fbtui.trace.journey import WINDOW, Journey, Journeys
from fbtui.trace.shares import Load
from fbtui.ui.pace import duration

NAMED = 3
"""Packets that another was made of, that are named; of more the number is told."""


def moves_in_words(count: float) -> str:
    """Return a number of moves, or the mean of several: whole, or with one decimal."""
    text = f"{count:.1f}".removesuffix(".0")
    return f"{text} move{'' if text == '1' else 's'}"


class Trail:
    """Follows the run of a session from its trace."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._journeys: Journeys | None = None
        self._load: Load | None = None
        self._read: TraceReader | None = None
        self.journey: Journey | None = None
        """The way of the packet that is looked at."""
        self._sender: str | None = None
        """The node that is about to send it."""

    def _moment(self) -> int:
        """Return the moment that is shown, as a count of records; begin anew in another run."""
        record = self._session.record
        if record.trace is not self._read:
            self._read, self._journeys, self._load = record.trace, None, None
        return record.shown.at

    def follow(self, packet: int | None, following: MoveInfo | None) -> None:
        """Look at another packet, or at none; ``following`` is the move that goes next."""
        self.journey, self._sender = self.journey_of(packet) if packet is not None else None, None
        if packet is None or self.journey is None:
            return
        paused = self._session.paused if following is not None else None
        parked = paused.parked if paused is not None else ()
        senders = (move.node for move in parked if move.packet == packet and move.kind == "send")
        self._sender = next(senders, None) or self._sends_soon(packet)

    def _sends_soon(self, packet: int) -> str | None:
        """Return the node whose send is a packet's next move after the moment of the past that is looked at."""
        move = next((one for one in self._session.record.coming() if one.packet == packet), None)
        if move is None or move.kind is not Kind.SEND or self._read is None:
            return None
        return self._read.node_of(move)

    def journey_of(self, packet: int) -> Journey | None:
        """Return the way of a packet up to the moment that is shown; None of a run that goes on."""
        moment = self._moment()
        if self._read is None or self._runs:
            return None
        self._journeys = self._journeys or Journeys(self._read)
        return self._journeys.at(moment).journey(packet)

    def copies_of(self, packet: int) -> tuple[int, ...]:
        """Return the copies of a packet that went onto several edges; nothing where the run is too long to tell."""
        journey, trace = self.journey_of(packet), self._read
        is_whole = trace is not None and len(trace) <= WINDOW
        return journey.children if journey is not None and is_whole and not journey.own else ()

    def text(self, packet: int) -> str:
        """Return what a packet of a journey carried when it first came onto an edge."""
        return self._journeys.text(packet) if self._journeys is not None else ""

    @property
    def _runs(self) -> bool:
        """Whether the run goes on, or what it has recorded is still being read."""
        record = self._session.record
        return (self._session.phase is Phase.RUNNING or record.is_behind) and record.cursor is None

    @property
    def _is_free(self) -> bool:
        """Whether the clock tells what the run does: in any but a free one it tells how long the person thinks."""
        return self._session.record.marking.is_free

    def load(self) -> Load | None:
        """Return how the run was spent up to the moment that is shown; None before it has begun."""
        moment = self._moment()
        if self._read is None:
            return None
        if self._load is None:
            graph = self._session.graph
            edges = edges_in(graph.graph) if graph is not None else ()
            capacities = {path + edge.id: edge.capacity for path, edge in edges if edge.capacity is not None}
            self._load = Load(self._read, capacities, by_time=self._is_free)
        return self._load.at(moment)

    @property
    def is_behind(self) -> bool:
        """Whether there is more of the run to take in."""
        return self._load is not None and self._load.is_behind

    def spent(self, place: str) -> list[Run]:
        """Return in words how a node has spent the run; nothing of one that has not moved, and of an edge."""
        load = self.load()
        shares = load.nodes().get(place) if load is not None else None
        if shares is None:
            return []
        parts = f"{shares.work} {shares.busy:.0%} · waiting {shares.waiting:.0%} · blocked {shares.blocked:.0%}"
        return [(f"{place}: ", "text"), (f"{parts} of the run's {'time' if self._is_free else 'moves'}", "dim")]

    def times(self, place: str) -> list[list[Run]]:
        """Return as lines how long a node was busy or ready, waited and was blocked, and what a firing took."""
        load = self.load() if not self._runs else None  # a run at full speed is nobody's to count
        parts = load.parts().get(place) if load is not None else None
        if load is None or parts is None or not sum(parts):
            return []
        named = zip((load.work, "waiting", "blocked"), parts, strict=True)
        whole = " · ".join(f"{name} {self._long(part)} ({part / sum(parts):.0%})" for name, part in named if part)
        mark = self._session.record.shown.nodes.get(place)
        firings = mark.firings if mark is not None else 0
        lines = [[("times  ", "dim"), (whole, "text"), (" so far" if self.is_behind else "", "dim")]]
        if firings:
            busy, waiting = (self._long(part / firings) for part in parts[:2])
            lines.append([("       ", "dim"), (f"a firing: {load.work} {busy}, waiting {waiting}", "dim")])
        return lines

    def _long(self, part: float) -> str:
        return duration(part / 1e9) if self._is_free else moves_in_words(part)

    def words(self) -> list[Run]:
        """Return in words what is marked of the way of the packet."""
        journey = self.journey
        if journey is None or not (journey.edges or journey.ancestors):
            return []
        parents = journey.parents
        made_of = ", ".join(f"#{number}" for number in parents[-NAMED:])
        more = f" and {len(parents) - NAMED} more" if len(parents) > NAMED else ""
        count = len(journey.edges)
        return [
            (f"{CHOSEN} #{journey.packet}", "chosen"),
            (f" {self._whereabouts(journey)}", "text"),
            (f" · made of {made_of}{more}" if parents else "", "dim"),
            (f" · came over {count} edge{'' if count == 1 else 's'}", "dim"),
        ]

    def _whereabouts(self, journey: Journey) -> str:
        graph = self._session.graph.graph if self._session.graph is not None else None
        if self._sender is not None:
            return f"is about to be sent by {self._sender}"
        if journey.edge is not None:
            return f"waits on {ends_of(graph, journey.edge)}"
        if journey.node is not None:
            return f"was taken by {journey.node}"
        return "is gone" if journey.own else "has not moved yet"
