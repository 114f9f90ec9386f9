"""From a graph to its scene: the stages one after the other, the inside of an opened node before its outside."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from fbtui.diagram.counts import label_width, least_width
from fbtui.diagram.fold import folds, spot
from fbtui.diagram.heirs import inherited
from fbtui.diagram.layers import Hop, Layered, Vertex, layered
from fbtui.diagram.model import TITLE_WIDTH, Box, PortKey, Style, Zoom, arranged, build, framed, narrowed
from fbtui.diagram.order import Layers, Standing, keep, orders, restore, standing, take
from fbtui.diagram.place import place, rise
from fbtui.diagram.rank import ranks
from fbtui.diagram.route import Channel, Part, Point, assign_tracks
from fbtui.diagram.scene import Memory, PlacedBox, PlacedEdge, Scene
from fbtui.diagram.straighten import straighten
from fbtui.diagram.text import clip, width
from fbtui.protocol import GraphInfo, NodeInfo
from fbtui.protocol.plain import plain, slotted

INSET: Final = 2
"""Columns between the side of a frame and what is in it."""
DRIFT: Final = 2
"""Columns of cells that things may move when something left of them gets wider by a new name."""
FLAW: Final = 2
"""Rows that a crossing or a bend is worth when pictures are compared."""


def lay_out(
    graph: GraphInfo,
    *,
    all_ports: bool = False,
    zoom: Zoom = "full",
    depth: int = 0,
    opened: Collection[str] = (),
    previous: Scene | None = None,
) -> Scene:
    """Return the scene of a graph. The same arguments give the same scene.

    Args:
        graph: the graph.
        all_ports: draw ports without an edge, too, that are a message, a signal or an optional config.
        zoom: ``full``, or ``compact``: titles only.
        depth: so many levels of nested graphs are opened.
        opened: paths of more nodes whose graphs are opened: ``Outer/A``.
        previous: a scene of the graph before it was edited; what it has, too, stays in place as far as it can.
    """
    before = previous.memory if previous is not None and previous.zoom == zoom else {}
    with _uncollected():
        level = _Level(_Task(Style(all_ports, zoom), depth, frozenset(opened), before), graph, "", {})
    return Scene(level.width, level.height, tuple(level.boxes), tuple(level.edges), zoom, level.memory)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the garbage collector rest: nearly all that a layout makes lives to its end, and looking through it again
    and again costs a fifth of the time."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


@plain
class _Task:
    style: Style
    depth: int
    opened: frozenset[str]
    before: dict[str, Memory]

    def opens(self, path: str) -> bool:
        return path.count("/") < self.depth or path in self.opened


@slotted()
class _Inside:
    level: _Level
    frame: str
    dx: int


class _Level:
    """One graph, laid out, with whatever is opened in it; its cells count from its own upper left corner."""

    def __init__(self, task: _Task, graph: GraphInfo, path: str, outside: dict[PortKey, int]) -> None:
        self._task = task
        self._path = path
        self.memory: dict[str, Memory] = {}
        self._model = build(graph, task.style, path, outside)
        before = task.before.get(path)
        self._before = None if before is None else inherited(before, self._model)
        self._inside = [self._open(node) for node in graph.nodes if node.graph and task.opens(path + node.id)]
        edges = [edge for edges in self._model.nets.values() for edge in edges]
        self._capacity = {} if task.style.zoom == "compact" else {edge.id: edge.capacity for edge in edges}
        self._senders = {edge.id: edge.tail.node for edge in edges if edge.tail is not None}
        self._graph = self._columns()
        self._channels = self._calm() if self._before is not None else self._best()
        self._xs: list[tuple[int, int]] = []
        self.width = self._set_columns()
        self.boxes = list(self._boxes())
        self.edges = list(self._edges())
        self.height = max(
            [y + 1 for edge in self.edges for _, y in edge.path] + [b.y + b.height for b in self.boxes], default=1
        )
        self._merge()

    # -- nested graphs

    def _open(self, node: NodeInfo) -> _Inside:
        assert node.graph is not None
        path = self._path + node.id
        box = self._model.boxes[path]
        outside: dict[PortKey, int] = {}
        for row in (*box.left, *box.right):
            key = row.port.kind, row.port.name
            outside[key] = outside.get(key, 0) + 1
        level = _Level(self._task, node.graph, f"{path}/", outside)
        tags = [placed for placed in level.boxes if placed.box.shape == "tag" and placed.box.node == path]
        dx = 0 if any(tag.box.pinned == "left" for tag in tags) else INSET
        columns = dx + level.width + (0 if any(tag.box.pinned == "right" for tag in tags) else INSET)
        title = clip(node.id, TITLE_WIDTH)
        size = max(columns, width(title) + 6), level.height + 2
        rows = {_key(tag.box): tag.y + 1 for tag in tags}
        self._model.boxes[path] = framed(box, title, size, rows, list(node.graph.ports))
        self.memory |= level.memory
        return _Inside(level, path, dx)

    def _merge(self) -> None:
        """Put what is in the frames into its place: right after its frame."""
        insides = {inside.frame: inside for inside in self._inside}
        own, self.boxes = self.boxes, []
        for placed in own:
            self.boxes.append(placed)
            inside = insides.get(placed.box.id)
            if inside is not None:
                dx, dy = placed.x + inside.dx, placed.y + 1
                self.boxes += [replace(b, x=b.x + dx, y=b.y + dy, depth=b.depth + 1) for b in inside.level.boxes]
                self.edges += [_shifted(edge, dx, dy) for edge in inside.level.edges]

    # -- the stages

    def _columns(self) -> Layered:
        before = self._before
        rank = ranks(self._model, before.ranks if before is not None else None)
        cuts = before.cuts if before is not None else [0] if self._path else folds(self._model, rank)
        self.memory[self._path] = Memory(ranks=rank, cuts=cuts, model=self._model)
        graph = layered(self._model, rank, cuts)
        if before is not None:
            for layer in graph.layers:
                for vertex in layer:
                    vertex.wish = _row_before(before, vertex)
        return graph

    def _calm(self) -> list[Channel]:
        """Place everything as near as can be to where it was."""
        take(self._graph, keep(self._graph))
        place(self._graph, calm=True)
        return self._route()

    def _best(self) -> list[Channel]:
        """Place everything in each order that is worth it, and keep the best picture."""
        candidates = orders(self._graph)[::-1]  # the likely winner last: of equals it is taken
        best: tuple[int, list[Channel], Standing] | None = None
        for layers in candidates:
            channels = self._draft(layers)
            if len(candidates) == 1:
                return channels
            cost = self._cost(channels)
            if best is None or cost <= best[0]:
                best = cost, channels, standing(self._graph)
        assert best is not None
        restore(self._graph, best[2])
        return best[1]

    def _cost(self, channels: list[Channel]) -> int:
        """Return how bad a picture is."""
        flaws = sum(channel.crossings() + channel.bent for channel in channels)
        return FLAW * flaws + max(vertex.y + vertex.height for layer in self._graph.layers for vertex in layer)

    def _draft(self, layers: Layers) -> list[Channel]:
        take(self._graph, layers)
        place(self._graph)
        straighten(self._graph)
        rise(self._graph)
        return self._route()

    def _route(self) -> list[Channel]:
        return [self._channel(number) for number in range(len(self._graph.channels))]

    def _channel(self, number: int, room: int | None = None) -> Channel:
        """Return a channel with its tracks, in so many columns if that can be: rather less room for counts than all
        moved."""
        trunks = self._graph.channels[number]
        arriving = [tip.edge for trunk in trunks for tip in trunk.right if tip.edge is not None]
        capacities = [self._capacity[edge] for edge in arriving if edge in self._capacity]
        label = max(map(label_width, capacities), default=0)
        channel = assign_tracks(trunks, None if room is None else room - 1 - label - bool(arriving))
        channel.label, channel.arrows = label, bool(arriving)
        if room is not None and channel.width > room:
            channel.label = max(max(map(least_width, capacities), default=0), label - (channel.width - room))
        return channel

    def _set_columns(self) -> int:
        """Set where each column begins, near to where it began before."""
        x = 0
        starts = self._before.starts if self._before is not None else []
        memory = self.memory[self._path]
        for number in range(len(self._channels)):
            if number:
                x += self._set_column(number - 1, x)
            room = starts[number] - x if number < len(starts) else None
            if room is not None and self._channels[number].width > room:
                self._channels[number] = self._channel(number, room)
            channel = self._channels[number]
            taken = 0
            if channel.parts or 0 < number < len(self._channels) - 1:
                taken = channel.width + channel.spare if room is None else max(channel.width, room)
            channel.lay(x, taken)
            x += taken
            memory.starts.append(x)
        return max(x, 1)

    def _set_column(self, number: int, x: int) -> int:
        """Let a column begin at ``x``; return its width."""
        layer = self._graph.layers[number]
        for vertex in layer:
            _arrange(vertex, self._senders)
        self._cut_names(number, x)
        width = max([1, *(vertex.box.width for vertex in layer if vertex.box is not None)])
        for vertex in layer:
            if vertex.box is not None and vertex.box.pinned is not None:
                vertex.box = replace(vertex.box, size=(width, vertex.box.height))
        self._xs.append((x, x + width - 1))
        return width

    def _cut_names(self, number: int, x: int) -> None:
        """Cut new, long names in a column where it would push all that is right of it out of its place."""
        starts = self._before.starts if self._before is not None else []
        wide = max((vertex.box.width for vertex in self._graph.layers[number] if vertex.box is not None), default=0)
        if number + 1 >= len(starts) or x + wide + self._channels[number + 1].width <= starts[number + 1]:
            return
        most = starts[number + 1] + DRIFT - x - self._channel(number + 1, 0).width
        for vertex in self._graph.layers[number]:
            if vertex.box is not None:
                vertex.box = narrowed(vertex.box, most)

    def _boxes(self) -> Iterator[PlacedBox]:
        memory = self.memory[self._path]
        for name, vertex in self._graph.boxes.items():
            assert vertex.box is not None
            memory.rows[name] = vertex.y
            yield PlacedBox(vertex.box, self._xs[vertex.layer][0], vertex.y)
        for layer in self._graph.layers:
            for vertex in layer:
                if vertex.net is not None:
                    memory.lines[vertex.net, vertex.layer] = vertex.y

    def _edges(self) -> Iterator[PlacedEdge]:
        for edges in self._model.nets.values():
            for edge in edges:
                hops = self._graph.hops[edge.id]
                yield PlacedEdge(edge, tuple(self._path_of(hops)), self._channels[hops[-1].channel + 1].label)

    # -- paths

    def _path_of(self, hops: list[Hop]) -> list[Point]:
        first = hops[0].start
        box = first.vertex.box
        assert box is not None
        points = [(self._xs[first.vertex.layer][0] + box.width, first.y)]
        for hop in hops:
            points += self._through(hop)
        return _corners(points)

    def _through(self, hop: Hop) -> list[Point]:
        """Return the corners in one channel, up to the far end of the column that follows or to an arrow."""
        channel = self._channels[hop.channel + 1]
        part = channel.parts[hop.trunk]
        start, end = hop.start.y, hop.end.y
        if hop.start_left and hop.end_left:
            return [(part.x, start), (part.x, end), (self._xs[hop.channel][0], end)]
        if not hop.start_left and not hop.end_left:
            last = _last(part)
            return [(last.x, start), (last.x, end), (channel.end, end)]
        if hop.start_left:
            stop = channel.end if hop.end.vertex.box is not None else self._xs[hop.channel + 1][1]
            return [*_bends(part, start, end), (stop, end)]
        return [*reversed(_bends(part, end, start)), (self._xs[hop.channel][0], end)]


def _shifted(edge: PlacedEdge, dx: int, dy: int) -> PlacedEdge:
    return replace(edge, path=tuple((x + dx, y + dy) for x, y in edge.path))


def _key(box: Box) -> PortKey:
    """Return which port a tag stands for."""
    port = (*box.left, *box.right)[0].port
    return port.kind, port.name


def _row_before(before: Memory, vertex: Vertex) -> int | None:
    if vertex.box is not None:
        name = vertex.box.id
        is_moved = spot(before.ranks.get(name, 0), before.cuts)[0] != vertex.row
        return None if is_moved else before.rows.get(name)
    assert vertex.net is not None
    return before.lines.get((vertex.net, vertex.layer))


def _arrange(vertex: Vertex, senders: dict[str, str]) -> None:
    """Write the edges into the rows that they have been given."""
    if vertex.crowds:
        assert vertex.box is not None
        rows = {tip.edge: tip.row for tip in vertex.tips if tip.edge is not None}
        vertex.box = arranged(vertex.box, rows, senders)


def _bends(part: Part, start: int, end: int) -> list[Point]:
    """Return the corners from a row on the left to a row on the right."""
    if part.is_straight and part.joined is None:
        return []
    points = []
    row = start
    at: Part | None = part
    while at is not None:
        target = at.bridge if at.joined is not None else end
        points += [(at.x, row), (at.x, target)]
        row = target
        at = at.joined
    return points


def _last(part: Part) -> Part:
    while part.joined is not None:
        part = part.joined
    return part


def _corners(points: list[Point]) -> list[Point]:
    """Return a path without repeated points and without corners that are none."""
    path: list[Point] = []
    for point in points:
        if path and path[-1] == point:
            continue
        while len(path) > 1 and _in_line(path[-2], path[-1], point):
            path.pop()
        path.append(point)
    return path


def _in_line(a: Point, b: Point, c: Point) -> bool:
    return a[0] == b[0] == c[0] or a[1] == b[1] == c[1]
