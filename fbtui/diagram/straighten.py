"""Fewer bends: vertices whose lines shall be straight are tied into blocks, which then move as one.

Ties between two columns do not cross (after U. Brandes and B. Köpf, "Fast and simple horizontal coordinate
assignment", 2002), so blocks have an order from top to bottom. Each one begins near the rows that `place` gave to
its members, and moves within the room that it has to where fewer lines bend.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import field
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Final

from fbtui.diagram.layers import Layered, Tip, Trunk, Vertex
from fbtui.diagram.ties import Link, heaviest
from fbtui.protocol.plain import slotted

PASSES: Final = 4
BEND: Final = 8
"""A bend is worth so many cells of length."""
REACH: Final = 12
"""Rows apart up to which two tips are tied; in a high picture a part of its height."""
PART: Final = 8
WEIGHTS: Final = (1.3, 1.0, 1.1)
"""Of a tie inside a line that passes several columns, at its end, and from box to box."""
MAIN: Final = 0.3
"""More for a line from the first port to the first port: it is likely to be the main road."""
FORK: Final = 4
"""Rows that it is led out of its way, at most, for the sake of another road beside it."""
NEARNESS: Final = 0.04
"""What a row apart takes from the weight."""

Tie = tuple[Tip, Tip]
"""A line between two columns that shall be straight."""


@slotted(eq=False)
class _Block:
    vertices: list[Vertex]
    offsets: list[int]
    y: int = 0
    above: list[tuple[_Block, int]] = field(default_factory=list)
    """Blocks that lie above, and how many rows it is below them at least."""
    below: list[tuple[_Block, int]] = field(default_factory=list)
    lines: list[tuple[_Block, int]] = field(default_factory=list)
    """Blocks that lines lead to, and how many rows this one is below the other where the line is straight."""
    turns: list[tuple[_Block, int]] = field(default_factory=list)


def straighten(graph: Layered) -> None:
    """Move vertices, their order unchanged, so that many lines are straight."""
    blocks = _blocks(graph)
    _settle(blocks)
    for number in range(PASSES):
        for block in blocks if number % 2 == 0 else blocks[::-1]:
            _move(block)
        if number == 1:
            _close(blocks)
    for block in blocks:
        for vertex, offset in zip(block.vertices, block.offsets, strict=True):
            vertex.stand(block.y + offset)


def _blocks(graph: Layered) -> list[_Block]:
    """Return the blocks, each after those above it."""
    onward: dict[Vertex, Tie] = {}
    reach = max(REACH, _height(graph) // PART)
    edges = Counter((hop.start, hop.end) for hops in graph.hops.values() for hop in hops)
    for trunks in graph.channels:
        onward.update((tie[0].vertex, tie) for tie in _ties(trunks, graph.layers, reach, edges))
    tied = {tip.vertex for _, tip in onward.values()}
    block_of: dict[Vertex, tuple[_Block, int]] = {}
    blocks = [_grow(vertex, onward, block_of) for layer in graph.layers for vertex in layer if vertex not in tied]
    for layer in graph.layers:
        for upper, lower in pairwise(layer):
            (over, at), (under, here) = block_of[upper], block_of[lower]
            apart = at + upper.height + max(upper.gap, lower.gap) - here
            over.below.append((under, apart))
            under.above.append((over, apart))
    for block in blocks:
        for vertex, offset in zip(block.vertices, block.offsets, strict=True):
            for tip in vertex.tips:
                row = offset + tip.row
                for others, found in ((tip.lefts, block.lines), (tip.rights, block.lines), (tip.turns, block.turns)):
                    for other in others:
                        far, at = block_of[other.vertex]
                        if far is not block:
                            found.append((far, at + other.row - row))
    return _sorted(blocks)


def _height(graph: Layered) -> int:
    rows = [vertex.y for layer in graph.layers for vertex in layer]
    return max(rows, default=0) - min(rows, default=0)


def _grow(vertex: Vertex, onward: dict[Vertex, Tie], block_of: dict[Vertex, tuple[_Block, int]]) -> _Block:
    block = _Block([vertex], [0])
    block_of[vertex] = block, 0
    offset = 0
    while vertex in onward:
        a, b = onward[vertex]
        vertex, offset = b.vertex, offset + a.row - b.row
        block.vertices.append(vertex)
        block.offsets.append(offset)
        block_of[vertex] = block, offset
    return block


def _ties(trunks: list[Trunk], layers: list[list[Vertex]], reach: int, edges: Counter[Tie]) -> list[Tie]:
    """Return pairs of tips whose line shall be straight: no vertex twice, none across another one."""
    pairs = [(a, b) for trunk in trunks for a in trunk.left for b in trunk.right if abs(a.y - b.y) <= reach]
    if not pairs:
        return []
    left = {vertex: n for n, vertex in enumerate(layers[pairs[0][0].vertex.layer])}
    right = {vertex: n for n, vertex in enumerate(layers[pairs[0][1].vertex.layer])}
    return heaviest([Link(left[a.vertex], right[b.vertex], _weight(a, b, edges[a, b]), (a, b)) for a, b in pairs])


def _weight(a: Tip, b: Tip, edges: int) -> float:
    """A bend in a line that several edges share is a bend of each."""
    boxes = (a.vertex.box is not None) + (b.vertex.box is not None)
    is_main = boxes == 2 and a.row == b.row == 1 and abs(a.y - b.y) <= FORK
    return max(0, edges - 1) + WEIGHTS[boxes] + MAIN * is_main - abs(a.y - b.y) * NEARNESS


def _sorted(blocks: list[_Block]) -> list[_Block]:
    waits = {block: len(block.above) for block in blocks}
    free = [block for block in blocks if not block.above]
    done = []
    while free:
        block = free.pop()
        done.append(block)
        for other, _ in block.below:
            waits[other] -= 1
            if not waits[other]:
                free.append(other)
    return done


def _settle(blocks: list[_Block]) -> None:
    """Stand near the rows that the members have: in the middle between pushing down and pushing up."""
    wanted = {}
    for block in blocks:
        rows = sorted(v.y - offset for v, offset in zip(block.vertices, block.offsets, strict=True))
        wanted[block] = rows[len(rows) // 2]
    down: dict[_Block, int] = {}
    for block in blocks:
        down[block] = max([wanted[block], *(down[other] + apart for other, apart in block.above)])
    up: dict[_Block, int] = {}
    for block in reversed(blocks):
        up[block] = min([wanted[block], *(up[other] - apart for other, apart in block.below)])
    for block in blocks:
        block.y = (down[block] + up[block]) // 2


def _move(block: _Block) -> None:
    """Move a block, within the room that it has, to where its lines are straight and short."""
    low = max([other.y + apart for other, apart in block.above], default=-(10**6))
    high = min([other.y - apart for other, apart in block.below], default=10**6)
    if low >= high:
        return
    wishes = [other.y + apart for other, apart in block.lines]
    turns = [other.y + apart for other, apart in block.turns]
    rows = {min(max(row, low), high) for row in (*wishes, *turns)}
    here = block.y
    best = min(rows, key=lambda row: (_cost(row, wishes, turns), abs(row - here), row), default=here)
    if best != here and _cost(best, wishes, turns) < _cost(here, wishes, turns):
        block.y = best


def _cost(row: int, wishes: list[int], turns: list[int]) -> int:
    bends = sum([wish != row for wish in wishes])
    return BEND * bends + sum([abs(wish - row) for wish in wishes]) + sum([abs(wish - row) for wish in turns])


def _close(blocks: list[_Block]) -> None:
    """Close gaps: all that lies above one moves down where that makes lines shorter.

    From the top, the blocks are gone through in an order in which all that lies above a block comes before it.
    """
    upper: dict[_Block, None] = {}
    tight = 0
    for block in _downwards(blocks):
        upper[block] = None
        tight -= sum([over.y + apart == block.y for over, apart in block.above])
        tight += sum([block.y + apart == under.y for under, apart in block.below])
        if not tight and _lower(upper):
            tight = sum([b.y + apart == o.y for b in upper for o, apart in b.below if o not in upper])


def _lower(upper: Mapping[_Block, None]) -> bool:
    """Move blocks down if that makes lines shorter; return whether they were moved."""
    room = min([o.y - b.y - apart for b in upper for o, apart in b.below if o not in upper], default=0)
    ways = [(o.y + apart - b.y, 1) for b in upper for o, apart in b.lines if o not in upper]
    ways += [(o.y + apart - b.y, 0) for b in upper for o, apart in b.turns if o not in upper]
    if not room or not ways:
        return False
    middle = sorted([way for way, _ in ways])[len(ways) // 2]
    best = max((room, min(max(middle, 0), room)), key=lambda rows: _gain(rows, ways))
    if _gain(best, ways) <= 0:
        return False
    for block in upper:
        block.y += best
    return True


def _gain(rows: int, ways: list[tuple[int, int]]) -> int:
    return sum([abs(way) - abs(way - rows) + BEND * line * ((way != 0) - (way != rows)) for way, line in ways])


def _downwards(blocks: list[_Block]) -> Iterator[_Block]:
    number = {block: n for n, block in enumerate(blocks)}
    waits = {block: len(block.above) for block in blocks}
    free = [(block.y, number[block]) for block in blocks if not block.above]
    heapify(free)
    while free:
        block = blocks[heappop(free)[1]]
        for other, _ in block.below:
            waits[other] -= 1
            if not waits[other]:
                heappush(free, (other.y, number[other]))
        yield block
