"""What moves in the picture, gathered from the session."""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping

from fbtui.diagram import CHOSEN, PACKET, EdgeLook, NodeLook, Overlay, PlacedEdge, Scene, fill
from fbtui.protocol import GRAPH, MoveInfo
from fbtui.protocol.characters import clean
from fbtui.session import Phase, Session
from fbtui.session.places import NoPlace
from fbtui.trace import EdgeMark
from fbtui.trace.shares import Shares
from fbtui.ui.trail import Trail

WARM, HOT = 0.6, 0.85
BREAK = ("◉", "B")
HELD = ("‖", "=")
"""The glyphs of a breakpoint and of what is held up, drawn and in plain characters."""
ON_THE_WAY = {"starting", "running"}
_NO_MARK = EdgeMark()
_NOTHING = 0, "", "", "", 0.0


def next_move(session: Session) -> MoveInfo | None:
    """Return the parked move that goes next."""
    paused = session.paused
    if paused is None or session.phase is not Phase.PAUSED or session.record.cursor is not None:
        return None
    at = bisect_left(paused.parked, -1 if paused.next is None else paused.next, key=lambda move: move.id)
    found = paused.parked[at] if at < len(paused.parked) else None  # they are in the order of request
    return found if found is not None and found.id == paused.next else None


def edges_of(session: Session, move: MoveInfo) -> list[str]:
    """Return the edges that a move goes over; of those that lead to one port, the one on which its packet waits."""
    shown = session.record.shown
    carries = [edge for edge in move.edges if move.packet in shown.edge(edge).waiting]
    return carries if move.kind == "receive" and carries else list(move.edges)


def next_up(session: Session) -> list[MoveInfo]:
    """Return the parked moves, those that could go now first, each in the order of request."""
    is_now = session.phase is Phase.PAUSED and session.record.cursor is None
    paused = session.paused if is_now else None
    return sorted(paused.parked, key=lambda move: not move.enabled) if paused is not None else []


