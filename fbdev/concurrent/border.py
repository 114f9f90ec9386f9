"""The border of a node that runs in a child process: edges whose other ends are in the parent's net.

To the component they are edges like any other. An instrument holds each move over them until the parent has answered
that it can go, and tells the parent when it has gone, or was cancelled. Where the component is a graph, its packets
cross the border by themselves, in as soon as there is room inside, out as soon as there is room outside.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Final

from fbdev.comp.channel import UNBOUNDED
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortID, PortType
from fbdev.concurrent.link import Link
from fbdev.concurrent.messages import (
    Agree,
    Answer,
    ConfigCame,
    ConfigEnded,
    Consumed,
    Finished,
    Get,
    Message,
    NoMore,
    PortEnded,
    Post,
    Put,
    Refused,
    Start,
    Withdraw,
)
from fbdev.concurrent.packing import pack, unpack, unpack_value
from fbdev.exceptions import EndOfInput
from fbdev.graph.base_node import BaseNode
from fbdev.graph.edge import Edge
from fbdev.graph.elements import EdgeSpec
from fbdev.graph.net import Node
from fbdev.instrument import Instrument, Move

_STOPPED: Final[PortID] = (PortType.MESSAGE, "stopped")
"""Sent by what stands in for the component when its process has ended."""


class BorderEdge(Edge):
    """An edge between a port here and the port of the same name in the parent.

    What leads in holds a packet only while it is taken; what leads out has room only while the parent has.
    """

    def __init__(self, port: Port, node: BaseNode, ended: Callable[[BorderEdge], None]) -> None:
        super().__init__(EdgeSpec(id=port.spec.id_str), node)
        self.port = port
        self.name = port.spec.id_str
        self.asked = False
        """True while a packet that crosses by itself is under way."""
        self._tell_end = ended
        if port.is_output_port:
            self.limit = 0
            port.connect(target=self)
        else:
            port.connect(source=self)

    def hold(self, packet: BasePacket) -> None:
        """Have a packet ready that is about to be taken."""
        self.packets.append(packet)
        self.entered += 1

    def open(self) -> None:
        """Have room for one packet."""
        self.limit += 1

    def forget(self) -> None:
        """The packet that has come is in the parent's net, and so is the room for the next."""
        self.packets.clear()
        self.limit -= 1

    def end(self) -> None:
        """Say that nothing will be put on it any more."""
        if not self.ended:
            super().end()
            self._tell_end(self)


