"""The smaller records that messages carry, and the words that they use."""

from __future__ import annotations

from typing import Literal

from fbtui.protocol.plain import plain

MoveKind = Literal["send", "receive", "cross"]
OrderWord = Literal["free", "fifo", "canon", "random", "ask"]
ActWord = Literal["edit", "drop", "duplicate", "inject", "widen"]
EndWord = Literal["finished", "stopped", "failed", "blocked", "timeout", "killed", "interrupted"]


@plain
class MoveInfo:
    """A queue move that a node (or ``GRAPH``) has asked for and that waits at its gate.

    ``edges`` are the places it would go over: several for a send on a port that fans out, and for a
    receive on a port that fans in. ``packet`` is the run's number of the packet that would move, None when a
    receive finds no packet yet. ``occurrence`` is the count of this kind of move on that edge, from 1.
    """

    id: int
    kind: MoveKind
    node: str
    port: str
    edges: tuple[str, ...]
    packet: int | None
    summary: str | None
    enabled: bool
    occurrence: int
    held: bool = False
    """True if its node or its edge is held up by the person."""


@plain
class Anchor:
    """A move that the next run has, too: the n-th send (or receive) on an edge."""

    kind: MoveKind
    edge: str
    occurrence: int


@plain
class Wait:
    """One link of a chain of who waits for whom. ``waits`` is ``inside`` when it waits for no port."""

    node: str
    waits: Literal["send", "receive", "inside"]
    port: str | None
    edge: str | None
    held: int
    capacity: int | None


@plain
class Raise:
    """The way out of an artificial deadlock: raise this edge's capacity to ``to`` and the net goes on."""

    edge: str
    to: int


@plain
class Blocked:
    """Why nothing can move any more: the verdict's word, the chain, and a sentence for people."""

    verdict: str
    chain: tuple[Wait, ...]
    text: str
    raise_: Raise | None = None


@plain
class Failure:
    """An error of the user's code: where it happened, and its traceback with the user's own frames first."""

    type: str
    message: str
    node: str | None
    port: str | None
    file: str | None
    line: int | None
    traceback: str


@plain
class Undelivered:
    """Packets left on an edge, or taken by a node and neither consumed nor passed on, at the end of a run.

    ``packets`` are the first few of them, each with its number and its value; ``taken_from`` is the edge that a node
    took them from, None if they were not taken, or if that is too long ago.
    """

    place: str
    count: int
    packets: tuple[str, ...] = ()
    taken_from: str | None = None


@plain
class PacketInfo:
    """A packet as a person sees it: its number in the run, payload type and a summary on one line."""

    packet: int
    type: str
    summary: str
    size: int | None = None


@plain
class NodeState:
    """What a node is doing, in one word, and why: ``waiting``, ``for inp of edge0``. ``where`` is the line of the
    user's code that it waits at, told when the node is asked for."""

    node: str
    state: str
    why: str = ""
    where: str = ""


@plain
class Item:
    """A line of an opened value: label (key, index, field), type, summary, and whether it opens further."""

    label: str
    type: str
    summary: str
    opens: bool = False


@plain
class WatchInfo:
    """An expression over the variables of a node that is to be evaluated whenever the node asks for a move."""

    node: str
    expression: str


@plain
class BreakInfo:
    """A breakpoint. ``events`` are those it stops at: ``send edge0``, ``receive Outer/edge1``, and of a node
    ``begins A``, ``ends A``, ``fails A`` (a firing), ``blocks A`` (a send that waits for room); ``*`` instead of a
    place is any. ``hit`` is the first hit that stops; ``log`` a template of which a line is logged instead; ``once``
    removes it when it has stopped the run."""

    id: int
    place: str
    events: tuple[str, ...]
    condition: str | None = None
    hit: int | None = None
    log: str | None = None
    once: bool = False
