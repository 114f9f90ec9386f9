"""What moves in the picture, gathered from the session."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Mapping

from fbtui.diagram import EdgeLook, NodeLook, Overlay, Scene, fill
from fbtui.protocol import MoveInfo
from fbtui.session import Phase, Session
from fbtui.session.places import NoPlace
from fbtui.trace import Marking

WARM, HOT = 0.6, 0.85
PACKET = "●"
BREAK = ("◉", "B")
HELD = ("‖", "=")
"""The glyphs of a breakpoint and of what is held up, drawn and in plain characters."""
ON_THE_WAY = {"starting", "running"}


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


def overlay_of(
    session: Session,
    scene: Scene,
    selected: tuple[str, str] | None,
    *,
    ascii_only: bool,
    travel: float | None = None,
) -> Overlay:
    """Return the overlay of a scene.

    Args:
        session: the session.
        scene: the picture that it lies on.
        selected: what the person has selected.
        ascii_only: write fills with plain characters.
        travel: while a packet is seen travelling after a send: how much of its way it has behind it, 0 to 1.
    """
    stuck = _stuck(session)
    last = _last_edge(session)
    following = next_move(session)
    marks = _marks(session, ascii_only=ascii_only)
    edges: dict[str, EdgeLook] = {}
    for placed in scene.edges:
        edge = placed.edge
        mark = session.record.shown.edges.get(edge.id)
        waiting = len(mark.waiting) if mark is not None else 0
        label = fill(waiting, edge.capacity, ascii_only=ascii_only)
        level = waiting / edge.capacity if edge.capacity else 0.0
        role, packet_at = "", None
        if edge.id in stuck:
            role = "stuck"
        elif following is not None and edge.id in following.edges and travel is None:
            role = "next"
            packet_at = 0 if following.kind == "send" else -2 - len(label)
        elif edge.id == last:
            role = "last"
            packet_at = None if travel is None else round(travel * (len(placed.cells()) - 2))
        sign = marks.get(edge.id, "")
        if role or label or sign:
            edges[edge.id] = EdgeLook(label, heat(waiting, edge.capacity), role, packet_at, level, sign)
    return Overlay(edges, _nodes(session, scene, marks), selected)


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


def _nodes(session: Session, scene: Scene, marks: Mapping[str, str]) -> dict[str, NodeLook]:
    states = _states(session)
    looks = {}
    firings = _firings(session.record.shown)
    inside = _next_inside(session, scene)
    for placed in scene.boxes:
        node = placed.box.id
        if inside is not None and placed.box.shape == "node" and inside.startswith(f"{node}/"):
            looks[node] = NodeLook("ready", firings.get(node, 0), PACKET)
            continue
        looks[node] = NodeLook(states.get(node, ""), firings.get(node, 0), marks.get(node, ""))
    return looks


def _next_inside(session: Session, scene: Scene) -> str | None:
    """Return the node that moves next, if it is hidden in a box that is not opened."""
    following = next_move(session)
    hidden = following is not None and not any(edge in scene.edge for edge in following.edges)
    return following.node if hidden and following is not None else None


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
