"""What moves in the picture, gathered from the session."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping

from fbtui.diagram import CHOSEN, PACKET, EdgeLook, NodeLook, Overlay, PlacedEdge, Scene, fill
from fbtui.protocol import GRAPH, MoveInfo
from fbtui.session import Phase, Session
from fbtui.session.places import NoPlace
from fbtui.trace import EdgeMark, Marking
from fbtui.trace.shares import Shares
from fbtui.ui.trail import Trail

WARM, HOT = 0.6, 0.85
BREAK = ("◉", "B")
HELD = ("‖", "=")
"""The glyphs of a breakpoint and of what is held up, drawn and in plain characters."""
ON_THE_WAY = {"starting", "running"}
_NO_MARK = EdgeMark()


def next_move(session: Session) -> MoveInfo | None:
    """Return the parked move that goes next."""
    paused = session.paused
    if paused is None or session.phase is not Phase.PAUSED or session.record.cursor is not None:
        return None
    return next((move for move in paused.parked if move.id == paused.next), None)


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
        self._known: dict[str, tuple[tuple[object, ...], EdgeLook]] = {}
        """Of each edge what its look was made of, and the look."""

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
        marks = _marks(session, ascii_only=self._ascii)
        self.packet = packet
        self.trail.follow(packet, following)
        load = self.trail.load() if self.heat else None
        roles = self._roles(following, travel)
        shown = session.record.shown.edges
        full = load.edges() if load is not None else {}
        edges: dict[str, EdgeLook] = {}
        for placed in scene.edges:
            name = placed.edge.id
            role, mark = roles.get(name, ""), shown.get(name, _NO_MARK)
            waiting, value = len(mark.waiting), mark.newest if self.values else ""
            if not (role or waiting or value or name in marks or name in full):
                continue
            made_of = (waiting, value, role, marks.get(name, ""), full.get(name, 0.0), placed.edge.capacity)
            known = self._known.get(name)
            if known is None or known[0] != made_of:
                known = self._known[name] = made_of, self._look(placed, waiting, value, role, marks, full)
            edges[name] = known[1]
        if following is not None or travel is not None:
            self._show_packets(scene, edges, following, travel)
        self._show_chosen(scene, edges, following)
        shares = load.nodes() if load is not None else {}
        return Overlay(edges, self._nodes(scene, marks, following, shares), selected)

    def _look(
        self,
        placed: PlacedEdge,
        waiting: int,
        value: str,
        role: str,
        marks: Mapping[str, str],
        full: Mapping[str, float],
    ) -> EdgeLook:
        edge = placed.edge
        label = fill(waiting, edge.capacity, ascii_only=self._ascii)
        level, warmth = waiting / edge.capacity if edge.capacity else 0.0, heat(waiting, edge.capacity)
        share = full.get(edge.id)
        if share is not None:
            label, level, warmth = f"{share:.0%}", 0.0, heat(round(100 * share), 100)
            role = role or warmth
        return EdgeLook(label, warmth, role, None, level, marks.get(edge.id, ""), value)

    # -- which edges stand out

    def _roles(self, following: MoveInfo | None, travel: float | None) -> dict[str, str]:
        session = self._session
        roles = dict.fromkeys(self.trail.journey.edges, "path") if self.trail.journey is not None else {}
        last = _last_edge(session)
        if last is not None:
            roles[last] = "last"
        if following is not None and travel is None:
            roles |= dict.fromkeys(following.edges, "next")
        return roles | dict.fromkeys(_stuck(session), "stuck")

    def _show_packets(
        self, scene: Scene, edges: dict[str, EdgeLook], following: MoveInfo | None, travel: float | None
    ) -> None:
        """Show the packet that goes next where it is, or the one that travels where it has come to."""
        last = _last_edge(self._session)
        names = following.edges if travel is None and following is not None else [last] if last is not None else []
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
        states, firings = _states(session), _firings(session.record.shown)
        looks = {}
        for placed in scene.boxes:
            node = placed.box.id
            spent = shares.get(node)
            if spent is not None:
                word, share = spent.most
                looks[node] = NodeLook(word, 0, marks.get(node, ""), f"{word} {share:.0%}")
            else:
                looks[node] = NodeLook(states.get(node, ""), firings.get(node, 0), marks.get(node, ""))
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
    """Return the glyph of each place that has a breakpoint or is held up."""
    marks: dict[str, str] = {}
    graph = session.graph
    for point in session.controls.breakpoints.points if graph is not None else ():
        with contextlib.suppress(NoPlace):
            for event in point.events(graph.graph) if point.enabled and graph is not None else ():
                marks[event.partition(" ")[2]] = BREAK[ascii_only]
    return marks | dict.fromkeys(session.controls.held, HELD[ascii_only])


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
    """While paused the target says what each node does; otherwise the trace tells its life."""
    if session.record.cursor is not None:
        return {place: mark.state for place, mark in session.record.shown.nodes.items()}
    if session.phase is Phase.PAUSED and session.paused is not None:
        return {state.node: state.state for state in session.paused.nodes}
    states = {place: mark.state for place, mark in session.record.shown.nodes.items()}
    if session.phase is Phase.ENDED:
        states = {place: "" if state in ON_THE_WAY else state for place, state in states.items()}
        blocked = session.done.blocked if session.done is not None else None
        for wait in blocked.chain if blocked is not None else ():
            states[wait.node] = "blocked" if wait.waits == "send" else "waiting"
    return states


def _firings(marking: Marking) -> Counter[str]:
    """Return how often each node has fired, and each nested graph: all that is in it."""
    firings: Counter[str] = Counter()
    for place, mark in marking.nodes.items():
        parts = place.split("/")
        for depth in range(1, len(parts) + 1):
            firings["/".join(parts[:depth])] += mark.firings
    return firings
