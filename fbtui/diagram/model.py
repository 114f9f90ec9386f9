"""From a graph to what is drawn of it: boxes with a row a port, and nets between rows.

A net is one port that edges begin at; its branches may share a line. A port that several edges lead to has a row for
each, so that two nets never meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal

from fbtui.diagram.text import clip, width
from fbtui.protocol import GRAPH, EdgeInfo, End, GraphInfo, NodeInfo, PortInfo, PortKind
from fbtui.protocol.plain import plain, slotted

MARKS: Final[dict[PortKind, str]] = {"input": "", "output": "", "config": "◆", "signal": "»", "message": "◇"}
"""What tells the kinds of ports apart."""
STATE_WIDTH: Final = 12
"""Cells kept free in the lower border of a box, for the word of its state and how often it has fired."""
WORD_WIDTH: Final = 9
"""The same for the word alone, the longest of which is ``starting``: there is no more of it in a compact box."""
REPEATED: Final = "″"
CROWD: Final = 8
"""From more rows than this on, each row of a port says who sends."""
TITLE_WIDTH: Final = 40
TITLE_SIDES: Final = 6
"""Cells of the upper border beside a title."""
SHORT_TITLE: Final = 14
SHORT_PORT: Final = 8
"""Cells that a title and a port keep where names are cut to save room."""
PORT_WIDTH: Final = 24
SENDER_WIDTH: Final = 16

Side = Literal["left", "right"]
Shape = Literal["node", "frame", "port", "tag"]
"""A node; a node whose graph is opened; a port of the whole graph; one of an opened graph, in its frame's side."""
PortKey = tuple[PortKind, str]
"""Kind and name of a port."""
Zoom = Literal["full", "compact"]
"""Everything; or titles alone, with the rows of connected ports unnamed."""


@plain
class Row:
    """One row of one side of a box: a port, or one more edge into the port above it."""

    port: PortInfo
    text: str
    y: int
    """Cells below the top of the box."""
    edge: str | None = None
    """Left: the edge that ends here."""
    net: End | None = None
    """Right: the net that begins here."""

    @property
    def is_free(self) -> bool:
        """True if no edge is at it."""
        return self.edge is None and self.net is None


@dataclass(frozen=True)
class Box:
    """A node, or one of a graph's own ports (``node`` is the graph's path then, ``GRAPH`` for the whole one)."""

    id: str
    node: str
    title: str
    left: tuple[Row, ...]
    right: tuple[Row, ...]
    shape: Shape = "node"
    pinned: Side | None = None
    """A graph's own ports stand at the edges of the picture, or of its frame."""
    size: tuple[int, int] | None = None
    """Columns and rows of a frame."""
    room: int = STATE_WIDTH + 2
    """Cells that the lower border has at least."""
    rows: int = 1
    """Rows that it has at least."""

    @property
    def height(self) -> int:
        """Rows of cells, the borders included."""
        if self.size is not None:
            return self.size[1]
        rows = max(len(self.left), len(self.right), self.rows)
        return rows if self.shape == "tag" else rows + 2

    @cached_property
    def width(self) -> int:
        """Columns of cells, the borders included."""
        if self.size is not None:
            return self.size[0]
        left = {row.y: width(row.text) for row in self.left}
        right = {row.y: width(row.text) for row in self.right}
        inside = max((_inside(left.get(y, 0), right.get(y, 0)) for y in left.keys() | right.keys()), default=0)
        title = width(self.title) + TITLE_SIDES if self.title else 0
        return max(inside + 4, title, 2 if self.pinned else self.room + 2)


def _inside(left: int, right: int) -> int:
    return left + right + (2 if left and right else 0)


@slotted()
class Model:
    """The boxes in order of declaration, and for each net its edges, which name boxes by path."""

    boxes: dict[str, Box] = field(default_factory=dict)
    nets: dict[End, list[EdgeInfo]] = field(default_factory=dict)
    box_of: dict[End, str] = field(default_factory=dict)
    """The box that an end is at."""


@plain
class Style:
    """What is drawn of a graph, and how much of it."""

    all_ports: bool = False
    zoom: Zoom = "full"


def build(
    graph: GraphInfo,
    style: Style | None = None,
    path: str = "",
    outside: Mapping[PortKey, int] | None = None,
) -> Model:
    """Return the model of a graph.

    Args:
        graph: the graph.
        style: what is drawn; by default not the ports without an edge that are a message, a signal or an optional
            config.
        path: the path of the node that holds the graph, with a slash at its end; empty for the whole graph.
        outside: for an opened graph how many rows each of its ports has on the outside of its frame.
    """
    return _Builder(graph, style or Style(), path, outside or {}).model


