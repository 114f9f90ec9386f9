"""What the nodes of a run were doing at a moment of its past, told by what each of them did next.

The trace holds moves, not what waited at the gate: a node *waited* if what it took next had not come yet, it was
*blocked* if there was no room for what it sent next, and it was *ready* otherwise: it had what it needed, and
worked, or another node had its turn. `fbtui.trace.shares` counts by the same rule.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from fbtui.protocol import GRAPH, End, GraphInfo, MoveKind, NodeState, Paused, edges_in, node_name, nodes_in
from fbtui.protocol.telling import most_telling
from fbtui.trace import Kind, Marking, TraceReader
from fbtui.trace.marking import OVER

FAR: Final = 1000
"""Records behind the moment among which the next move of a node is looked for: it is done at every step."""
SINCE: Final = "it has not moved since"
UNKNOWN: Final = f"no move of it is among the next {FAR}"


class Next(NamedTuple):
    """What a node did next: ``step`` is None of what waits at the gate now."""

    kind: MoveKind
    edges: list[str]
    step: int | None


def states_then(shown: Marking, trace: TraceReader, graph: GraphInfo, paused: Paused | None) -> dict[str, NodeState]:
    """Return what each node, and each net, was doing, by place.

    Args:
        shown: the net at that moment.
        trace: the run, which goes on behind it.
        graph: the graph of the run.
        paused: the run as it stands still now: who has not moved since is known from there.
    """
    edges = _Edges(graph, shown)
    coming = _coming(shown, trace, paused)
    since = _not_moved(shown, trace, paused)
    states: dict[str, NodeState] = {}
    inside: dict[str, list[NodeState]] = {}
    for place, node in reversed(list(nodes_in(graph))):  # a net comes before what is in it
        mark = shown.nodes.get(place)
        if mark is None or mark.state in OVER:
            state = NodeState(place, "starting" if mark is None else mark.state)
        elif node.graph is not None:
            state = most_telling(place, reversed(inside.get(place, ())))
        elif place in coming:
            state = NodeState(place, *_word(coming[place], edges))
        else:
            state = since.get(place, NodeState(place, "running", UNKNOWN if _is_far(shown, trace) else SINCE))
        states[place] = state
        inside.setdefault(place.rpartition("/")[0], []).append(state)
    return states


def _is_far(shown: Marking, trace: TraceReader) -> bool:
    return shown.at + FAR < len(trace)


def _not_moved(shown: Marking, trace: TraceReader, paused: Paused | None) -> dict[str, NodeState]:
    """Return what nodes are doing now: those that have not moved since did it then."""
    if paused is None or _is_far(shown, trace):
        return {}
    return {state.node: state for state in paused.nodes if state.state not in OVER}


def _coming(shown: Marking, trace: TraceReader, paused: Paused | None) -> dict[str, Next]:
    """Return by node the next move of each that makes one soon."""
    coming: dict[str, Next] = {}
    for record in trace[shown.at : shown.at + FAR]:
        if record.kind not in {Kind.SEND, Kind.RECEIVE}:
            continue
        kind: MoveKind = "send" if record.kind is Kind.SEND else "receive"
        known = coming.setdefault(trace.places.nodes[record.node], Next(kind, [], record.step))
        if known.step == record.step:  # a send onto several edges is one move
            known.edges.append(trace.places.edges[record.edge])
    for move in paused.parked if paused is not None and not _is_far(shown, trace) else ():
        coming.setdefault(move.node, Next(move.kind, list(move.edges), None))
    return coming


class _Edges:
    """The edges of a graph, and how they go on at the borders of the nets in it: a packet crosses those by itself.

    Args:
        graph: the graph.
        shown: what waits on them.
    """

    def __init__(self, graph: GraphInfo, shown: Marking) -> None:
        self._shown = shown.edges
        self.infos = {path + edge.id: edge for path, edge in edges_in(graph)}
        self._tails = {path + edge.id: _port(edge.tail, path) for path, edge in edges_in(graph)}
        self._heads = {path + edge.id: _port(edge.head, path) for path, edge in edges_in(graph)}
        self._from: dict[_Port, list[str]] = {}
        self._into: dict[_Port, list[str]] = {}
        for place in self.infos:
            self._from.setdefault(self._tails[place], []).append(place)
            self._into.setdefault(self._heads[place], []).append(place)

    def brings(self, place: str) -> bool:
        """Return whether a packet waits on an edge, or before the border where it begins."""
        tail = self._tails.get(place)
        behind = self._into.get(tail, ()) if tail is not None else ()
        return self.waiting(place) > 0 or any(map(self.brings, behind))

    def has_room(self, place: str) -> bool:
        """Return whether an edge takes a packet more, if need be by handing one on over the border where it ends."""
        edge = self.infos.get(place)
        if edge is None or edge.capacity is None or self.waiting(place) < edge.capacity:
            return True
        head = self._heads[place]
        beyond = self._from.get(head, ()) if head is not None else ()
        return bool(beyond) and all(map(self.has_room, beyond))

    def waiting(self, place: str) -> int:
        """Return how many packets wait on an edge."""
        return len(self._shown[place].waiting) if place in self._shown else 0


_Port = tuple[str, str, str] | None


def _port(end: End | None, path: str) -> _Port:
    """Return a port as both graphs know it that meet at the border of a net."""
    return None if end is None or (end.node == GRAPH and not path) else (node_name(end, path), end.kind, end.port)


def _word(move: Next, edges: _Edges) -> tuple[str, str]:
    infos = [edges.infos[edge] for edge in move.edges if edge in edges.infos]
    ends = [edge.tail if move.kind == "send" else edge.head for edge in infos]
    port = next((end.port for end in ends if end is not None), move.edges[0])
    at, until = ("", "") if move.step is None else (f", at step {move.step}", f", until step {move.step}")
    if move.kind == "receive":
        comes = any(map(edges.brings, move.edges))
        return ("ready", f"to take {port}{at}") if comes else ("waiting", f"for {port}{until}")
    full = next((edge for edge in move.edges if not edges.has_room(edge)), None)
    if full is not None:
        return "blocked", f"{port}: {edges.waiting(full)}/{edges.infos[full].capacity} full{until}"
    return "ready", f"to send {port}{at}"
