"""Every command of the action table by its key, on one session: one that is not pressed here fails the test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from fbtui.session import Phase
from fbtui.ui.actions import ALL
from fbtui.ui.app import DebuggerApp
from fbtui.ui.screens.find import FindScreen
from fbtui.ui.screens.help import HelpScreen
from fbtui.ui.screens.inputs import InputsScreen
from fbtui.ui.screens.line import LineScreen
from fbtui.ui.screens.menu import MenuScreen
from fbtui.ui.screens.profile import ProfileScreen
from fbtui.ui.themes import DARK, LIGHT
from tests.fbtui.driver import program, write
from tests.fbtui.test_frame import play, told
from tests.fbtui.test_ui import lines, paused, until

CHAIN = """
from fbdev import Stream
from fbdev.graph.graph_component import GraphComponentFactory

inner = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
inner.ports.input.inp >> inner.add_node(Work, "Deep") >> inner.ports.output.out
graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
outer = graph.add_node(GraphComponentFactory.create_component(inner), "Outer")
graph.ports.input.inp >> graph.add_node(Work, "A") >> outer >> graph.ports.output.out
BATCH = {"inputs": {"inp": Stream([1, 2, 3, 4])}}
"""
KEYS = {action.id: action.keys.partition(",")[0] for action in ALL}


class Walk:
    """Presses the keys of commands, and knows which."""

    def __init__(self, app: DebuggerApp, pilot: Pilot[str]) -> None:
        self.app, self.pilot, self.pressed = app, pilot, set[str]()

    async def press(self, *commands: str) -> None:
        for command in commands:
            self.pressed.add(command)
            await self.pilot.press(KEYS[command])

    async def until(self, holds: Callable[[], Any]) -> None:
        await until(self.pilot, holds)

    async def opens(self, command: str, screen: type) -> None:
        """Open a dialog, and leave it."""
        await self.press(command)
        await self.until(lambda: isinstance(self.app.screen, screen))
        await self.pilot.press("escape")
        await self.until(lambda: len(self.app.screen_stack) == 1)

    async def moves(self, command: str) -> None:
        """Let the run move on, and wait until it is paused again."""
        session = self.app.session
        before = session.record.marking.step
        await self.press(command)
        await self.until(lambda: session.phase is Phase.PAUSED and session.record.marking.step > before)

    def select(self, kind: str, place: str) -> None:
        self.app.select((kind, place))


def test_every_command_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    for name in ("EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        walk = Walk(app, pilot)
        await paused(app, pilot, 0)
        for part in (run, stops, packets, sight, time, lists, ends):
            await part(walk)
        assert {action.id for action in ALL} - walk.pressed == set()

    play(story, path=write(tmp_path, program() + CHAIN))


async def run(walk: Walk) -> None:
    app = walk.app
    await walk.moves("debug.step")
    walk.select("node", "A")
    await walk.moves("debug.node")
    await walk.moves("debug.wave")
    app.select(None)
    await walk.moves("debug.follow")
    rate = app.session.controls.player.rate
    await walk.press("debug.faster")
    assert app.session.controls.player.rate > rate
    await walk.press("debug.slower")
    assert app.session.controls.player.rate == rate
    await walk.press("debug.play")
    assert app.session.controls.player.playing
    await walk.press("debug.play")
    assert not app.session.controls.player.playing
    await walk.until(lambda: app.session.phase is Phase.PAUSED)
    walk.select("node", "A")
    await walk.press("debug.hold", "debug.hold")
    assert [text for text in told(app) if text.startswith("A ")] == ["A is held up", "A goes on"]


async def stops(walk: Walk) -> None:
    app, points = walk.app, walk.app.session.controls.breakpoints
    for command in ("debug.breakpoint", "debug.failure"):
        await walk.press(command)
        assert len(points.items) == 1
        await walk.press(command)
        assert points.items == []
    await walk.opens("debug.breakpoint_if", LineScreen)
    await walk.press("debug.log_point")
    await walk.until(lambda: isinstance(app.screen, LineScreen))
    await walk.pilot.press("enter")
    await walk.until(lambda: len(points.items) == 1)
    app.show_tab("breakpoints")
    app.query_one("#breakpoints").focus()
    await walk.pilot.pause()
    await walk.press("list.choose")
    await walk.until(lambda: not points.items[0].enabled)
    await walk.press("debug.remove")
    await walk.until(lambda: not points.items)
    app.diagram.focus()
    walk.select("edge", "edge0")
    await walk.press("view.watch")
    await walk.until(lambda: len(app.session.controls.watches.items) == 1)
    await walk.press("view.watch")
    await walk.until(lambda: not app.session.controls.watches.items)
    walk.select("edge", "edge1")
    await walk.moves("debug.to_cursor")
    walk.select("node", "A")
    await walk.press("debug.evaluate")
    await walk.until(lambda: isinstance(app.screen, LineScreen))
    await walk.pilot.press("4", "2", "enter")
    await walk.until(lambda: "  int 42" in lines(app, "inspector"))


async def packets(walk: Walk) -> None:
    app, session = walk.app, walk.app.session
    app.select(None)
    await walk.until(lambda: app.packet is not None)
    await walk.press("view.lineage")
    await walk.until(lambda: any(line.startswith("lineage of") for line in lines(app, "inspector")))
    assert app.inspector.border_title == "Lineage: esc leaves it"
    await walk.press("view.clear")
    await walk.until(lambda: not any(line.startswith("lineage of") for line in lines(app, "inspector")))
    assert app.inspector.border_title == "Inspector"
    await walk.press("view.lineage")
    walk.select("edge", "edge0")
    await walk.until(lambda: lines(app, "inspector")[0].startswith("edge"))
    app.select(None)
    await walk.press("view.lineage")
    await walk.until(lambda: any(line.startswith("lineage of") for line in lines(app, "inspector")))
    await walk.press("view.lineage")
    await walk.opens("packet.edit", LineScreen)
    walk.select("edge", "edge0")

    def waiting() -> int:
        return len(session.record.marking.edge("edge0").waiting)

    before = waiting()
    await walk.press("packet.inject")
    await walk.until(lambda: isinstance(app.screen, LineScreen))
    await walk.pilot.press("7", "enter")
    await walk.until(lambda: waiting() == before + 1)
    app.inspector.show_closely(("packet", session.record.marking.edge("edge0").waiting[-1]))
    await walk.press("packet.duplicate")
    await walk.until(lambda: waiting() == before + 2)
    app.inspector.show_closely(("packet", session.record.marking.edge("edge0").waiting[-1]))
    await walk.press("packet.drop")
    await walk.until(lambda: waiting() == before + 1)
    await walk.until(lambda: sum(text.endswith(": b and c take it back") for text in told(app)) == 3)
    assert any(" is a copy of #" in text for text in told(app))
    assert any(" dropped off GRAPH.inp->A.inp: " in text for text in told(app))
    await walk.until(lambda: "changed by hand (3)" in lines(app, "status")[0])


async def sight(walk: Walk) -> None:
    app = walk.app
    await walk.press("view.farther")
    assert app.view.zoom == "compact"
    await walk.press("view.nearer")
    assert app.view.zoom == "full"
    await walk.press("view.fit", "view.anew")
    walk.select("node", "Outer")
    await walk.press("view.open")
    assert app.view.opened == {"Outer"}
    await walk.press("view.open", "view.into")
    assert app.view.root == "Outer"
    await walk.press("view.out")
    assert app.view.root == ""
    await walk.press("view.values", "view.heat")
    assert app.live.values and app.live.heat
    await walk.press("view.values", "view.heat", "view.map", "view.map", "view.centre")
    follows = app.follows
    await walk.press("view.follow")
    assert app.follows is not follows
    await walk.press("view.follow")
    await walk.opens("view.find", FindScreen)
    await walk.opens("view.menu", MenuScreen)
    await walk.opens("app.help", HelpScreen)
    await walk.opens("debug.inputs", InputsScreen)
    await walk.opens("app.graph", FindScreen)
    await walk.press("view.large", "view.large")
    await walk.press("view.copy")
    assert "Inspector" in told(app)[-1]
    await walk.opens("view.write", LineScreen)
    app.select(None)
    await walk.press("view.source")
    file = app.session.spec.path
    assert told(app)[-1] == f"set $EDITOR to open the source: EDITOR=nano fbtui work.py; it is {file}:1"
    await walk.press("view.theme")
    assert app.theme == LIGHT.name
    await walk.press("view.theme")
    assert app.theme == DARK.name
    await walk.press("app.recent")
    assert told(app)[-1].startswith("no other file was opened before")
    await walk.press("debug.raise")
    assert told(app)[-1].startswith("nothing is blocked") or "capacity" in told(app)[-1]
    await walk.press("app.suspend")  # without a terminal there is nothing to give back
    for way in ("right", "left", "down", "up"):
        await walk.press(f"diagram.{way}")
        assert app.selected is not None
        await walk.press(f"diagram.pan_{way}")
    await walk.press("view.clear")
    assert app.selected is None


async def time(walk: Walk) -> None:
    app, record = walk.app, walk.app.session.record
    now = record.marking.step
    for left in range(len(record.acts) - 1, -1, -1):  # what was done by hand is taken back first
        await walk.press("time.back")
        assert (record.shown.step, len(record.acts_by_then)) == (now, left)
    await walk.press("time.back")
    assert record.shown.step == now - 1
    await walk.press("time.now")
    assert record.cursor is None
    walk.select("edge", "edge0")
    await walk.press("time.back_to")
    assert record.cursor is not None
    await walk.press("time.now")
    await walk.opens("time.profile", ProfileScreen)
    await walk.opens("time.save", LineScreen)
    await walk.opens("time.filter", LineScreen)
    await walk.pilot.press(KEYS["view.find"], *"sends-nothing", "enter")
    await walk.until(lambda: "does not occur" in told(app)[-1])
    await walk.pilot.press(KEYS["view.find"], *"#1", "enter")
    await walk.until(lambda: record.cursor is not None)
    first = record.cursor
    await walk.press("time.next_found")
    await walk.until(lambda: record.cursor is not None and first is not None and record.cursor > first)
    await walk.press("time.previous_found")
    await walk.until(lambda: record.cursor == first)
    await walk.press("time.now")


async def lists(walk: Walk) -> None:
    app = walk.app
    app.select(None)
    app.show_tab("output")
    await walk.press("view.tab")
    shown = app.timeline.list
    await walk.until(lambda: shown.has_focus and len(lines(app, "timeline")) > 3)
    await walk.press("list.first")
    assert shown.cursor == 0
    await walk.press("list.down")
    assert shown.cursor == 1
    await walk.press("list.up")
    assert shown.cursor == 0
    await walk.press("list.page_down")
    assert shown.cursor > 2
    await walk.press("list.page_up")
    assert shown.cursor == 0
    await walk.press("list.last")
    assert shown.cursor == len(lines(app, "timeline")) - 1
    app._tabs.row.focus()
    await walk.press("tabs.next")
    await walk.until(lambda: app._tabs.active == "problems")
    await walk.press("tabs.previous")
    await walk.until(lambda: app._tabs.active == "timeline")
    app.diagram.focus()


async def ends(walk: Walk) -> None:
    app, session = walk.app, walk.app.session
    await walk.press("debug.until_blocked")
    await walk.until(lambda: session.phase in {Phase.PAUSED, Phase.ENDED} and session.record.marking.step > 8)
    await walk.press("debug.rerun")  # to the same place
    await walk.until(lambda: session.run == 2 and session.phase in {Phase.PAUSED, Phase.ENDED})

    async def begin_again(run: int) -> None:
        await walk.until(lambda: session.phase is Phase.ENDED)
        await walk.press("debug.rerun")
        await walk.until(lambda: session.run == run and session.phase is Phase.PAUSED)

    await walk.press("debug.restart")
    await walk.until(lambda: session.run == 3 and session.phase is Phase.PAUSED)
    assert session.record.marking.step == 0
    await walk.press("debug.stop")
    await begin_again(4)
    await walk.press("debug.continue")
    await walk.until(lambda: session.phase is Phase.ENDED)
    await walk.press("debug.first_difference")
    assert app._tabs.active == "changes"
    await begin_again(5)
    await walk.press("debug.toggle")
    await walk.until(lambda: session.phase is Phase.ENDED)
    await walk.press("app.quit")
    await walk.until(lambda: not app.is_running)


def test_another_graph_of_the_file_and_a_component_are_chosen_and_run(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        assert app.session.graph is not None and app.session.graph.choices == ("graph", "inner", "Work")
        for typed, nodes in (("inner", ["Deep"]), ("Work", ["Work"]), ("graph", ["A", "Outer"])):
            await pilot.press("ctrl+g")
            await until(pilot, lambda: isinstance(app.screen, FindScreen))
            await pilot.press(*typed, "enter")
            await until(pilot, lambda typed=typed: app.session.graph and app.session.graph.name == typed)
            assert sorted(node.id for node in app.session.graph.graph.nodes) == nodes
            await until(pilot, lambda: app.session.phase in {Phase.MISSING, Phase.PAUSED})
            if app.session.phase is Phase.MISSING:
                await until(pilot, lambda: isinstance(app.screen, InputsScreen))
                await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)

    play(story, path=write(tmp_path, program() + CHAIN))
