"""Breakpoints as people write them, found on the graph, and kept from one session to the next.

``PLACE [once] [hit N] [log TEXT] [if EXPR]``, where PLACE may begin with one of ``send receive begins ends fails
blocks``. An edge without that stops before its send, an output port before any send of it, an input port before the
receive, and a node before a firing begins. ``*`` is any place: ``fails *``, ``* if value is None`` (any send).
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from fbtui.protocol import BreakInfo, GraphInfo
from fbtui.protocol.plain import plain
from fbtui.protocol.templates import template
from fbtui.session.expressions import mistake_in
from fbtui.session.kept import KeptList
from fbtui.session.places import NoPlace, node_at, stops_at

NODE_EVENTS: Final = ("begins", "ends", "fails", "blocks")
MOVE_EVENTS: Final = ("send", "receive")
ANYWHERE: Final = "*"
USAGE: Final = "PLACE [once] [hit N] [log TEXT] [if EXPR]"


class BadBreakpoint(Exception):  # noqa: N818 - a sentence for the person
    """A text that is no breakpoint; the sentence says why."""


@plain
class Breakpoint:
    """A breakpoint of a session. ``place`` is as the person wrote it, the word before it included."""

    id: int
    place: str
    condition: str | None = None
    hit: int | None = None
    log: str | None = None
    once: bool = False
    enabled: bool = True

    def __str__(self) -> str:
        words = [self.place]
        if self.once:
            words.append("once")
        if self.hit is not None:
            words.append(f"hit {self.hit}")
        if self.log is not None:
            words.append(f"log {self.log}")
        if self.condition is not None:
            words.append(f"if {self.condition}")
        return " ".join(words)

    @property
    def is_plain(self) -> bool:
        """Whether it is a place and nothing else, though it may be switched off."""
        return str(self) == self.place

    def events(self, graph: GraphInfo) -> tuple[str, ...]:
        """Return the events that it stops at; raises `NoPlace` if the graph has no such place."""
        word, _, rest = self.place.partition(" ")
        if self.place == ANYWHERE:
            return (f"send {ANYWHERE}",)
        if rest.strip() == ANYWHERE and word in {*NODE_EVENTS, *MOVE_EVENTS}:
            return (f"{word} {ANYWHERE}",)
        if word in NODE_EVENTS and rest:
            return (f"{word} {node_at(rest.strip(), graph)}",)
        with contextlib.suppress(NoPlace):
            return (f"begins {node_at(self.place, graph)}",)
        return stops_at(self.place, graph)


def parse(text: str, number: int) -> Breakpoint:
    """Return the breakpoint that a text describes.

    Raises:
        BadBreakpoint: if it describes none.
    """
    rest, condition = _cut(f"{text.strip()} ", " if ")
    rest, log = _cut(rest, " log ")
    rest, hit = _cut(rest, " hit ")
    rest, once = _cut(rest, " once ")
    place = rest.strip()
    if not place:
        raise BadBreakpoint(f"a breakpoint begins with a place: {USAGE}")
    if once is not None and once.strip():
        raise BadBreakpoint(f"'{once.strip()}' does not belong there: {USAGE}")
    if hit is not None and (not hit.strip().isdigit() or int(hit) < 1):
        raise BadBreakpoint(f"'hit {hit.strip()}': hit takes a whole number from 1")
    if condition is not None and (mistake := mistake_in(condition.strip())):
        raise BadBreakpoint(f"'if {condition.strip()}': {mistake}")
    if log is not None and (mistake := mistake_in(template(log.strip()))):
        raise BadBreakpoint(f"'log {log.strip()}': {mistake}")
    return Breakpoint(
        number,
        place,
        condition.strip() if condition is not None else None,
        int(hit) if hit is not None else None,
        log.strip() if log is not None else None,
        once is not None,
    )


def _cut(text: str, word: str) -> tuple[str, str | None]:
    before, found, after = text.partition(word)
    return (f"{before} ", after) if found else (text, None)


class BreakpointList(KeptList[Breakpoint]):
    """The breakpoints of one file."""

    KIND = "breakpoints"

    def __init__(self, file: Path | None = None) -> None:
        super().__init__(file)
        self.orphans: list[Breakpoint] = []
        """Those whose place the graph does not have now: they are kept, in case it comes back."""

    @staticmethod
    def written(item: Breakpoint) -> dict[str, Any]:
        """Return a breakpoint as JSON holds it."""
        return asdict(item)

    @staticmethod
    def read(data: Any) -> Breakpoint:
        """Return the breakpoint that JSON holds."""
        return Breakpoint(**data)

    def add(self, text: str) -> Breakpoint:
        """Add the breakpoint that a text describes; raises `BadBreakpoint`."""
        point = parse(text, self._number())
        self.items.append(point)
        self.save()
        return point

    def change(self, old: Breakpoint, text: str) -> Breakpoint:
        """Put the breakpoint that a text describes in the place of another; raises `BadBreakpoint`."""
        point = parse(text, self._number())
        self.items[self.items.index(old)] = point
        self.save()
        return point

    def _number(self) -> int:
        return max((point.id for point in self.items), default=0) + 1

    def spend(self, spent: Collection[int]) -> None:
        """Remove those that were for one stop and have had it."""
        if any(point.id in spent and point.once for point in self.items):
            self.items = [point for point in self.items if not (point.once and point.id in spent)]
            self.save()

    def switch(self, index: int) -> None:
        """Switch one off, or on again."""
        point = self.items[index]
        self.items[index] = replace(point, enabled=not point.enabled)
        self.save()

    def to_remove(self, place: str, graph: GraphInfo) -> list[Breakpoint]:
        """Return those at a place that go first: the plain ones, which are easily set again, else all."""
        there = list(self.at(place, graph))
        return [point for point in there if point.is_plain] or there

    def at(self, place: str, graph: GraphInfo) -> Iterator[Breakpoint]:
        """Yield the breakpoints that stop where one at this place would."""
        wanted = set(Breakpoint(0, place).events(graph))
        for point in self.items:
            with contextlib.suppress(NoPlace):
                if wanted & set(point.events(graph)):
                    yield point

    def resolved(self, graph: GraphInfo) -> tuple[BreakInfo, ...]:
        """Return those that the graph has a place for; the others become orphans."""
        found = []
        self.orphans = []
        for point in self.items:
            try:
                events = point.events(graph)
            except NoPlace:
                self.orphans.append(point)
                continue
            if point.enabled:
                info = BreakInfo(point.id, point.place, events, point.condition, point.hit, point.log, point.once)
                found.append(info)
        return tuple(found)
