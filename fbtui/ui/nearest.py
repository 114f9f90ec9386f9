"""What a command that asks for a line is about while nothing fitting is selected: where the next move goes."""

from __future__ import annotations

from fbtui.protocol import GRAPH
from fbtui.session import Session
from fbtui.session.places import edges_at
from fbtui.ui.overlay import next_move, next_up


def nearest_edge(session: Session, selected: tuple[str, str] | None) -> str:
    """Return the selected edge, else the one of the move that goes next, or went last; nothing if there is none."""
    if selected is not None and selected[0] == "edge":
        return selected[1]
    following, trace = next_move(session), session.record.trace
    if following is not None and following.edges:
        return following.edges[0]
    last = session.record.shown.last
    return trace.edge_of(last) or "" if last is not None and trace is not None else ""


def nearest_packet(session: Session, selected: tuple[str, str] | None) -> int | None:
    """Return the packet at what is selected that moves first; of the move that goes next if nothing is selected.

    That is the one that has waited longest on an edge, else the one that is about to be sent on it; of a node the
    one that it is about to send or to take.
    """
    if selected is None:
        following = next_move(session)
        return following.packet if following is not None else None
    kind, place = selected
    shown, graph = session.record.shown, session.graph
    edges = [place] if kind == "edge" or graph is None else edges_at(graph.graph, place)
    waiting = (number for edge in edges for number in shown.edge(edge).waiting)
    coming = (
        move.packet
        for move in next_up(session)
        if f"{move.node}/".startswith(f"{place}/") or not set(edges).isdisjoint(move.edges)
    )
    return next((number for number in (*waiting, *coming) if number is not None), None)


def place_of_packet(session: Session, number: int) -> tuple[str, str] | None:
    """Return where a packet is at the moment shown: the edge where it waits, or the node about to send it."""
    for place, mark in session.record.shown.edges.items():
        if number in mark.waiting:
            return "edge", place
    return next((("node", move.node) for move in next_up(session) if move.packet == number), None)


def nearest_node(session: Session, selected: tuple[str, str] | None) -> str:
    """Return the selected node, else the one of the move that goes next, or went last; else the graph itself."""
    if selected is not None and selected[0] == "node":
        return selected[1]
    following, trace = next_move(session), session.record.trace
    if following is not None:
        return following.node
    last = session.record.shown.last
    return trace.node_of(last) if last is not None and trace is not None else GRAPH
