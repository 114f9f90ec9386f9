"""Drives a session without a screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from fbtui.session import Phase, RunSpec, Session
from tests.patience import PATIENCE

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = """
import asyncio, os, sys, time
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

class Work(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            {body}
            await self.ports.output.out.put(Packet(value))

graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "inp"))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "out"))
graph.ports.input.inp >> graph.add_node(Work) >> graph.ports.output.out
BATCH = {{"inputs": {{"inp": 5}}}}
"""


def program(body: str = "pass") -> str:
    """Return a program of one node that does something with each value."""
    return HEAD.format(body=body)


class Driver:
    """A session with waiting: use it as an asynchronous context manager."""

    def __init__(self, path: Path, **spec: Any) -> None:
        watch, breakpoints = spec.pop("watch", False), spec.pop("breakpoints", None)
        watches, reruns = spec.pop("watches", None), spec.pop("reruns", True)
        self.session = Session(
            RunSpec(path, cwd=path.parent, **spec),
            watch=watch,
            reruns=reruns,
            spares=1,
            breakpoints=breakpoints,
            watches=watches,
        )
        self._news = asyncio.Event()
        self.session.subscribe(self._news.set)

    async def __aenter__(self) -> Driver:
        await self.session.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def until(self, holds: Callable[[Session], Any]) -> Session:
        """Wait until something holds of the session."""
        async with asyncio.timeout(PATIENCE):
            while not holds(self.session):
                self._news.clear()
                await self._news.wait()
        return self.session

    async def busy_at(self) -> str:
        """Return the line of the program in which a busy target is; empty while it is not known."""
        busy = await self.session.where()
        return str(busy.spot) if busy is not None else ""

    @staticmethod
    async def real_time(seconds: float) -> None:
        """Let real time pass: for tests of what time does to a run, never to wait for something."""
        await asyncio.sleep(seconds)

    async def paused(self, step: int = 0) -> Session:
        """Wait until the run is paused at a step."""
        return await self.until(lambda s: s.phase is Phase.PAUSED and s.paused and s.paused.step == step)

    async def ended(self) -> Session:
        """Wait until the run has ended."""
        return await self.until(lambda s: s.phase is Phase.ENDED)

    async def broken(self) -> Session:
        """Wait until the program does not load."""
        return await self.until(lambda s: s.phase is Phase.BROKEN)


def drive(path: Path, story: Callable[[Driver], Awaitable[None]], **spec: Any) -> None:
    """Run a story on a session."""

    async def main() -> None:
        async with Driver(path, **spec) as driver:
            await story(driver)

    asyncio.run(main())


def write(folder: Path, text: str, name: str = "work.py") -> Path:
    """Write a program and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
