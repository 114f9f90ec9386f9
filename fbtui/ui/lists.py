"""The lists of lines around the diagram, and what each shows of a session."""

from __future__ import annotations

from collections.abc import Mapping

from fbtui.session import Problem, Session
from fbtui.ui.changes import At, change_lines
from fbtui.ui.keys import named
from fbtui.ui.overlay import next_up
from fbtui.ui.timeline import Timeline
from fbtui.ui.widgets.lines import LineList
from fbtui.ui.widgets.runs import RunView
from fbtui.ui.words import (
    NAMED,
    breakpoint_line,
    first_keys,
    move_line,
    next_title,
    nothing_next,
    output_line,
    problem_lines,
    room_for_name,
    watch_line,
)

SHORTEST = 14
"""Cells of a node's name in Next up at least."""


class Lists:
    """The lists of one session; `show` brings them up to date."""

    def __init__(self, session: Session, keys: Mapping[str, str]) -> None:
        self._session = session
        self._keys = keys
        self._seen_step = 0
        self.status = LineList(empty="", id="status")
        self.next = LineList(empty="", id="next")
        self.output = LineList(empty="Nothing was printed yet.", follow_end=True, id="output")
        self.events = Timeline(session, keys)
        self.timeline = self.events.list
        self.problems = LineList(empty="No problems.", wrap=True, id="problems")
        self.changes = LineList(empty="", id="changes")
        self.watches = LineList(empty="", wrap=True, id="watches")
        self._changed: list[At | None] = []
        self._told: list[Problem] = []
        empty = "No breakpoints: select a node or an edge and press {debug.breakpoint}."
        self.breakpoints = LineList(empty=named(empty, keys), id="breakpoints")

    def tabbed(self) -> dict[str, RunView]:
        """Return those that are behind one another, by name."""
        return {
            "output": self.output,
            "timeline": self.timeline,
            "problems": self.problems,
            "changes": self.changes,
            "breakpoints": self.breakpoints,
        }

    def show(self) -> tuple[int, int]:
        """Show the session as it is now, but for the Timeline; return how many problems and remarks there are."""
        self._show_next()
        self._show_output()
        self._show_breakpoints()
        self._show_watches()
        self._show_changes()
        return self._show_problems()

    def _show_next(self) -> None:
        paused, parked = self._session.paused, next_up(self._session)
        following = paused.next if paused is not None else None
        at = next((i for i, move in enumerate(parked) if move.id == following), 0)
        step = paused.step if paused is not None else -1
        cursor = at if step != self._seen_step else None
        self._seen_step = step
        self.next.border_title = next_title(self._session, parked)
        if parked:
            self.next.show(
                len(parked),
                lambda i: move_line(parked[i], is_next=parked[i].id == following, room=self._room()),
                cursor=cursor,
                wrap=False,
            )
        else:
            told = nothing_next(self._session, self._keys)
            self.next.show(len(told), lambda i: told[i], wrap=True)

    def _room(self) -> int:
        """Cells of a node's name: what it does, and with which packet, is seen beside it."""
        return max(SHORTEST, min(NAMED, self.next.size.width // 2))

    def _show_output(self) -> None:
        output = self._session.record.printed
        if output:
            room = room_for_name(self.output.size.width)
            self.output.show(len(output), lambda i: output_line(output[i], room=room))
        else:
            graph = self._session.graph
            is_nested = graph is not None and any(node.graph is not None for node in graph.graph.nodes)
            told = first_keys(self._keys, is_live=self._session.is_live, is_nested=is_nested)
            self.output.show(len(told), lambda i: told[i], cursor=0)

    def _show_breakpoints(self) -> None:
        points, paused = self._session.controls.breakpoints, self._session.paused
        hits = dict(paused.hits) if paused is not None else {}
        self.breakpoints.show(len(points.items), lambda i: breakpoint_line(points.items[i], hits, points.orphans))

    def _show_watches(self) -> None:
        """Show what is watched; the pane is there only while something is."""
        told = self._session.controls.readings()
        self.watches.display = bool(told)
        self.watches.show(len(told), lambda i: watch_line(*told[i]))

    def _show_changes(self) -> None:
        width = max(one.size.width for one in self.tabbed().values())  # those behind have none before they are seen
        told = change_lines(self._session, self._keys, width)
        self._changed = [at for _, at in told]
        self.changes.show(len(told), lambda i: told[i][0])

    def changed(self, index: int) -> At | None:
        """Return what a line of the changes tells of."""
        return self._changed[index] if index < len(self._changed) else None

    @property
    def problem(self) -> Problem | None:
        """The problem under the cursor."""
        at = self.problems.cursor
        return self._told[at] if at < len(self._told) else None

    def _show_problems(self) -> tuple[int, int]:
        told = [(run, problem) for problem in self._session.problems for run in problem_lines(problem)]
        self._told = [problem for _, problem in told]
        self.problems.show(len(told), lambda i: [told[i][0]])
        remarks = sum(problem.level == "remark" for problem in self._session.problems)
        return len(self._session.problems) - remarks, remarks