class Live:
    """Makes the overlay of a session; what does not change is made once.

    Args:
        session: the session.
        ascii_only: write fills and glyphs with plain characters.
    """

    def __init__(self, session: Session, *, ascii_only: bool) -> None:
        self._session = session
        self._ascii = ascii_only
        self.trail = Trail(session)
        self.packet: int | None = None
        """The packet whose way was marked last."""
        self.values = False
        """Whether each edge shows the newest value that it carried."""
        self.heat = False
        """Whether nodes and edges show how the run was spent instead of what is now."""
        self._scene: Scene | None = None
        self._edge_looks: dict[str, tuple[tuple[int, str, str, str, float], EdgeLook]] = {}
        """Of each edge what its look was made of, and the look: most stay as they are."""
        self._node_looks: dict[str, tuple[tuple[str, int, str, str], NodeLook]] = {}
        """The same of the nodes."""
        self._nodes_shown: dict[str, NodeLook] = {}

    def overlay(
        self, scene: Scene, selected: tuple[str, str] | None, packet: int | None = None, travel: float | None = None
    ) -> Overlay:
        """Return the overlay of a scene.

        Args:
            scene: the picture that it lies on.
            selected: what the person has selected.
            packet: the packet that is looked at, by number: its way is marked.
            travel: while a packet is seen travelling after a send: how much of its way it has behind it, 0 to 1.
        """
        session = self._session
        following = next_move(session)
        marks = _seen(_marks(session, ascii_only=self._ascii), scene)
        if scene is not self._scene:
            self._scene, self._edge_looks, self._node_looks = scene, {}, {}
        self.packet = packet
        self.trail.follow(packet, following)
        load = self.trail.load() if self.heat else None
        full = load.edges() if load is not None else {}
        edges = self._edges(scene, self._roles(following, travel), marks, full)
        if following is not None or travel is not None:
            self._show_packets(scene, edges, following, travel)
        self._show_chosen(scene, edges, following)
        shares = load.nodes() if load is not None else {}
        nodes = self._nodes(scene, marks, following, shares)
        self._nodes_shown = self._nodes_shown if nodes == self._nodes_shown else nodes
        return Overlay(edges, self._nodes_shown, selected)

    def _edges(
        self, scene: Scene, roles: Mapping[str, str], marks: Mapping[str, str], full: Mapping[str, float]
    ) -> dict[str, EdgeLook]:
        """Return the looks of all edges but for the packets on them."""
        shown, known = self._session.record.shown.edges, self._edge_looks
        edges = {}
        for name, placed in scene.edge.items():
            mark = shown.get(name, _NO_MARK)
            value = mark.newest if self.values else ""
            made_of = len(mark.waiting), value, roles.get(name, ""), marks.get(name, ""), full.get(name, 0.0)
            if made_of == _NOTHING:
                continue
            found = known.get(name)
            if found is None or found[0] != made_of:
                found = known[name] = made_of, self._look(placed, *made_of)
            edges[name] = found[1]
        return edges

    def _look(self, placed: PlacedEdge, waiting: int, value: str, role: str, mark: str, full: float) -> EdgeLook:
        capacity = placed.edge.capacity
        if full:
            label, level, warmth = f"{full:.0%}", 0.0, heat(round(100 * full), 100)
        else:
            label, warmth = fill(waiting, capacity, ascii_only=self._ascii), heat(waiting, capacity)
            level = waiting / capacity if capacity else 0.0
        shows_heat = full or placed.room < len(label)
        return EdgeLook(label, warmth, role or (warmth if shows_heat else ""), None, level, mark, clean(value))

    # -- which edges stand out

    def _roles(self, following: MoveInfo | None, travel: float | None) -> dict[str, str]:
        session = self._session
        roles = dict.fromkeys(self.trail.journey.edges, "path") if self.trail.journey is not None else {}
        last = _last_edge(session)
        if last is not None:
            roles[last] = "last"
        if following is not None and travel is None:
            roles |= dict.fromkeys(edges_of(session, following), "next")
        return roles | dict.fromkeys(_stuck(session), "stuck")

    def _show_packets(
        self, scene: Scene, edges: dict[str, EdgeLook], following: MoveInfo | None, travel: float | None
    ) -> None:
        """Show the packet that goes next where it is, or the one that travels where it has come to."""
        last = _last_edge(self._session)
        names = [last] if last is not None else []
        if travel is None and following is not None:
            names = edges_of(self._session, following)
        for name in names:
            look, placed = edges.get(name), scene.edge.get(name)
            if look is None or placed is None:
                continue
            if travel is not None:
                at = round(travel * (len(placed.cells()) - 2))
            else:
                at = 0 if following is not None and following.kind == "send" else self._before_label(placed, look)
            edges[name] = look._replace(packet_at=at)

    def _before_label(self, placed: PlacedEdge, look: EdgeLook) -> int:
        has_bar = look.level > 0 and len(look.label) < placed.room and not self._ascii
        return -2 - min(placed.room, len(look.label) + has_bar)

    def _show_chosen(self, scene: Scene, edges: dict[str, EdgeLook], following: MoveInfo | None) -> None:
        """Show where the packet is that is looked at, if it waits on an edge and is not the one that goes next."""
        journey = self.trail.journey
        if journey is None or journey.edge is None or (following is not None and following.packet == journey.packet):
            return
        placed, look = scene.edge.get(journey.edge), edges.get(journey.edge)
        if placed is None or look is None:
            return
        waiting = self._session.record.shown.edge(journey.edge).waiting
        place = waiting.index(journey.packet) if journey.packet in waiting else 0
        at, length = self._before_label(placed, look) - place, len(placed.cells())
        if at < -length or (look.packet_at is not None and (look.packet_at - at) % length == 0):
            at = -1  # there is no room but on the arrow
        edges[journey.edge] = look._replace(chosen_at=at)

    # -- nodes

    def _nodes(
        self, scene: Scene, marks: Mapping[str, str], following: MoveInfo | None, shares: Mapping[str, Shares]
    ) -> dict[str, NodeLook]:
        session = self._session
        states, firings = _states(session), session.record.shown.firings()
        known, looks = self._node_looks, dict[str, NodeLook]()
        for node in scene.box:
            spent = shares.get(node)
            word, share = spent.most if spent is not None else (states.get(node, ""), 0.0)
            note = f"{word} {share:.0%}" if spent is not None else ""
            made_of = word, firings.get(node, 0), marks.get(node, ""), note
            found = known.get(node)
            if found is None or found[0] != made_of:
                found = known[node] = made_of, NodeLook(*made_of)
            looks[node] = found[1]
        chosen = self._chosen_box(scene, following)
        if chosen is not None:
            looks[chosen] = looks[chosen]._replace(mark="O" if self._ascii else CHOSEN)
        inside = _next_inside(scene, following)
        if inside is not None:
            looks[inside] = looks[inside]._replace(state="ready", mark="@" if self._ascii else PACKET)
        return looks

    def _chosen_box(self, scene: Scene, following: MoveInfo | None) -> str | None:
        """Return the box that holds the packet that is looked at, unless it is seen on an edge or goes next."""
        journey = self.trail.journey
        if journey is None or (following is not None and following.packet == journey.packet):
            return None
        if journey.edge is not None:
            return None if journey.edge in scene.edge else box_of(scene, journey.edge)
        if journey.node == GRAPH and journey.own:
            last = scene.edge.get(journey.own[-1])
            head = last.edge.head if last is not None else None
            return f"{GRAPH}.{head.kind}.{head.port}" if head is not None and head.node == GRAPH else None
        return box_of(scene, journey.node) if journey.node is not None else None


