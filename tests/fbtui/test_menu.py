"""The menus: what they offer for each thing, by the right button, by a key, by a command's own key."""

from pathlib import Path

import pytest
from textual.geometry import Offset
from textual.pilot import Pilot

from fbtui.protocol.templates import template
from fbtui.session import Phase
from fbtui.session.breakpoints import BadBreakpoint, parse
from fbtui.ui.actions import ALL, PANES
from fbtui.ui.app import DebuggerApp
from fbtui.ui.panes import CHOICE
from fbtui.ui.screens.menu import MenuScreen
from fbtui.ui.widgets.lines import LineList
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.test_frame import play, screen, told
from tests.fbtui.test_ui import NESTED, lines, paused, until

HELLO = EXAMPLES / "hello.py"
RIGHT = 3


def menu(app: DebuggerApp) -> dict[str, bool]:
    """The ids of the commands that the open menu offers, and whether each can be done."""
    assert isinstance(app.screen, MenuScreen)
    return {entry.action.id: entry.is_possible for entry in app.screen.entries}


def title(app: DebuggerApp) -> str:
    assert isinstance(app.screen, MenuScreen)
    return str(app.screen.query_one("#menu").border_title)


async def opened(app: DebuggerApp, pilot: Pilot[str]) -> None:
    await until(pilot, lambda: isinstance(app.screen, MenuScreen) and app.screen.focused is not None)


async def closed(app: DebuggerApp, pilot: Pilot[str]) -> None:
    await pilot.press("escape")
    await until(pilot, lambda: not isinstance(app.screen, MenuScreen))


def at(app: DebuggerApp, x: int, y: int) -> Offset:
    """Where in the diagram's widget a cell of the scene is."""
    return Offset(x - app.diagram.window.x, y - app.diagram.window.y)


def port_cell(app: DebuggerApp, port: str) -> Offset:
    assert app.diagram.scene is not None
    y, start, _ = app.diagram.scene.port[port]
    return at(app, start + 2, y)


def box_cell(app: DebuggerApp, box: str) -> Offset:
    assert app.diagram.scene is not None
    placed = app.diagram.scene.box[box]
    return at(app, placed.x, placed.y)


def edge_cell(app: DebuggerApp, edge: str) -> Offset:
    assert app.diagram.scene is not None
    return at(app, *app.diagram.scene.edge[edge].path[0])


def test_the_right_button_offers_what_fits_a_node_a_port_an_edge_and_the_run(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await until(pilot, lambda: app.diagram.scene is not None)
        await pilot.click("#diagram", box_cell(app, "Work"), button=RIGHT)
        await opened(app, pilot)
        assert title(app) == "Node Work" and menu(app)["debug.evaluate"] and not menu(app)["view.into"]
        await closed(app, pilot)
        await pilot.click("#diagram", port_cell(app, "Work.output.out"), button=RIGHT)
        await opened(app, pilot)
        assert title(app) == "Port Work.out" and menu(app)["debug.breakpoint"] and "debug.hold" not in menu(app)
        await pilot.press("x")
        await until(pilot, lambda: "● Work.out" in lines(app, "breakpoints"))
        assert "port Work.out" in lines(app, "inspector")
        await pilot.click("#diagram", edge_cell(app, "edge0"), button=RIGHT)
        await opened(app, pilot)
        assert (
            title(app) == "Edge GRAPH.inp->Work.inp" and menu(app)["packet.inject"] and "debug.node" not in menu(app)
        )
        await closed(app, pilot)
        await pilot.click("#diagram", (1, 1), button=RIGHT)
        await opened(app, pilot)
        assert title(app) == "The run" and menu(app)["debug.step"] and not menu(app)["debug.raise"]
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.session.paused is not None and "breakpoint" in app.session.paused.why)

    play(story, path=write(tmp_path, program()))


def test_the_key_offers_what_fits_the_line_under_the_cursor() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("slash", *"Comp", "enter", "x")
        app.query_one("#next").focus()
        await pilot.press("M")
        await opened(app, pilot)
        assert title(app) == "Move #1" and menu(app)["packet.edit"] and menu(app)["list.choose"]
        await pilot.press(*"E")
        await until(pilot, lambda: not isinstance(app.screen, MenuScreen) and len(app.screen_stack) == 2)
        await until(pilot, lambda: app.focused is not None)
        await pilot.press("end", "ctrl+u", *"77", "enter")
        await until(pilot, lambda: any("77" in line for line in lines(app, "next")))
        app._tabs.active = "breakpoints"
        app.query_one("#breakpoints").focus()
        await pilot.press("M")
        await opened(app, pilot)
        assert set(menu(app)) == {"list.choose", "debug.remove", "debug.breakpoint_if"}
        await pilot.press("home", "delete")
        await until(pilot, lambda: not app.session.controls.breakpoints.items)

    play(story)


