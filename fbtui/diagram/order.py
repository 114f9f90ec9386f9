"""The order of vertices within their columns: few crossings.

Sweeps of barycentres over rows of cells, not over positions, so that ports count (after K. Sugiyama, S. Tagawa and
M. Toda, 1981); then vertices are moved past their neighbours while that saves crossings. Each connected piece is
ordered by itself, small ones from several beginnings, the best of which are shaken. All counts are fixed: the
picture does not depend on the clock.
"""

from __future__ import annotations

import random
from typing import Final

from fbtui.diagram.align import align
from fbtui.diagram.columns import Columns, Ends, Order
from fbtui.diagram.layers import Layered, Tip, Vertex
from fbtui.diagram.switch import Sifter, push_crossings, switch

SWEEPS: Final = 10, 14
"""For small pieces, which are ordered several times, and for large ones."""
ATTEMPTS: Final = 4
"""Beginnings from which a small piece is ordered."""
SMALL: Final = 200
"""Vertices up to which several orders are tried."""
SHAKES: Final = 24
"""Moves at random, each followed by those that save crossings."""
DISORDER: Final = 0.1
"""Crossings that two boxes of a column are worth that stand against the order of declaration."""
UNBENT: Final = 1
"""Of the best orders, so many are improved so that few lines bend."""
CANDIDATES: Final = 5
"""Orders that are drawn and compared, at most."""
KEEPING: Final = 8
"""Passes in which new vertices look for their place between those from before."""
NEAR: Final = 12
"""Rows that a new vertex goes out of its way rather than push others aside."""
PATIENCE: Final = 2, 4
"""Sweeps without a gain after which sweeping ends, for the same."""

Layers = list[list[Vertex]]
Standing = tuple[list[list[tuple[Vertex, int]]], list[tuple[Tip, int]]]
"""The row of each vertex, column by column, and in its box that of each edge into a port that has several."""


def orders(graph: Layered) -> list[Layers]:
    """Return orders of the vertices of each column with few crossings, the best one first.

    How many lines cross is not known before the lines have their tracks: of small graphs there are several orders,
    to be drawn and compared.
    """
    pieces = [(columns.vertices, _found(columns)) for columns in _pieces(graph)]
    is_small = sum(map(len, graph.layers)) <= SMALL
    count = max((len(found) for _, found in pieces), default=0) if is_small else 1
    candidates = []
    for number in range(min(count, CANDIDATES)):
        done: Layers = [[] for _ in graph.layers]
        for vertices, found in pieces:
            for layer, column in zip(done, found[min(number, len(found) - 1)], strict=True):
                layer.extend([vertices[n] for n in column])
        candidates.append(done)
    return candidates or [graph.layers]


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
        row = gap = 0
        for vertex in layer:
            row += max(gap, vertex.gap)
            vertex.stand(row)
            row += vertex.height
            gap = vertex.gap
    _sort_crowds([vertex for layer in graph.layers for vertex in layer if vertex.crowds])


def standing(graph: Layered) -> Standing:
    """Return how all vertices stand, to be restored."""
    crowded = [tip for layer in graph.layers for vertex in layer for tips in vertex.crowds for tip in tips]
    rows = [[(vertex, vertex.y) for vertex in layer] for layer in graph.layers]
    return rows, [(tip, tip.row) for tip in crowded]


def restore(graph: Layered, before: Standing) -> None:
    """Let all vertices stand as they did; the rows of edges into one port are a part of it, for they depend on the
    order that was tried before."""
    rows, crowded = before
    for tip, row in crowded:
        tip.row = row
    graph.layers[:] = [[vertex for vertex, _ in layer] for layer in rows]
    for layer in rows:
        for vertex, y in layer:
            vertex.stand(y)


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


def _pieces(graph: Layered) -> list[Columns]:
    """Return the connected pieces, in the order of their first boxes."""
    piece: dict[Vertex, int] = {}
    pieces: list[Columns] = []
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
        pieces.append(Columns(len(graph.layers)))
    for number, layer in enumerate(graph.layers):
        for vertex in sorted(layer, key=lambda vertex: vertex.row):
            pieces[piece[vertex]].add_vertex(number, vertex)
    for channel, trunks in enumerate(graph.channels):
        for trunk in trunks:
            pieces[piece[(trunk.left or trunk.right)[0].vertex]].add_trunk(channel, trunk)
    return pieces


