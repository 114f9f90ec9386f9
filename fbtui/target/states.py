"""What each node of a net is doing, in one word, and why; and the moves that wait at the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from fbdev.comp.packet import BasePacket, payload_of
from fbdev.graph.net import BaseNode, Node
from fbdev.runtime.blocked import is_standing, place_of, wait_at
from fbtui.protocol import MoveInfo, NodeState
from fbtui.protocol.telling import most_telling
from fbtui.target.capture import summarize
from fbtui.target.goals import places_of
from fbtui.target.orders import Parked
from fbtui.target.recorder import occurrence


def move_info(parked: Parked, number_of: Callable[[BasePacket], int], *, held: bool) -> MoveInfo:
    """Return a parked move as a person sees it."""
    move = parked.move
    packet: BasePacket | None = move.packet or move.port.next_packet()
    edge = move.edges[0]
    if move.kind == "receive" and packet is not None:
        edge = next((e for e in move.edges if e.packets and packet in e.packets), edge)
    return MoveInfo(
        parked.number,
        move.kind,
        place_of(move.node),
        move.port.name,
        tuple(places_of(move)),
        number_of(packet) if packet is not None else None,
        summarize(payload_of(packet)) if packet is not None else None,
        move.can_go(),
        occurrence(move.kind == "receive", edge) + 1,
        held,
    )


def state_of(node: BaseNode, parked: Sequence[Parked]) -> NodeState:
    """Return what a node is doing, in one word, and why."""
    place = place_of(node)
    if node.finished:
        failed: Any = node.task_manager.exception_occured()
        return NodeState(place, "failed" if failed else "finished")
    if not node.states.started.get():
        return NodeState(place, "starting", _why(parked) if parked else "")
    parked = [one for one in parked if one.move.can_go() or not is_standing(one.move.port, _waits(one))]
    if any(one.move.can_go() for one in parked):
        return NodeState(place, "ready", ", ".join(map(_wanted, parked)))
    if parked:
        blocked = any(one.move.kind == "send" for one in parked)
        return NodeState(place, "blocked" if blocked else "waiting", _why(parked))
    if node.is_net or not isinstance(node, Node):
        return NodeState(place, "running")
    unconnected = next((port for port in node.ports.iter_ports() if port.inner.putters or port.inner.getters), None)
    if unconnected is not None:
        return NodeState(place, "waiting", f"for {unconnected.name}, which has no edge")
    return NodeState(place, "busy", "for something that is no port")


def state_of_net(net: BaseNode, inside: Iterable[NodeState]) -> NodeState:
    """Return what a net is doing, given what each of its nodes does: what the one does of which it matters most."""
    if net.finished or not net.states.started.get():
        return state_of(net, ())
    return most_telling(place_of(net), inside)


def _waits(parked: Parked) -> Literal["send", "receive"]:
    return "send" if parked.move.kind == "send" else "receive"


def _wanted(parked: Parked) -> str:
    return f"to {'send' if parked.move.kind == 'send' else 'take'} {parked.move.port.name}"


def _why(parked: Sequence[Parked]) -> str:
    words = []
    for one in parked:
        wait = wait_at(one.move.port, _waits(one))
        if wait.waits == "send" and wait.edge is not None:
            words.append(f"{one.move.port.name}: {len(wait.edge.packets)}/{wait.edge.capacity} full")
        else:
            words.append(f"for {one.move.port.name}")
    return ", ".join(words)