def test_a_move_is_let_go_out_of_its_order_by_the_mouse_alone(tmp_path: Path) -> None:
    two = program().replace('{"inp": 5}', '{"inp": 5, "inp2": 6}')
    two = two.replace("BATCH", "graph.add_graph_port(PortSpec(PortType.INPUT, 'inp2'))\nBATCH", 1)
    two = two.replace("BATCH", "graph.ports.input.inp2 >> graph.add_node(Work, 'Other')\nBATCH", 1)

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await until(pilot, lambda: any(line.startswith("  GRAPH sends inp2") for line in lines(app, "next")[1:2]))
        await pilot.click("#next", (5, 2), button=RIGHT)
        await opened(app, pilot)
        assert CHOICE["move"] in [entry.title for entry in app.screen.entries]  # type: ignore[attr-defined]
        index = list(menu(app)).index("list.choose")
        await pilot.click("#choices", (3, index))
        await paused(app, pilot, 1)
        assert app.session.record.marking.edge("edge2").sent == 1

    play(story, path=write(tmp_path, two))


def test_a_menu_greys_what_cannot_be_done_and_says_why_when_it_is_chosen_anyway() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.press("M")
        await opened(app, pilot)
        assert not menu(app)["debug.step"] and menu(app)["debug.rerun"]
        await pilot.press("enter")
        await until(pilot, lambda: told(app)[-1:] and told(app)[-1].startswith("cannot step: the run has finished"))

    play(story)


@pytest.mark.parametrize("size", [(160, 46), (60, 20), (40, 12)])
def test_a_menu_stays_on_the_screen_whatever_its_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for _ in range(2):
            await pilot.press("M")
            await opened(app, pilot)
            await until(pilot, lambda: any("╭─ The run" in line for line in screen(app)))
            region = app.screen.query_one("#menu").region
            assert app.screen.region.contains_region(region)
            assert region.width < 90
            await closed(app, pilot)

    play(story, path=write(tmp_path, program()), size=size)


def test_a_port_is_found_by_its_name_and_watched(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("slash", *"Outer.out", "down", "enter")
        await until(pilot, lambda: "port Outer.out" in lines(app, "inspector"))
        assert app.selected == ("port", "Outer.output.out")
        await pilot.press("W")
        await until(pilot, lambda: any("Outer.out" in line for line in lines(app, "watches")))
        await pilot.press("P")
        assert told(app)[-1].startswith("select a node or an edge first")
        await pilot.press("left")
        await until(pilot, lambda: app.selected is not None and app.selected[0] != "port")

    play(story, path=write(tmp_path, program() + NESTED))


def test_every_command_is_in_a_menu_or_has_nothing_to_do_with_a_thing() -> None:
    everywhere = {
        *("debug.slower", "debug.faster", "view.nearer", "view.farther", "view.out", "view.values", "view.heat"),
        *(
            "view.map",
            "view.follow",
            "time.next_found",
            "time.previous_found",
            "view.clear",
            "view.tab",
            "view.large",
            "view.menu",
        ),
        *("view.theme", "app.recent", "app.suspend", "app.quit"),
    }
    moves_about = {action.id for pane in PANES.values() for action in pane} - {"list.choose"}
    assert {action.id for action in ALL if not action.on} == everywhere | moves_about


def test_x_takes_the_plain_breakpoint_first_and_none_of_several_others_unasked(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        points = app.session.controls.breakpoints
        for text in ("FooComponent1 if value > 5", "FooComponent1", "FooComponent1 log {value}"):
            points.add(text)
        app.select(("node", "FooComponent1"))
        await pilot.press("x")
        assert [str(point) for point in points.items] == ["FooComponent1 if value > 5", "FooComponent1 log {value}"]
        assert told(app)[-1] == "no breakpoint any more at: FooComponent1"
        await pilot.press("x")
        assert len(points.items) == 2 and told(app)[-1].startswith("there are 2 at FooComponent1, with conditions")
        await until(pilot, lambda: app.query_one("#breakpoints").display)
        app.query_one("#breakpoints", LineList).focus()
        await pilot.press("down", "x")
        assert [str(point) for point in points.items] == ["FooComponent1 if value > 5"]
        app.query_one("#diagram").focus()
        await pilot.press("x")
        assert points.items == [] and told(app)[-1] == "no breakpoint any more at: FooComponent1 if value > 5"
        await pilot.press("escape", "F")
        app.select(("node", "FooComponent1"))
        await pilot.press("F")
        assert points.items == [], "what stops anywhere is switched off by the same key"

    play(story)


@pytest.mark.parametrize("text", ["A log {value} x}", "A log {", "A log {value[}"])
def test_a_log_point_whose_text_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(BadBreakpoint, match="'log "):
        parse(text, 1)
    log = parse("A log it's \"{value['a']}\" {{so}}", 1).log
    assert log is not None and eval(template(log), {"value": {"a": 7}}) == 'it\'s "7" {so}'
