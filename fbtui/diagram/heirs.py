"""Which new box takes the place of one that is gone: a node that was renamed stays where it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from fbtui.diagram.model import Model
from fbtui.diagram.scene import Memory

ALIKE: Final = 0.5
"""Part of the edges that two boxes have in common if one is the heir of the other."""

Links = dict[str, set[tuple[str, str]]]
"""For a box its edges: which of its ports, and the box at the other end."""


def inherited(before: Memory, model: Model) -> Memory:
    """Return the memory with boxes that were renamed under their new names.

    Args:
        before: where things stood.
        model: the boxes and nets now.
    """
    gone = [box for box in before.ranks if box not in model.boxes]
    new = [box for box in model.boxes if box not in before.ranks]
    if not gone or not new or before.model is None:
        return before
    was, now = _links(before.model, gone), _links(model, new)
    heir: dict[str, str] = {}
    for box in new:
        best = max(gone, key=lambda old: len(was[old] & now[box]))
        if len(was[best] & now[box]) > ALIKE * max(len(was[best]), len(now[box])):
            heir[best] = box
            gone.remove(best)
            if not gone:
                break
    return replace(
        before,
        ranks={heir.get(box, box): rank for box, rank in before.ranks.items()},
        rows={heir.get(box, box): row for box, row in before.rows.items()},
        lines={(replace(net, node=heir.get(net.node, net.node)), at): y for (net, at), y in before.lines.items()},
    )


def _links(model: Model, boxes: Iterable[str]) -> Links:
    links: Links = {box: set() for box in boxes}
    for tail, edges in model.nets.items():
        source = model.box_of[tail]
        for edge in edges:
            assert edge.head is not None
            target = model.box_of[edge.head]
            if source in links:
                links[source].add((tail.port, target))
            if target in links:
                links[target].add((edge.head.port, source))
    return links
