"""What a person gives to a graph, on the command line and in the form, and what is told of it."""

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Label

from fbtui.session import Phase
from fbtui.session.inputs import Inputs, remember
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import Driver, drive, program, write
from tests.fbtui.test_cli import answer, fbtui
from tests.fbtui.test_ui import paused, play, until

TYPED = """
from fbdev import BaseComponent, GraphSpec, PortSpec, PortSpecCollection, PortType


class Add(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "b", dtype=dict), PortSpec(PortType.OUTPUT, "out", dtype=int)
    )

    async def _post_start(self):
        self.task_manager.create_task(self.main())

    async def main(self):
        await (await self.ports.input.b.get()).consume()
        await self.ports.output.out.put_value("wrong")


graph = GraphSpec()
add = graph.add_node(Add, "add")
graph.add_graph_port(PortSpec(PortType.INPUT, "b")) >> add.ports.input.b
add.ports.output.out >> graph.add_graph_port(PortSpec(PortType.OUTPUT, "out"))
"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{x: 2}", "input b: {x: 2} is neither JSON nor a Python literal: x is a name"),
        ("[5 apples]", "invalid syntax"),
        ("5 apples", "input b takes dict, for add.b, not str: '5 apples'"),
        ("hello", "input b takes dict, for add.b, not str: 'hello'"),
        ("[1]", "input b takes dict, for add.b, not list: [1]"),
    ],
)
def test_a_value_that_is_none_or_does_not_fit_is_told_before_the_run(
    tmp_path: Path, text: str, sentence: str
) -> None:
    done = fbtui("run", write(tmp_path, TYPED), "--input", f"b={text}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("input b") == 1 and sentence in done.stderr


def test_an_error_of_the_runtime_names_places_once(tmp_path: Path) -> None:
    done = fbtui("run", write(tmp_path, TYPED), "--input", 'b={"x": 2}')
    assert done.returncode == 1
    assert done.stderr.count("add.out: expected int, got str") == 1 and "TOP" not in done.stderr


def test_a_line_that_python_cannot_read_is_told_once(tmp_path: Path) -> None:
    done = fbtui("run", write(tmp_path, "x = (1,\n"))
    assert done.returncode == 2
    assert done.stderr.count("was never closed") == 1 and "x = (1," in done.stderr


def test_a_text_for_a_port_without_a_type_is_told_to_be_quoted(tmp_path: Path) -> None:
    path = write(tmp_path, program())
    done = fbtui("run", path, "--input", "inp=[5 apples]")
    assert done.returncode == 2 and 'a text is written in quotes: "[5 apples]"' in done.stderr
    assert answer(path, "--input", 'inp="[5 apples]"')["outputs"] == {"out": ["[5 apples]"]}
    assert answer(path, "--input", "inp=2026-11-25")["outputs"] == {"out": ["2026-11-25"]}


def test_the_form_stays_with_a_value_that_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, program().replace("BATCH", "NOTHING"))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("[", "1", "enter")
        await until(pilot, lambda: app.session.run == 2 and isinstance(app.focused, Input))
        told = str(app.screen.query_one("#inputs-problem", Label).content)
        assert told.startswith("input inp: [1 is neither JSON nor a Python literal: '[' was never closed")
        await pilot.press("]", "enter")
        await paused(app, pilot, 0)
        assert app.session.run == 3 and not app.session.problems

    play(path, story)


def test_the_form_offers_what_was_filled_in_the_last_time_and_the_file_wins(tmp_path: Path) -> None:
    path = write(tmp_path, program())
    remember(path, Inputs((("inp", "7"), ("inp", "8"))))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        assert app.session.graph is not None and app.session.graph.given == (("input.inp", "5"),)
        await pilot.press("I")
        await until(pilot, lambda: isinstance(app.focused, Input))
        hints = [str(label.content) for label in app.screen.query(".hint").results(Label)]
        assert "↑ takes what it was the last time: 7, 8" in hints
        await pilot.press("up")
        await until(pilot, lambda: [one.value for one in app.screen.query(Input)] == ["7", "8"])
        await pilot.press("enter")
        await paused(app, pilot, 0)
        assert app.session.spec.inputs == (("inp", "7"), ("inp", "8"))

    play(path, story)


def test_a_value_on_the_command_line_that_is_refused_opens_the_form_over_the_picture(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(app.focused, Input))
        assert isinstance(app.focused, Input) and app.focused.value == "[1"
        assert app.diagram.scene is not None and "Work" in app.diagram.scene.box

    play(write(tmp_path, program()), story, inputs=(("inp", "[1"),))


def test_a_run_with_the_inputs_of_the_form_says_so_until_they_are_taken_out(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        await session.give((("inp", "7"),), (), ())
        await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED)
        await session.restart()
        await driver.until(lambda s: s.run == 3 and s.phase is Phase.PAUSED)
        assert session.notice == "run again from the beginning, with the inputs of the form ({debug.inputs})"
        await session.give((), (), ())
        await driver.until(lambda s: s.run == 4 and s.phase is Phase.PAUSED)
        await session.restart()
        await driver.until(lambda s: s.run == 5 and s.phase is Phase.PAUSED)
        assert session.notice == "run again from the beginning"

    drive(write(tmp_path, program()), story)


def test_the_form_begins_in_the_packet_that_was_refused_and_tells_why_in_a_small_terminal(tmp_path: Path) -> None:
    source = (
        program().replace("BATCH", "NOTHING").replace('PortType.INPUT, "inp")', 'PortType.INPUT, "inp", dtype=int)')
    )
    port = 'graph.add_graph_port(PortSpec(PortType.CONFIG, "rate", default=7))\n'

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("1", "ctrl+n", "2", "ctrl+n", "x", "ctrl+n", "4", "enter")
        await until(pilot, lambda: app.session.run == 2 and isinstance(app.focused, Input))
        assert isinstance(app.focused, Input) and app.focused.value == "x"
        told = app.screen.query_one("#inputs-problem", Label)
        assert str(told.content) == "input inp takes int, not str: 'x'"
        await until(pilot, lambda: told.region.height > 0 and told.region.bottom < 22)
        rate = next(one for one in app.screen.query(Input) if one.name == "config.rate")
        assert rate.placeholder == "7"

    play(write(tmp_path, source.replace("graph.ports", port + "graph.ports", 1)), story)


def test_the_form_shows_what_the_file_gives_though_another_value_was_refused(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.broken()
        assert session.broken is not None and (session.broken.port, session.broken.packet) == ("input.inp", 1)
        assert session.graph is not None and session.graph.given == (("input.inp", "5"),)

    source = program().replace('PortType.INPUT, "inp")', 'PortType.INPUT, "inp", dtype=int)')
    drive(write(tmp_path, source), story, inputs=(("inp", "1"), ("inp", "x")))
