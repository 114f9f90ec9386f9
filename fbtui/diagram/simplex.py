"""The shortest lines that ranks can give: a network simplex.

After E. R. Gansner, E. Koutsofios, S. C. North and K.-P. Vo, "A technique for drawing directed graphs" (1993). All
edges weigh the same here, so what their cut values say is what the boxes below a tree edge say together: by how many
more edges leave them than come to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from fbtui.diagram.feedback import Links

ROUNDS: Final = 20
"""Times that every box is looked at, at most: exchanges that change no rank could go round for ever."""


def shortest(earlier: Links, after: Links, rank: list[int]) -> None:
    """Change ranks so that the edges together are as short as can be.

    Of columns that are as good for a box, it stands in one with few boxes.

    Args:
        earlier: the boxes from which edges come to each box.
        after: the boxes to which edges lead from each box.
        rank: the rank of each box; edges run forwards.
    """
    tree = _Tree(earlier, after, rank)
    for _ in range(ROUNDS):
        if not sum(map(tree.improve, range(len(rank)))):
            break
    _balance(earlier, after, rank)


def _balance(earlier: Links, after: Links, rank: list[int]) -> None:
    """Move boxes that make lines no longer there to a column with fewer boxes, the nearest one of these."""
    count = Counter(rank)
    for box, (before, behind) in enumerate(zip(earlier, after, strict=True)):
        if before and len(before) == len(behind):
            here = rank[box]
            columns = range(max(rank[other] for other in before) + 1, min(rank[other] for other in behind))
            best = min(columns, key=lambda column: (count[column] - (column == here), abs(column - here)))
            if count[best] < count[here]:
                count[here] -= 1
                count[best] += 1
                rank[box] = best


def _tighten(earlier: Links, after: Links, rank: list[int]) -> None:
    """Shift pieces, held together by edges of length one, until every connected part of the graph is one piece."""
    pieces = _Pieces(len(rank))
    for box, others in enumerate(after):
        for other in others:
            if rank[other] == rank[box] + 1:
                pieces.join(box, other)
    is_done = False
    while not is_done:
        is_done = True
        for piece in pieces.all():
            found = _nearest(piece, earlier, after, rank) if piece else None
            if found is not None:
                way, inside, outside = found
                for one in piece:
                    rank[one] += way
                pieces.join(inside, outside)
                is_done = False


class _Pieces:
    """Sets of boxes that do not overlap."""

    def __init__(self, count: int) -> None:
        self._of = [{box} for box in range(count)]

    def join(self, box: int, other: int) -> None:
        """Make one set of those of two boxes; the smaller one of them is empty afterwards."""
        small, large = sorted((self._of[box], self._of[other]), key=len)
        if small is not large:
            large |= small
            for one in small:
                self._of[one] = large
            small.clear()

    def all(self) -> list[set[int]]:
        """Return the sets, the smallest ones first."""
        return sorted({id(piece): piece for piece in self._of}.values(), key=len)


def _nearest(piece: set[int], earlier: Links, after: Links, rank: list[int]) -> tuple[int, int, int] | None:
    """Return by how much a piece moves to touch another one, in the direction that makes lines no longer, and the
    two boxes that touch then; None if nothing else is joined to it."""
    right = [(rank[o] - rank[box] - 1, box, o) for box in piece for o in after[box] if o not in piece]
    left = [(rank[box] - rank[o] - 1, box, o) for box in piece for o in earlier[box] if o not in piece]
    if not right and not left:
        return None
    if len(right) > len(left) or not left:
        return min(right)
    room, inside, outside = min(left)
    return -room, inside, outside


class _Tree:
    """Trees of edges of length one over all boxes, one for each connected part of the graph."""

    def __init__(self, earlier: Links, after: Links, rank: list[int]) -> None:
        self._earlier, self._after, self._rank = earlier, after, rank
        _tighten(earlier, after, rank)
        count = len(rank)
        self._parent = [-1] * count
        self._children: list[set[int]] = [set() for _ in range(count)]
        self._pull = [len(after[box]) - len(earlier[box]) for box in range(count)]
        """By how many more edges leave the boxes below one, itself included, than come to them."""
        self._grow()

    def _grow(self) -> None:
        rank, known = self._rank, [False] * len(self._rank)
        for root in range(len(rank)):
            if known[root]:
                continue
            known[root] = True
            sequence = [root]
            for box in sequence:
                close = [o for o in self._after[box] if rank[o] == rank[box] + 1]
                close += [o for o in self._earlier[box] if rank[o] == rank[box] - 1]
                for other in close:
                    if not known[other]:
                        known[other] = True
                        self._hang(other, box)
                        sequence.append(other)
            for box in reversed(sequence[1:]):
                self._pull[self._parent[box]] += self._pull[box]

    def _hang(self, box: int, parent: int) -> None:
        self._parent[box] = parent
        self._children[parent].add(box)

    def improve(self, box: int) -> bool:
        """Move what hangs below a box, if the edge above it only holds it back, to where another edge holds it."""
        parent, pull = self._parent[box], self._pull[box]
        if parent < 0 or not pull:
            return False
        way = 1 if pull > 0 else -1
        if (self._rank[parent] - self._rank[box]) * way > 0:
            return False
        below = self._below(box)
        ahead = self._after if way > 0 else self._earlier
        room, inside, outside = min(
            ((self._rank[o] - self._rank[one]) * way - 1, one, o)
            for one in below
            for o in ahead[one]
            if o not in below
        )
        if room:
            for one in below:
                self._rank[one] += way * room
        self._rehang(box, inside, outside)
        return True

    def _below(self, box: int) -> set[int]:
        found = {box}
        todo = [box]
        while todo:
            children = self._children[todo.pop()]
            found |= children
            todo += children
        return found

    def _rehang(self, box: int, inside: int, outside: int) -> None:
        """Cut what hangs below a box off, and hang it by another of its boxes below one that is not among them."""
        parent, pull = self._parent[box], self._pull[box]
        self._children[parent].discard(box)
        self._add(-pull, self._upwards(parent))
        path = list(self._upwards(inside, box))
        pulls = [pull - self._pull[one] for one in path]
        for one, upper in pairwise(path):
            self._children[upper].discard(one)
        for (one, upper), rest in zip(pairwise(path), pulls, strict=False):
            self._hang(upper, one)
            self._pull[upper] = rest
        self._pull[inside] = pull
        self._hang(inside, outside)
        self._add(pull, self._upwards(outside))

    def _add(self, pull: int, boxes: Iterable[int]) -> None:
        for box in boxes:
            self._pull[box] += pull

    def _upwards(self, box: int, last: int = -1) -> Iterator[int]:
        """Yield a box and those above it, up to the last one."""
        while box != last and box >= 0:
            yield box
            box = self._parent[box]
        if last >= 0:
            yield last
