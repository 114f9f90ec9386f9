"""Hold packets up in time: delay, rate limit. Times are those of the event loop's clock."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import BasePacket
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
from fbdev.complib.standard import StandardFactory
from fbdev.exceptions import EndOfInput


def not_negative(number: float) -> bool:
    """Return whether a number is zero or more."""
    return number >= 0


def positive(number: float) -> bool:
    """Return whether a number is more than zero."""
    return number > 0


class DelayFactory(StandardFactory):
    """Sends each packet on, as it is, ``seconds`` after it came; the order is kept.

    It goes on receiving meanwhile, but not while what it sends is not taken.
    """

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.CONFIG, "seconds", dtype=float, data_validator=not_negative),
        PortSpec(PortType.OUTPUT, "out"),
    )

    @classmethod
    def create_component(
        cls, seconds: float | None = None, component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a component that delays.

        Args:
            seconds: how long, the default of the config port ``seconds``.
            component_name: the name of the class.

        Raises:
            ValueError: if it is negative.
        """
        return cls._make(component_name, {"seconds": seconds}, values={"seconds": seconds})

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        out = self.ports.output.out
        held: deque[tuple[float, BasePacket]] = deque()
        with suppress(EndOfInput):
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout_at(held[0][0] if held else None):
                        packet = await self.ports.input.inp.get()
                    held.append((loop.time() + self.config.seconds, packet))
                while held and held[0][0] <= loop.time():
                    await out.put(held[0][1])
                    held.popleft()
        for due, packet in held:
            await _sleep_until(due)
            await out.put(packet)


class RateLimitFactory(StandardFactory):
    """Sends packets on, as they are, at most ``per_second`` of them a second, evenly spaced."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.CONFIG, "per_second", dtype=float, data_validator=positive),
        PortSpec(PortType.OUTPUT, "out"),
    )

    @classmethod
    def create_component(
        cls, per_second: float | None = None, component_name: str | None = None
    ) -> type[BaseComponent]:
        """Return a component that limits the rate.

        Args:
            per_second: packets a second, the default of the config port ``per_second``.
            component_name: the name of the class.

        Raises:
            ValueError: if it is not positive.
        """
        return cls._make(component_name, {"per_second": per_second}, values={"per_second": per_second})

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        free_at = loop.time()
        async for packet in self.ports.input.inp:
            await _sleep_until(free_at)
            await self.ports.output.out.put(packet)
            free_at = loop.time() + 1 / self.config.per_second


async def _sleep_until(due: float) -> None:
    """Sleep until a time on the loop's clock; not at all if it has come."""
    left = due - asyncio.get_running_loop().time()
    if left > 0:
        await asyncio.sleep(left)
