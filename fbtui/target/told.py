"""What the debugger knows of a paused net: at each pause it is told what has become different since the last one.

A large net is looked at move by move and node by node at every pause. Describing, sending and reading what is as it
was would take most of the time from a key to its frame.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, NamedTuple

from fbdev.comp.packet import BasePacket, payload_of
from fbdev.graph.net import BaseNode
from fbtui.protocol import MoveInfo, NodeState
from fbtui.target.capture import is_mutable
from fbtui.target.orders import Parked
from fbtui.target.states import move_info, state_of, state_of_net

Signs = tuple[Any, ...]
"""What a description was made of, as far as it can change."""


class _Known(NamedTuple):
    signs: Signs
    info: MoveInfo
    node: BaseNode


class Told:
    """Describes the moves and the nodes of a net, and knows which it has described before.

    Args:
        top: the net.
        number_of: returns the number of a packet.
    """

    def __init__(self, top: BaseNode, number_of: Callable[[BasePacket], int]) -> None:
        below = [node for node in top.walk() if not node.is_top_node]
        self._nodes = frozenset(node for node in below if not node.is_net)
        self._nets = tuple(node for node in reversed(below) if node.is_net)
        """The nets below the top one, each after those in it."""
        self._number_of = number_of
        self.forget()

    def forget(self) -> None:
        """Begin anew: the next time the whole is told."""
        self._moves: dict[int, _Known] = {}
        self._states: dict[BaseNode, NodeState] = {}
        self._touched = set(self._nodes)
        self.has_told = False
        """Whether anything was told before."""

    def touch(self, node: BaseNode) -> None:
        """Look at a node the next time, though its moves may be the same: its life has gone on."""
        self._touched.add(node)

    def moves(
        self, parked: Iterable[Parked], enabled: Collection[Parked], is_held: Callable[[Parked], bool]
    ) -> tuple[tuple[MoveInfo, ...], tuple[int, ...]]:
        """Return the parked moves that are new or look different, and the numbers of those that are gone."""
        known, now, told = self._moves, dict[int, _Known](), []
        can_go = {one.number for one in enabled}
        for one in parked:
            number, move = one.number, one.move
            can_move, held = number in can_go, is_held(one)
            signs = can_move, held, *[(len(e.packets), e.carried, e.capacity) for e in move.edges]
            before = known.get(number)
            if before is not None and before.signs == signs and not _may_have_changed(one, can_move=can_move):
                now[number] = before
                continue
            info = move_info(one, self._number_of, held=held)
            if before is None or before.info != info:
                told.append(info)
            now[number] = _Known(signs, info, move.node)
            self._touched.add(move.node)
        gone = known.keys() - now.keys()
        self._touched.update(known[number].node for number in gone)
        self._moves = now
        return tuple(told), tuple(gone)

    def states(self, parked: Iterable[Parked], standing: tuple[BaseNode, NodeState] | None) -> tuple[NodeState, ...]:
        """Return the states of the nodes that are new or different; call it after `moves`.

        Args:
            parked: the moves that wait at the gate.
            standing: a node in whose own code the run stands still, and its state.
        """
        by_node: dict[BaseNode, list[Parked]] = {}
        for one in parked:
            by_node.setdefault(one.move.node, []).append(one)
        now = {
            node: state_of(node, by_node.get(node, ()))
            for node in (self._touched | (self._nodes - by_node.keys())) & self._nodes
        }
        self._touched.clear()
        self.has_told = True
        if standing is not None:
            node, now[node] = standing
            self.touch(node)
        known = self._states | now
        for net in self._nets:
            known[net] = now[net] = state_of_net(net, (known[node] for node in net.nodes.values()))
        told = tuple(state for node, state in now.items() if self._states.get(node) != state)
        self._states = known
        return told


def _may_have_changed(parked: Parked, *, can_move: bool) -> bool:
    """Return whether the packet of a move may carry something else than before."""
    packet: BasePacket | None = parked.move.packet
    if packet is None and can_move:
        packet = parked.move.port.next_packet()
    return packet is not None and is_mutable(payload_of(packet))
