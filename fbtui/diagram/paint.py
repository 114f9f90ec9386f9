"""Paints a part of a scene as runs of text with style names; what moves is an overlay on known cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from fbtui.diagram.canvas import ASCII, Canvas, canvas_of
from fbtui.diagram.route import LABEL
from fbtui.diagram.scene import PlacedBox, PlacedEdge, Scene
from fbtui.protocol import GRAPH

Run = tuple[str, str]
"""Text and the name of its style."""

PACKET: Final = "●"


@dataclass(frozen=True)
class EdgeLook:
    """How an edge looks now: what waits on it, how warm that is, and whether a packet is seen on its way."""

    label: str = ""
    heat: str = ""
    """``""``, ``warm``, ``hot``."""
    role: str = ""
    """``next``: its move is the one that goes next; ``stuck``: it is in the chain; ``last``: it moved just now."""
    packet_at: int | None = None
    """Index into the cells of its path where a packet is drawn; negative from the end."""


@dataclass(frozen=True)
class NodeLook:
    """How a node looks now: the word of its state, which is its style, too."""

    state: str = ""
    firings: int = 0


@dataclass(frozen=True)
class Overlay:
    """All that changes while a run goes on."""

    edges: Mapping[str, EdgeLook] = field(default_factory=dict)
    nodes: Mapping[str, NodeLook] = field(default_factory=dict)
    selected: tuple[str, str] | None = None


def short(count: int) -> str:
    """Return a count in at most four characters: ``999``, ``1.2k``, ``25k``, ``3M``."""
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= limit:
            whole = count / limit
            return f"{whole:.1f}{unit}" if whole < 10 and count % limit >= limit // 10 else f"{int(whole)}{unit}"
    return str(count)


def fill(waiting: int, capacity: int | None, *, ascii_only: bool = False) -> str:
    """Return what waits on an edge as its label: ``3/8``, ``3`` if it holds any number, nothing if none waits."""
    if not waiting:
        return ""
    if capacity is None:
        return short(waiting)
    text = f"{short(waiting)}{':' if ascii_only else '/'}{short(capacity)}"
    return text if len(text) <= LABEL else short(waiting)


class Painter:
    """Paints one scene.

    Args:
        scene: the scene.
        ascii_only: use plain characters.
    """

    def __init__(self, scene: Scene, *, ascii_only: bool = False) -> None:
        self.scene = scene
        self._ascii = ascii_only
        self._cells: Canvas = canvas_of(scene, ascii_only=ascii_only)
        self._paths = {placed.edge.id: placed.cells() for placed in scene.edges}

    @cached_property
    def _base_styles(self) -> list[list[str]]:
        styles = [["edge" if cell != " " else "" for cell in row] for row in self._cells]
        for placed in self.scene.boxes:
            own = placed.box.node == GRAPH
            for y in range(placed.y, placed.y + placed.height):
                styles[y][placed.x : placed.x + placed.width] = ["port" if own else "box"] * placed.width
                styles[y][placed.x + 1 : placed.x + placed.width - 1] = ["port"] * (placed.width - 2)
            for y in (placed.y, placed.y + placed.height - 1):
                styles[y][placed.x : placed.x + placed.width] = ["box"] * placed.width
            title = placed.x + 3
            styles[placed.y][title : title + len(placed.box.title)] = ["title"] * len(placed.box.title)
        return styles

    def lines(
        self, overlay: Overlay | None = None, *, left: int = 0, top: int = 0, width: int = 0, height: int = 0
    ) -> list[list[Run]]:
        """Return the rows of a viewport, by default of the whole scene, as runs of one style each."""
        right = min(left + (width or self.scene.width), self.scene.width)
        bottom = min(top + (height or self.scene.height), self.scene.height)
        cells = [row[left:right] for row in self._cells[top:bottom]]
        styles = [row[left:right] for row in self._base_styles[top:bottom]]

        def put(x: int, y: int, character: str, style: str) -> None:
            if left <= x < right and top <= y < bottom:
                if character:
                    cells[y - top][x - left] = character
                styles[y - top][x - left] = style

        for x, y, character, style in self._changes(overlay or Overlay()):
            put(x, y, character, style)
        return [_runs(row, style) for row, style in zip(cells, styles, strict=True)]

    def _changes(self, overlay: Overlay) -> Iterator[tuple[int, int, str, str]]:
        """Yield cells that differ: a character (empty: the one that is there) and a style."""
        for role in ("", "last", "stuck", "next"):  # the most important one is painted last
            for edge, look in overlay.edges.items():
                placed = self.scene.edge.get(edge)
                if placed is not None and look.role == role:
                    yield from self._edge(placed, look, selected=overlay.selected == ("edge", edge))
        for placed_box in self.scene.boxes:
            node = overlay.nodes.get(placed_box.box.id)
            yield from self._box(placed_box, node, selected=overlay.selected == ("node", placed_box.box.id))
        if (
            overlay.selected is not None
            and overlay.selected[0] == "edge"
            and overlay.selected[1] not in overlay.edges
        ):
            chosen = self.scene.edge.get(overlay.selected[1])
            if chosen is not None:
                yield from self._edge(chosen, EdgeLook(), selected=True)

    def _edge(self, placed: PlacedEdge, look: EdgeLook, *, selected: bool) -> Iterator[tuple[int, int, str, str]]:
        path = self._paths[placed.edge.id]
        style = "edge.selected" if selected else f"edge.{look.role}" if look.role else ""
        if style:
            for x, y in path:
                yield x, y, "", style
        x, y, width = placed.label
        style = f"label.{look.heat}" if look.heat else style or "label"
        for offset, character in enumerate(look.label[:width], width - len(look.label[:width])):
            yield x + offset, y, character, style
        if look.packet_at is not None:
            x, y = path[look.packet_at]
            yield x, y, ASCII[PACKET] if self._ascii else PACKET, "packet"

    def _box(
        self, placed: PlacedBox, look: NodeLook | None, *, selected: bool
    ) -> Iterator[tuple[int, int, str, str]]:
        state = look.state if look is not None else ""
        style = "box.selected" if selected else f"state.{state}" if state else ""
        if style:
            yield from ((x, y, "", style) for x, y in _border(placed))
        if state and placed.box.node != GRAPH:
            y = placed.y + placed.height - 1
            word = f" {state} "
            for offset, character in enumerate(word[: placed.width - 3]):
                yield placed.x + 2 + offset, y, character, f"state.{state}"
        if look is not None and look.firings and placed.box.node != GRAPH:
            text = f" {short(look.firings)} "
            start = placed.x + placed.width - 1 - len(text)
            if start >= placed.x + 2 + len(state) + 2:
                for offset, character in enumerate(text):
                    yield start + offset, placed.y + placed.height - 1, character, "firings"


def _border(placed: PlacedBox) -> Iterator[tuple[int, int]]:
    right, bottom = placed.x + placed.width - 1, placed.y + placed.height - 1
    for x in range(placed.x, right + 1):
        if not placed.x + 2 <= x < placed.x + 4 + len(placed.box.title) or not placed.box.title:
            yield x, placed.y
        yield x, bottom
    for y in range(placed.y + 1, bottom):
        yield placed.x, y
        yield right, y


def _runs(cells: list[str], styles: list[str]) -> list[Run]:
    runs: list[Run] = []
    start = 0
    for i in range(1, len(cells) + 1):
        if i == len(cells) or styles[i] != styles[start]:
            runs.append(("".join(cells[start:i]), styles[start]))
            start = i
    return runs if cells else []
