"""The Timeline: what a run has done, as far as the person wants to see it, at the place that is selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fbtui.diagram import Run
from fbtui.session import Session
from fbtui.session.places import edges_at, name_of, port_at
from fbtui.trace import Record, TraceReader
from fbtui.trace.carried import carried
from fbtui.trace.search import BadQuery
from fbtui.trace.sieve import USAGE, Sieve, Wanted
from fbtui.ui.base import Commands
from fbtui.ui.keys import named
from fbtui.ui.widgets.lines import LineList
from fbtui.ui.words import record_line, room_for_name

REMEMBERED: Final = 4096
"""Rows of which it is remembered what the packet carried."""
EMPTY: Final = "Nothing has happened yet."
NONE_HERE: Final = "No such event here: {view.clear} selects nothing, {time.filter} asks for other events."


class Timeline:
    """The list of a session's events.

    Args:
        session: the session.
        keys: the person's own keys by the id of the command.
    """

    def __init__(self, session: Session, keys: Mapping[str, str]) -> None:
        self._session = session
        self._none_here = named(NONE_HERE, keys)
        self.list = LineList(empty=EMPTY, follow_end=True, id="timeline")
        self.wanted = Wanted()
        self.place: tuple[str, str] | None = None
        """The node or edge whose events are shown; None for all."""
        self._made_of: tuple[object, ...] = ()
        self._sieve: Sieve | None = None
        self._taken: dict[int, str] = {}
        """What packets carried that were taken, by the index of the record."""
        self._seen_moment: int | None = None

    @property
    def where(self) -> str:
        """What people call the place whose events are shown; empty for all."""
        graph = self._session.graph
        return name_of(graph.graph, self.place) if self.place is not None and graph is not None else ""

    @property
    def is_behind(self) -> bool:
        """Whether there is more of the trace to look through."""
        return self._sieve is not None and self._sieve.is_behind

    def show(self) -> None:
        """Show the session as it is now; it may take several calls until all of a long trace is there.

        Raises:
            TraceError: if the trace is damaged.
        """
        trace, moment = self._session.record.trace, self._session.record.cursor
        fresh = self._renew(trace)
        sieve = self._sieve
        if sieve is not None and trace is not None:
            sieve.read()
        self.list.say_when_empty(self._none_here if trace is not None and len(trace) else EMPTY)
        cursor = None
        if fresh or moment != self._seen_moment:
            at = len(trace or ()) if moment is None else moment
            cursor = max(0, sieve.row_of(at - 1)) if sieve is not None else 0
        self._seen_moment = moment
        self.list.show(len(sieve or ()), self._line, cursor=cursor)

    def _renew(self, trace: TraceReader | None) -> bool:
        """Begin anew where something else is wanted; return whether that is so."""
        graph = self._session.graph
        made_of = trace, graph, self.wanted, self.place
        if made_of == self._made_of:
            return False
        self._made_of = made_of
        self._taken.clear()
        shape = graph.graph if graph is not None else None
        self._sieve = Sieve(trace, shape, self.wanted, self._places()) if trace is not None else None
        return True

    def _places(self) -> set[str] | None:
        """Return the nodes and edges that the selection means: of a port the edges at it."""
        graph = self._session.graph
        if self.place is None or graph is None:
            return None
        name = self.place[1]
        return {name} if port_at(graph.graph, name) is None else set(edges_at(graph.graph, name))

    def _line(self, row: int) -> list[Run]:
        trace, graph, record = self._session.record.trace, self._session.graph, self.record_of(row)
        if trace is None or record is None:
            return []
        shape = graph.graph if graph is not None else None
        room = room_for_name(self.list.size.width)
        return record_line(trace, record, shape, self._carried(trace, record), room)

    def _carried(self, trace: TraceReader, record: Record) -> str:
        """Rows are made anew at every frame: what was found is kept while the same trace is shown."""
        if record.index not in self._taken:
            if len(self._taken) >= REMEMBERED:
                self._taken.clear()
            self._taken[record.index] = carried(trace, record)
        return self._taken[record.index]

    def record_of(self, row: int) -> Record | None:
        """Return the record in a row."""
        trace, sieve = self._session.record.trace, self._sieve
        return trace[sieve[row]] if trace is not None and sieve is not None and row < len(sieve) else None

    def is_last(self, row: int) -> bool:
        """Return whether nothing comes after a row."""
        return self._sieve is not None and row == len(self._sieve) - 1 and not self.is_behind

    def shows(self, index: int) -> bool:
        """Return whether a record is among those that are shown."""
        row = self._sieve.row_of(index) if self._sieve is not None else -1
        return self._sieve is not None and row >= 0 and self._sieve[row] == index


class TimelineCommands(Commands):
    """The part of the application that chooses what of a run is listed, and moves through it."""

    timeline: Timeline

    def action_filter(self) -> None:
        """Ask what the Timeline is to show."""
        from fbtui.ui.screens.line import LineScreen  # noqa: PLC0415 - the first frame does not need it

        hint = f"{USAGE}. Nothing: every event, at what is selected on the diagram"
        self.push_screen(LineScreen("Show in the Timeline", hint, self.timeline.wanted.text, _bad), self._on_filter)

    def _on_filter(self, text: str | None) -> None:
        if text is not None:
            self.timeline.wanted = Wanted.of(text)
            self.show_tab("timeline")
            self.update()

    def move_in_time(self, row: int) -> None:
        """Look at the moment after the record in a row; the last one is now."""
        record = self.timeline.record_of(row)
        if record is not None:
            self.session.record.look_at(None if self.timeline.is_last(row) else record.index + 1)
            self.update()


def _bad(text: str) -> str:
    try:
        Wanted.of(text)
    except BadQuery as error:
        return str(error)
    return ""
