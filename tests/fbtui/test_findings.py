"""What is found wrong with a graph before it runs stands under Problems, and leads to its place."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from fbdev.graph.finding import Finding
from fbdev.graph.graph_spec import GraphSpec
from fbtui.target.describe import found_in
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import HEAD, Driver, drive, write
from tests.fbtui.test_frame import screen
from tests.fbtui.test_ui import lines, paused, play

WORK = HEAD.partition("graph = ")[0].format(body="pass")
WRONG = """
class Split(Work):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=str),
        PortSpec(PortType.OUTPUT, "out"),
        PortSpec(PortType.OUTPUT, "rest"),
    )

class Number(Work):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out", dtype=int))

graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
n, s = graph.add_node(Number, id="N"), graph.add_node(Split, id="S")
graph.ports.input.inp >> n.ports.input.inp
n.ports.output.out >> s.ports.input.inp
s.ports.output.out >> graph.ports.output.out
BATCH = {"inputs": {"inp": 5}}
"""
INSIDE = """
from fbdev.graph.graph_component import GraphComponentFactory

def around(kind, *more):
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"), *more))
    node = graph.add_node(kind, id="Box" if not more else None)
    graph.ports.input.inp >> node.ports.input.inp
    node.ports.output.out >> graph.ports.output.out
    return graph

inner = around(Work, PortSpec(PortType.CONFIG, "rate", default=7))
graph = around(GraphComponentFactory.create_component(inner))
BATCH = {"inputs": {"inp": 5}}
"""


def test_errors_come_first_and_each_finding_leads_to_its_place(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        first, second = session.problems
        assert first.title == "N.out->S.inp: It brings int, and str is expected where it ends."
        assert (first.level, first.at) == ("error", ("edge", "edge1"))
        assert second.title.startswith("S.rest: No edge leads on from this output")
        assert (second.level, second.at) == ("remark", ("port", "S.output.rest"))

    drive(write(tmp_path, WORK + WRONG), story)


def test_a_finding_inside_a_nested_graph_leads_to_the_port_of_its_node_and_the_run_goes_on(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        (problem,) = session.problems
        assert problem.title.startswith("Box/GRAPH.rate: Nothing in the graph takes")
        assert problem.at == ("port", "Box.config.rate")
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and (session.done.end, session.done.outputs) == ("finished", {"out": [5]})

    drive(write(tmp_path, WORK + INSIDE), story)


def test_a_remark_is_told_in_the_tab_and_brings_nothing_to_the_front(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        assert any("Problems · 1" in row for row in screen(app)) and app.query_one("#output").display
        assert lines(app, "problems")[0].startswith("· S.rest: No edge leads on")

    play(write(tmp_path, WORK + WRONG.replace(", dtype=int", "")), story)


def test_a_graph_that_cannot_be_checked_is_told_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(graph: GraphSpec) -> list[Finding]:
        raise RuntimeError("a class of yours")

    monkeypatch.setattr("fbtui.target.describe.findings", fails)
    (found,) = found_in(GraphSpec())
    assert (found.level, found.sentence) == ("note", "It cannot be checked: RuntimeError: a class of yours")
