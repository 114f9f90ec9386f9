"""Ranks: in which column each box stands.

Few edges run backwards, and those that do are chosen by the order of declaration (greedy sequence of P. Eades, X.
Lin and W. F. Smyth, "A fast and effective heuristic for the feedback arc set problem", 1993). Ranks are longest
paths; boxes with more successors than predecessors are then drawn towards their successors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fbtui.diagram.model import Model

Links = Mapping[str, list[str]]


def ranks(model: Model) -> dict[str, int]:
    """Return the column of each box, from 0."""
    ids = list(model.boxes)
    links = _links(model)
    sequence = _sequence(ids, links)
    place = {box: number for number, box in enumerate(sequence)}
    forward = {box: [other for other in links[box] if place[other] > place[box]] for box in ids}
    rank = dict.fromkeys(ids, 0)
    for box in sequence:
        for other in forward[box]:
            rank[other] = max(rank[other], rank[box] + 1)
    _pull(sequence, forward, rank)
    _pin(model, rank)
    return rank


def _links(model: Model) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {box: [] for box in model.boxes}
    for tail, edges in model.nets.items():
        for edge in edges:
            assert edge.head is not None
            source, target = model.box_of(tail), model.box_of(edge.head)
            if source != target:
                links[source].append(target)
    return links


def _sequence(ids: list[str], links: Links) -> list[str]:
    """Return the boxes in an order in which few edges run backwards."""
    out = {box: len(links[box]) for box in ids}
    incoming: dict[str, list[str]] = {box: [] for box in ids}
    for box in ids:
        for other in links[box]:
            incoming[other].append(box)
    into = {box: len(incoming[box]) for box in ids}
    left: list[str] = []
    right: list[str] = []
    remaining = dict.fromkeys(ids)

    def remove(box: str) -> None:
        del remaining[box]
        for other in links[box]:
            into[other] -= 1
        for other in incoming[box]:
            out[other] -= 1

    while remaining:
        if sources := [box for box in remaining if into[box] == 0]:
            for box in sources:
                remove(box)
            left += sources
        elif sinks := [box for box in remaining if out[box] == 0]:
            for box in sinks:
                remove(box)
            right += reversed(sinks)
        else:
            box = max(remaining, key=lambda one: out[one] - into[one])  # the first declared of the best
            remove(box)
            left.append(box)
    return left + right[::-1]


def _pull(sequence: list[str], forward: Links, rank: dict[str, int]) -> None:
    entering: dict[str, int] = dict.fromkeys(sequence, 0)
    for box in sequence:
        for other in forward[box]:
            entering[other] += 1
    for box in reversed(sequence):
        if forward[box] and len(forward[box]) > entering[box]:
            rank[box] = min(rank[other] for other in forward[box]) - 1


def _pin(model: Model, rank: dict[str, int]) -> None:
    """The graph's own inputs stand in the first column, its outputs in the last one."""
    inner = [rank[box.id] for box in model.boxes.values() if box.pinned is None]
    shift = 1 - min(inner, default=1) if _any_pinned(model, "left") else -min(inner, default=0)
    last = max(inner, default=0) + shift + 1
    for box in model.boxes.values():
        if box.pinned is None:
            rank[box.id] += shift
        else:
            rank[box.id] = 0 if box.pinned == "left" else last


def _any_pinned(model: Model, side: str) -> Iterable[str]:
    return [box.id for box in model.boxes.values() if box.pinned == side]
