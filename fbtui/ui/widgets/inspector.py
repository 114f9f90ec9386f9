"""Shows one thing closely: a packet's payload level by level, what waits on an edge, what a node does."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from textual.message import Message
from textual.worker import Worker

from fbtui.diagram import Run
from fbtui.protocol import GRAPH, Item, NodeInfo, PortInfo, Value
from fbtui.protocol.characters import clean
from fbtui.protocol.plain import plain
from fbtui.session import Phase, Session
from fbtui.session.places import NoPlace, box_name, edge_at, edges_at, name_of, node_in, port_at
from fbtui.ui.keys import named
from fbtui.ui.lineage import family_of, kin_of
from fbtui.ui.past import history_of, source_around, way_of
from fbtui.ui.trail import NAMED, Trail
from fbtui.ui.travel import TICK
from fbtui.ui.widgets.lines import LineList
from fbtui.ui.words import output_line

NOT_KEPT = "Its line and its variables are known of now alone: {debug.continue} runs again up to here."
TIMES = 2
"""The line at which a node's times begin."""
TURN = 0.008
"""Seconds in which is read before keys have their turn."""
LINES = 50
"""Lines of output shown of a node."""

What = tuple[str, str] | tuple[str, int]
Inner = tuple[str, tuple[int, ...]]
"""What is inside something that is shown: of its payload, its variables or its expression, and the way there."""


@plain
class Line:
    """A line of the inspector; ``inner`` is a value that opens, ``packet`` one that can be looked at."""

    runs: tuple[Run, ...]
    inner: Inner | None = None
    packet: int | None = None


