"""How things look while a run goes on: plain data over known cells of a scene, whose layout never changes for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final, NamedTuple

from fbtui.protocol.plain import plain

Selection = tuple[str, str]
"""``("node", id)``, ``("edge", id)`` or ``("port", place)``, a port of a node such as ``Outer/A.output.out``."""

PACKET: Final = "●"
CHOSEN: Final = "◎"
"""The packet that is looked at."""


class EdgeLook(NamedTuple):
    """How an edge looks now: what waits on it, how warm that is, and whether a packet is seen on its way."""

    label: str = ""
    heat: str = ""
    """``""``, ``warm``, ``hot``."""
    role: str = ""
    """``next``: its move is the one that goes next; ``stuck``: it is in the chain; ``last``: it moved just now;
    ``path``: the packet that is looked at came this way; ``warm`` and ``hot``: it was full for a part of the run."""
    packet_at: int | None = None
    """Index into the cells of its path where a packet is drawn; negative from the end."""
    level: float = 0.0
    """How full it is, 0 to 1: a bar before the label, where there is room."""
    mark: str = ""
    """A glyph for a breakpoint or a pause, at the beginning of the cells of the label."""
    value: str = ""
    """The newest value that it carried, shown as far as there is room."""
    chosen_at: int | None = None
    """The same as ``packet_at`` for the packet that is looked at."""


class NodeLook(NamedTuple):
    """How a node looks now: the word of its state, which is its style, too."""

    state: str = ""
    firings: int = 0
    mark: str = ""
    """A glyph for a breakpoint or a pause, in the upper border."""
    note: str = ""
    """What stands in the lower border instead of state and firings; ``state`` is its style then, too."""


@plain
class Overlay:
    """All that changes while a run goes on."""

    edges: Mapping[str, EdgeLook] = field(default_factory=dict)
    nodes: Mapping[str, NodeLook] = field(default_factory=dict)
    selected: Selection | None = None
