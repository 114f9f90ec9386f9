"""What stands in a net for a component on the engine: it knows what is there, and can begin again elsewhere."""

from __future__ import annotations

import copy
import logging
import socket
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortType
from fbdev.concurrent.child import Child
from fbdev.concurrent.engine.process import EngineProcess, StoreHere
from fbdev.concurrent.messages import Answer, ConfigCame, ConfigEnded, Message, Start
from fbdev.concurrent.proxy_port import ProxyPort
from fbdev.concurrent.stand_in import Request, StandIn
from fbdev.exceptions import RemoteNodeError

if TYPE_CHECKING:
    from fbdev.concurrent.engine.node import EngineNode

RESTARTS: Final = 3
"""How often a node begins again; one that dies of what it receives ends at last."""
TOLD: Final = 5
"""Packets that an error names."""
KEPT: Final = 256
"""Packets taken and not finished that are known, the newest ones."""

log = logging.getLogger("fbdev")


class EngineStandIn(StandIn):
    """Makes the moves that a component asks for on the engine.

    A packet is acknowledged when the component asks for the next one after it has sent something; one that has
    nothing to send acknowledges by asking.
    """

    def __init__(self) -> None:
        super().__init__()
        self._there: deque[tuple[ProxyPort, BasePacket]] = deque(maxlen=KEPT)
        """What the component has received and not acknowledged."""
        self._again: defaultdict[Port, deque[BasePacket]] = defaultdict(deque)
        """What it gets again after a restart, and has not asked for yet."""
        self._redelivered: dict[int, tuple[ProxyPort, BasePacket]] = {}
        """What is on its way again, by the number of its request."""
        self._has_sent = False
        self._config: dict[str, Message] = {}
        self._restarts = 0
        self._start: Start | None = None

    @property
    def _place(self) -> EngineNode:
        node: EngineNode = self.node  # type: ignore[assignment]  # it is made by one
        return node

    # -- life

    def _start_message(self) -> Start:
        if self._place.restarts and self.node.spec.subgraph is not None:
            raise RemoteNodeError(
                f"{self.node.address} is a graph, which cannot begin again where it was:"
                " give the nodes in it places of their own, or leave out on_death='restart'"
            )
        self._start = super()._start_message()
        self._elsewhere = frozenset(port.spec.id_str for port in self.ports.iter_ports() if self._stays(port))
        for name in self._elsewhere:
            self._named[name].check_nothing()  # the component's own port does
        return self._start

    def _stays(self, port: ProxyPort) -> bool:
        """Return whether all that a port sends is received on the engine, and no port on the way wants to see it."""
        if not port.is_output_port or not port.targets or not port.has_own_check:
            return False
        ends = list(_ends(port))
        return all(end is not None and isinstance(end.node, type(self._place)) for end in ends)

    def _new_child(self) -> Child:
        store = StoreHere()
        place = self._place

        def spawn(theirs: socket.socket) -> EngineProcess:
            return EngineProcess(
                theirs, place.cluster_address, place.resources, place.patience, store,
                lambda port: port not in self._elsewhere,
            )  # fmt: skip

        return Child(self.node, self._line, self._obey, self._failed, self._died, spawn, store)

    def _died(self, words: str) -> BaseException | None:
        """The process is gone: begin again, or return the error."""
        assert self.child is not None
        if not self.child.has_started:
            return RemoteNodeError(words)
        if self._place.restarts and self.child.ran.done():
            return None  # it had done all its work
        there = self.packets_there()
        if self._place.restarts and self._restarts < RESTARTS:
            self._restarts += 1
            log.warning("%s: it begins again, and gets again what it had%s", words, _named(there))
            self._begin_again(self.child)
            return None
        return RemoteNodeError(f"{words}{_named(there)}")

    def _begin_again(self, dead: Child) -> None:
        for request in reversed(list(self._requests.values())):
            self._withdraw(request.number)
        for port, packet in reversed([*self._there, *self._redelivered.values()]):
            self._again[port].appendleft(packet)
        self._redelivered.clear()
        self._there.clear()
        self._has_sent = False
        self.child = self._new_child()
        self.child.succeed(dead)
        assert self._start is not None
        self.child.begin(self._start)
        for message in self._config.values():
            self.child.send(message)
        for port in self.ports.get_all(PortType.CONFIG):
            if port.on_closed is not None and port.closed:
                self.child.send(ConfigEnded(port.spec.id_str))
        self._task_manager.create_task(self.child.has_begun())

    def _send(self, message: Message) -> None:
        if isinstance(message, ConfigCame):
            self._config[message.port] = message
        super()._send(message)

    # -- what is there

    def packets_there(self) -> list[BasePacket]:
        """Return the packets that the component has received and not acknowledged, or was about to receive."""
        taken = [packet for _, packet in self._there]
        again = [packet for _, packet in self._redelivered.values()]
        offered = [request.offered for request in self._requests.values() if request.offered is not None]
        return [*taken, *again, *offered, *(packet for waiting in self._again.values() for packet in waiting)]

    def _ask(self, request: Request) -> None:
        port = request.port
        if request.packet is None:
            self._acknowledge(port)
            if self._again[port]:
                self._give_again(request)
                return
        super()._ask(request)

    def _acknowledge(self, port: ProxyPort) -> None:
        sends = any(other.targets for other in self.ports.iter_output_ports())
        if self._has_sent or (not sends and any(known is port for known, _ in self._there)):
            self._there.clear()
            self._has_sent = False

    def _give_again(self, request: Request) -> None:
        packet = self._again[request.port].popleft()
        self._redelivered[request.number] = request.port, packet
        self._send(Answer(request.number, self._pack(packet, request.port)))

    def _commit(self, number: int) -> None:
        if number in self._redelivered:
            self._there.append(self._redelivered.pop(number))
            return
        request = self._requests[number]
        if request.packet is None:
            packet = request.offered
            assert packet is not None
            keep = self._place.restarts and isinstance(packet, Packet)
            self._there.append((request.port, copy.copy(packet) if keep else packet))
        else:
            self._has_sent = True
        super()._commit(number)

    def _withdraw(self, number: int) -> None:
        if number in self._redelivered:
            port, packet = self._redelivered.pop(number)
            self._again[port].appendleft(packet)
        else:
            super()._withdraw(number)


def _ends(port: Port) -> Any:
    """Yield the ports that receive what a port sends, at last, beyond the borders of graphs; None for nobody."""
    for edge in port.targets:
        head = edge.head_end
        if head is None or (head.is_output_port and not head.targets):
            yield None
        elif head.targets:
            yield from _ends(head)
        else:
            yield head


def _named(packets: list[BasePacket]) -> str:
    if not packets:
        return "; no packet was there"
    names = ", ".join(packet.uuid[-8:] for packet in packets[:TOLD])
    more = f" and {len(packets) - TOLD} more" if len(packets) > TOLD else ""
    return f"; there {'was packet' if len(packets) == 1 else 'were packets'} {names}{more}"