class Inspector(LineList):
    """The inspector. `show_closely` shows a thing, Enter opens what stands under the cursor."""

    class Looked(Message):
        """Something else is looked at."""

    def __init__(
        self,
        session: Session,
        trail: Trail,
        keys: Mapping[str, str],
        *,
        id: str | None = None,  # noqa: A002 - Textual's
    ) -> None:
        super().__init__(empty="Select a node, an edge or a packet.", wrap=True, id=id)
        self._session = session
        self._trail = trail
        self._keys = keys
        self._lines: list[Line] = []
        self._open: set[Inner] = set()
        self._expression = ""
        self._times = 0
        """Lines that tell how a node has spent the run."""
        self.what: What | None = None

    def show_closely(self, what: What | None) -> None:
        """Show a thing; the same one again keeps what was opened in it."""
        if what != self.what:
            self._open, self.what, self._expression = set(), what, ""
            self.cursor = 0
            self.post_message(self.Looked())
        _: Worker[None] = self.run_worker(self._make_lines, group="inspect", exclusive=True)

    async def _drawn(self) -> None:
        """Wait for the frame that is due: the target shares the machine with us, and is asked after that."""
        drawn = asyncio.Event()
        self.call_after_refresh(drawn.set)
        await drawn.wait()

    def evaluate(self, expression: str) -> None:
        """Show what an expression gives in the frame of the node that is shown."""
        self._expression = expression
        self.show_closely(self.what)

    async def _make_lines(self) -> None:
        what = self.what
        if what is not None and what[0] in {"packet", "node"}:
            await self._drawn()
        match what:
            case None:
                lines: list[Line] = []
            case "lineage", int(number):
                await self._read_families()
                lines = [Line(runs, packet=kin) for runs, kin in family_of(self._session, number)]
            case "packet", int(number):
                lines = await self._packet(number)
            case "edge", str(place):
                lines = self._edge(place)
            case ("port", str(place)) | ("node", str(place)) if self._is_port(place):
                lines = self._port(place)
            case "node", str(place):
                lines = await self._node(place)
            case _:
                lines = []
        if self.what == what:
            self._lines = lines
            self.show(len(lines), lambda i: self._lines[i].runs)
        if what is not None and what[0] == "node":
            await self._count_on(str(what[1]))

    async def _count_on(self, place: str) -> None:
        """How a long run was spent is known bit by bit."""
        while self._trail.is_behind and self.what == ("node", place):
            await asyncio.sleep(TICK)
            before, times = self._times, self._times_of(place)
            self._lines[TIMES : TIMES + before] = times
            self.show(len(self._lines), lambda i: self._lines[i].runs)

    def _times_of(self, place: str) -> list[Line]:
        info = self.node_info(place)
        is_nested = info is not None and info.graph is not None  # several nodes at once have spent the time
        times = [] if is_nested else [Line(tuple(runs)) for runs in self._trail.times(place)]
        self._times = len(times)
        return times

    @property
    def text(self) -> str:
        """What is shown, as plain text."""
        return "\n".join("".join(text for text, _ in line.runs) for line in self._lines)

    @property
    def packet_at_cursor(self) -> int | None:
        """The packet that the line under the cursor stands for."""
        return self._lines[self.cursor].packet if self.cursor < len(self._lines) else None

    def action_choose(self) -> None:
        """Open or close the value under the cursor, or look at the packet there."""
        if not self._lines:
            return
        line = self._lines[self.cursor]
        if line.packet is not None:
            is_family = self.what is not None and self.what[0] == "lineage"
            self.show_closely(("lineage" if is_family else "packet", line.packet))
        elif line.inner is not None:
            self._open ^= {line.inner}
            self.show_closely(self.what)

    # -- packets

    async def _packet(self, number: int) -> list[Line]:
        lines = [Line((("packet ", "dim"), (f"#{number}", "number"), (self._whereabouts(number), "dim")))]
        if copies := self._trail.copies_of(number):  # they are on their way instead of it
            words = "went onto several edges: " + ", ".join(f"#{one}" for one in copies[:NAMED])
            lines += [Line(((clean(self._trail.text(copies[0])), "value"),)), Line(((words, "dim"),))]
        elif self._session.phase is not Phase.PAUSED or self._session.record.cursor is not None:
            summary = self._session.record.summary_of(number)
            if summary is None and self._trail.journey_of(number) is not None:
                summary = self._trail.text(number)
            lines += [Line(((clean(summary), "value"),))] if summary else []
        else:
            lines += await self._level("payload", (), partial(self._session.questions.inspect, packet=number))
        lines += [Line(tuple(runs)) for runs in way_of(self._session, number)]
        return lines + [Line(runs, packet=kin) for runs, kin in kin_of(self._trail, number)]

    async def _read_families(self) -> None:
        """Read, while keys are answered, what the packets of a long run were made of."""
        families, trace = self._session.record.families, self._session.record.trace
        if families is None or trace is None:
            return
        whole, since = len(trace), time.monotonic()
        for read in families.read():
            if read >= whole:
                return  # more is recorded meanwhile, perhaps faster than it is read
            if time.monotonic() > since + TURN:
                self._lines = [Line(((f"Reading the run: {read / whole:.0%}", "dim"),))]
                self.show(1, lambda i: self._lines[i].runs)
                await asyncio.sleep(0)
                since = time.monotonic()

    def _whereabouts(self, number: int) -> str:
        for place, mark in self._session.record.shown.edges.items():
            if number in mark.waiting:
                return f"  waits on {self._session.edge_name(place)}"
        return ""

    async def _level(
        self, of: str, path: tuple[int, ...], ask: Callable[..., Awaitable[Value]], value: Value | None = None
    ) -> list[Line]:
        """Return what is inside something, with what was opened in it.

        Args:
            of: what it belongs to.
            path: the way to it.
            ask: asks the target for the level at a path.
            value: the answer, if it is known.
        """
        value = await ask(path=path) if value is None else value
        if value.problem:
            return [Line(((clean(value.problem), "dim" if of == "payload" else "error"),))]
        items = list(value.items)
        lines = []
        if not path and items and of != "variables":
            top = items.pop(0)
            indent = "  " if of == "expression" else ""
            size = (f"  {top.label}" if top.label else "", "dim")
            lines.append(Line(((f"{indent}{_kind(top)}", "node"), (clean(top.summary), "value"), size)))
        for index, item in enumerate(items):
            inner = of, (*path, index)
            opened = inner in self._open
            sign = ("▾ " if opened else "▸ ") if item.opens else "  "
            runs = (
                ("  " * (len(path) + (of != "variables")) + sign, "dim"),
                (clean(item.label), "text"),
                (f"  {_kind(item)}", "dim"),
                (clean(item.summary), "value"),
            )
            lines.append(Line(runs, inner if item.opens else None))
            if opened:
                lines += await self._level(of, inner[1], ask)
        return lines

    # -- edges and nodes

    def _edge(self, place: str) -> list[Line]:
        graph = self._session.graph
        info, _ = edge_at(graph.graph, place) if graph is not None else (None, "")
        mark = self._session.record.shown.edges.get(place)
        capacity = "" if info is None or info.capacity is None else f"/{info.capacity}"
        waiting = list(mark.waiting) if mark is not None else []
        sent, taken = (mark.sent, mark.received) if mark is not None else (0, 0)
        lines = [
            Line((("edge ", "dim"), (self._session.edge_name(place), "title"))),
            Line(((f"{len(waiting)}{capacity} waiting · {sent} sent · {taken} taken · {place}", "dim"),)),
            *self._breakpoints(("edge", place)),
        ]
        for number in waiting[:LINES]:
            summary = clean(self._session.record.shown.summaries.get(number, ""))
            lines.append(Line(((f"  #{number} ", "number"), (summary, "value")), packet=number))
        return lines + [Line(tuple(runs)) for runs in history_of(self._session, place)]

    def _breakpoints(self, what: tuple[str, str]) -> list[Line]:
        """The breakpoints at a place."""
        points, graph = self._session.controls.breakpoints, self._session.graph
        there = points.at(name_of(graph.graph, what), graph.graph) if points.items and graph is not None else ()
        with contextlib.suppress(NoPlace):
            return [Line((("breakpoint ", "dim"), (clean(str(point)), "breakpoint"))) for point in there]
        return []

    def _is_port(self, place: str) -> bool:
        graph = self._session.graph
        return graph is not None and port_at(graph.graph, place) is not None

    def _port(self, place: str) -> list[Line]:
        """A port of a node, or of the graph itself, and the edges at it."""
        graph = self._session.graph
        found = port_at(graph.graph, place) if graph is not None else None
        if graph is None or found is None:
            return []
        node, port = found
        whose = "the graph" if node == GRAPH else node
        required = (
            "" if port.kind in {"output", "message"} else " · needed" if port.required else " · may be left out"
        )
        lines = [
            Line((("port ", "dim"), (box_name(graph.graph, place), "title"))),
            Line(((f"{port.kind} of {whose}{required}", "dim"), (f"  {_dtype(port)}", "node"))),
            *([Line((("default ", "dim"), (clean(port.default), "value")))] if port.default is not None else []),
        ]
        for edge in edges_at(graph.graph, place):
            lines += self._edge(edge)
        return lines

    def _port_of(self, node: str, port: PortInfo) -> Line:
        """A port of a node, with what went over it last: of a config port that is its value."""
        graph, marks = self._session.graph, self._session.record.shown.edges
        edges = edges_at(graph.graph, f"{node}.{port.kind}.{port.name}") if graph is not None else []
        newest = next((marks[edge].newest for edge in edges if edge in marks), "")
        default = f"  {clean(port.default)}" if port.default is not None and not newest else ""
        dtype = f"  {port.dtype}" if port.dtype else ""
        return Line(
            (
                (f"  {port.kind:<8}", "dim"),
                (port.name, "text"),
                (dtype, "dim"),
                (f"  {clean(newest)}" if newest else default, "value"),
                (" by default" if default else "", "dim"),
            )
        )

    def _from_program(self, file: str) -> str:
        """Return the path of a file as seen from the folder of the program, if it is below that."""
        path, folder = Path(file), self._session.spec.path.parent
        return str(path.relative_to(folder)) if path.is_relative_to(folder) else file

    async def _node(self, place: str) -> list[Line]:
        session = self._session
        is_now = session.phase is Phase.PAUSED and session.record.cursor is None
        paused = session.paused if is_now else None
        if paused is not None:
            state = next((one for one in paused.nodes if one.node == place), None)
        else:
            state = session.states_then().get(place)
        mark = session.record.shown.nodes.get(place)
        word = state.state if state is not None else mark.state if mark is not None else "not started"
        why = f" {state.why}" if state is not None and state.why else ""
        busy = session.record.busy
        if session.phase is Phase.RUNNING and busy is not None and busy.node == place:
            word, why = "busy", f" at {busy.spot}"
        error = session.done.error if session.done is not None else None
        if error is not None and error.node == place and session.record.cursor is None:
            why = f" by {clean(error.type)}: {clean(error.message)}"
        times = session.record.shown.firings()[place]
        info = self.node_info(place)
        is_nested = info is not None and info.graph is not None
        fired = "its nodes fired" if is_nested else "fired"
        firings = f" · {fired} {times} time{'' if times == 1 else 's'}" if times else " · not fired yet"
        lines = [
            Line((("node ", "dim"), (place, "title"))),
            Line(((word, f"state.{word}"), (why, "text"), (firings, "dim"))),
            *self._times_of(place),
            *self._breakpoints(("node", place)),
        ]
        if paused is not None:
            lines += await self._frame(place)
        elif session.record.cursor is not None and session.is_live and not is_nested:
            lines.append(Line(((named(NOT_KEPT, self._keys), "dim"),)))
        if info is not None:
            where = f"  {self._from_program(info.file)}:{info.line}" if info.file and info.line else ""
            lines.append(Line(((info.component, "node"), (where, "dim"))))
            lines += [self._port_of(place, port) for port in info.ports]
        printed = session.record.output.last_of(place, LINES, session.record.cursor)
        return lines + [Line((("  │ ", "dim"), *output_line(line)[1:])) for line in printed]

    async def _frame(self, place: str) -> list[Line]:
        """Where a node waits in the user's code, what its variables hold, and what the expression gives there."""
        lines = []
        ask = self._session.questions.inspect
        if self._expression:
            lines.append(Line((("= ", "dim"), (clean(self._expression), "title"))))
            lines += await self._level("expression", (), partial(ask, node=place, expression=self._expression))
        value = await ask(node=place)
        if value.node is not None and value.node.where:
            source = source_around(self._session, value.node.where)
            where = value.node.where.partition(": ")[0] if source else value.node.where
            lines.append(Line((("at ", "dim"), (clean(where), "text"))))
            lines += [Line(tuple(runs)) for runs in source]
            lines += await self._level("variables", (), partial(ask, node=place), value)
        return lines

    def node_info(self, place: str) -> NodeInfo | None:
        """Return what is known of a node's component."""
        graph = self._session.graph
        return node_in(graph.graph, place) if graph is not None else None


def _kind(item: Item) -> str:
    """Return the name of a value's type, unless the summary begins with it."""
    return f"{item.type} " if item.type and not item.summary.startswith(item.type) else ""


def _dtype(port: PortInfo) -> str:
    """Return what a port takes, and which port asks for it if it is not the port itself."""
    return clean(f"{port.dtype or ''}{f' for {port.dtype_by}' if port.dtype_by else ''}")
