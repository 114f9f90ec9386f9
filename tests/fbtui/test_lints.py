"""A node that ends in the middle of a firing, because what it waits for besides will never come."""

from pathlib import Path

import pytest

from fbtui.protocol import OrderWord
from tests.fbtui.driver import Driver, drive, program, write

PROGRAM = """
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec
from fbdev import Stream

class Pair(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "a"), PortSpec(PortType.INPUT, "b"), PortSpec(PortType.OUTPUT, "out")
    )
    async def _post_start(self):
        self.task_manager.create_task(self.work())
    async def work(self):
        a, b, out = self.ports.input.a, self.ports.input.b, self.ports.output.out
        {body}

graph = GraphSpec(Pair.port_specs)
pair = graph.add_node(Pair)
for name in ("a", "b"):
    graph.ports.input[name] >> pair.ports.input[name]
pair >> graph.ports.output.out
BATCH = {{"inputs": {{"a": Stream([1, 2, 3]), "b": Stream([10, 20])}}}}
"""


def problems(folder: Path, body: str, order: OrderWord) -> list[str]:
    """Return what is told of a run to its end."""
    told: list[str] = []

    async def story(driver: Driver) -> None:
        await driver.ended()
        told.extend(problem.title for problem in driver.session.problems if problem.level == "warning")

    path = write(folder, PROGRAM.format(body=body.replace("\n", "\n        ")))
    drive(path, story, paused=False, order=order)
    return told


@pytest.mark.parametrize("order", ["fifo", "free"])
def test_what_it_took_and_lost_is_told_with_the_line(tmp_path: Path, order: OrderWord) -> None:
    body = "async for one in a:\n    await out.put_value((await one.consume()) + await b.get_and_consume())"
    (told,) = problems(tmp_path, body, order)
    where = "Pair: it ended at work.py:16, waiting for b, where nothing more comes"
    assert told == f"{where}: what it last took from a went nowhere: #{5 if order == 'fifo' else 3} 3"


@pytest.mark.parametrize(
    "body",
    [
        "while True:\n    await out.put_value((await b.get_and_consume()) + await a.get_and_consume())",
        "rule = await b.get()\nwhile True:\n    if await a.get_and_consume() < 3: await out.put_value(1)",
        "async for one in a: await out.put(one)\nasync for one in b: await out.put(one)",
        "async for one in a: pass\nawait out.put_value(1)",
    ],
    ids=["the shorter one first", "a filter", "one after the other", "a sum"],
)
@pytest.mark.parametrize("order", ["fifo", "free"])
def test_whoever_waits_for_its_next_firing_may_end(tmp_path: Path, body: str, order: OrderWord) -> None:
    assert problems(tmp_path, body, order) == []


def test_a_net_that_is_blocked_inside_names_the_line_that_waits(tmp_path: Path) -> None:
    path = write(tmp_path, program("await asyncio.Event().wait()"))

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None and session.done.blocked is not None
        assert "Work waits at work.py:15, for something that is no port" in session.done.blocked.text

    drive(path, story, paused=False, until="outputs")


LOOP = """
class Back(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.work())
    async def work(self):
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            if value < 5:
                await self.ports.output.out.put_value(value)

graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "a"), PortSpec(PortType.OUTPUT, "out")))
pair, back = graph.add_node(Pair), graph.add_node(Back)
graph.ports.input.a >> pair.ports.input.a
pair >> back
pair >> graph.ports.output.out
back >> pair.ports.input.b
BATCH = {"inputs": {"a": Stream([3, 4, 9])}}
"""


@pytest.mark.parametrize("order", ["fifo", "free"])
@pytest.mark.parametrize(("first", "end"), [("a", "finished"), ("b", "blocked")])
def test_what_a_node_of_a_loop_has_consumed_and_lost_is_told(
    tmp_path: Path, first: str, end: str, order: OrderWord
) -> None:
    """`Pair` starts the loop with a 1, and `Back` drops the sum that is too large: no port is ever closed.

    Whoever waits for the loop first has taken nothing from the input: the net is blocked then.
    """
    other = "b" if first == "a" else "a"
    body = (
        "await out.put_value(1)\n        while True:\n"
        f"            one = await {first}.get_and_consume()\n"
        f"            await out.put_value(one + await {other}.get_and_consume())"
    )
    told: list[str] = []

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None and session.done.end == end
        told.extend(problem.title for problem in session.problems if problem.level == "warning")

    path = write(tmp_path, PROGRAM.partition("graph = ")[0].format(body=body) + LOOP)
    drive(path, story, paused=False, order=order)
    still = "Pair: it waits at work.py:18 for b, and nothing can move any more"
    lost = f"{still}: what it last took from a went nowhere: #{7 if order == 'fifo' else 3} 9"
    assert told == ([lost] if first == "a" else [])
