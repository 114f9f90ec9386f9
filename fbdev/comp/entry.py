"""What may be put into a port, and what comes into the net by it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fbdev._utils.errors import add_note
from fbdev.comp.dtype import Check
from fbdev.comp.junction import Junction
from fbdev.comp.line import Line
from fbdev.comp.packet import CONSUMED, BasePacket, Nowhere, Packet, Place, place_of
from fbdev.comp.port_spec import PortSpec

if TYPE_CHECKING:
    from fbdev.comp.hub import Hub


class Entry(Junction):
    """A junction that looks at every packet before it is put."""

    __slots__ = ("_check", "_place")

    def __init__(self, port_spec: PortSpec, hub: Hub) -> None:
        self._check: Check | None = port_spec.checker
        self._place: Place = hub.outside
        """Where a packet is that the port has received, and from where it is put: its node."""
        super().__init__(port_spec, hub)

    def check_with(self, check: Check) -> None:
        """Let only those payloads pass from now on that this check has nothing against."""
        self._check = check
        self.loosen()

    @property
    def checks(self) -> bool:
        """True if payloads are looked at."""
        return self._check is not None

    @property
    def has_own_check(self) -> bool:
        """True if payloads are looked at as its spec asks for, and nothing more is asked of them."""
        return self._check in {None, self.spec.checker}

    def check_nothing(self) -> None:
        """Let every payload pass from now on, whatever the dtype and the validator say."""
        self._check = None
        self.loosen()

    def _accept(self, packet: BasePacket, line: Line) -> None:
        """Look at a packet that is to be put; one that is new comes into the net.

        Raises:
            ValueError: if it is no packet.
            RuntimeError: if it is consumed, or is not where the put is.
            TypeError: if the payload is not what the port's dtype and validator ask for.
        """
        if type(packet) is Packet:
            at = packet._at
            if at is None and self._check is None:
                self._welcome(packet, line)
                return
        elif isinstance(packet, BasePacket):
            at = place_of(packet)
        else:
            raise ValueError(f"{self}: a packet is put, not {type(packet).__name__}: use put_value().")
        if self._check is not None and isinstance(packet, Packet) and at is not CONSUMED and not packet.is_empty:
            self._examine(packet._data, self._check)
        if at is None:
            self._welcome(packet, line)
        elif at is not self._place and at is not self.hub.outside:
            self._refuse_or_welcome(packet, at, line)

    def _examine(self, payload: Any, check: Check) -> None:
        try:
            problem = check(payload)
        except Exception as error:
            add_note(error, f"at port {self!r}")
            raise
        if problem is not None:
            raise TypeError(f"{self}: {problem}")

    def _refuse_or_welcome(self, packet: BasePacket, at: Place, line: Line) -> None:
        if isinstance(at, Nowhere):
            raise RuntimeError(f"{self}: a packet that {at.why} cannot be put.")  # noqa: TRY004 - it is no type
        here = self._place.address
        if at.hub is self.hub and at.address != here:
            raise RuntimeError(f"{self}: {packet!r} is at {at.address}, not at {here}: it can be in one place only.")
        if at.hub is self.hub:
            packet._at = self._place
        else:
            self._welcome(packet, line)

    def _welcome(self, packet: BasePacket, line: Line) -> None:
        """A packet that was not in this net is put for the first time; what stays in a mailbox is in no net."""
        if self._is_mailbox and not self.targets:
            return
        hub = self.hub
        place: Place = self._place
        if line.node is None and self.spec.is_input_port:
            place = hub.outside
        packet._at = place
        if isinstance(packet, Packet) and packet._parents is None:
            packet._parents = line.parents
        history = hub.history
        if history.on:
            history.created(packet, place)
        if hub.instruments and hub.hears("packet_created"):
            hub.tell("packet_created", packet, self.node)
