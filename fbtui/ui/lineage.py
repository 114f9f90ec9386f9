"""The lineage of a packet as two trees: above it what it was made of, below it what was made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fbtui.diagram import Run
from fbtui.protocol.characters import clean
from fbtui.session import Session
from fbtui.trace import Kin
from fbtui.ui.trail import Trail

FAMILY: Final = 200
"""Packets shown of a lineage, either way."""
NEAREST: Final = 8
"""Packets shown that one was made of, or that were made of it."""
KIN: Final = "From: what its node had received for it since it last sent, used or not, unless the component says."
FREE_KIN: Final = (
    "From: whatever its node had received since it last sent, perhaps unused: a free run records no more."
)
"""How sure a lineage is."""

Row = tuple[tuple[Run, ...], int | None]
"""A line, and the packet that it stands for."""


def kin_of(trail: Trail, number: int) -> list[Row]:
    """Return a line for each packet that one was made of itself, and for each that was made of it."""
    journey = trail.journey_of(number)
    if journey is None:
        return []
    both = ("made of  ", journey.parents), ("became  ", journey.children)
    return [
        (((word, "dim"), (f"#{kin} ", "number"), (clean(trail.text(kin)), "value")), kin)
        for word, kindred in both
        for kin in kindred[:NEAREST]
    ]


def family_of(session: Session, number: int) -> list[Row]:
    """Return a packet between what it was made of, up to the inputs, and what came of it."""
    family = session.record.family(number, FAMILY)
    head = ("lineage of ", "dim"), (f"#{number}", "number"), ("  enter: that of another one", "dim")
    rows: list[Row] = [(head, None), *((tuple(_kin(session, kin)), kin.packet) for kin in family)]
    for way, words in (-1, "it was made of"), (1, "came of it"):
        if sum(kin.generation * way > 0 for kin in family) == FAMILY:
            rows.append((((f"More {words}: the nearest {FAMILY} are shown.", "dim"),), None))
    if len(family) == 1:
        return [*rows, ((("Nothing is recorded that it was made of, nor that came of it.", "dim"),), None)]
    return [*rows, (((FREE_KIN if session.record.marking.is_free else KIN, "dim"),), None)]


def _kin(session: Session, kin: Kin) -> Iterator[Run]:
    yield rails(kin), "next" if not kin.generation else "dim"
    yield f"#{kin.packet} ", "number"
    first, trace = kin.first, session.record.trace
    if kin.again:
        yield "is in the tree already", "dim"
    elif first is not None and trace is not None:
        yield clean(trace.text(first)), "value"
        yield f"  step {first.step} · {session.edge_name(trace.edge_of(first) or '')}", "dim"
    else:
        yield "has not moved yet" if kin.generation >= 0 else "went onto several edges", "dim"


def rails(kin: Kin) -> str:
    """Return what stands before a packet of a family: the branches of the tree that lead past it, and to it.

    A packet that stands alone where it belongs goes on in the column of its tree; siblings have one of their own.
    """
    if not kin.generation:
        return "▶ "
    outermost = 0 if kin.generation < 0 else -1
    past = "".join(
        "" if count == 1 else "  " if place == outermost % count else "│ " for place, count in kin.branch[:-1]
    )
    place, count = kin.branch[-1]
    corner = "╭ " if kin.generation < 0 else "╰ "
    return past + ("│ " if count == 1 else corner if place == outermost % count else "├ ")
