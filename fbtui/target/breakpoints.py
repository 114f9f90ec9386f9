"""Breakpoints: where a run stops of its own accord, or leaves a line in the log.

Conditions are evaluated here, beside the payloads, and only at the places that have a breakpoint: a run without any
pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

from fbdev.comp.packet import payload_of
from fbdev.runtime.blocked import place_of
from fbtui.protocol import BreakInfo
from fbtui.protocol.templates import template
from fbtui.target.failure import message_of
from fbtui.target.goals import places_of
from fbtui.target.recorder import occurrence

if TYPE_CHECKING:
    from fbdev.comp.packet import BasePacket
    from fbdev.graph.net import BaseNode
    from fbdev.instrument import Move


ANYWHERE: Final = "*"
"""Stands for every place."""


@dataclass
class _Point:
    """A breakpoint that is set, and how often it was hit."""

    info: BreakInfo
    condition: CodeType | None
    text: CodeType | None
    hits: int = 0
    is_blamed: bool = False
    """Whether it was told that its condition fails."""


@dataclass
class Breakpoints:
    """The breakpoints of a run.

    Args:
        number_of: returns the number of a packet.
        log: takes the node and the line of a log point.
        blame: takes, once for each breakpoint, what is wrong with its condition, and the node where that came out.
    """

    number_of: Callable[[BasePacket], int]
    log: Callable[[BaseNode, str], None]
    blame: Callable[[BaseNode, str], None] = lambda node, sentence: None
    spent: tuple[int, ...] = ()
    """The ids of those for one stop that have had it."""
    _reached: list[_Point] = field(default_factory=list)
    _points: dict[int, _Point] = field(default_factory=dict)
    _by_event: dict[str, list[_Point]] = field(default_factory=dict)

    def set(self, infos: Iterable[BreakInfo]) -> list[str]:
        """Replace all breakpoints; one that is set already keeps its hits. Returns what cannot be understood."""
        before, self._points, self._by_event = self._points, {}, {}
        problems = []
        for info in infos:
            try:
                log = template(info.log) if info.log is not None else None
                point = _Point(info, _compiled(info.condition), _compiled(log))
            except (SyntaxError, ValueError) as error:
                problems.append(f"breakpoint {info.place}: {error.args[0] if error.args else error}")
                continue
            old = before.get(info.id)
            if old is not None and old.info == info:
                point.hits, point.is_blamed = old.hits, old.is_blamed
            self._points[info.id] = point
            for event in info.events:
                self._by_event.setdefault(event, []).append(point)
        return problems

    def __bool__(self) -> bool:
        return bool(self._points)

    @property
    def hits(self) -> tuple[tuple[int, int], ...]:
        """How often each was hit: pairs of its id and the count."""
        return tuple((number, point.hits) for number, point in self._points.items())

    def before(self, move: Move, *, begins_firing: bool) -> str | None:
        """Return why the run stops before a move, None if it does not."""
        events = [f"{move.kind} {place}" for place in places_of(move)]
        if begins_firing:
            events.append(f"begins {place_of(move.node)}")
        return self._stop(self._at(events), move.node, move)

    def blocks(self, move: Move) -> str | None:
        """Return why the run stops now that a send has to wait for room, None if it does not."""
        return self._stop(self._at([f"blocks {place_of(move.node)}"]), move.node, move)

    def ends(self, node: BaseNode) -> str | None:
        """Return why the run stops at the end of a node's firing, None if it does not."""
        return self._stop(self._at([f"ends {place_of(node)}"]), node, None)

    def fails(self, node: BaseNode, error: BaseException) -> str | None:
        """Return why the run stops now that a firing of a node has failed, None if it does not."""
        return self._stop(self._at([f"fails {place_of(node)}"]), node, None, error)

    def has_stopped(self) -> None:
        """The run stops for what was returned last: a breakpoint for one stop is removed."""
        for point in self._reached:
            if point.info.once:
                self._remove(point)

    def _at(self, events: list[str]) -> Iterator[_Point]:
        seen: set[int] = set()
        anywhere = dict.fromkeys(f"{event.partition(' ')[0]} {ANYWHERE}" for event in events)
        for event in (*events, *anywhere):
            for point in self._by_event.get(event, ()):
                if point.info.id not in seen:
                    seen.add(point.info.id)
                    yield point

    def _stop(
        self, points: Iterable[_Point], node: BaseNode, move: Move | None, error: BaseException | None = None
    ) -> str | None:
        reason = None
        self._reached = []
        for point in list(points):
            why = self._reach(point, node, {**names_of(node, move, self.number_of), "error": error})
            if why is not None:
                self._reached.append(point)
                reason = why
        return reason

    def _reach(self, point: _Point, node: BaseNode, names: dict[str, Any]) -> str | None:
        """A place was reached: count a hit, log, or return why the run stops."""
        info = point.info
        try:
            if point.condition is not None and not eval(point.condition, dict(names)):
                return None
        except Exception as error:
            why = f"its condition failed: {type(error).__name__}: {message_of(error)}"
            if not point.is_blamed:
                point.is_blamed = True
                self.blame(node, f"breakpoint {info.place} if {info.condition}: {why}")
            return f"breakpoint {info.place}: {why}"
        point.hits += 1
        if point.text is not None:
            self.log(node, self._line(point.text, names))
            return None
        if info.hit is not None and point.hits < info.hit:
            return None
        return f"breakpoint {info.place}" + (f", hit {point.hits}" if point.hits > 1 else "")

    @staticmethod
    def _line(text: CodeType, names: dict[str, Any]) -> str:
        try:
            return str(eval(text, dict(names)))
        except Exception as error:
            return f"(the log point failed: {type(error).__name__}: {message_of(error)})"

    def _remove(self, point: _Point) -> None:
        del self._points[point.info.id]
        self.spent = (*self.spent, point.info.id)
        for points in self._by_event.values():
            if point in points:
                points.remove(point)


def names_of(node: BaseNode, move: Move | None, number_of: Callable[[BasePacket], int]) -> dict[str, Any]:
    """Return the names that an expression about a move may use, or about a node that makes none now."""
    names: dict[str, Any] = {"node": place_of(node), "value": None, "packet": None, "edge": None, "n": None}
    if move is not None:
        packet = move.packet or move.port.next_packet()
        edge = move.edges[0] if move.edges else None
        if packet is not None:
            names |= {"packet": number_of(packet), "value": payload_of(packet)}
        if edge is not None:
            names |= {"edge": places_of(move)[0], "n": occurrence(move.kind == "receive", edge) + 1}
    return names


def _compiled(expression: str | None) -> CodeType | None:
    return None if expression is None else compile(expression.strip(), "<breakpoint>", "eval")
