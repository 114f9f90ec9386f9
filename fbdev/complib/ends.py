"""Where packets come from and where they end: an iterable as a source, a list as a sink."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, ClassVar

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
from fbdev.complib.standard import StandardFactory
from fbdev.runtime.stream import Stream

Values = Iterable[Any] | AsyncIterable[Any]


class FromIterableFactory(StandardFactory):
    """A source: sends each value of an iterable by ``out``, then it has ended."""

    port_specs = PortSpecCollection(PortSpec(PortType.OUTPUT, "out"))
    source: ClassVar[Any]

    @classmethod
    def create_component(
        cls, values: Values | Callable[[], Values], component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a source.

        Args:
            values: an iterable, asynchronous or not, or a function without arguments that returns one: it is
                called at each start. An iterator can be read only once.
            component_name: the name of the class.

        Raises:
            TypeError: if it is neither.
        """
        source: Any = values
        if not callable(source):
            Stream(source)  # which refuses what is no iterable
        return cls._make(component_name, {"values": values}, source=staticmethod(source))

    async def _work(self) -> None:
        source = self.source() if callable(self.source) else self.source
        async for value in Stream(source):
            await self.ports.output.out.put(Packet(value))


class IntoListFactory(StandardFactory):
    """A sink: appends the payload of each packet that comes to ``inp`` to a list."""

    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"))
    into: ClassVar[list[Any]]

    @classmethod
    def create_component(cls, into: list[Any], component_name: str | None = None) -> type[BaseComponent]:
        """Return a sink.

        Args:
            into: the list, the very object.
            component_name: the name of the class.
        """
        return cls._make(component_name, {"into": into}, into=into)

    async def _work(self) -> None:
        async for packet in self.ports.input.inp:
            self.into.append(await packet.consume())
