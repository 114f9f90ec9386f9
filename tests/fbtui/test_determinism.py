"""The same module, inputs, order and seed give the same run, move by move, and a recorded run can be had again."""

import random
from pathlib import Path
from typing import Any

import pytest

from fbtui.session import Session
from fbtui.trace import Kind
from tests.fbtui.driver import Driver, drive, write

Move = tuple[int, int, int, int, str]

HEAD = """
import asyncio, random, time, uuid
from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

class Stage(BaseComponent):
    is_abstract = True
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        for _ in range(self.workers):
            self.task_manager.create_task(self.main())
    async def main(self):
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            found = await self.act(value)
            await self.ports.output.out.put(Packet(found))

graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
BATCH = {"streams": {"inp": ["red", "green", "blue", "white", "black"]}}
nodes = []
"""
STAGE = """
class Stage{number}(Stage):
    workers = {workers}
    async def act(self, value):
        {act}
nodes.append(graph.add_node(Stage{number}))
"""
SEEDED = (
    "return value, random.random(), random.choice('abcdef')",
    "return value, str(uuid.uuid4())",
    "return value, time.time(), time.monotonic_ns(), asyncio.get_running_loop().time()",
    "return list({'red', 'green', 'blue', str(value)}), list({str(value): 1, 'x': 2}.keys() | {'y', 'z'})",
    "await asyncio.sleep(random.random()); return value",
    "time.sleep(random.random() * 60); return value, time.time()",
    "return await asyncio.gather(*(asyncio.sleep(random.random(), value) for _ in range(3)))",
)
UNFORESEEN = (
    "await asyncio.to_thread(time.sleep, random.SystemRandom().random() / 100); return value",
    "await asyncio.sleep(random.SystemRandom().random() / 100); return value",
    "return value",
)


def net_of(seed: int, acts: tuple[str, ...]) -> str:
    """Return a module with a random net: chains, forks, and ports that several edges lead to."""
    chance = random.Random(seed)
    text = [HEAD]
    count = chance.randint(3, 6)
    for number in range(count):
        act, workers = chance.choice(acts), chance.randint(1, 2)
        text.append(STAGE.format(number=number, act=act, workers=workers))
    text.append("graph.ports.input.inp >> nodes[0]\n")
    for number in range(1, count):
        for before in sorted(chance.sample(range(number), min(number, chance.randint(1, 2)))):
            capacity = chance.choice([None, 1, 3])
            text.append(f"nodes[{before}] >> graph.add_edge(maxsize={capacity}) >> nodes[{number}]\n")
    text.append(f"nodes[{count - 1}] >> graph.ports.output.out\n")
    return "".join(text)


def moves_of(session: Session) -> list[Move]:
    """Return what the trace of a run tells of its moves."""
    session.refresh()
    trace = session.record.trace
    assert trace is not None
    moves = [record for record in trace if record.kind in {Kind.SEND, Kind.RECEIVE, Kind.CROSS}]
    return [(int(move.kind), move.edge, move.packet, move.occurrence, trace.text(move)) for move in moves]


def in_order_of_appearance(moves: list[Move]) -> list[Move]:
    """Return the moves with packets numbered as they move: they are numbered when a move is asked for."""
    numbers: dict[int, int] = {}
    return [
        (kind, edge, numbers.setdefault(packet, len(numbers)), occurrence, text)
        for kind, edge, packet, occurrence, text in moves
    ]


def end_of(session: Session) -> tuple[str, int, Any]:
    """Return how a run has ended, and with what."""
    done = session.done
    assert done is not None and done.error is None, done
    return done.end, done.moves, done.outputs


@pytest.mark.parametrize("order", ["fifo", "canon", "random"])
@pytest.mark.parametrize("seed", range(4))
def test_the_same_seed_gives_the_same_run_move_by_move(tmp_path: Path, order: Any, seed: int) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.ended()
        end, moves = end_of(session), moves_of(session)
        assert len(moves) > 10
        await session.rerun(anew=True)
        session = await driver.until(lambda s: s.run == 2 and s.done)
        assert moves_of(session) == moves
        assert end_of(session) == end

    path = write(tmp_path, net_of(seed, SEEDED))
    drive(path, story, paused=False, order=order, seed=seed, virtual_time=True)


@pytest.mark.parametrize("order", ["free", "fifo", "random"])
@pytest.mark.parametrize("seed", range(3))
def test_a_recorded_run_is_had_again_also_with_threads_and_timers(tmp_path: Path, order: Any, seed: int) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.ended()
        end, moves = end_of(session), in_order_of_appearance(moves_of(session))
        for run in (2, 3):
            await session.rerun(replay=(str(session.record.folder), session.record.marking.at))
            session = await driver.until(lambda s, run=run: s.run == run and s.done)
            assert "is left" not in session.notice
            assert in_order_of_appearance(moves_of(session)) == moves
            assert end_of(session) == end

    drive(write(tmp_path, net_of(seed, UNFORESEEN)), story, paused=False, order=order, seed=seed)
