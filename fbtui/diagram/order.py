"""The order of vertices within their columns: few crossings.

Sweeps of barycentres over rows of cells, not over positions, so that ports count (after K. Sugiyama, S. Tagawa and
M. Toda, 1981); then neighbours are switched while that saves crossings. Small graphs are begun anew from several
shuffled orders. All counts are fixed: the picture does not depend on the clock.
"""

from __future__ import annotations

import random
from bisect import bisect_right, insort
from collections import defaultdict
from typing import Final

from fbtui.diagram.layers import Layered, Tip, Vertex

SWEEPS: Final = 12
RESTARTS: Final = 600
"""Vertices times restarts, at most."""

Neighbours = dict[Vertex, list[tuple[int, Tip]]]


class _Orderer:
    def __init__(self, graph: Layered) -> None:
        self.layers = graph.layers
        self.base: dict[Vertex, int] = {}
        self.lefts: Neighbours = defaultdict(list)
        self.rights: Neighbours = defaultdict(list)
        self.same: Neighbours = defaultdict(list)
        self.pairs: dict[int, list[tuple[Tip, Tip]]] = defaultdict(list)
        self.turns: list[tuple[int, bool, list[Tip]]] = []
        for (_, channel), trunk in graph.trunks.items():
            for a in trunk.left:
                for b in trunk.right:
                    self.pairs[channel].append((a, b))
                    self.rights[a.vertex].append((a.row, b))
                    self.lefts[b.vertex].append((b.row, a))
            for on_left, tips, others in ((True, trunk.left, trunk.right), (False, trunk.right, trunk.left)):
                if not others:
                    self.turns.append((channel, on_left, tips))
                    for tip in tips:
                        self.same[tip.vertex] += [(tip.row, other) for other in tips if other is not tip]

    def rebase(self) -> None:
        for layer in self.layers:
            self._rebase(layer)

    def _rebase(self, layer: list[Vertex]) -> None:
        row = 0
        for vertex in layer:
            self.base[vertex] = row
            row += vertex.height + (1 if vertex.box is not None else 0)

    def _row(self, tip: Tip) -> int:
        return self.base[tip.vertex] + tip.row

    def crossings(self) -> int:
        """Count the crossings that the order forces, turns included."""
        total = 0
        ends: dict[tuple[int, bool], list[int]] = {}
        for channel, pairs in self.pairs.items():
            rows = sorted((self._row(a), self._row(b)) for a, b in pairs)
            seen: list[int] = []
            for _, right in rows:
                total += len(seen) - bisect_right(seen, right)
                insort(seen, right)
            ends[channel, True], ends[channel, False] = [a for a, _ in rows], seen
        for channel, on_left, tips in self.turns:
            rows_of_turn = sorted(map(self._row, tips))
            between = ends.get((channel, on_left), [])
            total += max(0, bisect_right(between, rows_of_turn[-1] - 1) - bisect_right(between, rows_of_turn[0]))
        return total

    def sweep(self, number: int) -> None:
        forwards = number % 2 == 0
        neighbours = self.lefts if forwards else self.rights
        others = self.rights if forwards else self.lefts
        for layer in self.layers if forwards else reversed(self.layers):
            keys: dict[Vertex, float] = {}
            for vertex in layer:
                linked = neighbours[vertex] + self.same[vertex] + (others[vertex] if number >= SWEEPS // 2 else [])
                wanted = [self._row(tip) - row for row, tip in linked]
                keys[vertex] = sum(wanted) / len(wanted) if wanted else self.base[vertex]
            layer.sort(key=keys.__getitem__)
            self._rebase(layer)

    def switch(self) -> bool:
        """Exchange neighbours where that saves crossings; return whether any were."""
        changed = False
        for layer in self.layers:
            for i in range(len(layer) - 1):
                if self._cost(layer[i], layer[i + 1]) > self._cost(layer[i + 1], layer[i]):
                    layer[i], layer[i + 1] = layer[i + 1], layer[i]
                    changed = True
            self._rebase(layer)
        return changed

    def _cost(self, upper: Vertex, lower: Vertex) -> int:
        total = 0
        for neighbours in (self.lefts, self.rights):
            below = sorted(self._row(tip) for _, tip in neighbours[lower])
            for _, tip in neighbours[upper]:
                total += bisect_right(below, self._row(tip) - 1)
        return total


def order(graph: Layered) -> None:
    """Sort the vertices of each column."""
    orderer = _Orderer(graph)
    count = sum(map(len, graph.layers))
    start = [list(layer) for layer in graph.layers]
    best: tuple[int, list[list[Vertex]]] | None = None
    shuffle = random.Random(1).shuffle
    for attempt in range(max(1, min(8, RESTARTS // max(count, 1)))):
        for layer, first in zip(graph.layers, start, strict=True):
            layer[:] = first
            if attempt:
                shuffle(layer)
        orderer.rebase()
        for number in range(SWEEPS):
            orderer.sweep(number)
            crossings = orderer.crossings()
            if best is None or crossings < best[0]:
                best = crossings, [list(layer) for layer in graph.layers]
        if best is not None and best[0] == 0:
            break
    assert best is not None
    for layer, found in zip(graph.layers, best[1], strict=True):
        layer[:] = found
    orderer.rebase()
    for _ in range(8):
        if not orderer.switch():
            break
    if orderer.crossings() > best[0]:
        for layer, found in zip(graph.layers, best[1], strict=True):
            layer[:] = found
