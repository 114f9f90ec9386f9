"""Which edges run backwards: few, and those that the order of declaration suggests.

Only edges within a strongly connected component (R. Tarjan, 1972) can. Each component is put in a sequence: the
order of declaration, and beside it the greedy one of P. Eades, X. Lin and W. F. Smyth ("A fast and effective
heuristic for the feedback arc set problem", 1993), both improved by moving boxes one at a time; the better one is
taken, declaration where they are equal. A component that is fed from outside begins where data enters it, or with
the box that is declared first, though it may cost an edge or two: a picture whose entrance is in its middle cannot
be read.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

Links = list[list[int]]
"""For each box, by number, the boxes that its edges lead to, one entry an edge."""

PASSES: Final = 8
DOORS: Final = 3
"""Where data enters a circle at more boxes than this, none of them is the entrance."""


def forward_sequence(links: Links, data: Links) -> list[int]:
    """Return the boxes in an order in which few edges run backwards; equal ones as they are numbered.

    Args:
        links: all edges.
        data: those of them that lead to inputs: where such an edge comes from outside a circle, the circle begins.
    """
    sequence: list[int] = []
    entered = [False] * len(links)
    waiting = _components(range(len(links)), links)[::-1]
    while waiting:
        members = sorted(waiting.pop())
        done = _break(members, links) if len(members) > 1 else members
        doors = [box for box in members if entered[box]]
        if 0 < len(doors) <= DOORS and done[0] not in {members[0], *doors}:
            inside = set(members)
            into = Counter(other for box in members for other in links[box] if other in inside)
            first = min(doors, key=lambda box: (into[box], box))
            done = [first]
            waiting += _components([box for box in members if box != first], links)[::-1]
        sequence += done
        for box in done:
            for other in data[box]:
                entered[other] = True
    return sequence


def _components(boxes: Sequence[int], links: Links) -> list[list[int]]:
    """Return the strongly connected components of some boxes, every one after those that lead to it."""
    index = dict.fromkeys(boxes, -1)
    low: dict[int, int] = {}
    waiting: set[int] = set()
    stack: list[int] = []
    found: list[list[int]] = []
    count = 0
    for root in reversed(boxes):
        if index[root] >= 0:
            continue
        path: list[tuple[int, Iterator[int]]] = [(root, iter(()))]
        while path:
            node, rest = path[-1]
            if index[node] < 0:
                index[node] = low[node] = count
                count += 1
                stack.append(node)
                waiting.add(node)
                rest = iter([other for other in links[node][::-1] if other in index])
                path[-1] = node, rest
            for other in rest:
                if index[other] < 0:
                    path.append((other, iter(())))
                    break
                if other in waiting:
                    low[node] = min(low[node], index[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    at = stack.index(node)
                    found.append(stack[at:])
                    waiting.difference_update(found[-1])
                    del stack[at:]
    return found[::-1]


def _break(members: list[int], links: Links) -> list[int]:
    inside = set(members)
    out = {box: [other for other in links[box] if other in inside and other != box] for box in members}
    into: dict[int, list[int]] = {box: [] for box in members}
    for box in members:
        for other in out[box]:
            into[other].append(box)
    found = [_improved(start, out, into) for start in (members, _greedy(members, out, into))]
    return min(found, key=lambda sequence: _backwards(sequence, out))


def _backwards(sequence: list[int], out: dict[int, list[int]]) -> int:
    place = {box: number for number, box in enumerate(sequence)}
    return sum(place[other] < place[box] for box in sequence for other in out[box])


def _greedy(members: list[int], out: dict[int, list[int]], into: dict[int, list[int]]) -> list[int]:
    surplus = {box: len(out[box]) - len(into[box]) for box in members}
    entering = {box: len(into[box]) for box in members}
    leaving = {box: len(out[box]) for box in members}
    left: list[int] = []
    right: list[int] = []
    remaining = dict.fromkeys(members)
    sources: list[int] = []
    sinks: list[int] = []
    while remaining:
        if sources:
            box = sources.pop()
        elif sinks:
            box = sinks.pop()
        else:
            box = max(remaining, key=surplus.__getitem__)  # the first declared of the best
        if box not in remaining:
            continue
        del remaining[box]
        if entering[box] and not leaving[box]:
            right.append(box)
        else:
            left.append(box)
        for other in out[box]:
            entering[other] -= 1
            surplus[other] += 1
            if not entering[other]:
                sources.append(other)
        for other in into[box]:
            leaving[other] -= 1
            surplus[other] -= 1
            if not leaving[other]:
                sinks.append(other)
    return left + right[::-1]


def _improved(start: list[int], out: dict[int, list[int]], into: dict[int, list[int]]) -> list[int]:
    """Move boxes, one at a time, to where fewer of their edges run backwards."""
    sequence = list(start)
    place = {box: number for number, box in enumerate(sequence)}
    for _ in range(PASSES):
        moved = False
        for box in start:
            target = _best_place(place[box], [place[x] for x in into[box]], [place[x] for x in out[box]])
            if target != place[box]:
                here = place[box]
                sequence.pop(here)
                sequence.insert(target, box)
                for number in range(min(here, target), max(here, target) + 1):
                    place[sequence[number]] = number
                moved = True
        if not moved:
            break
    return sequence


def _best_place(here: int, sources: list[int], targets: list[int]) -> int:
    """Return the place nearest to ``here`` with the fewest backward edges, where a box with these neighbours stays
    if no other is better."""
    sources.sort()
    targets.sort()

    def backwards(gap: int) -> int:  # before the box that is at ``gap`` now
        return len(sources) - bisect_left(sources, gap) + bisect_left(targets, gap)

    gaps = {place + 1 for place in sources} | set(targets)
    best = min(gaps, key=lambda gap: (backwards(gap), abs(gap - here), gap), default=here)
    if backwards(best) >= backwards(here):
        return here
    return best if best < here else best - 1
