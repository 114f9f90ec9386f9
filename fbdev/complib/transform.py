"""Work on the packets of one stream: map, filter, batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
from fbdev.complib.calls import call, refuse_thread_if_async
from fbdev.complib.standard import StandardFactory


class _CallingFactory(StandardFactory):
    """Calls a function for each packet that comes to ``inp``, and sends by ``out``."""

    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    function: ClassVar[Callable[[Any], Any]]
    thread: ClassVar[bool]

    @classmethod
    def create_component(
        cls, function: Callable[[Any], Any], thread: bool = False, component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a component that calls a function for each packet.

        Args:
            function: takes a payload; synchronous or asynchronous.
            thread: call it in a worker thread: it may block.
            component_name: the name of the class.

        Raises:
            TypeError: if an asynchronous function is to run in a thread.
        """
        if thread:
            refuse_thread_if_async(function)
        made_with = {"function": function, "thread": thread}
        return cls._make(component_name, made_with, function=staticmethod(function), thread=thread)

    async def _call(self, payload: Any) -> Any:
        return await call(self.function, payload, in_thread=self.thread)


class MapFactory(_CallingFactory):
    """Sends what a function makes of each payload."""

    async def _work(self) -> None:
        async for packet in self.ports.input.inp:
            await self.ports.output.out.put(Packet(await self._call(await packet.consume())))


class FilterFactory(_CallingFactory):
    """Lets those packets pass, as they are, for whose payload a function answers true; the others end here."""

    async def _work(self) -> None:
        async for packet in self.ports.input.inp:
            if await self._call(await packet.peek()):
                await self.ports.output.out.put(packet)
            else:
                await packet.consume()


def at_least_one(size: int) -> bool:
    """Return whether a size is one."""
    return size >= 1


class BatchFactory(StandardFactory):
    """Gathers payloads into lists of ``size``; at the end of the input it sends what it has, a shorter list."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.CONFIG, "size", dtype=int, data_validator=at_least_one),
        PortSpec(PortType.OUTPUT, "out", dtype=list),
    )

    @classmethod
    def create_component(cls, size: int | None = None, component_name: str | None = None) -> type[BaseComponent]:
        """Return a component that gathers.

        Args:
            size: payloads in a list, the default of the config port ``size``.
            component_name: the name of the class.

        Raises:
            ValueError: if the size is less than one.
        """
        return cls._make(component_name, {"size": size}, values={"size": size})

    async def _work(self) -> None:
        batch: list[Any] = []
        async for packet in self.ports.input.inp:
            batch.append(await packet.consume())
            if len(batch) >= self.config.size:
                await self.ports.output.out.put(Packet(batch))
                batch = []
        if batch:
            await self.ports.output.out.put(Packet(batch))
