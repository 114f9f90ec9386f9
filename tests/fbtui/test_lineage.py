"""Lineage: what a packet was made of, and what came of it."""

from pathlib import Path

from textual.pilot import Pilot

from fbtui.trace import Families, Kind, Places, TraceReader, TraceWriter
from fbtui.trace.journey import Journeys
from fbtui.ui.app import DebuggerApp
from fbtui.ui.lineage import rails
from tests.fbtui.driver import Driver, drive, write
from tests.fbtui.test_stepping import CHAIN
from tests.fbtui.test_ui import lines, paused, play, until

JOIN = """
class Join(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "a"), PortSpec(PortType.INPUT, "b"), PortSpec(PortType.OUTPUT, "out")
    )
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        one, other = await self.ports.input.a.get(), await self.ports.input.b.get()
        await self.ports.output.out.put(Packet((await one.consume(), await other.consume())))

graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
a, b, join = graph.add_node(Add, "A"), graph.add_node(Add, "B"), graph.add_node(Join, "Join")
graph.ports.input.inp >> a
a >> b
a.ports.output.out >> join.ports.input.a
b.ports.output.out >> join.ports.input.b
join >> graph.ports.output.out
BATCH = {"inputs": {"inp": 5}}
"""


def test_a_join_comes_from_both_up_to_the_input_and_the_input_leads_to_it(tmp_path: Path) -> None:
    path = write(tmp_path, CHAIN.partition("graph = ")[0] + JOIN)

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        session = await driver.ended()
        session.refresh()
        record, trace = session.record, session.record.trace
        assert trace is not None

        def family(packet: int) -> list[tuple[int, str]]:
            return [(k.generation, trace.text(k.first)) for k in record.family(packet, 50) if k.first is not None]

        first = {trace.text(r): r.packet for r in reversed(trace) if r.kind is Kind.SEND}
        up = family(first["(6, 7)"])
        assert up[0] == (-2, "5"), "the packet that went onto two edges is not in it, its copies are"
        assert [text for _, text in up].index("6") < [text for _, text in up].index("7")
        assert up[-1] == (0, "(6, 7)")
        assert {text for _, text in up} == {"5", "6", "7", "(6, 7)"}
        down = family(first["5"])
        assert down[0] == (0, "5") and {text for _, text in down} == {"5", "6", "7", "(6, 7)"}
        step = next(r.step for r in trace if trace.text(r) == "7")
        record.look_at_step(step - 1)
        assert "(6, 7)" not in {text for _, text in family(first["5"])}

    drive(path, story)


def test_in_a_free_run_a_packet_comes_from_what_its_node_has_taken(tmp_path: Path) -> None:
    path = write(tmp_path, CHAIN.partition("graph = ")[0] + JOIN)

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        session.refresh()
        record, trace = session.record, session.record.trace
        assert trace is not None
        joined = next(r.packet for r in reversed(trace) if trace.text(r) == "(6, 7)")
        family = [(k.generation, trace.text(k.first)) for k in record.family(joined, 50) if k.first is not None]
        assert family[0][1] == "5" and family[-1] == (0, "(6, 7)")
        assert {text for _, text in family} == {"5", "6", "7", "(6, 7)"}

    drive(path, story, paused=False, order="free")


def test_forged_parents_are_passed_over(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ("one",)))
    data = b"2 x -3 \xff 1 99999999999999999999"
    writer.record(Kind.SEND, node=1, edge=0, packet=2)
    writer.record(Kind.MADE, node=1, packet=1, data=data)
    writer.record(Kind.SEND, node=1, edge=0, packet=1)
    trace = TraceReader(tmp_path)
    assert [kin.packet for kin in Families(trace).family(1, 9)] == [2, 1]
    assert Journeys(trace).at(3).journey(1).ancestors == (2, 99999999999999999999)


def test_a_duplicate_comes_from_what_it_is_like(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step()
        session = await driver.paused(1)
        assert await session.questions.act("duplicate", packet=1) == ""
        session.refresh()
        assert [kin.generation for kin in session.record.family(1, 9)] == [0, 1]

    drive(write(tmp_path, CHAIN), story)


def test_the_lineage_is_walked_in_the_inspector(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        for step in range(1, 6):
            await pilot.press("s")
            await paused(app, pilot, step)
        await pilot.press("A")
        await until(pilot, lambda: lines(app, "inspector")[0].startswith("lineage of #"))
        app.query_one("#next").focus()
        await pilot.press("down", "down")
        await until(pilot, lambda: any("│ #" in line for line in lines(app, "inspector")))
        app.query_one("#inspector").focus()
        here = lines(app, "inspector")[0]
        told = " ".join(lines(app, "inspector"))
        assert "what its node had received for it since it last sent, used or not" in " ".join(told.split())
        await pilot.press("home", "down", "enter")
        await until(pilot, lambda: lines(app, "inspector")[0] not in {here, ""})
        assert any(line.strip()[:1] in {"╰", "│"} for line in lines(app, "inspector"))
        await pilot.press("A")
        await until(pilot, lambda: lines(app, "inspector")[0].startswith("packet #"))

    play(write(tmp_path, CHAIN), story)


def test_a_lineage_is_drawn_as_a_tree_each_packet_above_what_it_became(tmp_path: Path) -> None:
    """9 was made of 7 and 8, 7 of 3 and 4, 8 of 4, which is reached twice; 10 and 11 were made of 9, 12 of 10."""
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "A"), ("one",)))
    made_of: dict[int, tuple[int, ...]] = {
        3: (),
        4: (),
        7: (3, 4),
        8: (4,),
        9: (7, 8),
        10: (9,),
        12: (10,),
        11: (9,),
    }
    for packet, parents in made_of.items():
        if parents:
            writer.record(Kind.MADE, node=1, packet=packet, data=" ".join(map(str, parents)).encode())
        writer.record(Kind.SEND, node=1, edge=0, packet=packet)
    family = Families(TraceReader(tmp_path)).family(9, 99)
    drawn = [f"{rails(kin)}{kin.packet}{' again' if kin.again else ''}" for kin in family]
    assert drawn == [
        "  ╭ 3",
        "  ├ 4",
        "╭ 7",
        "│ │ 4 again",
        "├ 8",
        "▶ 9",
        "├ 10",
        "│ │ 12",
        "╰ 11",
    ]
    assert [kin.packet for kin in Families(TraceReader(tmp_path)).family(9, 2)] == [7, 8, 9, 10, 11]