def _found(columns: Columns) -> list[Order]:
    """Return orders of a piece with few crossings, the one that is likely to be the best first."""
    rng = random.Random(1)
    results = _attempts(columns, rng)
    if len(columns.vertices) <= SMALL and results[0][0] >= 1:
        part = SHAKES // (2 * len(results))
        results = sorted([_shaken(columns, *result, rng, part) for result in results], key=lambda result: result[0])
        results[0] = _shaken(columns, *results[0], rng, SHAKES // 2)
    plain = [order for _, order in results[:UNBENT]]
    found: list[Order] = []
    for order in (*(_unbent(columns, order) for order in plain), *plain):
        if order not in found:
            found.append(order)
    return found


def _cost(columns: Columns) -> float:
    return columns.crossings() + DISORDER * columns.disorder()


def _attempts(columns: Columns, rng: random.Random) -> list[tuple[float, Order]]:
    """Return different orders and what they cost, the best one first: from the order of declaration, swept from
    either side, and of small pieces from shuffled ones."""
    for number in range(len(columns.order)):
        columns.stand(number)
    start = columns.copy()
    results: list[tuple[float, Order]] = []
    for attempt in range(ATTEMPTS if len(columns.vertices) <= SMALL else 1):
        columns.take(start)
        if attempt > 1:
            columns.shuffle(rng)
        _attempt(columns, attempt)
        order = columns.copy()
        if all(order != other for _, other in results):
            results.append((_cost(columns), order))
        if columns.crossings() == 0:
            break
    return sorted(results, key=lambda result: result[0])


def _attempt(columns: Columns, number: int) -> None:
    best = columns.crossings(), columns.copy()
    is_large = len(columns.vertices) > SMALL
    sweeps = SWEEPS[is_large]
    is_settled = False
    wishes = _wishes(columns)
    idle = 0
    for sweep in range(sweeps):
        both = is_settled or sweep >= sweeps // 2
        forwards = (sweep + number) % 2 == 0
        _sweep(columns, wishes[2 if both else not forwards], forwards=forwards)
        crossings = columns.crossings()
        idle += 1
        if crossings < best[0]:
            best, idle = (crossings, columns.copy()), 0
        if best[0] == 0:
            return
        if idle > PATIENCE[is_large]:
            if both or not is_large:
                break
            is_settled, idle = True, 0
            columns.take(best[1])
    columns.take(best[1])
    columns.crossings()
    switch(columns, columns.crossed())
    if columns.crossings() > best[0]:
        columns.take(best[1])


def _wishes(columns: Columns) -> tuple[list[Ends], list[Ends], list[Ends]]:
    """Return for each vertex what it is joined to on the left, on the right and on either side: vertices, and where
    it stands below their first rows if the line is straight."""
    lefts, rights = columns.wishes
    return lefts, rights, [left + right for left, right in zip(lefts, rights, strict=True)]


def _sweep(columns: Columns, near: list[Ends], *, forwards: bool) -> None:
    at, band = columns.rows, columns.band
    numbers = range(len(columns.order))
    for number in numbers if forwards else reversed(numbers):
        column = columns.order[number]
        if len(column) > 1:
            keys = {}
            for n in column:
                ends = near[n]
                keys[n] = band[n], sum([at[m] + apart for m, apart in ends]) / len(ends) if ends else at[n]
            ordered = sorted(column, key=keys.__getitem__)
            if ordered != column:
                column[:] = ordered
                columns.stand(number)


def _shaken(columns: Columns, cost: float, order: Order, rng: random.Random, times: int) -> tuple[float, Order]:
    """Return a better order, if there is one: lines are moved at random, and other vertices with them to where they
    are best; what makes it worse is taken back.

    That is an iterated local search (H. R. Lourenço, O. C. Martin and T. Stützle, 2003).
    """
    columns.take(order)
    movable = [n for n, column in enumerate(columns.column) if len(columns.order[column]) > 1]
    for _ in range(times if movable else 0):
        before = columns.copy()
        moved = _line(columns, movable[int(rng.random() * len(movable))])
        part = rng.random()
        saved = sum([_move(columns, n, part) for n in moved])
        own = {columns.column[n] for n in moved}
        beside = {n + step for n in own for step in (1, -1)}
        saved += switch(columns, beside - own)
        saved += switch(columns, beside | own)
        if saved < 0:
            columns.take(before)
    found = _cost(columns)
    return (found, columns.copy()) if found < cost else (cost, order)


def _line(columns: Columns, vertex: int) -> list[int]:
    """Return a vertex and the dummies that its line passes on either side."""
    found = [vertex]
    for sides in (columns.lefts, columns.rights):
        at = vertex
        while len(sides[at]) == 1 and columns.vertices[sides[at][0][0]].box is None:
            at = sides[at][0][0]
            found.append(at)
    return found


def _move(columns: Columns, vertex: int, part: float) -> int:
    """Move a vertex to a part of the height of its column; return how many crossings it saves."""
    number = columns.column[vertex]
    column = columns.order[number]
    return Sifter(columns, number).move(column.index(vertex), int(part * len(column)))


def _unbent(columns: Columns, order: Order) -> Order:
    """Return the order with some neighbours exchanged, so that few lines have to bend."""
    columns.take(order)
    push_crossings(columns)
    switch(columns, range(len(order)), straight=True)
    push_crossings(columns)
    align(columns)
    return columns.copy()
