"""Which of the states of its nodes a net shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fbtui.protocol.records import NodeState

TELLING: Final = ("failed", "busy", "ready", "blocked", "starting", "waiting")
"""States of a node that a net shows in which it is, what matters most first."""


def most_telling(place: str, inside: Iterable[NodeState]) -> NodeState:
    """Return the state of a net at a place: that of the one of its nodes of which it matters most."""
    first = {state.state: state for state in reversed(tuple(inside))}
    word = next((word for word in TELLING if word in first), "")
    if not word:
        return NodeState(place, "running")
    name, why = first[word].node.rpartition("/")[2], first[word].why
    return NodeState(place, word, f"in {name}{', ' if why else ''}{why}")
