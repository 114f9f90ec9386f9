"""What the layout looks for and finds exactly: ranks with the shortest edges, and most lines that are straight."""

import itertools
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from fbtui.diagram.feedback import Links
from fbtui.diagram.simplex import shortest
from fbtui.diagram.ties import Link, heaviest

Pair = tuple[int, int]
BOXES = 6


def links_of(pairs: Iterable[Pair]) -> tuple[Links, Links]:
    """Return edges by the box they lead to, and by the one they come from."""
    earlier: Links = [[] for _ in range(BOXES)]
    after: Links = [[] for _ in range(BOXES)]
    for a, b in sorted(pairs):
        after[a].append(b)
        earlier[b].append(a)
    return earlier, after


def longest_paths(earlier: Links) -> list[int]:
    rank = [0] * BOXES
    for box in range(BOXES):
        rank[box] = max((rank[other] + 1 for other in earlier[box]), default=0)
    return rank


def span(after: Links, rank: Iterable[int]) -> int:
    """Return the length of all edges, a large one if one of them does not run forwards."""
    at = list(rank)
    return sum(at[b] - at[a] if at[b] > at[a] else 1000 for a, others in enumerate(after) for b in others)


@given(st.sets(st.sampled_from(list(itertools.combinations(range(BOXES), 2)))))
def test_no_other_ranks_have_shorter_edges(pairs: set[Pair]) -> None:
    earlier, after = links_of(pairs)
    rank = longest_paths(earlier)
    shortest(earlier, after, rank)
    columns = range(max(longest_paths(earlier)) + 1)
    assert span(after, rank) == min(span(after, other) for other in itertools.product(columns, repeat=BOXES))


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(0, 4)), st.floats(0.1, 3, allow_subnormal=False), max_size=9
    )
)
def test_no_other_lines_that_can_be_straight_together_weigh_more(weights: dict[Pair, float]) -> None:
    def fit(lines: Iterable[Pair]) -> bool:
        return all((a[0] - b[0]) * (a[1] - b[1]) > 0 for a, b in itertools.combinations(lines, 2))

    found = heaviest([Link(left, right, weight, (left, right)) for (left, right), weight in weights.items()])
    choices = (some for count in range(len(weights) + 1) for some in itertools.combinations(weights, count))
    most = max(sum(weights[line] for line in some) for some in choices if fit(some))
    assert fit(found)
    assert abs(sum(weights[line] for line in found) - most) < 1e-9
