"""Components for the engine: a worker imports them from here by their names."""

import asyncio
import os
import random
import signal
import threading
from pathlib import Path
from typing import Any

from tests.fbdev.helpers import component

MEGABYTE = 1 << 20
BIG = 50 * MEGABYTE


def _here(name: str, main: Any, **kinds: str) -> Any:
    kind = component(name, main, **(kinds or {"input": "inp", "output": "out"}))
    kind.set_module(__name__)
    return kind


async def _make_big(self: Any) -> None:
    async for packet in self.ports.input.inp:
        await self.ports.output.out.put_value(bytearray([await packet.consume()]) * BIG)


async def _change_big(self: Any) -> None:
    """Change a payload in place, as its owner may."""
    async for packet in self.ports.input.inp:
        data = await packet.consume()
        data[0] += 1
        await self.ports.output.out.put_value(data)


async def _weigh(self: Any) -> None:
    async for packet in self.ports.input.inp:
        data = await packet.consume()
        await self.ports.output.out.put_value((data[0], data[-1], len(data)))


async def _dawdle(self: Any) -> None:
    """Take longer or shorter over each packet."""
    chance = random.Random(1)
    async for packet in self.ports.input.inp:
        await asyncio.sleep(chance.random() / 100)
        await self.ports.output.out.put_value(await packet.consume())


async def _die_once(self: Any) -> None:
    """Die of the packet that holds a path, if there is no such file yet; of the one that holds "die" always."""
    async for packet in self.ports.input.inp:
        value = await packet.consume()
        if value == "die" or (isinstance(value, Path) and not value.exists()):
            if isinstance(value, Path):
                value.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        await self.ports.output.out.put_value(value)


async def _die_of_three(self: Any) -> None:
    """Put three values together; die with three in hand if there is no such file yet as the first one names."""
    async for first in self.ports.input.inp:
        packets = first, await self.ports.input.inp.get(), await self.ports.input.inp.get()
        values = [await packet.consume() for packet in packets]
        if not Path(values[0]).exists():
            Path(values[0]).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        await self.ports.output.out.put_value(values)


async def _end_and_die(self: Any) -> None:
    """Pass one packet on; when that is done, its process dies in a thread of its own."""
    await self.ports.output.out.put(await self.ports.input.inp.get())
    threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()


DieOfThree = _here("DieOfThree", _die_of_three)
EndAndDie = _here("EndAndDie", _end_and_die)
MakeBig = _here("MakeBig", _make_big)
ChangeBig = _here("ChangeBig", _change_big)
Weigh = _here("Weigh", _weigh)
Dawdle = _here("Dawdle", _dawdle)
DieOnce = _here("DieOnce", _die_once)