class _Builder:
    def __init__(self, graph: GraphInfo, style: Style, path: str, outside: Mapping[PortKey, int]) -> None:
        self.model = Model()
        self._outside = outside
        self._style = style
        self._path = path
        self._into: dict[End, list[EdgeInfo]] = {}
        for edge in graph.edges:
            if edge.tail is not None and edge.head is not None:
                tail, head = self._end(edge.tail), self._end(edge.head)
                placed = replace(edge, id=path + edge.id, tail=tail, head=head) if path else edge
                self.model.nets.setdefault(tail, []).append(placed)
                self._into.setdefault(head, []).append(placed)
        for port in graph.ports:
            self._add_own_port(port)
        for node in graph.nodes:
            self._add_node(node)

    def _end(self, end: End) -> End:
        if not self._path:
            return end
        node = self._path.rstrip("/") if end.node == GRAPH else self._path + end.node
        return End(node, end.kind, end.port)

    def _text(self, port: PortInfo) -> str:
        if self._style.zoom == "compact":
            return ""
        return f"{MARKS[port.kind]} {clip(port.name, PORT_WIDTH)}".strip()

    def _is_shown(self, port: PortInfo, end: End) -> bool:
        if end in self.model.nets or end in self._into:
            return True
        if self._style.zoom == "compact":
            return False
        return self._style.all_ports or port.kind in {"input", "output"} or port.required

    def _left(self, port: PortInfo, end: End, y: int) -> list[Row]:
        """Return the rows of a port that edges lead to."""
        edges = self._into.get(end, [])
        text = self._text(port)
        rows = [Row(port, text, y, edges[0].id if edges else None)]
        rows += [Row(port, REPEATED if text else "", y + i, edge.id) for i, edge in enumerate(edges[1:], 1)]
        return rows

    def _right(self, port: PortInfo, end: End, y: int) -> Row:
        return Row(port, self._text(port), y, net=end if end in self.model.nets else None)

    def _add_node(self, node: NodeInfo) -> None:
        box = self._path + node.id
        left: list[Row] = []
        right: list[Row] = []
        for port in node.ports:
            end = End(box, port.kind, port.name)
            if not self._is_shown(port, end):
                continue
            self.model.box_of[end] = box
            if port.kind in {"output", "message"}:
                right.append(self._right(port, end, len(right) + 1))
            else:
                left += self._left(port, end, len(left) + 1)
        title = clip(node.id, TITLE_WIDTH) + (" +" if node.graph is not None else "")
        room = (WORD_WIDTH if self._style.zoom == "compact" else STATE_WIDTH) + 2
        self.model.boxes[box] = Box(box, box, title, tuple(left), tuple(right), room=room)

    def _add_own_port(self, port: PortInfo) -> None:
        end = self._end(End(GRAPH, port.kind, port.name))
        node = self._path.rstrip("/") or GRAPH
        box = f"{self._path}{GRAPH}.{port.kind}.{port.name}"
        rows_outside = self._outside.get((port.kind, port.name), 0)
        if not (rows_outside or port.kind == "output" or self._is_shown(port, end)):
            return
        self.model.box_of[end] = box
        text = f"{MARKS[port.kind]} {clip(port.name, PORT_WIDTH)}".strip()
        y = 0 if self._path else 1
        if port.kind in {"output", "message"}:
            first, *others = self._left(port, end, y)
            made = Box(box, node, "", (replace(first, text=text), *others), (), pinned="right")
        else:
            row = replace(self._right(port, end, y), text=text)
            made = Box(box, node, "", (), (row,), pinned="left")
        self.model.boxes[box] = replace(made, shape="tag" if self._path else "port", rows=max(1, rows_outside))


def framed(box: Box, title: str, size: tuple[int, int], tags: Mapping[PortKey, int], ports: list[PortInfo]) -> Box:
    """Return the frame of an opened node.

    Args:
        box: the node while it is closed.
        title: what stands in the upper border.
        size: columns and rows.
        tags: for each port that is drawn its row.
        ports: the ports of the opened graph.
    """
    seen: dict[PortKey, int] = {}
    sides: dict[bool, list[Row]] = {True: list(box.left), False: list(box.right)}
    for on_left, rows in sides.items():
        for i, row in enumerate(rows):
            key = row.port.kind, row.port.name
            rows[i] = replace(row, text="", y=tags[key] + seen.get(key, 0))
            seen[key] = seen.get(key, 0) + on_left
    shown = {(row.port.kind, row.port.name) for row in (*box.left, *box.right)}
    for port in ports:
        key = port.kind, port.name
        if key in tags and key not in shown:
            sides[port.kind not in {"output", "message"}].append(Row(port, "", tags[key]))
    return replace(box, title=title, left=tuple(sides[True]), right=tuple(sides[False]), shape="frame", size=size)


def arranged(box: Box, rows: dict[str, int], senders: dict[str, str]) -> Box:
    """Return a box whose edges stand in other rows.

    Args:
        box: the box.
        rows: for each edge into it its row, in cells below the top.
        senders: for each edge the name of the node that it comes from; rows of a crowded port tell it.
    """
    by_row = {y: edge for edge, y in rows.items()}
    count: dict[PortInfo, int] = {}
    for row in box.left:
        count[row.port] = count.get(row.port, 0) + 1
    left = []
    for row in box.left:
        edge = by_row.get(row.y) if row.edge is not None else None
        text = row.text
        if text and edge is not None and count[row.port] > CROWD:
            text = f"{text} {clip(senders[edge], SENDER_WIDTH)}"
        left.append(replace(row, edge=edge, text=text))
    return replace(box, left=tuple(left))


def narrowed(box: Box, most: int) -> Box:
    """Return a box whose names are cut so that it takes so many columns at most, as long as they can be read."""
    if box.size is not None or box.width <= most:
        return box
    widths = {side: {row.y: width(row.text) for row in rows} for side, rows in (("l", box.left), ("r", box.right))}

    def cut(row: Row, other: int) -> Row:
        room = most - 4 - (other + 2 if other else 0)
        is_longer = width(row.text) > room and width(row.text) >= other
        return replace(row, text=clip(row.text, max(room, SHORT_PORT))) if is_longer else row

    left = tuple(cut(row, widths["r"].get(row.y, 0)) for row in box.left)
    right = tuple(cut(row, widths["l"].get(row.y, 0)) for row in box.right)
    return replace(box, title=clip(box.title, max(most - TITLE_SIDES, SHORT_TITLE)), left=left, right=right)
