"""The status line in any width, and where a component is busy."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.pilot import Pilot

from fbtui.protocol import GraphInfo, NodeInfo
from fbtui.session import Phase
from fbtui.session.busy import Spot, frames_in, node_at
from fbtui.ui.app import DebuggerApp
from fbtui.ui.status import fitted
from tests.fbtui.driver import EXAMPLES, write
from tests.fbtui.test_ui import lines, paused, play, until

texts = st.text(alphabet="ab ", min_size=0, max_size=12)
forms = st.lists(texts, min_size=1, max_size=3).map(lambda found: sorted(found, key=len, reverse=True))
TEXT = """
class A:
    def main(self):
        helper()

class B:
    def main(self):
        helper()

def helper():
    while True: pass
"""
STACK = """Current thread 0x1 (most recent call first):
  File "{folder}/work.py", line 11 in helper
  File "{folder}/work.py", line {line} in main
  File "/usr/lib/python3/asyncio/events.py", line 80 in _run
"""
TWINS = """
from fbdev import BaseComponent, GraphSpec, PortSpec, PortSpecCollection, PortType

class Work(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        async for packet in self.ports.input.inp:
            value = await packet.consume()
            while value == 7:
                pass
            await self.ports.output.out.put_value(value + 1)

graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "inp"))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "out"))
graph.ports.input.inp >> graph.add_node(Work, "First") >> graph.add_node(Work, "Second") >> graph.ports.output.out
BATCH = {"inputs": {"inp": 6}}
"""


@given(st.lists(st.tuples(st.integers(0, 9), forms), max_size=6), st.integers(0, 60))
def test_what_matters_least_gives_way_first_and_nothing_without_need(
    parts: list[tuple[int, list[str]]], width: int
) -> None:
    runs = fitted([(rank, tuple((text, "dim") for text in written)) for rank, written in parts], width)
    shown = sum(cell_len(text) for text, _ in runs)
    shortest = sum(cell_len(written[-1]) for _, written in parts)
    assert shown <= width or shown == shortest
    if sum(cell_len(written[0]) for _, written in parts) <= width:
        assert [text for text, _ in runs] == [written[0] for _, written in parts if written[0]]


def test_what_matters_more_has_its_longest_form_that_fits() -> None:
    parts = [(1, (("long", "dim"), ("l", "dim"), ("", "dim"))), (2, (("most", "dim"), ("m", "dim")))]
    assert [fitted(parts, width) for width in (8, 7, 4, 3)] == [
        [("long", "dim"), ("most", "dim")],
        [("l", "dim"), ("most", "dim")],
        [("most", "dim")],
        [("l", "dim"), ("m", "dim")],
    ]


def test_a_stack_names_the_node_whose_component_is_on_it(tmp_path: Path) -> None:
    file = str(tmp_path / "work.py")
    graph = GraphInfo((), tuple(NodeInfo(n, n, (), file=file, line=line) for n, line in (("A", 2), ("B", 6))), ())
    stack, sources = tmp_path / "where.txt", {file: TEXT}
    stack.write_text(STACK.format(folder=tmp_path, line=8))
    frames = frames_in(stack, tmp_path / "program.py")
    assert frames[0] == Spot(tmp_path / "work.py", 11, "helper")
    assert node_at(frames, graph, sources, "") == "B"
    twins = GraphInfo((), tuple(NodeInfo(n, "B", (), file=file, line=6) for n in ("B", "B1")), ())
    assert node_at(frames, twins, sources, "B1") == "B1"
    assert node_at(frames, twins, sources, "") == ""
    assert node_at(frames, graph, {}, "B") == ""


def test_a_busy_node_is_named_in_the_picture_the_inspector_and_the_status_line(tmp_path: Path) -> None:
    path = write(tmp_path, TWINS)

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.record.busy is not None and app.is_busy)
        app.select(("node", "Second"))
        await until(pilot, lambda: lines(app, "inspector")[1].startswith("busy at work.py:1"))
        await until(pilot, lambda: "busy in Second at work.py:1" in lines(app, "status")[0])
        looks = app.live.overlay(app.diagram.scene, None).nodes  # type: ignore[arg-type]  # it is drawn
        assert [name for name, look in looks.items() if look.state == "busy"] == ["Second"]
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: len(lines(app, "status")[0]) <= 80)
        assert "running" in lines(app, "status")[0] and "busy in Second at work.py:1" in lines(app, "status")[0]
        await pilot.press("full_stop")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await until(pilot, lambda: any("when it was ended" in line for line in lines(app, "problems")))

    play(path, story)


def test_in_a_terminal_that_has_become_wider_the_whole_name_is_there_again() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.resize_terminal(36, 15)
        await until(pilot, lambda: "csv_to_sqlite.py:graph" not in lines(app, "status")[0])
        await pilot.resize_terminal(220, 60)
        await until(pilot, lambda: "csv_to_sqlite.py:graph" in lines(app, "status")[0])

    play(EXAMPLES / "csv_to_sqlite.py", story)
