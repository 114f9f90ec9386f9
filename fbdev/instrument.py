"""The seam through which a tracer or a debugger observes a net, and holds its moves.

An `Instrument` is attached to the top node's task manager (`TaskManager.add_instrument`) and reaches every node
below it. A hook that raises is told to the log and its instrument detached, never the net stopped. Only the hooks
that an instrument defines cost anything: one that observes what has committed leaves the transfers their short
way, one that looks at moves before (requests, `admit`) or at firings sends each of them the long way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import asyncio

    from fbdev.comp.channel import Channel
    from fbdev.comp.packet import BasePacket
    from fbdev.comp.port import Port
    from fbdev.graph.net import BaseNode, Edge

MoveKind = Literal["send", "receive", "cross"]


UNKEPT: Final = 3
"""References to a move that only its port has, and who tells of it, and the question: nobody has kept it."""


class Way:
    """What all moves of one kind by one port have in common. It is the same object for all of them."""

    __slots__ = ("edges", "external", "kind", "node", "port")

    def __init__(self, kind: MoveKind, port: Port, edges: tuple[Channel, ...]) -> None:
        self.kind: MoveKind = kind
        self.port = port
        self.node: BaseNode = getattr(port, "node", None)  # type: ignore[assignment]  # None only for a lone port
        self.edges: tuple[Edge, ...] = edges  # type: ignore[assignment]  # every channel of a net is an edge
        self.external = self.node is not None and self.node.is_top_node and self.node.is_net


class Move:
    """A queue move that has been asked for: a packet that goes onto an edge, off it, or over a graph's border.

    The same object is given to every hook that speaks of the move, so an instrument may use it as a key.
    """

    __slots__ = ("packet", "way")

    def __init__(self, way: Way, packet: BasePacket | None = None) -> None:
        self.way = way
        self.packet = packet
        """The packet: known from the start for a send, from the commit on for a receive."""

    @property
    def kind(self) -> MoveKind:
        """Whether it sends, receives, or crosses."""
        return self.way.kind

    @property
    def port(self) -> Port:
        """The port that was asked, or whose border is crossed."""
        return self.way.port

    @property
    def node(self) -> BaseNode:
        """The node whose task asked; the top node for a put or a get from outside the net."""
        return self.way.node

    @property
    def edges(self) -> tuple[Edge, ...]:
        """Where it goes: every edge a send commits to at once; for a receive the edges it may take from, and
        after the commit the one edge it took from; for a cross the edge left, then the edges entered."""
        return self.way.edges

    @property
    def external(self) -> bool:
        """True for a put or a get from outside the net: the batch's feeder and collector."""
        return self.way.external

    def can_go(self) -> bool:
        """Return whether the move could commit now: a send if every edge has room, a receive if one of its
        edges holds a packet, counting what is promised to moves that were chosen before."""
        if self.kind == "cross":
            return True
        return self.port.can_put() if self.kind == "send" else self.port.can_get()


class Instrument:
    """Observe a net, and hold its moves. Subclass it and define the hooks that are wanted.

    All hooks but `admit` only observe; they are plain functions, called on the net's own loop at the moment
    of the event, and must be quick.
    """

    def net_starting(self, top: BaseNode) -> None:
        """Observe that a runtime starts a net that the instrument was installed for; nothing was put by it yet."""

    def task_started(self, node: BaseNode, task: asyncio.Task[object]) -> None:
        """Observe that a task of a node's component has begun."""

    def task_ended(self, node: BaseNode, task: asyncio.Task[object]) -> None:
        """Observe that a task has returned, failed, or was cancelled, in the task's own context."""

    def task_failed(self, node: BaseNode, task: asyncio.Task[object], error: BaseException) -> None:
        """Observe that a task ended by an exception of the user's."""

    def node_state(self, node: BaseNode, state: str) -> None:
        """Observe a node's life: ``starting``, ``running``, ``finished``, ``failed``, ``stopped``."""

    def firing_began(self, node: BaseNode) -> None:
        """Observe that a firing of the node begins (a run of receives, then a run of sends)."""

    def firing_ended(self, node: BaseNode) -> None:
        """Observe that a firing of the node has ended."""

    def move_requested(self, move: Move) -> None:
        """Observe that a move is asked for, before anything is waited for."""

    def move_committed(self, move: Move) -> None:
        """Observe that a move has happened: the packet is where it goes."""

    def watch(self, way: Way) -> Callable[[BasePacket], None] | None:
        """Return who is told of the packets of a way instead of `move_committed`: None for nobody else.

        It is asked once a way, where an instrument is alone in observing moves, and serves those moves that are
        made at once: it may have at hand whatever these have in common.
        """
        return None

    def move_cancelled(self, move: Move) -> None:
        """Observe that a move asked for will not happen; the packet is where it was."""

    def packet_created(self, packet: BasePacket, node: BaseNode) -> None:
        """Observe a packet that enters the net for the first time, at its first put."""

    def packet_consumed(self, packet: BasePacket) -> None:
        """Observe that a packet's payload was taken."""

    def port_closed(self, port: Port) -> None:
        """Observe that nothing will ever arrive at a port again (end of input)."""

    def admit(self, move: Move) -> Awaitable[None] | None:
        """Hold a move, or let it go.

        Asked before each send and receive over an edge, before any waiting for room or for a packet. None
        lets it go at once; an awaitable is awaited first. After it only synchronous code runs up to the
        commit, if the move can go by then; only a node in another process (`ProxyNode`) is asked before whether
        it still wants the move. Cancelling the awaiting task cancels the awaitable, and the move.
        A move that waits in its port's line is asked again when the net's moves are recalled. Whoever holds a
        receive lets it go when its port is closed (`port_closed`): it then ends with `EndOfInput`.
        """
        return None


_installed: Final[list[Instrument]] = []


def install(instrument: Instrument) -> None:
    """Attach an instrument to every net that a runtime starts in this process from now on, in any thread.

    It hears of each by `Instrument.net_starting`, before the runtime puts anything. It is for programs that make
    their runtimes themselves; a net that is at hand takes an instrument by `TaskManager.add_instrument`.
    """
    _installed.append(instrument)


def uninstall(instrument: Instrument) -> None:
    """Attach it to no more nets; nothing happens if it is not installed."""
    if instrument in _installed:
        _installed.remove(instrument)


def attach_installed(top: BaseNode) -> None:
    """A runtime starts a net: attach what is installed."""
    for instrument in _installed:
        top.hub.add(instrument)
    if _installed:
        top.hub.tell("net_starting", top)


HOOKS: Final = tuple(name for name in vars(Instrument) if not name.startswith("_"))
FIRINGS: Final = ("firing_began", "firing_ended")
GATES: Final = ("move_requested", "move_cancelled", "admit", *FIRINGS)
"""The hooks for which every move goes the long way."""