def box_of(scene: Scene, place: str) -> str | None:
    """Return the box that a place is at, or that hides it; None if it is not in the picture."""
    parts = place.split("/")
    paths = ("/".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((path for path in paths if path in scene.box), None)


def _marks(session: Session, *, ascii_only: bool) -> dict[str, str]:
    """Return the glyph of each place that has a breakpoint, is held up, or was changed by the save."""
    marks: dict[str, str] = {}
    graph = session.graph
    for point in session.controls.breakpoints.items if graph is not None else ():
        with contextlib.suppress(NoPlace):
            for event in point.events(graph.graph) if point.enabled and graph is not None else ():
                marks[event.partition(" ")[2]] = BREAK[ascii_only]
    edits = {edit.at[1]: edit.mark for edit in session.changes.edits if edit.at is not None}
    return {**edits, **marks, **dict.fromkeys(session.controls.held, HELD[ascii_only])}


def _seen(marks: Mapping[str, str], scene: Scene) -> dict[str, str]:
    """Return marks so that each can be seen: what a closed box hides is marked at the box."""
    hidden = [place for place in marks if place not in scene.box and place not in scene.edge]
    return {**{box: marks[place] for place in hidden if (box := box_of(scene, place)) is not None}, **marks}


def heat(waiting: int, capacity: int | None) -> str:
    """Return how warm an edge is: back-pressure builds up from 60 % of its capacity on."""
    if capacity is None or waiting < capacity * WARM:
        return ""
    return "hot" if waiting >= capacity * HOT else "warm"


def _stuck(session: Session) -> set[str]:
    is_end = session.done is not None and session.record.cursor is None
    blocked = session.done.blocked if is_end and session.done is not None else None
    return {wait.edge for wait in blocked.chain if wait.edge is not None} if blocked is not None else set()


def _last_edge(session: Session) -> str | None:
    last, trace = session.record.shown.last, session.record.trace
    return trace.places.edges[last.edge] if last is not None and trace is not None else None


def _next_inside(scene: Scene, following: MoveInfo | None) -> str | None:
    """Return the box that hides the node that moves next, if none of the edges of that move is seen."""
    if following is None or any(edge in scene.edge for edge in following.edges):
        return None
    box = box_of(scene, following.node)
    return box if box is not None and box != following.node else None


def _states(session: Session) -> dict[str, str]:
    """While paused the target says what each node does; of the past, and of a run that goes on, the trace tells."""
    if session.record.cursor is not None:
        return {place: then.state for place, then in session.states_then().items()}
    if session.phase is Phase.PAUSED and session.paused is not None:
        return {state.node: state.state for state in session.paused.nodes}
    states = {place: mark.state for place, mark in session.record.shown.nodes.items()}
    if session.phase is Phase.RUNNING and session.record.busy is not None:
        states |= dict.fromkeys(filter(None, (session.record.busy.node,)), "busy")
    if session.phase in {Phase.ENDED, Phase.BROKEN}:
        states = {place: "" if state in ON_THE_WAY else state for place, state in states.items()}
        blocked = session.done.blocked if session.done is not None else None
        failed = session.done.error.node if session.done is not None and session.done.error is not None else None
        states |= dict.fromkeys(_with_ancestors(failed or ""), "failed")
        for wait in blocked.chain if blocked is not None else ():
            states[wait.node] = "blocked" if wait.waits == "send" else "waiting"
    return states


def _with_ancestors(place: str) -> Iterator[str]:
    """Yield a place and those of the graphs that it lies in: where they are closed nothing else tells of it."""
    while place:
        yield place
        place = place.rpartition("/")[0]
