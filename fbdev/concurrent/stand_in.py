"""What stands in a net for a component that runs in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict, deque
from collections.abc import Iterator
from functools import partial
from typing import Any, Final, TypeVar

from fbdev import concurrent
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.line import Line
from fbdev.comp.packet import BasePacket, Packet, PacketUUID
from fbdev.comp.port import PortCollection
from fbdev.comp.port_spec import PortType
from fbdev.comp.standing_get import StandingGet
from fbdev.concurrent.child import Child
from fbdev.concurrent.component_path import path_of
from fbdev.concurrent.messages import (
    Agree,
    Answer,
    ConfigCame,
    ConfigEnded,
    Consumed,
    Get,
    Message,
    NoMore,
    PortEnded,
    Post,
    Put,
    Refused,
    Start,
    StopNet,
    Withdraw,
)
from fbdev.concurrent.packing import pack, pack_value, unpack, unpack_left, unpack_value
from fbdev.concurrent.proxy_port import ProxyInputPort, ProxyPort, make_proxy_port
from fbdev.exceptions import EndOfInput, RemoteNodeError
from fbdev.graph.base_node import TAKEN, BaseNode
from fbdev.instrument import Move
from fbdev.task_manager import Chain

KEPT: Final = 4096
"""Packets taken by the child and not consumed that are still known when they come back, the newest ones."""


Kind = TypeVar("Kind", bound="StandIn")


class Request:
    """A move that the child has asked for; the number is the child's."""

    def __init__(self, number: int, port: ProxyPort, packet: BasePacket | None = None) -> None:
        self.number = number
        self.port = port
        self.packet = packet
        """The packet of a send, None for a receive."""
        self.offered: BasePacket | None = None
        """The packet that was sent to the child for a receive; whether it took it is not known yet."""
        self.move: Move | None = None
        """The move, if an instrument looks at it."""
        self.task: asyncio.Task[None] | None = None
        """What waits until the move can go, if it has to wait."""


