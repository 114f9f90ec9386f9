"""Watches: what the person keeps an eye on at an edge, at a port, or of an expression over a node's variables.

``A.out->B.inp`` and ``A.out`` are places as everywhere; ``A: len(rows)`` is an expression over the node A, which is
evaluated whenever A asks for a move. What they have read is in the trace, so it can be had of any moment.
"""

from __future__ import annotations

import contextlib
from typing import Any, Final

from fbtui.protocol import GraphInfo, WatchInfo
from fbtui.protocol.plain import plain
from fbtui.session.expressions import mistake_in
from fbtui.session.kept import KeptList
from fbtui.session.places import NoPlace, node_at, node_in, stops_at
from fbtui.trace import RECENT, Marking

USAGE: Final = "an edge A.out->B.inp, a port A.out, or NODE: EXPRESSION"


class BadWatch(Exception):  # noqa: N818 - a sentence for the person
    """A text that is no watch; the sentence says why."""


@plain
class Watch:
    """A watch. ``place`` is as the person wrote it; with an ``expression`` it is a node."""

    place: str
    expression: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.expression}" if self.expression else self.place

    def node(self, graph: GraphInfo) -> str:
        """Return the node that its expression is over; raises `NoPlace` if the graph has none of that name."""
        return node_at(self.place, graph)

    def edges(self, graph: GraphInfo) -> tuple[tuple[str, ...], bool]:
        """Return the edges that it is at, and whether the same packets go over each of them: those of an output.

        Raises:
            NoPlace: if the graph has no such place.
        """
        stops = [stop.partition(" ") for stop in stops_at(self.place, graph)]
        arriving = tuple(place for kind, _, place in stops if kind == "receive")
        return (arriving, False) if arriving else (tuple(place for _, _, place in stops), True)


@plain
class Reading:
    """What a watch has seen: how many values, the newest of them first. ``problem`` says why it sees none now."""

    count: int = 0
    values: tuple[str, ...] = ()
    problem: str = ""


def parse(text: str) -> Watch:
    """Return the watch that a text describes.

    Raises:
        BadWatch: if it describes none.
    """
    place, colon, expression = (part.strip() for part in text.partition(":"))
    if not place or (colon and not expression):
        raise BadWatch(f"a watch is {USAGE}")
    if colon and (mistake := mistake_in(expression)):
        raise BadWatch(f"'{expression}': {mistake}")
    return Watch(place, expression)


def check(text: str, graph: GraphInfo) -> None:
    """Say what is wrong with the text of a watch.

    Raises:
        BadWatch: if it describes none.
        NoPlace: if the graph has no such place.
    """
    watch = parse(text)
    with contextlib.suppress(NoPlace):
        node = watch.node(graph)
        info = node_in(graph, node)
        if info is not None and info.graph is not None:
            raise BadWatch(f"{node} is a graph, and has no variables: watch an expression over a node inside it")
        if not watch.expression:
            raise BadWatch(f"{node} is a node: '{node}: EXPRESSION' watches an expression over its variables")
        return
    if watch.expression:
        watch.node(graph)
    watch.edges(graph)


def read(watch: Watch, graph: GraphInfo, marking: Marking) -> Reading:
    """Return what a watch has seen by a moment."""
    try:
        if watch.expression:
            seen = marking.watched.get((watch.node(graph), watch.expression))
            return Reading() if seen is None else Reading(seen.count, seen.newest_first, seen.failed)
        places, same = watch.edges(graph)
    except NoPlace:
        return Reading(problem="there is no such place now")
    marks = [marking.edges[place] for place in places if place in marking.edges]
    if same:
        marks = sorted(marks, key=lambda mark: -mark.sent)[:1]
    values = sorted((value for mark in marks for value in mark.recent), reverse=True)
    return Reading(sum(mark.sent for mark in marks), tuple(text for _, text in values[:RECENT]))


class WatchList(KeptList[Watch]):
    """The watches of one file."""

    KIND = "watches"

    @staticmethod
    def written(item: Watch) -> str:
        """Return a watch as JSON holds it."""
        return str(item)

    @staticmethod
    def read(data: Any) -> Watch:
        """Return the watch that JSON holds."""
        return parse(data)

    def toggle(self, text: str) -> bool:
        """Add the watch that a text describes, or remove it; return whether it is there now. Raises `BadWatch`."""
        watch = parse(text)
        there = watch in self.items
        if there:
            self.items.remove(watch)
        else:
            self.items.append(watch)
        self.save()
        return not there

    @property
    def has_expressions(self) -> bool:
        """Whether the target has to evaluate something."""
        return any(watch.expression for watch in self.items)

    def resolved(self, graph: GraphInfo) -> tuple[WatchInfo, ...]:
        """Return the expressions that the graph has a node for."""
        found = []
        for watch in self.items:
            with contextlib.suppress(NoPlace):
                if watch.expression:
                    found.append(WatchInfo(watch.node(graph), watch.expression))
        return tuple(found)
