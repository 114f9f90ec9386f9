"""How the screen tells moves, records and states, as runs of text and style name."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Final

from fbtui.diagram import Run
from fbtui.diagram.text import clip
from fbtui.protocol import Blocked, GraphInfo, MoveInfo
from fbtui.protocol.characters import clean
from fbtui.session import OutputLine, Phase, Problem, Session, end_in_brief
from fbtui.session.breakpoints import Breakpoint
from fbtui.session.places import ends_of
from fbtui.session.watches import Reading, Watch
from fbtui.session.words import output_text
from fbtui.trace import Deed, Kind, Record, TraceReader
from fbtui.trace.carried import carried
from fbtui.ui.actions import needs_run
from fbtui.ui.keys import first_key, named

SLOW: Final = 1.0
"""Seconds after which a start is told to take long."""
LAST: Final = 20
"""Packets of an output that are shown at the end of a run."""
NAMED: Final = 24
"""Cells of a node's name before what it does: a longer one would push that out of sight."""
UNLIMITED: Final = 1 << 20
"""Room for any name."""
LONGEST: Final = 1000
"""Characters of such a packet."""
HEAD: Final = 2
"""Pieces at the beginning of a record's line: its step and its time."""


def move_line(move: MoveInfo, *, is_next: bool, room: int = UNLIMITED) -> list[Run]:
    """Return a parked move as a line; its node's name in at most ``room`` cells."""
    node = clip(move.node, room)
    mark = "▶ " if is_next else "  "
    style = "next" if is_next else "text" if move.enabled and not move.held else "dim"
    if move.packet is None:
        return [(mark, "next"), (f"{node} waits for {move.port}", style)]
    does, would = ("sends", "send") if move.kind == "send" else ("takes", "take")
    verb = f"held up, {does}" if move.held else does if move.enabled else f"waits to {would}"
    return [
        (mark, "next"),
        (f"{node} {verb} {move.port}", style),
        (f"  #{move.packet} ", "number"),
        (clean(move.summary or ""), "value"),
    ]


def next_title(session: Session, parked: Sequence[MoveInfo]) -> str:
    """Return what the moves that are parked are, or what stands there instead of them."""
    if session.record.cursor is not None:
        return "What came next"
    if session.phase is Phase.ENDED and session.done is not None:
        return "How it ended"
    following = session.paused.next if session.paused is not None else None
    asks = following is None and sum(move.enabled and not move.held for move in parked) > 1
    return "Next up: choose one, Enter lets it go" if asks else "Next up"


def nothing_next(session: Session, keys: Mapping[str, str]) -> list[list[Run]]:
    """Return as lines what there is to say while no move waits at the gate, with the person's own keys."""
    done, record = session.done, session.record
    if record.cursor is not None:
        return _what_came_then(session, keys)
    if session.phase is Phase.PAUSED:
        return [[("No node asks for a move.", "dim")]]
    if session.phase is Phase.BROKEN and session.record.marking.step:
        told = f"Problems says why it does not load. What is shown is run {session.shown_run}."
        return [[(told, "dim")], [("Mend it and save: it runs at once.", "dim")]]
    if session.phase is Phase.ENDED and done is None and not session.is_live:
        return [[("The recording was made here, and the run went on.", "dim")]]
    if session.phase is not Phase.ENDED or done is None:
        pausing = "A pause is asked for, and comes at the next move: {debug.stop} ends the run."
        told = pausing if session.controls.is_pausing else "The run goes on: {debug.toggle} pauses it."
        goes_on: list[list[Run]] = [[(named(told, keys), "dim")]]
        return goes_on if session.phase is Phase.RUNNING else []
    waits = [] if done.blocked is None else _who_waits(session, done.blocked, keys)
    outputs = [
        [(f"{name} ", "text"), (clean(output_text(value, LONGEST)), "value")]
        for name, values in done.outputs.items()
        for value in values[-LAST:]
    ]
    outputs += [[(f"{name} ", "text"), ("nothing", "dim")] for name, values in done.outputs.items() if not values]
    left = sum(one.count for one in done.undelivered)
    packets = "a packet was" if left == 1 else f"{left} packets were"
    lost: list[list[Run]] = [[(f"{packets} not delivered: see Problems", "warning")]] if left else []
    last = "The run has ended: {debug.rerun} runs it again," if session.is_live else "The end:"
    return [*waits, *outputs, *lost, [(named(f"{last} {{time.back}} looks back.", keys), "dim")]]


