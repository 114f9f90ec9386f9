"""The order of vertices within their columns: few crossings.

Sweeps of barycentres over rows of cells, not over positions, so that ports count (after K. Sugiyama, S. Tagawa and
M. Toda, 1981); then neighbours are switched while that saves crossings. Each connected piece is ordered by itself,
small ones from several shuffled orders. All counts are fixed: the picture does not depend on the clock.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import Final

from fbtui.diagram.layers import Layered, Tip, Trunk, Vertex
from fbtui.diagram.switch import push_crossings, stand, switch

SWEEPS: Final = 10, 14
"""For small pieces, which are ordered several times, and for large ones."""
ROUNDS: Final = 3
"""Of sweeping and switching."""
ATTEMPTS: Final = 8
"""Beginnings from which a piece is ordered, at most."""
RESTARTS: Final = 100
"""Of these, all but two are as many as the vertices go into this number."""
SMALL: Final = 200
"""Vertices up to which several orders are tried."""
UNBENT: Final = 3
"""Of these, so many are improved so that few lines bend."""
CANDIDATES: Final = 5
"""Orders that are drawn and compared, at most."""
KEEPING: Final = 8
"""Passes in which new vertices look for their place between those from before."""
NEAR: Final = 12
"""Rows that a new vertex goes out of its way rather than push others aside."""
PATIENCE: Final = 2
"""Sweeps without a gain after which sweeping ends."""

Layers = list[list[Vertex]]
Wishes = dict[Vertex, list[tuple[Tip, Tip]]]
"""Tips that a vertex is joined to, each with the one of its own."""


def orders(graph: Layered) -> list[Layers]:
    """Return orders of the vertices of each column with few crossings, the best one first.

    How many lines cross is not known before the lines have their tracks: of small graphs there are several orders,
    to be drawn and compared.
    """
    pieces = _pieces(graph)
    for piece in pieces:
        piece.order()
    is_small = sum(map(len, graph.layers)) <= SMALL
    count = max((len(piece.found) for piece in pieces), default=0) if is_small else 1
    found = []
    for number in range(min(count, CANDIDATES)):
        done: Layers = [[] for _ in graph.layers]
        for piece in pieces:
            for layer, ordered in zip(done, piece.found[min(number, len(piece.found) - 1)], strict=True):
                layer.extend(ordered)
        found.append(done)
    return found or [graph.layers]


def keep(graph: Layered) -> Layers:
    """Return the order in which vertices stay in their rows from before; others get rows where there is room."""
    for _ in range(KEEPING):
        for layer in graph.layers:
            for vertex in layer:
                if vertex.wish is None:
                    known = sorted(
                        other.vertex.wish + other.row - tip.row
                        for tip in vertex.tips
                        for other in (*tip.lefts, *tip.rights, *tip.turns)
                        if other.vertex.wish is not None
                    )
                    if known:
                        vertex.wish = _roomy(vertex, known[len(known) // 2], layer)
    return [sorted(layer, key=lambda v: 10**9 if v.wish is None else v.wish) for layer in graph.layers]


def _roomy(vertex: Vertex, wanted: int, layer: list[Vertex]) -> int:
    """Return the row nearest to the wanted one where a vertex fits between the others; if that is far, this one."""
    spans = []
    for other in layer:
        if other.wish is not None:
            gap = max(other.gap, vertex.gap)
            spans.append((other.wish - gap - vertex.height, other.wish + other.height + gap))
    rows = [row for row in (wanted, *(row for span in spans for row in span)) if abs(row - wanted) <= NEAR]
    free = [row for row in rows if row >= 0 and not any(above < row < below for above, below in spans)]
    return min(free, key=lambda row: abs(row - wanted), default=wanted)


def take(graph: Layered, layers: Layers) -> None:
    """Let the vertices stand in an order, one below the other, and edges into one port in the order of arrival."""
    graph.layers[:] = [list(layer) for layer in layers]
    for layer in graph.layers:
        stand(layer)
    _sort_crowds([vertex for layer in graph.layers for vertex in layer if vertex.crowds])


def _sort_crowds(crowded: list[Vertex]) -> None:
    """Let edges into one port arrive in the order of where they come from."""
    for vertex in crowded:
        for crowd in vertex.crowds:
            rows = sorted(tip.row for tip in crowd)
            for row, tip in zip(rows, sorted(crowd, key=_origin), strict=True):
                tip.row = row
                tip.y = vertex.y + row


def _origin(tip: Tip) -> float:
    near = tip.lefts or tip.turns
    return sum([other.y for other in near]) / len(near)


def _pieces(graph: Layered) -> list[_Piece]:
    """Return the connected pieces, in the order of their first boxes."""
    piece: dict[Vertex, int] = {}
    pieces: list[_Piece] = []
    boxes = sorted((v for layer in graph.layers for v in layer), key=lambda vertex: vertex.box is None)
    for start in boxes:
        if start in piece:
            continue
        todo = [start]
        piece[start] = len(pieces)
        while todo:
            for tip in todo.pop().tips:
                for other in (*tip.lefts, *tip.rights, *tip.turns):
                    if other.vertex not in piece:
                        piece[other.vertex] = len(pieces)
                        todo.append(other.vertex)
        pieces.append(_Piece(len(graph.layers)))
    for number, layer in enumerate(graph.layers):
        for vertex in layer:
            pieces[piece[vertex]].add_vertex(number, vertex)
    for channel, trunks in enumerate(graph.channels):
        for trunk in trunks:
            pieces[piece[(trunk.left or trunk.right)[0].vertex]].add_trunk(channel, trunk)
    return pieces


class _Piece:
    def __init__(self, columns: int) -> None:
        self.layers: Layers = [[] for _ in range(columns)]
        self._pairs: list[list[tuple[Tip, Tip]]] = [[] for _ in range(columns + 1)]
        self._turns: dict[tuple[int, bool], list[list[Tip]]] = defaultdict(list)
        """By channel and side."""
        self._crowded: list[Vertex] = []
        self._counts = [0] * (columns + 1)
        """Crossings by channel, as they were counted last."""
        self._changed = set(range(columns))
        """Columns that are in another order since."""
        self._near: tuple[Wishes, Wishes, Wishes] = ({}, {}, {})
        """What each vertex is joined to on the left, on the right and on either side."""
        self.found: list[Layers] = []
        """Orders of its columns, the one that is likely to be the best first."""

    def add_vertex(self, number: int, vertex: Vertex) -> None:
        self.layers[number].append(vertex)
        if vertex.crowds:
            self._crowded.append(vertex)
        lefts = [(other, tip) for tip in vertex.tips for other in (*tip.lefts, *tip.turns)]
        rights = [(other, tip) for tip in vertex.tips for other in (*tip.rights, *tip.turns)]
        both = [(other, tip) for tip in vertex.tips for other in (*tip.lefts, *tip.rights, *tip.turns)]
        for near, wishes in zip(self._near, (lefts, rights, both), strict=True):
            near[vertex] = wishes

    def add_trunk(self, channel: int, trunk: Trunk) -> None:
        self._pairs[channel] += [(a, b) for a in trunk.left for b in trunk.right]
        if not trunk.left or not trunk.right:
            self._turns[channel, bool(trunk.left)].append(trunk.left or trunk.right)

    def order(self) -> None:
        """Find orders with few crossings."""
        count = sum(map(len, self.layers))
        for layer in self.layers:
            layer.sort(key=lambda vertex: vertex.row)
            stand(layer)
        start = self._copy()
        results: list[tuple[int, Layers]] = []
        shuffle = random.Random(1).shuffle
        for attempt in range(min(ATTEMPTS, 2 + RESTARTS // count) if count <= SMALL else 1):
            layers = [list(layer) for layer in start]
            if attempt:
                for layer in layers:
                    shuffle(layer)
                    layer.sort(key=lambda vertex: vertex.row)
            self._stand_as(layers)
            result = self._attempt(attempt)
            if all(result[1] != layers for _, layers in results):
                results.append(result)
            if result[0] == 0:
                break
        results.sort(key=lambda result: result[0])
        plain = [layers for _, layers in results[:UNBENT]]
        for layers in (*map(self._unbent, plain), *plain):
            if layers not in self.found:
                self.found.append(layers)

    def _copy(self) -> Layers:
        return [list(layer) for layer in self.layers]

    def _stand_as(self, layers: Layers) -> None:
        for number, (layer, wanted) in enumerate(zip(self.layers, layers, strict=True)):
            if layer != wanted:
                layer[:] = wanted
                stand(layer)
                self._changed.add(number)

    def _attempt(self, number: int) -> tuple[int, Layers]:
        best = self._crossings(), self._copy()
        is_large = sum(map(len, self.layers)) > SMALL
        sweeps = SWEEPS[is_large]
        is_settled = False
        for _ in range(1 if is_large else ROUNDS):
            before, idle = best[0], 0
            for sweep in range(sweeps):
                both = is_settled or sweep >= sweeps // 2
                self._sweep(forwards=(sweep + number) % 2 == 0, both=both)
                crossings = self._crossings()
                idle += 1
                if crossings < best[0]:
                    best, idle = (crossings, self._copy()), 0
                if best[0] == 0:
                    return best
                if idle > PATIENCE:
                    if both or not is_large:
                        break
                    is_settled, idle = True, 0
                    self._stand_as(best[1])
            self._stand_as(best[1])
            self._crossings()
            crossed = {n for n in range(len(self.layers)) if self._counts[n] or self._counts[n + 1]}
            self._changed |= switch(self.layers, crossed)
            crossings = self._crossings()
            if crossings < best[0]:
                best = crossings, self._copy()
            if best[0] == before:
                break
        return best

    def _unbent(self, layers: Layers) -> Layers:
        """Return the order with some neighbours exchanged, so that few lines have to bend."""
        self._stand_as(layers)
        self._crossings()
        self._changed |= switch(self.layers, set(range(len(self.layers))), straight=True)
        for number, layer in enumerate(self.layers):
            if push_crossings(layer):
                stand(layer)
                self._changed.add(number)
        return self._copy()

    def _crossings(self) -> int:
        """Count the crossings that the order forces, turns included: anew beside the columns that have changed."""
        changed = self._changed
        _sort_crowds([vertex for vertex in self._crowded if vertex.layer in changed or vertex.layer - 1 in changed])
        for channel in {*changed, *(number + 1 for number in changed)}:
            self._counts[channel] = self._count(channel)
        changed.clear()
        return sum(self._counts)

    def _count(self, channel: int) -> int:
        total = 0
        rows = sorted([(a.y, b.y) for a, b in self._pairs[channel]])
        seen: list[int] = []
        for _, right in rows:
            at = bisect_right(seen, right)
            total += len(seen) - at
            seen.insert(at, right)
        for on_left in (True, False):
            turns = self._turns.get((channel, on_left), ())
            between = [left for left, _ in rows] if on_left else seen
            spans = [(min(rows), max(rows)) for rows in ([tip.y for tip in tips] for tips in turns)]
            for n, (low, high) in enumerate(spans):
                total += max(0, bisect_left(between, high) - bisect_right(between, low))
                total += sum([a < low < b < high or low < a < high < b for a, b in spans[:n]])
        return total

    def _sweep(self, *, forwards: bool, both: bool) -> None:
        near = self._near[2 if both else not forwards]
        numbers = range(len(self.layers))
        for number in numbers if forwards else reversed(numbers):
            layer = self.layers[number]
            if len(layer) > 1:
                keys = {}
                for vertex in layer:
                    wishes = near[vertex]
                    mean = sum([other.y - tip.row for other, tip in wishes]) / len(wishes) if wishes else vertex.y
                    keys[vertex] = vertex.row, mean
                ordered = sorted(layer, key=keys.__getitem__)
                if ordered != layer:
                    layer[:] = ordered
                    stand(layer)
                    self._changed.add(number)