class Border(Instrument):
    """Asks the parent for each move over the border of a node.

    Args:
        node: the node.
        start: what the parent knows of its ports.
        link: the way to the parent.
    """

    def __init__(self, node: Node, start: Start, link: Link) -> None:
        self._node = node
        self._link = link
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Answer | NoMore | Refused]] = {}
        self._asked: dict[Move, Message] = {}
        """What is said when a move commits."""
        self._finished = False
        """True when all tasks have ended and the parent has not been told."""
        self._posts = frozenset(
            port.spec.id_str
            for port in node.inner_ports()
            if port.port_type is PortType.MESSAGE and port.spec.id_str not in start.connected and not port.sources
        )
        """Messages without an edge in the parent: its port is a mailbox, which always has room."""
        self._edges: dict[str, BorderEdge] = {}
        for port in node.inner_ports():
            if port.id != _STOPPED:
                self._connect(port, start)

    def _connect(self, port: Port, start: Start) -> None:
        name = port.spec.id_str
        if port.port_type is PortType.CONFIG:
            if name in start.announced:
                port.announce()
            if not (start.is_top or name in start.connected or port.announced or port.spec.is_required):
                return
        edge = self._edges[name] = BorderEdge(port, self._node, self._ended)
        if name in self._posts:
            edge.limit = UNBOUNDED

    # -- what the parent says

    def obey(self, message: Message) -> None:
        """Do what a message of the parent asks for."""
        match message:
            case Answer(number) | NoMore(number) | Refused(number):
                answer = self._answers.get(number)
                if answer is not None and not answer.done():
                    answer.set_result(message)
            case ConfigCame(name, data):
                edge = self._edges[name]
                edge.hold(Packet(unpack_value(data, f"{edge.port}: a value")))
                edge.port.packet_arrived(edge)
            case ConfigEnded(name):
                self._edges[name].end()
            case _:
                raise AssertionError(message)

    async def _ask(self, number: int, message: Message) -> bytes | None:
        """Return what the parent answers when a move can go.

        Raises:
            EndOfInput: if nothing will ever come.
            TypeError: if the packet is refused.
        """
        peers = self._node.hub.peers
        answer: asyncio.Future[Answer | NoMore | Refused] = asyncio.get_running_loop().create_future()
        self._answers[number] = answer
        peers[answer] = tuple  # to wait for the parent is to wait in a port
        self._link.send(message)
        try:
            match await answer:
                case Answer(_, packet):
                    return packet
                case NoMore():
                    raise EndOfInput
                case Refused(_, words):
                    raise TypeError(words)
        finally:
            del self._answers[number], peers[answer]

    # -- moves of a component

    def admit(self, move: Move) -> Awaitable[None] | None:
        """Hold a move over the border until the parent has answered; config values come by themselves."""
        edge = move.edges[0]
        if not isinstance(edge, BorderEdge) or move.port.port_type is PortType.CONFIG:
            return None
        return self._until_it_comes(move, edge) if move.kind == "receive" else self._until_it_fits(move, edge)

    async def _until_it_comes(self, move: Move, edge: BorderEdge) -> None:
        number = next(self._numbers)
        self._asked[move] = Agree(number)
        try:
            edge.hold(self._unpack(await self._ask(number, Get(number, edge.name)), edge))
        except EndOfInput:
            del self._asked[move]
            edge.end()

    async def _until_it_fits(self, move: Move, edge: BorderEdge) -> None:
        assert move.packet is not None
        data = pack(move.packet, edge.port, self._link.store)
        if edge.name in self._posts:
            await self._link.drained()
            self._asked[move] = Post(edge.name, data)
            return
        number = next(self._numbers)
        self._asked[move] = Agree(number)
        await self._ask(number, Put(number, edge.name, data))
        edge.open()

    def move_committed(self, move: Move) -> None:
        """Tell the parent, and see whether something can cross into the graph now."""
        message = self._asked.pop(move, None)
        if message is not None:
            self._link.send(message)
            self._link.flush()  # whatever the component does next may take its time
            edge = move.edges[0]
            if isinstance(message, Agree) and move.kind == "send" and isinstance(edge, BorderEdge):
                edge.forget()
            elif move.kind == "send":
                edge.packets.clear()
        if self._node.is_net:
            self._crosses(move)

    def move_cancelled(self, move: Move) -> None:
        """Tell the parent that a move will not be made."""
        message = self._asked.pop(move, None)
        if isinstance(message, Agree):
            self._link.send(Withdraw(message.number))

    def _unpack(self, data: bytes | None, edge: BorderEdge) -> Packet:
        assert data is not None
        return unpack(data, edge.port, self._link.store)

    # -- what crosses into a graph, and out of it

    def open(self) -> None:
        """Let packets cross from now on, if the component is a graph."""
        if self._node.is_net:
            for edge in self._edges.values():
                self._carry(edge)

    def _crosses(self, move: Move) -> None:
        for edge in move.edges:
            for port in (edge.tail_end, edge.head_end):
                name = port.spec.id_str if port is not None and port.node is self._node else None
                if name in self._edges:
                    self._carry(self._edges[name])

    def _carry(self, edge: BorderEdge) -> None:
        port = edge.port
        if edge.asked:
            return
        if port.is_output_port and port._next_to_cross() is not None:
            edge.asked = True
            self._node.task_manager.create_task(self._carry_out(edge))
        elif port.is_input_port and not edge.ended and port.targets and port.can_put():
            edge.asked = True
            self._node.task_manager.create_task(self._carry_in(edge))

    async def _carry_in(self, edge: BorderEdge) -> None:
        number = next(self._numbers)
        try:
            packet = self._unpack(await self._ask(number, Get(number, edge.name)), edge)
        except EndOfInput:
            edge.end()
            return
        edge.asked = False
        self._link.send(Agree(number))
        edge.hold(packet)
        edge.port.packet_arrived(edge)
        self._carry(edge)

    async def _carry_out(self, edge: BorderEdge) -> None:
        inside = edge.port._next_to_cross()
        assert inside is not None
        number = next(self._numbers)
        data = pack(inside.packets[0], edge.port, self._link.store)
        await self._ask(number, Put(number, edge.name, data))
        edge.asked = False
        self._link.send(Agree(number))
        edge.open()
        edge.port.room_appeared()
        edge.forget()
        self._carry(edge)

    # -- what else the parent is told

    def packet_consumed(self, packet: BasePacket) -> None:
        """Tell that a payload was taken."""
        self._link.send(Consumed(packet.uuid))

    def node_state(self, node: BaseNode, state: str) -> None:
        """Tell that all tasks have ended."""
        if node is self._node and state == "finished":
            self._finished = True
            self._tell_finished()

    def _ended(self, edge: BorderEdge) -> None:
        """An edge has ended: the parent is told when nothing inside waits to cross over it."""
        if edge.port.is_output_port and edge.port._next_to_cross() is None:
            self._link.send(PortEnded(edge.name))
        self._tell_finished()

    def _tell_finished(self) -> None:
        outputs = (port for port in self._node.inner_ports() if port.is_output_port)
        if self._finished and all(port._next_to_cross() is None for port in outputs):
            self._finished = False
            self._link.send(Finished())