def _who_waits(session: Session, blocked: Blocked, keys: Mapping[str, str]) -> list[list[Run]]:
    """Return the chain of who waits for whom link by link, and the way out of it."""
    way_out = blocked.raise_
    chain = blocked.text if way_out is None else blocked.text.partition("; ")[0]
    links: list[list[Run]] = [
        [("<- " if number else "", "dim"), (clean(link), "error")] for number, link in enumerate(chain.split(" <- "))
    ]
    if way_out is None:
        return links
    edge = clean(session.edge_name(way_out.edge))
    if not session.is_live:
        return [*links, [(f"Give the edge {edge} a capacity of {way_out.to}.", "text")]]
    return [
        *links,
        [(named(f"{{debug.raise}} gives {edge} a capacity of {way_out.to} and runs again.", keys), "next")],
    ]


def _what_came_then(session: Session, keys: Mapping[str, str]) -> list[list[Run]]:
    """Return as lines what was recorded after the moment that is looked at, and the keys that lead on from it."""
    trace, graph = session.record.trace, session.graph
    shape = graph.graph if graph is not None else None
    moves = session.record.coming() if trace is not None else []
    lines = [
        record_line(trace, record, shape, carried(trace, record))[HEAD:] for record in moves if trace is not None
    ]
    goes_on = ", {debug.continue} makes it now in a new run" if session.is_live else ""
    ways = f"In the past: {{time.back}} further back, {{debug.step}} forward, {{time.now}} to now{goes_on}."
    return [
        *([("▶ " if not i else "  ", "next"), *line] for i, line in enumerate(lines)),
        [(named(ways, keys), "dim")],
    ]


