"""The lines in the channels: each trunk gets a vertical track.

Where a tip on the left of one trunk and a tip on the right of another share a row, the first trunk must lie left of
the second, or their lines would run over each other. Where that leads round in a circle, one trunk is split in two
that are joined on a free row. Beyond that the order is chosen for few crossings.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import Final

from fbtui.diagram.layers import Trunk
from fbtui.protocol import End

LABEL: Final = 6
"""Cells before each arrow that are free of other lines: for what waits on the edge."""
STEP: Final = 2
"""Columns from one track to the next: one stays free, for the same reason as the row in `Part.meets`."""

Point = tuple[int, int]
"""Column and row of a cell."""


@dataclass
class Part:
    """A vertical line of a net: its rows on either side, and its track."""

    net: End
    left: list[int]
    right: list[int]
    track: int = 0
    x: int = 0
    joined: Part | None = None
    """The second half of a split trunk, reached over ``bridge``."""
    bridge: int = 0

    @property
    def low(self) -> int:
        """The topmost row."""
        return min(self.left + self.right)

    @property
    def high(self) -> int:
        """The lowest row."""
        return max(self.left + self.right)

    @property
    def is_straight(self) -> bool:
        """True if nothing has to be joined: one line goes straight through."""
        return self.low == self.high

    def meets(self, other: Part) -> bool:
        """Return whether they cannot have the same track. A row stays free between two lines on one track: in
        plain characters a branch does not tell where it leads."""
        return self.low <= other.high + 1 and other.low <= self.high + 1


@dataclass
class Channel:
    """The gap right of a column: where it begins and ends, and the parts of its trunks."""

    start: int = 0
    end: int = 0
    parts: dict[End, Part] = field(default_factory=dict)
    tracks: int = 0

    @property
    def width(self) -> int:
        """Columns of cells that it needs."""
        if not self.parts:
            return 2
        return 2 + max(0, self.tracks - 1) * STEP + (1 if self.tracks else 0) + LABEL + 1

    def lay(self, start: int) -> None:
        """Fix the columns, from ``start`` on."""
        self.start, self.end = start, start + self.width - 1
        for part in self.parts.values():
            half: Part | None = part
            while half is not None:
                half.x = start + 2 + half.track * STEP
                half = half.joined


def assign_tracks(trunks: dict[End, Trunk]) -> Channel:
    """Return the channel of these trunks, whose tips are placed."""
    channel = Channel()
    for net, trunk in trunks.items():
        channel.parts[net] = Part(net, sorted({t.y for t in trunk.left}), sorted({t.y for t in trunk.right}))
    bent = [part for part in channel.parts.values() if not part.is_straight]
    taken = {row for part in channel.parts.values() for row in part.left + part.right}
    sequence = _sequence(bent, taken)
    _level(sequence)
    channel.tracks = max((part.track + 1 for part in sequence), default=0)
    return channel


def _sequence(parts: list[Part], taken: set[int]) -> list[Part]:
    """Return the parts from left to right, splitting where they must be both left and right of each other."""
    costs = _costs(parts)
    waiting = list(parts)
    must: dict[int, set[int]] = {id(part): _left_of(part, parts) for part in parts}
    done: list[Part] = []
    while waiting:
        open_ids = {id(part) for part in waiting}
        free = [part for part in waiting if not must[id(part)] & open_ids]
        if free:
            chosen = min(
                free, key=lambda part: (_worse(part, waiting, costs), _score(part, waiting, costs), part.low)
            )
            waiting.remove(chosen)
            done.append(chosen)
        else:
            split = min(waiting, key=lambda part: part.high - part.low)
            second = _split(split, taken)
            must[id(second)] = must[id(split)] | {id(split)}
            must[id(split)] = set()
            waiting.append(second)
    return done


def _left_of(part: Part, parts: list[Part]) -> set[int]:
    """Return the parts that must lie left of one: their left tips share rows with its right ones."""
    rows = set(part.right)
    return {id(other) for other in parts if other is not part and not rows.isdisjoint(other.left)}


def _costs(parts: list[Part]) -> dict[tuple[int, int], int]:
    """Return for each pair how many more crossings it makes with the first on the left than the other way round."""
    costs = {}
    for i, a in enumerate(parts):
        for b in parts[i + 1 :]:
            if a.meets(b):
                a_first = _within(a.right, b) + _within(b.left, a)
                b_first = _within(b.right, a) + _within(a.left, b)
                costs[id(a), id(b)], costs[id(b), id(a)] = a_first - b_first, b_first - a_first
    return costs


def _within(rows: list[int], part: Part) -> int:
    return bisect_right(rows, part.high) - bisect_left(rows, part.low)


def _worse(part: Part, waiting: list[Part], costs: dict[tuple[int, int], int]) -> bool:
    return any(costs.get((id(part), id(other)), 0) > 0 for other in waiting if other is not part)


def _score(part: Part, waiting: list[Part], costs: dict[tuple[int, int], int]) -> int:
    return sum(costs.get((id(part), id(other)), 0) for other in waiting if other is not part)


def _split(part: Part, taken: set[int]) -> Part:
    """Cut a part in two, joined on a row that nothing else uses; return the second one."""
    row = part.low
    while row in taken:
        row += 1
    taken.add(row)
    second = Part(part.net, [row], part.right, joined=part.joined, bridge=part.bridge)
    part.right, part.joined, part.bridge = [row], second, row
    return second


def _level(sequence: list[Part]) -> None:
    """Give each part the leftmost track that lies right of those before it that it meets or must follow."""
    for i, part in enumerate(sequence):
        part.track = 0
        rows = set(part.right)
        for other in sequence[:i]:
            if part.meets(other) or other.joined is part or not rows.isdisjoint(other.left):
                part.track = max(part.track, other.track + 1)
