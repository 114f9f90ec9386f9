"""How it is told what a run has given, and what it waits for."""

import asyncio
import re
from pathlib import Path

import pytest

import fbtui
from fbtui.protocol import Done, MoveInfo, MoveKind, OrderWord, Undelivered
from fbtui.session.words import output_text, problems_of_end
from fbtui.ui.actions import ALL
from fbtui.ui.keys import named
from fbtui.ui.widgets.lines import wrapped
from fbtui.ui.words import LONGEST, move_line, nothing_next
from tests.fbtui.driver import HEAD, Driver, drive, program, write
from tests.patience import PATIENCE

FBTUI = Path(fbtui.__file__).parent


def test_sentences_name_commands_that_there_are_and_the_keys_that_the_person_has_set() -> None:
    ids = {action.id for action in ALL}
    sources = [path.read_text() for part in ("ui", "session") for path in (FBTUI / part).rglob("*.py")]
    named_by_id = {id_ for text in sources for id_ in re.findall(r"\{((?:debug|time|view|packet|app)\.\w+)\}", text)}
    assert len(named_by_id) > 20 and named_by_id <= ids
    assert named("{debug.rerun} runs it again, {time.back} looks back", {"time.back": "f6,u"}) == (
        "r runs it again, F6 looks back"
    )
    assert named("a packet carried {'a': {no.command}}", {}) == "a packet carried {'a': {no.command}}"


@pytest.mark.parametrize(
    ("kind", "enabled", "held", "words"),
    [
        ("send", True, False, "Work sends out"),
        ("send", False, False, "Work waits to send out"),
        ("receive", True, False, "Work takes out"),
        ("send", False, True, "Work held up, sends out"),
        ("receive", True, True, "Work held up, takes out"),
    ],
)
def test_a_move_that_cannot_go_says_so_before_its_packet(
    kind: MoveKind, enabled: bool, held: bool, words: str
) -> None:
    move = MoveInfo(1, kind, "Work", "out", ("edge0",), 7, "x" * 100, enabled, 1, held)
    assert "".join(text for text, _ in move_line(move, is_next=False)) == f"  {words}  #7 {'x' * 100}"
    waiting = MoveInfo(2, "receive", "Work", "inp", ("edge0",), None, None, False, 1)
    assert "".join(text for text, _ in move_line(waiting, is_next=True)) == "▶ Work waits for inp"


def test_an_output_too_long_to_be_read_is_cut() -> None:
    many = list(range(1_000_000))
    assert output_text(["x", many], 12) == '["x", [0, 1…'
    assert output_text("y" * 100_000_000, 8) == '"yyyyyy…'
    assert output_text({"type": "Frame", "repr": "Frame 1x2"}, 20) == "Frame 1x2"
    assert output_text([1, "\u00e9"], 20) == '[1, "\u00e9"]'
    assert len(output_text(many)) > 1_000_000


def test_a_run_ends_on_the_screen_with_a_long_output(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        lines = nothing_next(await driver.ended(), {})
        assert sum(len(text) for line in lines for text, _ in line) < 2 * LONGEST

    drive(write(tmp_path, program("value = list(range(300_000))")), story, paused=False)


def test_a_run_that_a_thread_may_still_wake_says_what_it_waits_for(tmp_path: Path) -> None:
    body = "import threading; threading.Thread(target=time.sleep, args=(600,)).start(); await asyncio.Event().wait()"

    async def story(driver: Driver) -> None:
        session = driver.session
        async with asyncio.timeout(PATIENCE):
            while session.waits_for() != ("thread",):
                await asyncio.sleep(0.01)
        assert session.silence() == 0
        await session.stop()

    drive(write(tmp_path, program(body)), story, paused=False)


def test_a_thread_that_keeps_the_interpreter_is_told_with_its_place(tmp_path: Path) -> None:
    body = (
        "import threading\n            def spin():\n                while True: pass\n"
        "            threading.Thread(target=spin).start(); await asyncio.Event().wait()"
    )

    async def story(driver: Driver) -> None:
        session = driver.session
        await driver.until(lambda s: s.record.can_be_asked)
        async with asyncio.timeout(PATIENCE):
            while (await driver.busy_at()) != "work.py:17 in spin":
                await asyncio.sleep(0.01)
        await session.stop()

    drive(write(tmp_path, program(body)), story, paused=False)


LOOP = (
    HEAD.partition("graph = ")[0].format(body="pass")
    + """
class Merge(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "new"), PortSpec(PortType.INPUT, "again"), PortSpec(PortType.OUTPUT, "out")
    )
    async def _post_start(self):
        for port in (self.ports.input.new, self.ports.input.again):
            self.task_manager.create_task(self.forward(port))
    async def forward(self, port):
        async for packet in port:
            await self.ports.output.out.put(packet)

class Split(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "big"), PortSpec(PortType.OUTPUT, "small")
    )
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            port = self.ports.output.big if value > 10 else self.ports.output.small
            await port.put_value(value // 2 if value > 10 else value)

class Pairs(Work):
    async def main(self):
        while True:
            one, other = await self.ports.input.inp.get(), await self.ports.input.inp.get()
            await self.ports.output.out.put_value(await one.consume() + await other.consume())

graph = GraphSpec(PortSpecCollection(
    PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"), PortSpec(PortType.OUTPUT, "rest")
))
merge, split, pairs = map(graph.add_node, (Merge, Split, Pairs))
graph.ports.input.inp >> merge.ports.input.new
merge >> split
split.ports.output.big >> merge.ports.input.again
split.ports.output.small >> pairs >> graph.ports.output.out
BATCH = {"streams": {"inp": [5, 40, 7]}}
"""
)


@pytest.mark.parametrize("order", ["fifo", "free"])
def test_what_a_loop_has_lost_is_told_with_its_value_and_the_edge_that_it_was_taken_from(
    tmp_path: Path, order: OrderWord
) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None and session.done.end == "finished"
        (left,) = session.done.undelivered
        told = ["".join(text for text, _ in line) for line in nothing_next(session, {})]
        assert "a packet was not delivered: see Problems" in told
        (told,) = (problem.title for problem in session.problems if "not delivered" in problem.title)
        where = "taken by Pairs from Split.small->Pairs.inp, and not used"
        assert told == f"1 not delivered, {where}: {left.packets[0]}"
        assert left.packets[0].endswith(" 10")

    drive(write(tmp_path, LOOP), story, paused=False, order=order)


def test_an_output_that_gave_nothing_is_named_at_the_end(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        lines = ["".join(text for text, _ in line) for line in nothing_next(await driver.ended(), {})]
        assert lines[:2] == ["out 12", "rest nothing"]

    drive(write(tmp_path, LOOP), story, paused=False)


def test_of_many_packets_left_on_an_edge_the_first_ones_are_told() -> None:
    left = Undelivered("edge0", 5, ("#1 'a'", "#2 'b'", "#3 'c'"))
    (problem,) = problems_of_end(
        Done(1, "finished", 9, undelivered=(left,)), (), {"edge0": "A.out->B.inp"}.__getitem__
    )
    assert problem.title == "5 not delivered, A.out->B.inp: #1 'a', #2 'b', #3 'c' and 2 more"


def test_a_long_name_of_an_edge_is_broken_at_its_arrow() -> None:
    rows = wrapped([("step 3 · Reader.first->Writer.second", "text")], 28)
    assert ["".join(text for text, _ in row).strip() for row in rows] == ["step 3 · Reader.first->", "Writer.second"]
