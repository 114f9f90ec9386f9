"""Paints a part of a scene as runs of text with style names; what moves is an overlay on known cells."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress
from operator import is_not
from typing import Final, TypeVar

from fbtui.diagram.canvas import ASCII, Canvas, CanvasRow
from fbtui.diagram.counts import short
from fbtui.diagram.looks import CHOSEN, PACKET, EdgeLook, NodeLook, Overlay, Selection
from fbtui.diagram.scene import PlacedBox, PlacedEdge, Scene
from fbtui.diagram.text import ELLIPSIS
from fbtui.diagram.text import width as width_of
from fbtui.diagram.values import Spot, Spots, shown

Run = tuple[str, str]
"""Text and the name of its style."""

BARS: Final = "▁▂▃▄▅▆▇█"
_ROLES: Final = ("", "warm", "hot", "path", "last", "stuck", "next", "selected")
"""The most important one is painted last."""
_PLAIN: Final = EdgeLook()
_QUIET: Final = NodeLook()
_MARKS: Final = {CHOSEN: "chosen", ASCII[CHOSEN]: "chosen", PACKET: "packet", ASCII[PACKET]: "packet"}
"""How marks of nodes are painted that are packets; the others are breakpoints and pauses."""


class Painter:
    """Paints one scene.

    Args:
        scene: the scene.
        ascii_only: use plain characters.
    """

    def __init__(self, scene: Scene, *, ascii_only: bool = False) -> None:
        self.scene = scene
        self._ascii = ascii_only
        self._canvas = Canvas(scene, ascii_only=ascii_only)
        self._paths: dict[str, _Path] = {}
        self._overlay = Overlay()
        self._special: dict[str, EdgeLook] = {}
        """The edges that stand out, or have a packet to be seen on them."""
        self._valued: set[str] = set()
        """The edges that show a value."""
        self._marked: list[tuple[str, str]] = []
        self._packets: list[tuple[int, int, str]] = []
        self._difference: tuple[Overlay, Overlay, list[tuple[str, EdgeLook, EdgeLook]]] | None = None

    @cached_property
    def _labels(self) -> dict[int, list[PlacedEdge]]:
        """The edges by the row of their arrow."""
        rows: dict[int, list[PlacedEdge]] = defaultdict(list)
        for placed in self.scene.edges:
            rows[placed.path[-1][1]].append(placed)
        return rows

    @cached_property
    def _spots(self) -> Spots:
        """Where values stand; found when they are first asked for."""
        return Spots(self.scene, self._canvas, ascii_only=self._ascii)

    def lines(
        self, overlay: Overlay | None = None, *, left: int = 0, top: int = 0, width: int = 0, height: int = 0
    ) -> list[list[Run]]:
        """Return the rows of a viewport, by default of the whole scene, as runs of one style each."""
        right = min(left + (width or self.scene.width), self.scene.width)
        bottom = min(top + (height or self.scene.height), self.scene.height)
        if overlay is not None and overlay is not self._overlay:
            self._turn_to(overlay)
        return [_runs(self._row(y, left, right, plain=overlay is None), left, right) for y in range(top, bottom)]

    def changed(self, before: Overlay, after: Overlay) -> set[int]:
        """Return the rows that another overlay makes look different, at most a few more."""
        rows: set[int] = set()
        for edge, old, new in self._edges_between(before, after):
            rows.add(self.scene.edge[edge].path[-1][1])
            if old.role != new.role:
                rows |= self._path(edge).rows.keys()
            if (old.value or new.value) and edge in self._spots.of:
                rows.add(self._spots.of[edge].y)
            points = {old.packet_at, new.packet_at, old.chosen_at, new.chosen_at} - {None}
            rows.update(self._cell(edge, at)[1] for at in points if at is not None)
        for node, _, _ in _differing(before.nodes, after.nodes, _QUIET):
            rows |= self._rows_of(("node", node))
        if before.selected != after.selected:
            rows |= self._rows_of(before.selected) | self._rows_of(after.selected)
        return rows

    def _edges_between(self, before: Overlay, after: Overlay) -> list[tuple[str, EdgeLook, EdgeLook]]:
        """Return the edges that look different. Who asks what has changed paints that next: it is found once."""
        found = self._difference
        if found is None or found[0] is not before or found[1] is not after:
            known = self.scene.edge
            differing = [one for one in _differing(before.edges, after.edges, _PLAIN) if one[0] in known]
            found = self._difference = before, after, differing
        return found[2]

    def _turn_to(self, overlay: Overlay) -> None:
        for edge, _, look in self._edges_between(self._overlay, overlay):
            if look.role or look.packet_at is not None or look.chosen_at is not None:
                self._special[edge] = look
            else:
                self._special.pop(edge, None)
            (self._valued.add if look.value else self._valued.discard)(edge)
        self._overlay = overlay
        self._marked = self._edges_marked(overlay)
        self._packets = self._packets_to_see()

    def _rows_of(self, what: Selection | None) -> set[int]:
        kind, name = what or ("", "")
        if kind == "edge" and name in self.scene.edge:
            return set(self._path(name).rows)
        if kind == "port" and name in self.scene.port:
            return {self.scene.port[name][0]}
        placed = self.scene.box.get(name) if kind == "node" else None
        return set(range(placed.y, placed.y + placed.height)) if placed is not None else set()

    def _path(self, edge: str) -> _Path:
        path = self._paths.get(edge)
        if path is None:
            path = self._paths[edge] = _Path(self.scene.edge[edge])
        return path

    def _edges_marked(self, overlay: Overlay) -> list[tuple[str, str]]:
        """Return the edges whose whole path is painted, each with its role, the most important one last."""
        found = [(edge, look.role) for edge, look in self._special.items() if look.role]
        if overlay.selected is not None and overlay.selected[0] == "edge" and overlay.selected[1] in self.scene.edge:
            found.append((overlay.selected[1], "selected"))
        return sorted(found, key=lambda one: _ROLES.index(one[1]) if one[1] in _ROLES else 0)

    def _cell(self, edge: str, at: int) -> tuple[int, int]:
        """Return a cell of an edge's path; beyond an end of it the last one there."""
        cells = self._path(edge).cells
        return cells[max(-len(cells), min(at, len(cells) - 1))]

    def _packets_to_see(self) -> list[tuple[int, int, str]]:
        """Return the cells of the packets that are seen on their way, the one that goes next last."""
        looks = self._special.items()
        chosen = [(edge, look.chosen_at, CHOSEN) for edge, look in looks if look.chosen_at is not None]
        moving = [(edge, look.packet_at, PACKET) for edge, look in looks if look.packet_at is not None]
        return [(*self._cell(edge, at), glyph) for edge, at, glyph in (*chosen, *moving)]

    # -- one row

    def _row(self, y: int, left: int, right: int, *, plain: bool) -> CanvasRow:
        row = self._canvas.row(y)
        if plain:
            return row
        row, overlay = row.copy(), self._overlay
        for edge, role in self._marked:
            for start, end in self._path(edge).rows.get(y, ()):
                row.style(start, end, f"edge.{role}")
        for placed in self._labels.get(y, ()):
            look = overlay.edges.get(placed.edge.id)
            if look is not None and (look.label or look.mark) and left < placed.path[-1][0] <= right + placed.room:
                self._label(row, placed, look, selected=overlay.selected == ("edge", placed.edge.id))
        for placed in self._spots.at.get(y, ()) if self._valued else ():
            look = overlay.edges.get(placed.edge.id)
            spot = self._spots.of[placed.edge.id]
            if look is not None and look.value and left < spot.end and spot.start < right:
                self._value(row, placed, look, spot)
        for placed_box in self.scene.boxes_at(y):
            if placed_box.x < right and placed_box.x + placed_box.width > left:
                name = placed_box.box.id
                node = overlay.nodes.get(name, _QUIET)
                _paint_box(row, placed_box, node, y, selected=overlay.selected == ("node", name))
        for start, end in self._port_marked(y):
            row.style(start, end, "port.selected")
        for x, at, glyph in self._packets:
            if at == y:
                _write(row, x, ASCII[glyph] if self._ascii else glyph, "packet" if glyph == PACKET else "chosen")
        return row

    def _port_marked(self, y: int) -> Iterator[tuple[int, int]]:
        """Yield the cells of the selected port, if they are in a row."""
        kind, place = self._overlay.selected or ("", "")
        row, start, end = self.scene.port.get(place, (-1, 0, 0)) if kind == "port" else (-1, 0, 0)
        if row == y:
            yield start, end

    def _label_text(self, placed: PlacedEdge, look: EdgeLook) -> str:
        text, room = look.label, placed.room
        if len(text) > room:
            text = ELLIPSIS[:room] if not self._ascii else ASCII[ELLIPSIS][:room]
        if look.level > 0 and len(text) < room and not self._ascii:
            text = BARS[min(len(BARS) - 1, int(look.level * len(BARS)))] + text
        return text

    def _label(self, row: CanvasRow, placed: PlacedEdge, look: EdgeLook, *, selected: bool) -> None:
        x, _, room = placed.label
        text = self._label_text(placed, look)
        if text:
            style = f"label.{look.heat}" if look.heat else "label"
            if not look.heat and (selected or look.role):
                style = "edge.selected" if selected else f"edge.{look.role}"
            _write(row, x + room - len(text), text, style)
        if look.mark and room:
            _write(row, x, look.mark, "mark")

    def _value(self, row: CanvasRow, placed: PlacedEdge, look: EdgeLook, spot: Spot) -> None:
        """Write a value at the right end of its spot, a cell before what stands there, if anything does."""
        start, end = spot.start + 1, spot.end
        if spot.is_last:
            label = len(self._label_text(placed, look))
            end -= label + 1 if label else 0
            start = max(start, placed.label[0] + 1 if look.mark and placed.room else 0)
        else:
            end -= 1
        cells = shown(look.value, max(0, end - start), ascii_only=self._ascii)
        if cells:
            _write(row, end - len(cells), cells, "value.newest")


