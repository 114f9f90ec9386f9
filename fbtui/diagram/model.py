"""From a graph to what is drawn of it: boxes with a row a port, and nets between rows.

A net is one port that edges begin at; its branches may share a line. A port that several edges lead to has a row for
each, so that two nets never meet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from fbtui.protocol import GRAPH, EdgeInfo, End, GraphInfo, PortInfo, PortKind

MARKS: Final[dict[PortKind, str]] = {"input": "", "output": "", "config": "◆", "signal": "»", "message": "◇"}
"""What tells the kinds of ports apart."""
STATE_WIDTH: Final = 12
"""Cells kept free in the lower border of a box, for the word of its state and how often it has fired."""
REPEATED: Final = "″"

Side = Literal["left", "right"]


@dataclass(frozen=True)
class Row:
    """One row of one side of a box: a port, or one more edge into the port above it."""

    port: PortInfo
    text: str
    edge: str | None = None
    """Left: the edge that ends here. Right: None; see ``net``."""
    net: End | None = None
    """Right: the net that begins here, None if no edge does."""


@dataclass(frozen=True)
class Box:
    """A node, or one of the graph's own ports (``node`` is ``GRAPH`` then)."""

    id: str
    node: str
    title: str
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    pinned: Side | None = None
    """The graph's own ports stand at the edges of the picture."""

    @property
    def height(self) -> int:
        """Rows of cells, the borders included."""
        return max(len(self.left), len(self.right), 1) + 2

    @property
    def width(self) -> int:
        """Columns of cells, the borders included."""
        rows = max(len(self.left), len(self.right))
        left = [row.text for row in self.left] + [""] * (rows - len(self.left))
        right = [row.text for row in self.right] + [""] * (rows - len(self.right))
        inside = max((len(a) + len(b) + (2 if a and b else 0) for a, b in zip(left, right, strict=True)), default=0)
        state = STATE_WIDTH + 2 if self.pinned is None else 0
        return max(inside + 2, len(self.title) + 4 if self.title else 0, state) + 2


@dataclass
class Model:
    """The boxes in order of declaration, and for each net its edges."""

    boxes: dict[str, Box] = field(default_factory=dict)
    nets: dict[End, list[EdgeInfo]] = field(default_factory=dict)

    @staticmethod
    def box_of(end: End) -> str:
        """Return the box that an end is at."""
        return f"{GRAPH}.{end.kind}.{end.port}" if end.node == GRAPH else end.node


def build(graph: GraphInfo, *, all_ports: bool = False) -> Model:
    """Return the model of a graph.

    Args:
        graph: the graph.
        all_ports: draw ports without an edge, too, that are a message, a signal or an optional config; without
            it they are left out.
    """
    model = Model()
    whole = [edge for edge in graph.edges if edge.tail is not None and edge.head is not None]
    into: dict[End, list[str]] = {}
    for edge in whole:
        assert edge.tail is not None and edge.head is not None
        model.nets.setdefault(edge.tail, []).append(edge)
        into.setdefault(edge.head, []).append(edge.id)
    for port in graph.ports:
        end = End(GRAPH, port.kind, port.name)
        if all_ports or end in model.nets or end in into or port.required or port.kind == "output":
            _add_own_port(model, port, end, into)
    for node in graph.nodes:
        shown = [
            port
            for port in node.ports
            if all_ports or _is_shown(End(node.id, port.kind, port.name), port, model, into)
        ]
        left, right = [], []
        for port in shown:
            end = End(node.id, port.kind, port.name)
            text = f"{MARKS[port.kind]} {port.name}".strip()
            if port.kind in {"output", "message"}:
                right.append(Row(port, text, net=end if end in model.nets else None))
            else:
                left += _rows_into(port, text, into.get(end, []))
        title = node.id if node.graph is None else f"{node.id} +"
        model.boxes[node.id] = Box(node.id, node.id, title, tuple(left), tuple(right))
    return model


def _is_shown(end: End, port: PortInfo, model: Model, into: dict[End, list[str]]) -> bool:
    connected = end in model.nets or end in into
    return connected or port.kind in {"input", "output"} or port.required


def _rows_into(port: PortInfo, text: str, edges: list[str]) -> list[Row]:
    first, others = (edges[0], edges[1:]) if edges else (None, [])
    return [Row(port, text, edge=first), *(Row(port, REPEATED, edge=edge) for edge in others)]


def _add_own_port(model: Model, port: PortInfo, end: End, into: dict[End, list[str]]) -> None:
    box = Model.box_of(end)
    text = f"{MARKS[port.kind]} {port.name}".strip()
    if port.kind in {"output", "message"}:
        rows = tuple(_rows_into(port, text, into.get(end, [])))
        model.boxes[box] = Box(box, GRAPH, "", rows, (), "right")
    else:
        row = Row(port, text, net=end if end in model.nets else None)
        model.boxes[box] = Box(box, GRAPH, "", (), (row,), "left")
