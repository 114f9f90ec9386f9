"""What a command that asks for a line is about while nothing fitting is selected: where the next move goes."""

from __future__ import annotations

from fbtui.protocol import GRAPH
from fbtui.session import Session
from fbtui.ui.overlay import next_move


def nearest_edge(session: Session, selected: tuple[str, str] | None) -> str:
    """Return the selected edge, else the one of the move that goes next, or went last; nothing if there is none."""
    if selected is not None and selected[0] == "edge":
        return selected[1]
    following, trace = next_move(session), session.record.trace
    if following is not None and following.edges:
        return following.edges[0]
    last = session.record.shown.last
    return trace.edge_of(last) or "" if last is not None and trace is not None else ""


def nearest_node(session: Session, selected: tuple[str, str] | None) -> str:
    """Return the selected node, else the one of the move that goes next, or went last; else the graph itself."""
    if selected is not None and selected[0] == "node":
        return selected[1]
    following, trace = next_move(session), session.record.trace
    if following is not None:
        return following.node
    last = session.record.shown.last
    return trace.node_of(last) if last is not None and trace is not None else GRAPH