Look = TypeVar("Look")


def _differing(before: Mapping[str, Look], after: Mapping[str, Look], none: Look) -> list[tuple[str, Look, Look]]:
    """Return what looks different, and how before and after; what is not named looks like ``none``."""
    if before is after:
        return []
    was, new = before.get, after.get
    names = [*compress(after, map(is_not, map(was, after), after.values()))]  # nearly all are the very same looks
    if len(before) > len(after) - sum(name not in before for name in names):
        names += before.keys() - after.keys()
    found = [(name, was(name, none), new(name, none)) for name in names]
    return [one for one in found if one[1] != one[2]]


def _write(row: CanvasRow, x: int, text: str | Sequence[str], style: str) -> None:
    row.cells[x : x + len(text)] = text
    row.style(x, x + len(text), style)


class _Path:
    """The cells of an edge's path, and for each row its pieces."""

    def __init__(self, placed: PlacedEdge) -> None:
        self.cells = placed.cells()
        self.rows: dict[int, list[tuple[int, int]]] = {}
        for x, y in self.cells:
            pieces = self.rows.setdefault(y, [])
            if pieces and pieces[-1][0] - 1 <= x <= pieces[-1][1]:
                pieces[-1] = min(x, pieces[-1][0]), max(x + 1, pieces[-1][1])
            else:
                pieces.append((x, x + 1))


