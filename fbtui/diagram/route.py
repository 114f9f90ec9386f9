"""The lines in the channels: each trunk gets a vertical track.

Where a tip on the left of one trunk and a tip on the right of another share a row, the first trunk must lie left of
the second, or their lines would run over each other. Where that leads round in a circle, one trunk is split in two
that are joined on a free row. Beyond that the order is chosen for few crossings.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import field
from typing import Final

from fbtui.diagram.layers import Trunk
from fbtui.protocol.plain import slotted

ROOMY: Final = 3
"""So many tracks stand two columns apart, more of them close together."""
REFINED: Final = 90
"""Trunks in a channel up to which their order is refined."""
REFINEMENTS: Final = 4
KNOT: Final = 24
"""Crossings too many from which on other orders are tried."""
TRIALS: Final = 24
SHAKEN: Final = 4
"""Trunks that are moved at random in each of them."""

Point = tuple[int, int]
"""Column and row of a cell."""


@slotted(eq=False)
class Part:
    """A vertical line of a net: its rows on either side, and its track."""

    left: list[int]
    right: list[int]
    low: int = 0
    """The topmost row."""
    high: int = 0
    """The lowest row."""
    track: int = 0
    x: int = 0
    joined: Part | None = None
    """The second half of a split trunk, reached over ``bridge``."""
    bridge: int = 0
    rivals: dict[Part, int] = field(default_factory=dict)
    """Parts that cannot have the same track, and how many more crossings it costs to be left of them."""
    follows: set[Part] = field(default_factory=set)
    """Parts that must lie left of it."""

    def __post_init__(self) -> None:
        self.low = min(self.left[:1] + self.right[:1])
        self.high = max(self.left[-1:] + self.right[-1:])

    @property
    def is_straight(self) -> bool:
        """True if nothing has to be joined: one line goes straight through."""
        return self.low == self.high

    def branches_at(self, row: int) -> bool:
        """Return whether its cell in a row is no plain corner."""
        return self.low < row < self.high or (row in self.left and row in self.right)

    def meets(self, other: Part) -> bool:
        """Return whether they cannot have the same track. In plain characters a branch does not tell where it
        leads: below and above it a row stays free."""
        if self.low > other.low:
            return other.meets(self)
        if self.high + 1 == other.low:
            return self.branches_at(self.high) or other.branches_at(other.low)
        return other.low <= self.high


@slotted()
class Channel:
    """The gap right of a column: where it begins and ends, and the parts of its trunks."""

    parts: dict[Trunk, Part] = field(default_factory=dict)
    tracks: int = 0
    step: int = 2
    label: int = 0
    """Cells before each arrow that are free of other lines: for what waits on the edge."""
    start: int = 0
    end: int = 0
    arrows: bool = False

    @property
    def width(self) -> int:
        """Columns of cells that it needs."""
        tracks = (self.tracks - 1) * self.step + 1 if self.tracks else 0
        return max(3, 1 + tracks + max(1, self.label + self.arrows))

    @property
    def spare(self) -> int:
        """Columns that a crowded channel has to spare at first: one more line then does not push aside what is
        right of it."""
        return self.tracks > ROOMY

    @property
    def bent(self) -> int:
        """How many trunks are no straight lines."""
        return sum(not part.is_straight for part in self.parts.values())

    def crossings(self) -> int:
        """Count where lines cross."""
        parts = []
        for part in self.parts.values():
            half: Part | None = part
            while half is not None:
                parts.append(half)
                half = half.joined
        bent = [part for part in parts if not part.is_straight]
        return sum(_crossed(part, other) for part in bent for other in parts if other is not part)

    def lay(self, start: int, width: int) -> None:
        """Fix the columns, from ``start`` on."""
        self.start, self.end = start, start + width - 1
        for part in self.parts.values():
            half: Part | None = part
            while half is not None:
                half.x = start + 1 + half.track * self.step
                half = half.joined


def assign_tracks(trunks: list[Trunk], most: int | None = None) -> Channel:
    """Return the channel of these trunks, whose tips are placed.

    Args:
        trunks: the trunks.
        most: the width in which the tracks shall fit, if they can.
    """
    channel = Channel()
    for trunk in trunks:
        channel.parts[trunk] = Part(sorted({tip.y for tip in trunk.left}), sorted({tip.y for tip in trunk.right}))
    bent = [part for part in channel.parts.values() if not part.is_straight]
    taken = {row for part in channel.parts.values() for row in (*part.left, *part.right)}
    _find_rivals(bent)
    sequence = _sequence(bent, taken)
    channel.tracks = _level(sequence, apart=1)
    if channel.tracks > ROOMY or (most is not None and 2 * channel.tracks > most):
        channel.tracks, channel.step = _level(sequence, apart=2), 1
    return channel


def _find_rivals(parts: list[Part]) -> None:
    by_low = sorted(parts, key=lambda part: part.low)
    for i, part in enumerate(by_low):
        reach = part.high + 1
        for n in range(i + 1, len(by_low)):
            other = by_low[n]
            if other.low > reach:
                break
            _compare(part, other)


def _compare(a: Part, b: Part) -> None:
    """Note what it costs that one lies left of the other, and what they must."""
    if not a.meets(b):
        return
    a_first = _within(a.right, b) + _within(b.left, a)
    b_first = _within(b.right, a) + _within(a.left, b)
    a.rivals[b], b.rivals[a] = a_first - b_first, b_first - a_first
    if _share(a.left, b.right):
        b.follows.add(a)
    if _share(b.left, a.right):
        a.follows.add(b)


def _crossed(upright: Part, other: Part) -> int:
    """Count the level lines of another part that cross an upright one."""
    if other.is_straight:
        return upright.low < other.low < upright.high
    if other.track == upright.track:
        return 0
    return _within(other.left if other.track > upright.track else other.right, upright)


def _share(some: list[int], others: list[int]) -> bool:
    if len(some) == 1:
        return some[0] in others
    return not set(some).isdisjoint(others)


def _within(rows: list[int], part: Part) -> int:
    if len(rows) == 1:
        return part.low <= rows[0] <= part.high
    return bisect_right(rows, part.high) - bisect_left(rows, part.low)


def _sequence(parts: list[Part], taken: set[int]) -> list[Part]:
    """Return the parts from left to right, splitting where they must be both left and right of each other."""
    waiting = dict.fromkeys(parts)
    score = {part: sum(part.rivals.values()) for part in parts}
    worse = {part: sum([cost > 0 for cost in part.rivals.values()]) for part in parts}
    done: list[Part] = []
    while waiting:
        free = [part for part in waiting if not part.follows or waiting.keys().isdisjoint(part.follows)]
        if not free:
            split = _to_split(waiting)
            second = _split(split, taken, [*done, *waiting])
            waiting[second] = None
            score[second] = worse[second] = 0
            continue
        chosen = min(free, key=lambda part: (worse[part] > 0, score[part], part.low))
        del waiting[chosen]
        done.append(chosen)
        for other, cost in chosen.rivals.items():
            if other in waiting:
                score[other] += cost
                worse[other] -= cost < 0
    if 2 < len(done) <= REFINED:
        _settle(done)
        if _regret(done) >= KNOT:
            return _untangled(done)
    return done


def _settle(sequence: list[Part]) -> None:
    for _ in range(REFINEMENTS):
        if not _refine(sequence):
            break


def _regret(sequence: list[Part]) -> int:
    """Return how many crossings fewer there were if each two parts stood as is best for them alone."""
    place = {part: number for number, part in enumerate(sequence)}
    return sum(
        cost
        for part in sequence
        for other, cost in part.rivals.items()
        if cost > 0 and place[part] < place[other] and part not in other.follows
    )


def _untangled(sequence: list[Part]) -> list[Part]:
    """Return a better sequence, if there is one: some parts are moved at random, then all to where they are best.

    That is an iterated local search for a linear ordering (H. R. Lourenço, O. C. Martin and T. Stützle, 2003).
    """
    rng = random.Random(1)
    best, least = sequence, _regret(sequence)
    for _ in range(TRIALS):
        tried = list(best)
        for _ in range(SHAKEN):
            _shake(tried, rng.randrange(len(tried)), rng)
        _settle(tried)
        regret = _regret(tried)
        if regret <= least:
            best, least = tried, regret
    return best


def _shake(sequence: list[Part], at: int, rng: random.Random) -> None:
    """Move a part anywhere between those that must lie left of it and those that must lie right of it."""
    part = sequence[at]
    low = max((n + 1 for n in range(at) if sequence[n] in part.follows), default=0)
    high = min(
        (n - 1 for n in range(at + 1, len(sequence)) if part in sequence[n].follows), default=len(sequence) - 1
    )
    sequence.insert(rng.randint(low, high), sequence.pop(at))


def _to_split(waiting: Collection[Part]) -> Part:
    """Return the shortest part that another one must follow: only that can open a circle."""
    followed: set[Part] = set().union(*(part.follows for part in waiting))
    return min((part for part in waiting if part in followed), key=lambda part: (part.high - part.low, part.low))


def _refine(sequence: list[Part]) -> bool:
    """Move parts, one at a time, to where they make fewer crossings; return whether any was."""
    moved = False
    for part in list(sequence):
        here = sequence.index(part)
        best, target = 0, here
        total = 0
        for n in range(here - 1, -1, -1):
            other = sequence[n]
            if other in part.follows:
                break
            total += part.rivals.get(other, 0)
            if total < best:
                best, target = total, n
        total = 0
        for n in range(here + 1, len(sequence)):
            other = sequence[n]
            if part in other.follows:
                break
            total -= part.rivals.get(other, 0)
            if total < best:
                best, target = total, n
        if target != here:
            sequence.insert(target, sequence.pop(here))
            moved = True
    return moved


def _split(part: Part, taken: set[int], all_parts: list[Part]) -> Part:
    """Cut a part in two, joined on a row that nothing else uses; return the second one."""
    reach = part.high - part.low + len(taken) + 1
    rows = [*range(part.low, part.high + 1), *range(part.high + 1, part.high + reach)]
    row = next(row for row in rows if row not in taken)
    taken.add(row)
    second = Part([row], part.right, joined=part.joined, bridge=part.bridge)
    follows = part.follows
    part.right, part.joined, part.bridge = [row], second, row
    part.__post_init__()
    for other in all_parts:
        other.rivals.pop(part, None)
    part.rivals, part.follows = {}, set()
    for other in all_parts:
        if other is not part:
            _compare(part, other)
            _compare(second, other)
    second.follows |= {part} | follows
    return second


def _level(sequence: list[Part], *, apart: int) -> int:
    """Give each part the leftmost track that lies right of those before it that it meets or must follow.

    Args:
        sequence: the parts from left to right.
        apart: tracks between two parts of which one branches in a row that the other turns in.

    Returns:
        How many tracks there are.
    """
    place = {part: number for number, part in enumerate(sequence)}
    count = 0
    for number, part in enumerate(sequence):
        track = 0
        for other in part.rivals:
            if place[other] < number and other.track >= track:
                track = other.track + 1
        for other in part.follows:
            if apart > 1 and any(_is_unclear(row, other, part) for row in part.right):
                track = max(track, other.track + apart)
            else:
                track = max(track, other.track + 1)
        part.track = track
        count = max(count, track + 1)
    return count


def _is_unclear(row: int, left: Part, right: Part) -> bool:
    return row in left.left and (left.branches_at(row) or right.branches_at(row))