def room_for_name(width: int) -> int:
    """Return how many cells the name of a node may take before what it does, in a list of so many columns."""
    return max(NAMED, width // 4)


def record_line(
    trace: TraceReader, record: Record, graph: GraphInfo | None, taken: str = "", room: int = NAMED
) -> list[Run]:
    """Return a record of the trace as a line of the timeline.

    Args:
        trace: the trace.
        record: the record.
        graph: its graph.
        taken: of a receive what the packet carried on its edge, if that is known.
    """
    places = trace.places
    node = clip(places.nodes[record.node], room) if record.node < len(places.nodes) else "?"
    head: list[Run] = [(f"{record.step:>6} ", "number"), (f"{record.time / 1e6:>10.2f} ms  ", "dim")]
    text = clean(trace.text(record))
    match record.kind:
        case Kind.SEND | Kind.RECEIVE | Kind.CROSS:
            word = {Kind.SEND: "sends", Kind.RECEIVE: "takes", Kind.CROSS: "hands over"}[record.kind]
            where = ends_of(graph, places.edges[record.edge]) if record.edge >= 0 else ""
            changed = [(f"  changed in flight: {text}", "warning")] if record.kind is Kind.RECEIVE and text else []
            value = clean(taken) if record.kind is Kind.RECEIVE else text
            return [
                *head,
                (f"{node} {word} ", "text"),
                (f"#{record.packet} ", "number"),
                (value, "value"),
                (f"  {where}", "dim"),
                *changed,
            ]
        case Kind.NODE:
            return [*head, (f"{node} is {text}", "dim")]
        case Kind.FIRED:
            return [*head, (f"{node} has fired", "dim")]
        case Kind.MADE:
            made_of = ", ".join(f"#{number}" for number in text.split())
            return [*head, (f"{node} has made #{record.packet} of {made_of}", "dim")]
        case Kind.ORDER:
            return [*head, (f"moves go in the order: {text}", "dim")]
        case Kind.WATCHED:
            expression, _, gives = trace.text(record).partition("\n")
            word, style = ("has no value: ", "warning") if record.detail else ("is ", "value")
            return [*head, (f"{node}: {clean(expression)} {word}", "dim"), (clean(gives), style)]
        case Kind.CLOSED:
            return [*head, (f"{node}.{text}: its input has ended", "dim")]
        case Kind.ACT:
            word = Deed(record.detail).name.lower() if record.detail in set(Deed) else "changed"
            return [*head, ("you have ", "warning"), (f"{word} #{record.packet} ", "warning"), (text, "value")]
        case Kind.OUTPUT:
            return [*head, (f"{node} │ ", "node"), (text, "error" if record.detail else "text")]
        case _:
            return [*head, (text, "text")]


FIRST_KEYS: Final = (
    (("debug.step", "one move"), ("debug.toggle", "go on, pause"), ("time.back", "look back")),
    (("view.find", "find and select"), ("debug.breakpoint", "breakpoint there"), ("debug.rerun", "run again")),
    (("app.help", "every key"), ("", "every command"), ("app.quit", "leave")),
)
"""What a newcomer needs first, three in a row."""


def first_keys(keys: Mapping[str, str], *, is_live: bool, is_nested: bool = False) -> list[list[Run]]:
    """Return as lines what to press first: it stands where nothing was printed yet. A recording only shows."""
    opens = f" ({first_key('view.open', keys)} opens a box with a +)" if is_nested else ""
    lines: list[list[Run]] = [[(f"Nothing was printed yet. What to press{opens}:", "dim")]]
    for row in FIRST_KEYS:
        line: list[Run] = []
        for id_, meaning in row:
            if not is_live and needs_run(id_):
                continue
            key = first_key(id_, keys) if id_ else "ctrl+p"
            line += [(f"{key:>7} ", "number"), (f"{meaning:<17}", "text")]
        lines.append(line)
    return lines


def output_line(line: OutputLine, *, room: int = UNLIMITED) -> list[Run]:
    """Return a printed line, with the node that printed it: its name in at most ``room`` cells."""
    mark = ("◆ ", "breakpoint") if line.is_log else ("! ", "error") if line.is_error else ("", "")
    return [(f"{clip(line.by, room)} │ ", "node"), mark, (clean(line.text), "error" if line.is_error else "text")]


def problem_lines(problem: Problem) -> list[Run]:
    """Return a problem as lines, its details indented below the sentence."""
    first = {"error": ("✗ ", "error"), "warning": ("! ", "warning"), "remark": ("· ", "dim")}[problem.level]
    return [
        (first[0] + clean(problem.title), first[1]),
        *((f"  {clean(x)}", "text") for x in problem.text.splitlines()),
    ]


def breakpoint_line(point: Breakpoint, hits: Mapping[int, int], orphans: Sequence[Breakpoint]) -> list[Run]:
    """Return a breakpoint as a line."""
    sign = "◆ " if point.log is not None else "● "
    gone = "  not attached: there is no such place now" if point in orphans else ""
    state = gone if point.enabled else "  off"
    count = hits.get(point.id, 0)
    return [
        (sign, "breakpoint" if not state else "dim"),
        (clean(str(point)), "dim" if state else "text"),
        (f"  hit {count} time{'' if count == 1 else 's'}" if count else "", "number"),
        (state, "dim"),
    ]


def watch_line(watch: Watch, reading: Reading) -> list[Run]:
    """Return a watch as a line: what it is at, how many values came, the newest one, and those before it."""
    newest, *before = map(clean, reading.values or ("",))
    count = f"  {reading.count} value{'' if reading.count == 1 else 's'}" if reading.values else "  no value yet"
    none = f", none now: {clean(reading.problem)}" if reading.values else f": {clean(reading.problem)}"
    return [
        (clean(str(watch)), "text"),
        (count, "dim"),
        (none if reading.problem else "", "warning"),
        (f"  {newest}" if reading.values else "", "value.newest"),
        (f"  before: {' · '.join(before)}" if before else "", "dim"),
    ]


def no_picture(session: Session) -> list[str]:
    """Return as rows why there is no picture, and what to do; nothing at first: most programs are there at once."""
    file = clean(session.spec.path.name)
    if session.phase is Phase.BROKEN and session.broken is not None and session.broken.names:
        return [f"There are several graphs in {file}:", "enter chooses one."]
    if session.phase is Phase.BROKEN:
        return [f"{file} cannot start: Problems says why.", "Mend it and save: it is drawn at once."]
    if time.monotonic() - session.started <= SLOW:
        return []
    if session.graph is not None:
        return [f"drawing {len(session.graph.graph.nodes):,} nodes ..."]
    return [f"importing {file} ..."]


def phase_words(session: Session) -> tuple[str, str]:
    """Return what the run is doing, and a style for it."""
    record = session.record
    if record.cursor is not None:
        return f"looking back at step {record.shown.step} of {record.marking.step}", "warning"
    match session.phase:
        case Phase.PAUSED:
            step = session.paused.step if session.paused is not None else 0
            return f"paused at step {step}", "next"
        case Phase.RUNNING:
            return f"running, {session.record.marking.step:,} moves", "running"
        case Phase.ENDED if session.done is not None:
            good = session.done.end in {"finished", "stopped"}
            return clean(end_in_brief(session.done)), "good" if good else "error"
        case Phase.ENDED:
            return f"recorded up to step {record.marking.step}, while it went on", "warning"
        case Phase.BROKEN:
            return "cannot start: see Problems", "error"
        case Phase.MISSING:
            return "inputs are missing: {debug.inputs} opens the form", "warning"
        case Phase.STARTING if (since := time.monotonic() - session.started) > SLOW:
            is_loaded = session.graph is not None and session.graph.run == session.run
            word = "making the net" if is_loaded else "importing" if session.spec.net is None else "no net yet"
            return f"{word}, {since:.0f} s", "running"
        case phase:
            return phase.value, "running"
