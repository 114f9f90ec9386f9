"""What recording everything costs: a chain of ten components under the debugger's recorder and gate, beside it bare.

The chain is that of `bench_transfer`: integers, edges of capacity 16. *Bare* is fbdev as it is by default (its own
history on), *recorded* is the same chain with the gate and the recorder of a target in a free run, writing the whole
trace. Both take turns in one process, round by round; the best of the rounds counts, in processor time. Then pauses
are asked for in a graph at full speed, in a target of its own: printed is how long it takes until the run says that
it stands. Run it by ``make bench``, or by itself with ``--rounds 15``.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from fbdev.graph.net import Node
from fbdev.runtime import NetLoop
from fbtui.protocol import Start
from fbtui.session import Phase, RunSpec, Session
from fbtui.target.gate import Gate
from fbtui.target.recorder import Recorder
from fbtui.trace import TraceWriter
from tests.fbdev.helpers import chain
from tests.perf.bench_transfer import PassOn, as_it_is, in_turns, net_chain, untracked

LENGTH, CAPACITY = 10, 16
PACKETS = 4_000
GOAL_TIMES, GOAL_MORE, GOAL_PAUSE = 2.0, 1_000, 10
"""At most so many times the bare time, nanoseconds a hop more, and milliseconds to a pause."""

ENDLESS = """
from fbdev.graph.graph_spec import GraphSpec
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType

class Count(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        number = 0
        while True:
            await self.ports.output.out.put(Packet(number := number + 1))

class PassOn(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        while True:
            await self.ports.output.out.put(await self.ports.input.inp.get())

graph = GraphSpec(PortSpecCollection(PortSpec(PortType.OUTPUT, "out")))
last = graph.add_node(Count)
for number in range(10):
    node = graph.add_node(PassOn, f"P{number}")
    last >> graph.add_edge(maxsize=16) >> node
    last = node
last >> graph.ports.output.out
"""


def recorded(folder: Path) -> Callable[[Node], None]:
    """Return what equips a net as a target does it for a free run."""

    def setup(top: Node) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, NetLoop)
        run = tempfile.mkdtemp(dir=folder)
        writer = TraceWriter(Path(run))
        start = Start(1, "", None, run, "", order="free", paused=False)
        top.hub.keep_history(None)  # as a target does, whose trace has it all
        recorder = Recorder(writer, top)
        top.task_manager.add_instrument(recorder)
        Gate(start, top, loop, recorder, lambda message: None)

    return setup


def compare(rounds: int) -> None:
    graph = chain(*[PassOn] * LENGTH, maxsize=CAPACITY)
    with tempfile.TemporaryDirectory() as folder:
        setups = {"history=None": untracked, "bare": as_it_is, "recorded": recorded(Path(folder))}
        variants = {name: lambda setup=setup: net_chain(graph, PACKETS, setup) for name, setup in setups.items()}
        taken = in_turns(variants, rounds)
    hops = PACKETS * (LENGTH + 1)
    cost = {name: min(times) / hops * 1e9 for name, times in taken.items()}
    for name, nanoseconds in cost.items():
        print(f"{name:>14} {nanoseconds:7,.0f} ns a hop {nanoseconds / cost['bare']:6.2f} x bare")
    print(f"recorded - bare {cost['recorded'] - cost['bare']:6,.0f} ns a hop (goal: at most {GOAL_MORE:,})")
    print(f"recorded / bare {cost['recorded'] / cost['bare']:6.2f} (goal: at most {GOAL_TIMES})")


class Unread(Session):
    """A session that reads nothing of what is recorded: to catch up with the trace is not the run's time."""

    def refresh(self, seconds: float = math.inf) -> None:
        pass


async def pauses(path: Path, count: int) -> list[float]:
    """Return the milliseconds from asking for a pause to hearing that the run stands, for so many pauses."""
    session = Unread(RunSpec(path, cwd=path.parent, order="free", paused=False), watch=False, spares=1)
    news, taken = asyncio.Event(), []
    session.subscribe(news.set)

    async def until(phase: Phase) -> None:
        async with asyncio.timeout(20):
            while session.phase is not phase:
                news.clear()
                await news.wait()

    await session.open()
    for _ in range(count):
        await until(Phase.RUNNING)
        await asyncio.sleep(0.05)  # the graph gets up to speed
        asked = time.perf_counter()
        session.controls.pause()
        await until(Phase.PAUSED)
        taken.append((time.perf_counter() - asked) * 1e3)
        await session.rerun(anew=True)  # a run that was paused once is free no more
    await session.close()
    return taken


def compare_pauses(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "endless.py"
        path.write_text(ENDLESS, encoding="utf-8")
        taken = asyncio.run(pauses(path, count))
    words = f"{statistics.median(taken):.1f} ms at the median, {max(taken):.1f} ms at most, of {len(taken)}"
    print(f"a pause of a free run at full speed takes {words} (goal: at most {GOAL_PAUSE})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--pauses", type=int, default=20)
    options = parser.parse_args()
    compare(options.rounds)
    compare_pauses(options.pauses)


if __name__ == "__main__":
    main()