class StandIn(BaseComponent):
    """Makes, in the net, the moves that the component asks for in its process."""

    def __init__(self) -> None:
        super().__init__()
        self.ports = PortCollection(self.port_specs, make=make_proxy_port)
        self._named: dict[str, ProxyPort] = {port.spec.id_str: port for port in self.ports.iter_ports()}
        self._requests: dict[int, Request] = {}
        self._away: OrderedDict[PacketUUID, Packet] = OrderedDict()
        self._queues: dict[ProxyPort, deque[Request]] = {}
        self._line = Line(None, None)
        self.child: Child | None = None
        """The process; None before the start."""

    @property
    def node(self) -> BaseNode:
        """The node that it stands in."""
        assert self._node is not None
        return self._node

    @property
    def _child(self) -> Child:
        assert self.child is not None
        return self.child

    # -- life

    async def start(self) -> None:
        """Start the process and the component in it.

        Raises:
            RemoteNodeError: if the class cannot be found, the process cannot be started, or it dies.
            Exception: whatever the component raises when it starts.
        """
        message = self._start_message()
        self._line = Line(self.node, asyncio.get_running_loop())
        self.child = self._new_child()
        self.child.begin(message)
        self._pass_config_on(needed=True)
        await self.child.has_begun()
        self._pass_config_on(needed=False)
        self._task_manager.create_task(self._live())
        self._started = True

    def _new_child(self) -> Child:
        return Child(self.node, self._line, self._obey, self._failed)

    def _start_message(self) -> Start:
        try:
            component = path_of(self.node.component_type)
        except RemoteNodeError as error:
            raise RemoteNodeError(f"{self.node.address}: {error}") from None
        ports = self._named.items()
        return Start(
            [path for path in sys.path if isinstance(path, str)],
            sys.argv,
            sys.dont_write_bytecode,
            concurrent.preparation,
            component,
            self.node.spec.id,
            self.node.address,
            frozenset(name for name, port in ports if port.sources or port.targets),
            frozenset(name for name, port in ports if port.announced),
            all(port.checks or port.spec.checker is None for _, port in ports),
            self.node.hub.goes_on,
            self.node.is_top_node,
        )

    def _pass_config_on(self, *, needed: bool) -> None:
        """Receive config values from now on, and send them to the component; into a graph packets go as they are.

        Args:
            needed: those only that its start waits for.
        """
        for port in self.ports.get_all(PortType.CONFIG):
            waits = port.announced or port.spec.is_required
            reached = waits or (not needed and (port.sources or self.node.is_top_node))
            if reached and port.on_closed is None and self.node.spec.subgraph is None:
                self._follow(port)

    def _follow(self, port: ProxyInputPort) -> None:
        tell = partial(self._send, ConfigEnded(port.spec.id_str))
        port.on_closed = partial(asyncio.get_running_loop().call_soon, tell)  # after the last value
        if port.closed:
            port.on_closed()
        get = StandingGet(port, partial(self._config_arrived, port.name), self._config_failed)
        self._standing.append(get)
        get.begin()

    def _send(self, message: Message) -> None:
        self._child.send(message)

    def _config_arrived(self, name: str, value: Any) -> None:
        port = self.ports.config[name]
        self._send(ConfigCame(port.spec.id_str, pack_value(value, f"{port}: a value")))

    async def _live(self) -> None:
        """Go on for as long as the component has tasks."""
        await self._child.ran
        self._line.end_firing(self.node.hub)

    def _failed(self, chain: Chain) -> None:
        self._task_manager.submit_exception(None, chain, (), ())

    async def _pre_stop(self) -> None:
        if self.child is not None:
            await self.child.stop()
            for request in list(self._requests.values()):  # of a process that died, or was killed
                if request.packet is not None:
                    self.node.hub.withdrawn.append((request.packet, request.port))
                self._withdraw(request.number)

    def left(self) -> Iterator[tuple[BasePacket, str, str]]:
        """Yield, after the stop, each packet that nobody received in the process, its address, and why."""
        if self.child is not None and self.child.left is not None:
            for data, address, why in self.child.left:
                yield unpack_left(data), address, why
        else:
            told = [packet for packet, _ in self.node.hub.withdrawn]  # the puts that waited, of the same packets
            for packet in self._line.holds():
                if not any(packet is one for one in told):
                    yield packet, self.node.address, TAKEN

    # -- what the child asks for

    def _obey(self, message: Message) -> None:
        try:
            self._do(message)
        except TypeError as error:  # a payload that cannot be read here
            self._child.fail(error)

    def _do(self, message: Message) -> None:
        match message:
            case Get(number, name):
                self._ask(Request(number, self._named[name]))
            case Put(number, name, data):
                self._asked_to_put(number, self._named[name], data)
            case Agree(number):
                self._commit(number)
            case Withdraw(number):
                self._withdraw(number)
            case Post(name, data):
                port = self._named[name]
                port.post(self._came(data, port))
            case Consumed(uuid):
                packet = self._away.pop(uuid, None)
                if packet is not None:
                    packet._take()
            case PortEnded(name):
                self._named[name].end()
            case StopNet(data, reason):
                self.node.ask_to_stop(unpack_value(data, "what stop_net was given"), reason)
            case _:
                raise AssertionError(message)

    def _asked_to_put(self, number: int, port: ProxyPort, data: bytes) -> None:
        packet = self._came(data, port)
        try:
            port._accept(packet, self._line)
        except Exception as error:  # a validator may raise anything
            self._child.send(Refused(number, str(error)))
        else:
            self._ask(Request(number, port, packet))

    def _ask(self, request: Request) -> None:
        """One move of a port is under way at a time, in the order in which they are asked for."""
        self._requests[request.number] = request
        queue = self._queues.setdefault(request.port, deque())
        queue.append(request)
        if len(queue) == 1:
            self._pursue(request)

    def _pursue(self, request: Request) -> None:
        if self.node.hub.gated or not request.port.can_go():
            request.task = self._task_manager.create_task(self._wait(request))
        else:
            self._answer(request)

    async def _wait(self, request: Request) -> None:
        """Wait until a move can go."""
        try:
            request.move = await request.port.until_it_can_go(self._line, request.packet)
        except EndOfInput:
            self._over(request)
            self._child.send(NoMore(request.number))
        else:
            request.task = None
            self._answer(request)

    def _answer(self, request: Request) -> None:
        """Ask the child whether it still wants a move that can go."""
        for config in self._standing:  # it came first
            config.take()
        port = request.port
        packet = request.offered = port.next_packet() if request.packet is None else None
        try:
            self._child.send(Answer(request.number, None if packet is None else self._pack(packet, port)))
        except TypeError as error:  # a payload that cannot be sent
            self._child.fail(error)

    def _commit(self, number: int) -> None:
        request = self._requests[number]
        packet = request.port.commit(self._line, request.packet, request.move)
        if request.packet is not None:
            self._away.pop(packet.uuid, None)
        elif isinstance(packet, Packet):
            self._lend(packet)
        self._over(request)

    def _withdraw(self, number: int) -> None:
        request = self._requests.get(number)
        if request is None:  # told meanwhile that there is no more
            return
        if request.task is not None:
            request.task.cancel()  # it may not even have begun
        elif request.move is not None:
            self.node.hub.tell("move_cancelled", request.move)
        self._over(request)

    def _over(self, request: Request) -> None:
        """A move has been made, or will not be: the next one of its port is under way."""
        del self._requests[request.number]
        queue = self._queues[request.port]
        was_first = queue[0] is request
        queue.remove(request)
        if was_first and queue:
            self._pursue(queue[0])

    # -- packets

    def _pack(self, packet: BasePacket, port: ProxyPort) -> bytes:
        return pack(packet, port, self._child.store)

    def _lend(self, packet: Packet) -> None:
        """Know a packet by its uuid while the child has it."""
        self._away[packet.uuid] = packet
        if len(self._away) > KEPT:
            self._away.popitem(last=False)

    def _came(self, data: bytes, port: ProxyPort) -> BasePacket:
        """Return a packet of the child's: the very one that was lent, if it is known."""
        packet = unpack(data, port, self._child.store)
        lent = self._away.get(packet.uuid)
        if lent is None:
            return packet
        lent._data = packet._data
        return lent


def stand_in_for(component_type: type[BaseComponent], kind: type[Kind]) -> type[Kind]:
    """Return a class of what stands in for a component: it has the same ports."""

    class StandInOf(kind, inherit_ports=False):  # type: ignore[valid-type, misc, call-arg]
        port_specs = component_type.port_specs.copy()

    return StandInOf
