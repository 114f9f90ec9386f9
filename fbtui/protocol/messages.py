"""The messages themselves: frozen dataclasses. What they carry stands in `description` and `records`."""

from __future__ import annotations

from dataclasses import field, replace
from typing import Any, Literal

from fbtui.protocol.description import FindingInfo, GraphInfo, PortInfo, SourceFile
from fbtui.protocol.plain import plain
from fbtui.protocol.records import (
    ActWord,
    Anchor,
    Blocked,
    BreakInfo,
    EndWord,
    Failure,
    Item,
    MoveInfo,
    NodeState,
    OrderWord,
    PacketInfo,
    Undelivered,
    WatchInfo,
)

# ------------------------------------------------------------------------------------------ messages down


@plain
class Preload:
    """To a warm spare: import these third-party modules now, so that a run need not."""

    run: int
    modules: tuple[str, ...]


@plain
class Start:
    """To a warm spare: become the target of this run.

    ``path`` is absolute. ``name`` picks the graph, None the default one. ``inputs`` and ``config`` are pairs
    of port name and text as given on a command line; ``batch`` is the content of a batch file or None.
    ``trace`` is the folder, made already, that the run records into. ``describe_only`` loads the module,
    answers with `Graph` (its mermaid text included, of all ports if ``all_ports``) and ends without running.
    """

    run: int
    path: str
    name: str | None
    trace: str
    cwd: str
    argv: tuple[str, ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    config: tuple[tuple[str, str], ...] = ()
    signals: tuple[str, ...] = ()
    batch: str | None = None
    order: OrderWord = "fifo"
    seed: int = 1
    until: Literal["rest", "outputs"] = "rest"
    paused: bool = True
    describe_only: bool = False
    all_ports: bool = False
    memory_limit: int | None = None
    recording_limit: int = 1 << 30
    """Bytes on the disk after which, and after as many again, the run pauses; without ``attended`` it ends."""
    attended: bool = True
    """Whether there is somebody who can go on with a paused run."""
    virtual_time: bool = False
    real_clock: bool = False
    """True lets the loop's clock go on while the run is paused."""
    capacities: tuple[tuple[str, int], ...] = ()
    """Edges that hold more packets than the graph says: place and capacity."""
    replay: tuple[str, int] | None = None
    """The folder of a recorded run, and how many of its records: the moves among them, and what the person did to
    packets, are to be made again in the same order."""
    places: str | None = None
    """Where its nodes run, as the file says that ``--place`` names."""
    net: int | None = None
    """Run the file as a program, and debug the net that it starts as its so many-th, from 1; None for its graph."""


@plain
class Step:
    """Commit the next ``count`` moves, then pause again; ``move`` names a parked move to go first."""

    run: int
    count: int = 1
    move: int | None = None


@plain
class Resume:
    """Go on until the end, an error, a pause. ``until`` (a count of committed moves) stops earlier, ``stop_at``
    (``send edge0``, ``receive Outer/edge1``) before such a move, ``until_blocked`` as soon as nothing can move,
    ``anchor`` after the move that it names, ``node`` when that node has ended its current or next firing, ``wave``
    when each node that could move now has fired once, ``follow`` after the next move of that packet or of one that
    was made of it. One of them at most is given."""

    run: int
    until: int | None = None
    anchor: Anchor | None = None
    stop_at: tuple[str, ...] = ()
    until_blocked: bool = False
    node: str | None = None
    wave: bool = False
    follow: int | None = None
    seen: bool = True
    """True if the person knows which move goes next: no breakpoint stops before that one."""
    straight: bool = False
    """With ``until``: no breakpoint stops it on the way, and it stands there even if nothing is left to do."""


@plain
class SetBreakpoints:
    """These are the breakpoints from now on."""

    run: int
    points: tuple[BreakInfo, ...]


@plain
class SetWatches:
    """These are the expressions that are watched from now on."""

    run: int
    watches: tuple[WatchInfo, ...]


@plain
class Hold:
    """Hold up these nodes and edges, and no others, while the rest goes on."""

    run: int
    places: tuple[str, ...]


@plain
class Pause:
    """Stop at the next gates. Answered by `Paused` when the net has settled."""

    run: int


@plain
class Inspect:
    """Ask for what stands at a place: ``packet`` its payload level by level, ``edge`` its packets, ``node``
    its state and the variables of the frame it waits in, or with ``expression`` what that gives there. ``path``
    leads into a payload, one index an opened level. ``into`` names a file that the whole payload is written into
    instead; with ``literal`` the answer is one item, the payload as a Python literal on one line. Answered by
    `Value`."""

    run: int
    request: int
    packet: int | None = None
    edge: str | None = None
    node: str | None = None
    path: tuple[int, ...] = ()
    expression: str | None = None
    into: str | None = None
    literal: bool = False


@plain
class Act:
    """Do something to the paused net; answered by `Value`, whose ``problem`` says why it cannot be done.

    ``edit`` gives a packet the payload that ``text`` stands for, ``drop`` takes one off its edge, ``duplicate`` puts
    another one like it at the end of its edge, ``inject`` puts a new one on an edge, ``widen`` lets an edge hold
    ``size``.
    """

    run: int
    request: int
    act: ActWord
    packet: int | None = None
    edge: str | None = None
    text: str = ""
    size: int = 0


@plain
class Stop:
    """End the run in order: the net is stopped, the trace closed, `Done` says ``stopped``."""

    run: int


# -------------------------------------------------------------------------------------------- messages up


@plain
class Hello:
    """The first words of a target: it is up, warm, and waits."""

    run: int
    version: int
    pid: int
    python: str


@plain
class Graph:
    """The module is loaded: this is the graph, and these are the local files it was made of.

    ``missing`` are the required input, config and signal ports that nothing feeds: with any, the run does not
    begin. ``modules`` are the third-party modules it imported. ``given`` are the inputs that the module's own
    ``BATCH`` or the command line gives, as text for a form to show. ``mermaid`` is empty unless the graph was only
    to be described, ``findings`` too where nobody looks on.
    """

    run: int
    name: str
    graph: GraphInfo
    files: tuple[SourceFile, ...]
    modules: tuple[str, ...] = ()
    missing: tuple[PortInfo, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    notices: tuple[str, ...] = ()
    mermaid: str = ""
    findings: tuple[FindingInfo, ...] = ()
    choices: tuple[str, ...] = ()
    """What of the module can be run instead, by name."""


@plain
class Files:
    """The run has read more local files since: these are all of them."""

    run: int
    files: tuple[SourceFile, ...]


@plain
class CannotStart:
    """The run cannot begin: one sentence. ``files`` are those to watch for the mend.

    ``reason`` is ``import`` (the module failed; ``failure`` has the traceback), ``graph`` (no such graph, or
    several: ``names`` lists them), ``input`` (a value that no port takes) or ``file``.
    """

    run: int
    reason: Literal["import", "graph", "input", "file"]
    sentence: str
    files: tuple[SourceFile, ...] = ()
    names: tuple[str, ...] = ()
    failure: Failure | None = None
    port: str = ""
    """The port whose value cannot be given, as ``input.inp``."""
    packet: int = 0
    """Which one it is of the values given for that port, from 0."""


@plain
class Running:
    """The run goes on after a pause, or from its start."""

    run: int


@plain
class Paused:
    """The net is settled at ``step`` committed moves, and nothing moves before it is told to.

    ``parked`` are the moves asked for, in order of request; ``next`` is the id of the one that a step would
    commit. ``why`` is a sentence when the step that ended here did nothing or ended for a reason of its own.
    ``outside`` names what the net waits for besides moves: timers, threads, sockets.
    """

    run: int
    step: int
    parked: tuple[MoveInfo, ...]
    next: int | None
    nodes: tuple[NodeState, ...] = ()
    why: str = ""
    outside: tuple[str, ...] = ()
    hits: tuple[tuple[int, int], ...] = ()
    """Of each breakpoint its id and how often it was hit."""
    at_breakpoint: bool = False
    """True if a breakpoint has stopped the run here."""
    spent: tuple[int, ...] = ()
    """The breakpoints for one stop that have had it, by id."""
    is_whole: bool = True
    """False if ``parked`` and ``nodes`` are only what is new or different since the last pause of the run."""
    gone: tuple[int, ...] = ()
    """If it is not whole: the moves that are parked no more, by id."""
    standing: str = ""
    """The node in whose own code the run stands still: at a ``breakpoint()``, or where an error has happened."""

    def after(self, before: Paused | None) -> Paused:
        """Return the whole of it, given the pause before."""
        if self.is_whole or before is None:
            return self
        moves = {move.id: move for move in before.parked}
        for number in self.gone:
            moves.pop(number, None)
        moves |= {move.id: move for move in self.parked}  # new ones have the highest numbers: they come last
        nodes = {state.node: state for state in before.nodes} | {state.node: state for state in self.nodes}
        parked = tuple(moves.values())
        return replace(self, parked=parked, nodes=tuple(nodes.values()), is_whole=True, gone=())


@plain
class Value:
    """The answer to `Inspect`: items of the opened level, or the packets waiting on an edge."""

    run: int
    request: int
    items: tuple[Item, ...] = ()
    packets: tuple[PacketInfo, ...] = ()
    node: NodeState | None = None
    problem: str = ""


@plain
class Notice:
    """A sentence for the person that ends nothing."""

    run: int
    sentence: str


@plain
class Lint:
    """A mistake that ends nothing: a coroutine that nobody awaits, an error that nobody asked for."""

    run: int
    sentence: str
    node: str | None = None
    file: str | None = None
    line: int | None = None


@plain
class Done:
    """The run has ended. ``outputs`` maps an output port to its packets, each as JSON can hold it."""

    run: int
    end: EndWord
    moves: int
    outputs: dict[str, list[Any]] = field(default_factory=dict)
    error: Failure | None = None
    blocked: Blocked | None = None
    undelivered: tuple[Undelivered, ...] = ()
    order: str = "fifo"
    seed: int = 1
    reason: str = ""


Message = (
    Preload | Start | SetBreakpoints | SetWatches | Hold | Step | Resume | Pause | Inspect | Act | Stop
    | Hello | Graph | Files | CannotStart | Running | Paused | Value | Notice | Lint | Done
)  # fmt: skip
