"""Search in what a run has recorded: the next event that fits, and the one before."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING

from textual.worker import Worker

from fbtui.trace import Record, TraceError, TraceReader
from fbtui.ui.base import Commands
from fbtui.ui.timeline import Timeline

if TYPE_CHECKING:
    from fbtui.trace.search import Query


class SearchCommands(Commands):
    """The part of the application that finds events."""

    _query: Query | None = None
    timeline: Timeline

    @abstractmethod
    def trace_packet(self, number: int | None) -> None:
        """Mark the way of a packet."""

    def search_for(self, text: str) -> None:
        """Look for something from the moment that is looked at on; from now means from the beginning."""
        from fbtui.trace.search import BadQuery, Query  # noqa: PLC0415 - the first frame does not need it

        try:
            self._query = Query.of(text)
        except BadQuery as error:
            self.say(str(error))
            return
        self._search(self.session.record.cursor or 0, forward=True)

    def action_next_found(self) -> None:
        """Go to the next event that fits what was looked for."""
        cursor = self.session.record.cursor
        self._search(len(self.session.record.trace or ()) if cursor is None else cursor, forward=True)

    def action_previous_found(self) -> None:
        """Go to the event before that fits what was looked for."""
        cursor = self.session.record.cursor
        self._search(len(self.session.record.trace or ()) if cursor is None else cursor - 1, forward=False)

    def _search(self, start: int, *, forward: bool) -> None:
        trace = self.session.record.trace
        if self._query is None:
            self.say("look for something first: {view.find} and a text, #12 for a packet, or value > 5")
        elif trace is not None:
            _: Worker[None] = self.run_worker(
                self._find(trace, self._query, start, forward), group="search", exclusive=True
            )

    async def _find(self, trace: TraceReader, query: Query, start: int, forward: bool) -> None:
        from fbtui.trace.search import found  # noqa: PLC0415 - the first frame does not need it

        assert self.session.graph is not None
        try:
            for index in found(trace, self.session.graph.graph, query, start, forward=forward):
                if index is not None:
                    self.show_event(trace[index])
                    return
                await asyncio.sleep(0)
        except TraceError as error:
            self.say(str(error))
        else:
            way, back = "after", "{time.previous_found} looks before"
            if not forward:
                way, back = "before", "{time.next_found} looks after"
            self.say(f"'{query.text}' does not occur {way} this moment: {back} it")

    def show_event(self, record: Record) -> None:
        """Look at the moment after an event, select where it was, and mark the way of its packet."""
        trace = self.session.record.trace
        assert trace is not None
        self.session.record.look_at(record.index + 1)
        self.show_tab("timeline")
        if not self.timeline.shows(record.index):
            self.timeline.place = None
        self.update()
        if record.edge >= 0:
            self.select(("edge", trace.places.edges[record.edge]), sifts=False)
        elif record.node:
            self.select(("node", trace.places.nodes[record.node]), sifts=False)
        self.trace_packet(record.packet or None)