def _paint_box(row: CanvasRow, placed: PlacedBox, look: NodeLook, y: int, *, selected: bool) -> None:
    style = "box.selected" if selected else f"state.{look.state}" if look.state else ""
    if placed.box.shape == "tag":
        return
    x, end = placed.x, placed.x + placed.width
    if style:
        for start, stop in _border(placed, y):
            row.style(start, stop, style)
    if look.mark and y == placed.y:
        _write(row, end - 2, look.mark, _MARKS.get(look.mark, "mark"))
    if y != placed.y + placed.height - 1 or placed.box.shape == "port":
        return
    taken = x + 2
    if look.note or look.state:
        fits = len(look.note) + 1 <= placed.width - 3
        word = f" {look.note if look.note and fits else look.state} "[: placed.width - 3]
        _write(row, taken, word, f"state.{look.state}")
        taken += len(word)
    if look.firings and not look.note:
        text = f" {short(look.firings)} "
        if end - 1 - len(text) >= taken:
            _write(row, end - 1 - len(text), text, "firings")


def _border(placed: PlacedBox, y: int) -> Iterator[tuple[int, int]]:
    x, end = placed.x, placed.x + placed.width
    if y == placed.y and placed.box.title:
        yield x, x + 2
        yield x + 4 + width_of(placed.box.title), end
    elif y in {placed.y, placed.y + placed.height - 1}:
        yield x, end
    else:
        yield x, x + 1
        yield end - 1, end


def _runs(row: CanvasRow, left: int, right: int) -> list[Run]:
    """Return a part of a row as runs; half of a wide character at an end becomes a blank."""
    if left >= right:
        return []
    runs: list[Run] = []
    first = bisect_right(row.starts, left) - 1
    for i in range(first, len(row.starts)):
        start = max(left, row.starts[i])
        if start >= right:
            break
        end = min(right, row.starts[i + 1]) if i + 1 < len(row.starts) else right
        if end <= start:
            continue
        cells = row.cells[start:end]
        if start == left and left and not cells[0]:
            cells[0] = " "
        if end == right and right < len(row.cells) and not row.cells[right]:
            cells[-1] = " "
        text = "".join(cells)
        if runs and runs[-1][1] == row.styles[i]:
            runs[-1] = runs[-1][0] + text, row.styles[i]
        else:
            runs.append((text, row.styles[i]))
    return runs
