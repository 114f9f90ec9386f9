"""The ports of a node whose component is elsewhere: a move first becomes possible, and commits when asked to.

Only that component receives from its input ports and sends by its output ports, and only one move of a port is
under way at a time. So what has become possible stays so, and nothing has to be reserved.
"""

from __future__ import annotations

from collections.abc import Callable

from fbdev.comp.hub import Hub
from fbdev.comp.junction import CHOSEN, Woken
from fbdev.comp.line import Line
from fbdev.comp.packet import DROPPED, BasePacket
from fbdev.comp.port import InputPort, OutputPort, Port
from fbdev.comp.port_spec import PortSpec
from fbdev.instrument import Move


class ProxyPort(Port):
    """A port whose packets go to another process, or come from there."""

    __slots__ = ("on_closed",)

    def __init__(self, port_spec: PortSpec, hub: Hub) -> None:
        super().__init__(port_spec, hub)
        self.on_closed: Callable[[], object] | None = None

    def source_drained(self) -> None:
        """One of the sources has ended and is empty."""
        was_closed = self.closed
        super().source_drained()
        if self.closed and not was_closed and self.on_closed is not None:
            self.on_closed()

    def can_go(self) -> bool:
        """Return whether its move could commit now: a receive for an input port, a send for an output port."""
        return self.can_get() if self.is_input_port else self.can_put()

    async def until_it_can_go(self, line: Line, packet: BasePacket | None) -> Move | None:
        """Wait until its move could commit, and return it; None if no instrument looks at it.

        Args:
            line: the line of work that asks.
            packet: the packet of a send.

        Raises:
            EndOfInput: if nothing will ever come.
        """
        hub = self.hub
        move: Move | None = None
        try:
            while True:
                if hub.gated and (self.targets or not self._is_mailbox):
                    kind = self._way("receive" if self.is_input_port else "send")
                    move = move or hub.requested(kind, line, packet)
                    if self._has_edges() and (held := hub.admit(move)) is not None:
                        await held
                        if packet is not None and packet._at is DROPPED:
                            return move
                if self.can_go():
                    return move
                if self.closed:
                    self._refuse_to_wait(ends=False)
                if await self._wait_in_line(line, packet) is CHOSEN:
                    return move
        except BaseException:
            if move is not None:
                hub.tell("move_cancelled", move)
            raise

    def _has_edges(self) -> bool:
        return bool(self.sources) and not self.closed if self.is_input_port else bool(self.targets)

    async def _wait_in_line(self, line: Line, packet: BasePacket | None) -> Woken:
        """Wait for a packet, or for room, and leave it to whoever is next in line: to nobody else."""
        if packet is None:
            wake, leave = self._line_up_to_get(line), self._leave_getters
        else:
            wake, leave = self._line_up_to_put(packet, line, first=False), self._leave_putters
        try:
            return await wake
        finally:
            leave(wake)

    def commit(self, line: Line, packet: BasePacket | None, move: Move | None) -> BasePacket:
        """Make a move that can go, and return its packet."""
        if packet is None:
            return self._receive(line, move)
        if not self._was_dropped(packet, line, move):
            self._send(packet, line, move)
        return packet


class ProxyInputPort(ProxyPort, InputPort):
    """An input port whose packets go to another process."""

    __slots__ = ()


class ProxyOutputPort(ProxyPort, OutputPort):
    """An output port whose packets come from another process."""

    __slots__ = ()


def make_proxy_port(port_spec: PortSpec, hub: Hub) -> ProxyPort:
    """Return the port that a spec describes."""
    return (ProxyInputPort if port_spec.is_input_port else ProxyOutputPort)(port_spec, hub)
