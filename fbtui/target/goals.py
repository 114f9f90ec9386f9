"""Goals: what a run that goes on is to come to. The gate asks its goal before and after each move."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from fbdev.comp.packet import Packet
from fbdev.runtime.blocked import edge_name, edge_place, place_of
from fbtui.target.recorder import occurrence

if TYPE_CHECKING:
    from fbdev.comp.packet import BasePacket, PacketUUID
    from fbdev.graph.net import BaseNode
    from fbdev.instrument import Move
    from fbtui.protocol import Anchor, Resume


class Goal:
    """To go on to the end of the run. Subclasses stop it earlier.

    A stop has a reason for the person: a sentence, or an empty text where the person asked for just this.
    """

    holds_the_end = False
    """Whether the run stays paused even if it has nothing left to do."""
    heeds_breakpoints = True

    def allows(self, move: Move) -> bool:
        """Return whether a move may go on the way to this goal."""
        return True

    def before(self, move: Move) -> str | None:
        """Return why the run stops before a move, None if it does not."""
        return None

    def after(self, move: Move) -> str | None:
        """Return why the run stops after a move, None if it does not."""
        return None

    def fired(self, node: BaseNode) -> str | None:
        """Return why the run stops at the end of a node's firing, None if it does not."""
        return None

    def nothing(self, *, pending: bool) -> str | None:
        """Return why the run stops now that nothing can go, None if it does not.

        Args:
            pending: something outside may still make a move possible: a timer, a thread, a socket.
        """
        return None


class Moves(Goal):
    """So many moves."""

    def __init__(self, count: int) -> None:
        self._left = count

    def after(self, move: Move) -> str | None:
        """Count down."""
        self._left -= 1
        return "" if self._left <= 0 else None


class Moment(Moves):
    """A moment of another run, after so many moves. On the way there no breakpoint stops the run."""

    holds_the_end = True
    heeds_breakpoints = False


class Places(Goal):
    """The first move at any of some places, written ``send edge0``."""

    def __init__(self, stops: Iterable[str]) -> None:
        self._stops = frozenset(stops)

    def before(self, move: Move) -> str | None:
        """Stop before the move."""
        if self._stops.isdisjoint(f"{move.kind} {place}" for place in places_of(move)):
            return None
        return f"before the {move.kind} on {', '.join(map(edge_name, move.edges))}"


class AnchorMove(Goal):
    """The move that another run stopped after. On the way there no breakpoint stops the run."""

    holds_the_end = True
    heeds_breakpoints = False

    def __init__(self, anchor: Anchor) -> None:
        self._anchor = anchor

    def after(self, move: Move) -> str | None:
        """Stop if it is the one."""
        anchor = self._anchor
        if move.kind != anchor.kind:
            return None
        receives = move.kind == "receive"
        is_it = any(
            edge_place(edge) == anchor.edge and occurrence(receives, edge) == anchor.occurrence
            for edge in move.edges
        )
        return "" if is_it else None


class NodeFires(Goal):
    """The end of a node's current or next firing."""

    def __init__(self, node: str) -> None:
        self._node = node

    def fired(self, node: BaseNode) -> str | None:
        """Stop if it is the node, or one inside it."""
        place = place_of(node)
        return "" if place == self._node or place.startswith(f"{self._node}/") else None

    def nothing(self, *, pending: bool) -> str | None:
        """The node cannot end its firing."""
        return None if pending else f"{self._node} did not end a firing: nothing can move"


class Wave(Goal):
    """One firing of each node that could move when it began; no other node moves."""

    def __init__(self, nodes: Iterable[BaseNode]) -> None:
        self._nodes = set(nodes)

    def allows(self, move: Move) -> bool:
        """Let only these nodes move."""
        return move.node in self._nodes

    def fired(self, node: BaseNode) -> str | None:
        """A node is done after one firing."""
        self._nodes.discard(node)
        return None if self._nodes else ""

    def nothing(self, *, pending: bool) -> str | None:
        """The others cannot fire any further by themselves."""
        return ""


class Follow(Goal):
    """The next move of a packet, or of one that was made of it.

    Args:
        number: the packet's number in the run.
        number_of: returns the number of a packet.
    """

    def __init__(self, number: int, number_of: Callable[[BasePacket], int]) -> None:
        self.number = number
        self._number_of = number_of
        self._family: set[PacketUUID] = set()

    def after(self, move: Move) -> str | None:
        """Stop if the packet is one of the family."""
        packet = move.packet
        if not isinstance(packet, Packet):
            return None
        of_family = self._number_of(packet) == self.number or packet.uuid in self._family
        if of_family or not self._family.isdisjoint(packet.parents):
            self._family.add(packet.uuid)
            return ""
        return None

    def nothing(self, *, pending: bool) -> str | None:
        """Nobody has the packet any more, or it cannot move."""
        return (
            None
            if pending
            else f"packet #{self.number} has come to its end: neither it nor what was made of it can move"
        )


class UntilBlocked(Goal):
    """The moment in which nothing can move, whatever is pending."""

    holds_the_end = True

    def nothing(self, *, pending: bool) -> str | None:
        """It has come."""
        return "nothing can move"


def goal_of(asked: Resume, step: int) -> Goal | None:
    """Return what a run that has made so many moves is to come to; None if it is there already."""
    if asked.until is not None:
        left = asked.until - step
        return (Moment if asked.straight else Moves)(left) if left > 0 else None
    if asked.anchor is not None:
        return AnchorMove(asked.anchor)
    if asked.stop_at:
        return Places(asked.stop_at)
    if asked.node is not None:
        return NodeFires(asked.node)
    return UntilBlocked() if asked.until_blocked else Goal()


def places_of(move: Move) -> list[str]:
    """Return the places of the edges that a move goes over."""
    return [edge_place(edge) for edge in move.edges]


def places_now(move: Move) -> list[str]:
    """Return the same of a move if it were made now: a receive takes what came first, from one edge."""
    packet = move.port.next_packet() if move.kind == "receive" and len(move.edges) > 1 else None
    if packet is None:
        return places_of(move)
    return [edge_place(edge) for edge in move.edges if any(one is packet for one in edge.packets)]
