"""Ranks: in which column each box stands.

Edges run forward but for a few (see `feedback`), and all together are as short as can be (see `simplex`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fbtui.diagram.feedback import Links, forward_sequence
from fbtui.diagram.model import Model
from fbtui.diagram.simplex import shortest

FEW: Final = 3
CALM: Final = 0.02
"""Boxes, and part of all boxes, that may change their column for the sake of an edge."""
SCREENFUL: Final = 60
"""Boxes from which on a new one does not push aside many, either: it stands beside those it leads to."""
LONE_DENSITY: Final = 0.8
"""Columns squared for each box without an edge: about what fills a screen."""


def ranks(model: Model, before: Mapping[str, int] | None = None) -> dict[str, int]:
    """Return the column of each box, from 0.

    Args:
        model: the boxes and nets.
        before: the columns that boxes have had; they stay there as far as the edges allow it.
    """
    return _Ranker(model, before or {}).ranks()


class _Ranker:
    def __init__(self, model: Model, before: Mapping[str, int]) -> None:
        self._before = before
        self._boxes = sorted(model.boxes.values(), key=lambda box: before.get(box.id, -1))
        number = {box.id: i for i, box in enumerate(self._boxes)}
        self._links: Links = [[] for _ in self._boxes]
        self._data: Links = [[] for _ in self._boxes]
        self._is_lone = [True] * len(self._boxes)
        for tail, edges in model.nets.items():
            source = number[model.box_of[tail]]
            for edge in edges:
                assert edge.head is not None
                target = number[model.box_of[edge.head]]
                self._is_lone[source] = self._is_lone[target] = False
                if target != source:
                    self._links[source].append(target)
                    if edge.head.kind in {"input", "output"}:
                        self._data[source].append(target)

    def ranks(self) -> dict[str, int]:
        sequence = forward_sequence(self._links, self._data)
        place = [0] * len(sequence)
        for i, box in enumerate(sequence):
            place[box] = i
        after = [sorted({o for o in out if place[o] > place[box]}) for box, out in enumerate(self._links)]
        earlier: Links = [[] for _ in after]
        for box, others in enumerate(after):
            for other in others:
                earlier[other].append(box)
        if self._before:
            rank = self._kept(sequence, earlier, after)
        else:
            rank = [0] * len(sequence)
            for box in sequence:
                rank[box] = max((rank[other] + 1 for other in earlier[box]), default=0)
            shortest(earlier, after, rank)
        self._pin(rank)
        return {box.id: rank[i] for i, box in enumerate(self._boxes)}

    def _kept(self, sequence: list[int], earlier: Links, after: Links) -> list[int]:
        """Each box stays, unless an edge wants it elsewhere: then those right of the edge make room, or those left.

        Where either would move many, a new edge between boxes from before runs backwards instead; in a large picture
        one of a new box, too.
        """
        old = [self._before.get(box.id) for box in self._boxes]

        def moved(rank: list[int]) -> int:
            return sum([was is not None and was != now for was, now in zip(old, rank, strict=True)])

        rank = _pushed(sequence, earlier, after, old)
        if moved(rank) > FEW:
            mirrored = [None if was is None else -was for was in old]
            pulled = [-at for at in _pushed(sequence[::-1], after, earlier, mirrored)]
            rank = min(rank, pulled if min(pulled) >= 0 else rank, key=moved)
        if moved(rank) <= max(FEW, len(rank) * CALM):
            return rank
        if len(rank) > SCREENFUL:
            old = [
                max([at + 1 for other in earlier[box] if (at := old[other]) is not None], default=was)
                if was is None
                else was
                for box, was in enumerate(old)
            ]

        def fits(source: int, target: int) -> bool:
            a, b = old[source], old[target]
            return a is None or b is None or a < b

        earlier = [[other for other in others if fits(other, box)] for box, others in enumerate(earlier)]
        return _pushed(sequence, earlier, after, old)

    def _pin(self, rank: list[int]) -> None:
        """The graph's own inputs stand in the first column, its outputs in the last one."""
        inner = [i for i, box in enumerate(self._boxes) if box.pinned is None]
        joined = [rank[i] for i in inner if not self._is_lone[i]]
        first = 1 if any(box.pinned == "left" for box in self._boxes) else 0
        shift = first - min(joined, default=first)
        if self._before:
            shift = max(0, shift)  # rather an empty column than all moved
        for i in inner:
            rank[i] += shift
        last = max(joined, default=first - 1) + shift
        lone = [i for i in inner if self._is_lone[i]]
        columns = max(last - first + 1, round((LONE_DENSITY * len(lone)) ** 0.5), 1)
        for n, i in enumerate(lone):
            rank[i] = first + n % columns
        last = max((rank[i] for i in inner), default=0)
        for i, box in enumerate(self._boxes):
            if box.pinned is not None:
                rank[i] = 0 if box.pinned == "left" else max(last + 1, 1)


def _pushed(sequence: list[int], earlier: Links, after: Links, old: list[int | None]) -> list[int]:
    """Return old ranks, or so much more that edges run forwards."""
    rank = [0] * len(sequence)
    for box in sequence:
        was = old[box]
        if was is None:
            was = min((at for other in after[box] if (at := old[other]) is not None), default=1) - 1
            was = None if earlier[box] else was
        rank[box] = max([rank[other] + 1 for other in earlier[box]] + ([] if was is None else [was]), default=0)
    return rank
