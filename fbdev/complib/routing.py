"""Several streams: merge them, zip them, split one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
from fbdev.complib.calls import call
from fbdev.complib.standard import StandardFactory, named_ports
from fbdev.exceptions import ComponentExecutionError, EndOfInput


class MergeFactory(StandardFactory):
    """Sends on whatever comes to one of its inputs, in the order in which it comes; ends when all have ended."""

    port_specs = PortSpecCollection(PortSpec(PortType.OUTPUT, "out"))

    @classmethod
    def create_component(
        cls, inputs: Iterable[str] = ("a", "b"), component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a component that merges.

        Args:
            inputs: the names of its input ports.
            component_name: the name of the class.
        """
        names = list(inputs)
        return cls._make(component_name, {"inputs": names}, ports=named_ports(PortType.INPUT, names))

    async def _work(self) -> None:
        for port in self.ports.get_all(PortType.INPUT):
            self.task_manager.create_task(self._forward(port))

    async def _forward(self, port: Any) -> None:
        async for packet in port:
            await self.ports.output.out.put(packet)


class ZipFactory(StandardFactory):
    """Waits for a packet on each of its inputs and sends their payloads as one tuple: a join.

    It sends nothing more when one input has ended. What the others still hold then is received, and each payload
    told by the message ``left_over`` as ``(port, payload)``.
    """

    port_specs = PortSpecCollection(
        PortSpec(PortType.OUTPUT, "out", dtype=tuple), PortSpec(PortType.MESSAGE, "left_over", dtype=tuple)
    )

    @classmethod
    def create_component(
        cls, inputs: Iterable[str] = ("a", "b"), component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a component that zips.

        Args:
            inputs: the names of its input ports; the tuples are in this order.
            component_name: the name of the class.
        """
        names = list(inputs)
        return cls._make(component_name, {"inputs": names}, ports=named_ports(PortType.INPUT, names))

    async def _work(self) -> None:
        ports = self.ports.get_all(PortType.INPUT)
        while True:
            packets: list[BasePacket] = []
            try:
                for port in ports:
                    packets.append(await port.get())  # noqa: PERF401 - what was received before an end is needed
            except EndOfInput:
                break
            await self.ports.output.out.put(Packet(tuple([await packet.consume() for packet in packets])))
        for port, packet in zip(ports, packets, strict=False):
            await self._tell(port, packet)
        for port in ports:
            self.task_manager.create_task(self._drain(port))

    async def _drain(self, port: Any) -> None:
        async for packet in port:
            await self._tell(port, packet)

    async def _tell(self, port: Port, packet: BasePacket) -> None:
        left = Packet((port.name, await packet.consume()), parents=[packet])
        await self.ports.message.left_over.put(left)


class SplitFactory(StandardFactory):
    """Sends each packet on, as it is, by the output that a function names for its payload."""

    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"))
    key: ClassVar[Callable[[Any], Any]]
    outputs: ClassVar[list[str]]
    rest: ClassVar[str | None]

    @classmethod
    def create_component(
        cls,
        key: Callable[[Any], Any],
        outputs: Iterable[str],
        rest: str | None = None,
        component_name: str | None = None,
    ) -> type[BaseComponent]:
        """Return a component that splits by a key.

        Args:
            key: takes a payload, returns the name of an output; synchronous or asynchronous.
            outputs: the names of the outputs.
            rest: one more output, for payloads whose key is none of these names. Without it such a payload is an
                error.
            component_name: the name of the class.
        """
        names = list(outputs)
        specs = named_ports(PortType.OUTPUT, [*names, *([rest] if rest is not None else [])])
        made_with = {"key": key, "outputs": names, "rest": rest}
        return cls._make(component_name, made_with, ports=specs, key=staticmethod(key), outputs=names, rest=rest)

    async def _work(self) -> None:
        async for packet in self.ports.input.inp:
            name = self._output_for(await call(self.key, await packet.peek()))
            await self.ports.output[name].put(packet)

    def _output_for(self, key: Any) -> str:
        if key in self.outputs:
            return str(key)
        if self.rest is None:
            names = ", ".join(self.outputs)
            raise ComponentExecutionError(
                f"There is no output for the key {key!r}: there are {names}. Name one for the rest by rest=."
            )
        return self.rest
