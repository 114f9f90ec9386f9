"""The live picture, driven by keys and mouse: a packet's way, values, heat, nested graphs, the map."""

import re
from pathlib import Path

import pytest
from textual.geometry import Region, Size
from textual.pilot import Pilot

from fbtui.diagram import EdgeLook, Overlay, lay_out
from fbtui.protocol import EdgeInfo, End, GraphInfo, NodeInfo, PortInfo
from fbtui.session import Phase
from fbtui.ui.app import DebuggerApp
from fbtui.ui.settings import Settings
from fbtui.ui.view import View
from fbtui.ui.widgets.parts import part_of_edge
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.graphs import parse
from tests.fbtui.test_frame import play, screen, told
from tests.fbtui.test_ui import NESTED, lines, paused, until

CHAIN = """
from fbdev.graph.graph_component import GraphComponentFactory

def graph_of(*parts):
    made = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
    end = made.ports.input.inp
    for name, component in parts:
        end = end >> made.add_node(component, name)
    end >> made.ports.output.out
    return made

def nest(graph):
    return GraphComponentFactory.create_component(graph)

clean = graph_of(("Trim", Work), ("Lower", Work))
parse = graph_of(("Split", Work), ("Clean", nest(clean)))
graph = graph_of(("Read", Work), ("Parse", nest(parse)), ("Count", Work))
"""


def head(app: DebuggerApp) -> str:
    """The line above the diagram."""
    return app.picture.head.render_line(0).text


def drawn(app: DebuggerApp) -> str:
    """What of the diagram can be seen."""
    return "\n".join(app.diagram.render_line(y).text for y in range(app.diagram.size.height))


def role(app: DebuggerApp, edge: str) -> str:
    look = app.diagram._overlay.edges.get(edge)
    return look.role if look is not None else ""


async def find(pilot: Pilot[str], name: str) -> None:
    await pilot.press("slash", *name, "enter")
    await pilot.pause()


async def choose_first_send(app: DebuggerApp, pilot: Pilot[str]) -> None:
    """Choose the first send in the timeline."""
    app._tabs.active = "timeline"
    app.query_one("#timeline").focus()
    await pilot.pause()
    index = next(i for i, line in enumerate(lines(app, "timeline")) if " sends " in line)
    await pilot.press("home", *["down"] * index, "enter")


def test_the_way_of_the_packet_that_is_looked_at_is_marked_and_told(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        assert "◎" not in head(app)
        await pilot.press("s", "s", "s")
        await paused(app, pilot, 3)
        await until(pilot, lambda: "◎ #2 waits on Parse.inp->Parse/Split.inp · made of #1 · came over" in head(app))
        assert (role(app, "edge0"), role(app, "edge1"), role(app, "edge2")) == ("path", "last", "")
        assert app.diagram._overlay.nodes["Parse"].mark == "●", "the next move is hidden in it"
        await find(pilot, "Count")
        assert "◎" not in head(app), "no packet is looked at"
        await pilot.press("escape", "s")
        await paused(app, pilot, 4)
        await pilot.pause()
        assert "about to be sent by Parse/Split · made of #2 · came over 3 edges" in head(app)
        await choose_first_send(app, pilot)
        await until(pilot, lambda: "◎ #1" in head(app))
        assert role(app, "edge0") in {"path", "last"} and role(app, "edge1") == ""
        await pilot.press("N")
        await until(pilot, lambda: "◎ #1 was taken by Read" in head(app))
        assert app.diagram._overlay.nodes["Read"].mark == "◎"

    play(story, path=write(tmp_path, program() + CHAIN), size=(200, 40))


def test_a_packet_chosen_in_a_queue_is_shown_where_it_waits() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for _ in range(12):
            await pilot.press("s")
        await paused(app, pilot, 12)
        await find(pilot, "ReadLines.line->")
        app.inspector.focus()
        await until(pilot, lambda: sum(line.packet is not None for line in app.inspector._lines) > 1)
        lines = [i for i, line in enumerate(app.inspector._lines) if line.packet is not None]
        await pilot.press(*["down"] * lines[1], "enter")
        await until(pilot, lambda: "waits on ReadLines.line->SplitWords.line" in head(app))
        assert "◎" in drawn(app)

    play(story, path=EXAMPLES / "telegram.py", size=(200, 40))


def test_values_stand_on_the_edges_when_asked_for(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s")
        await paused(app, pilot, 1)
        assert "=5" not in drawn(app)
        before = app.diagram.scene
        await pilot.press("V")
        await pilot.pause()
        assert "=5" in drawn(app) and "values" in head(app)
        await pilot.press("V")
        await pilot.pause()
        assert "=5" not in drawn(app) and "values" not in head(app)
        assert app.diagram.scene is before, "nothing moves for it"

    play(story, path=write(tmp_path, program()))


def test_heat_tells_how_the_run_was_spent() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("h", "c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await until(pilot, lambda: not app.live.trail.is_behind)
        looks = app.diagram._overlay
        assert looks.nodes["SplitWords"].note.split()[0] in {"ready", "waiting", "blocked"}
        assert any("%" in look.label and look.role in {"warm", "hot", "last"} for look in looks.edges.values())
        assert "%" in drawn(app) and "heat" in head(app)
        await find(pilot, "FillLines")
        parts = [int(part) for part in re.findall(r"(?:ready|waiting|blocked) (\d+)%", head(app))]
        assert "FillLines: ready" in head(app) and 99 <= sum(parts) <= 101
        await pilot.press("escape")
        await pilot.press("h")
        await pilot.pause()
        assert "%" not in drawn(app)

    play(story, path=EXAMPLES / "telegram.py", size=(200, 40))


def test_a_nested_graph_is_seen_alone_and_left_by_key_and_by_click(tmp_path: Path) -> None:
    def boxes(app: DebuggerApp) -> set[str]:
        return {name for name in app.diagram.scene.box if "GRAPH" not in name} if app.diagram.scene else set()

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("backspace", "d")
        assert told(app)[0].startswith("this is the whole graph")
        assert told(app)[1].startswith("select a node with a graph inside first")
        await find(pilot, "Parse")
        await pilot.press("d")
        await until(pilot, lambda: boxes(app) == {"Parse/Split", "Parse/Clean"})
        assert "work.py:graph ● › Parse" in head(app), "the next move is outside"
        await find(pilot, "Clean")
        await pilot.press("d")
        await until(pilot, lambda: boxes(app) == {"Parse/Clean/Trim", "Parse/Clean/Lower"})
        assert "graph ● › Parse › Clean" in head(app)
        await pilot.press(*"ssss")
        await paused(app, pilot, 4)
        assert "graph › Parse ● › Clean" in head(app)
        await pilot.press("backspace")
        await until(pilot, lambda: boxes(app) == {"Parse/Split", "Parse/Clean"})
        assert app.selected == ("node", "Parse/Clean"), "where one comes from"
        await find(pilot, "Split")
        await until(pilot, lambda: any("Parse/Split" in line for line in screen(app)))
        await pilot.press("r")
        await until(pilot, lambda: app.session.run == 2 and app.session.phase is Phase.PAUSED)
        assert boxes(app) == {"Parse/Split", "Parse/Clean"}, "a run later it is still that graph"
        await pilot.click("#head", offset=(5, 0))
        await until(pilot, lambda: boxes(app) == {"Read", "Parse", "Count"})
        box = app.diagram.scene.box["Parse"]  # type: ignore[union-attr]
        dx, dy = app.diagram._offset()
        await pilot.click("#diagram", offset=(box.x + dx + 3, box.y + dy), times=2)
        await until(pilot, lambda: app.view.root == "Parse")

    play(story, path=write(tmp_path, program() + CHAIN), size=(200, 40))


def test_what_is_chosen_elsewhere_is_shown_in_the_graph_that_it_is_in(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s")
        await find(pilot, "Outer")
        await pilot.press("d")
        await until(pilot, lambda: app.view.root == "Outer")
        await choose_first_send(app, pilot)
        await until(pilot, lambda: app.view.root == "")
        assert app.selected == ("edge", "edge0")

    play(story, path=write(tmp_path, program() + NESTED))


def test_a_root_that_an_edit_removes_gives_way_to_the_graph_around_it(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await find(pilot, "Outer")
        await pilot.press("d")
        await until(pilot, lambda: app.view.root == "Outer")
        path.write_text(program(), encoding="utf-8")
        await pilot.press("r")
        await until(pilot, lambda: app.diagram.scene is not None and "Work" in app.diagram.scene.box)
        assert app.view.root == "" and "›" not in head(app)

    path = write(tmp_path, program() + NESTED)
    play(story, path=path)


LONG = """
graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
end = graph.ports.input.inp
for number in range(14):
    end = end >> graph.add_node(Work, f"W{number}")
end >> graph.ports.output.out
"""


@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_map_shows_and_moves_the_window_and_gives_way_to_the_next_move(tmp_path: Path, ascii_only: bool) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        small = app.picture.map
        await until(pilot, lambda: small.display and small.size.width)
        shown = ["".join(small.render_line(y).text) for y in range(small.size.height)]
        assert any(("@" if ascii_only else "●") in row for row in shown)
        await pilot.press("v")
        await pilot.click("#map", offset=(small.size.width - 1, 1))
        await pilot.pause()
        assert app.diagram.scroll_x > app.diagram.max_scroll_x * 0.8
        await pilot.mouse_down("#map", offset=(small.size.width // 2, 1))
        await pilot.hover("#map", offset=(2, 1))
        await pilot.mouse_up("#map", offset=(2, 1))
        assert app.diagram.scroll_x < app.diagram.max_scroll_x * 0.2
        await pilot.press("g")
        assert app.diagram.scroll_x == 0, "the next move is at the left end"
        await pilot.press("m")
        assert not small.display
        await pilot.press("m")
        assert small.display
        await pilot.press("v")
        for step in range(1, 20):
            await pilot.press("s")
            await paused(app, pilot, step)
            await pilot.pause()
            kept = [region.translate(app.diagram.region.offset) for region in app.diagram.kept_in_sight()]
            assert kept and not any(small.display and small.region.overlaps(region) for region in kept)
        await pilot.press("minus", "minus")
        await until(pilot, lambda: app.view.is_far)
        assert not small.display, "from far away all of it is in view"

    play(story, Settings(ascii=ascii_only), write(tmp_path, program() + LONG), size=(90, 24))


FAN = """
graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp")))
for number in range(14):
    graph.ports.input.inp >> graph.add_node(Work, f"Work_with_a_name_that_is_quite_long_{number}")
"""


def test_the_map_lies_where_it_hides_few_boxes(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        small = app.picture.map
        await until(pilot, lambda: small.display and small.region.x == app.diagram.region.x)
        assert app.diagram.boxes_in(small.region.translate(-app.diagram.region.offset)) == 0, (
            "all boxes are at the right"
        )

    play(story, path=write(tmp_path, program() + FAN), size=(90, 24))


def test_a_picture_that_just_fits_has_no_bars_and_no_map(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        view, seen = app.diagram, set()
        for width in range(90, 70, -1):
            await pilot.resize_terminal(width, 24)
            await until(pilot, lambda width=width: app.screen.size.width == width)
            await pilot.pause()
            assert view.scene is not None
            is_larger = view.scene.width > view.size.width
            await until(
                pilot,
                lambda is_larger=is_larger: view.show_horizontal_scrollbar == app.picture.map.display == is_larger,
            )
            seen.add(view.scene.width - view.size.width)
        assert {0, 1} <= seen, "it fits to the cell, and then no more"

    play(story, path=write(tmp_path, program()), size=(90, 24))


def test_packets_on_long_edges_are_no_matter_to_a_picture_with_short_ones() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for step in range(1, 9):
            await pilot.press("s")
            await paused(app, pilot, step)
            await pilot.press("minus")
            await until(pilot, lambda: app.view.zoom == "compact")
            await pilot.press("plus")
            await until(pilot, lambda: app.view.zoom == "full")

    play(story, path=EXAMPLES / "shop.py", size=(80, 24))


@pytest.mark.parametrize("ascii_only", [False, True])
def test_from_far_away_it_is_seen_which_edges_fill_up(tmp_path: Path, ascii_only: bool) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("minus", "minus")
        await until(pilot, lambda: app.view.is_far)
        scene = app.diagram.scene
        assert scene is not None
        hot, warm = (placed.edge.id for placed in (scene.edges[2], scene.edges[5]))
        full = {hot: EdgeLook("8/8", "hot"), warm: EdgeLook("5/8", "warm")}
        marks = "hw" if ascii_only else "■▪"
        for looks, shown in ((dict[str, EdgeLook](), ""), (full, marks)):
            app.diagram.show_overlay(Overlay(looks))
            assert sorted(re.findall("[hw■▪]", drawn(app))) == sorted(shown)

    play(story, Settings(ascii=ascii_only), write(tmp_path, program() + LONG), size=(90, 24))


def test_a_picture_is_drawn_anew_when_asked_for(tmp_path: Path) -> None:
    view, graph = View(), parse("A.out -> B.inp\nA.rest -> C.inp\nC.out -> D.inp")
    view.scene(graph, all_ports=False)
    less = parse("C.out -> D.inp")
    assert view.scene(less, all_ports=False) != lay_out(less), "it stays where it was"
    view.forget()
    assert view.scene(less, all_ports=False) == lay_out(less)

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        before = app.diagram.scene
        assert before is not None
        await pilot.press("Z")
        await until(pilot, lambda: app.diagram.scene is not before)
        assert app.diagram.scene == before, "nothing was edited"

    play(story, path=write(tmp_path, program()))


def test_a_picture_that_fits_has_no_map() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.pause()
        assert not app.picture.map.display
        await pilot.press("m", "m")
        assert "the whole picture is in view" in told(app)[-1]

    play(story, size=(160, 40))


def wide(tmp_path: Path) -> Path:
    """A program whose graph is far wider than a small terminal, with a nested graph at its end."""
    many = ", ".join(f'("Node{i}", Work)' for i in range(12))
    return write(tmp_path, f'{program()}{CHAIN}graph = graph_of({many}, ("Parse", nest(parse)))\n')


async def pan_right(app: DebuggerApp, pilot: Pilot[str], times: int) -> None:
    """Scroll away from the next move, which stays where it is."""
    await pilot.press("v")
    for _ in range(times):
        x = app.diagram.scroll_x
        await pilot.press("L")
        await until(pilot, lambda x=x: app.diagram.scroll_x > x)


def test_the_look_at_the_whole_graph_ends_where_it_began(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pan_right(app, pilot, 3)
        before = app.diagram.scroll_offset
        await pilot.press("z")
        await until(pilot, lambda: "far, z goes back" in head(app))
        await pilot.press("z")
        await until(pilot, lambda: app.diagram.scroll_offset == before)
        assert app.view.zoom == "full" and "goes back" not in head(app)
        await pilot.press("minus")
        await until(pilot, lambda: "compact, + looks nearer" in head(app))
        await pilot.press("z", "plus", "minus", "z")
        assert told(app)[-1] == "the whole graph is in view already: + looks from nearer by"
        assert app.view.is_far

    play(story, path=wide(tmp_path), size=(80, 24))


def test_each_graph_is_seen_from_where_it_was_seen_last(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("z")
        await find(pilot, "Parse")
        assert app.view.is_far
        await pilot.press("d")
        await until(pilot, lambda: app.view.root == "Parse" and "Split" in drawn(app))
        assert app.view.zoom == "full", "it is seen for the first time"
        await pilot.press("minus", "backspace")
        await until(pilot, lambda: app.view.root == "" and app.view.is_far)
        await pilot.press("d")
        await until(pilot, lambda: app.view.zoom == "compact")
        await pilot.press("backspace", "enter")
        await until(pilot, lambda: app.view.zoom == "full" and "Split" in drawn(app))

    play(story, path=wide(tmp_path), size=(80, 24))


def test_a_larger_terminal_shows_what_there_is_and_keeps_the_middle(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        def middle() -> int:
            window = app.diagram.window
            return window.x + window.width // 2

        await paused(app, pilot, 0)
        await pan_right(app, pilot, 5)
        before = middle()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert abs(middle() - before) <= 1
        await pilot.resize_terminal(600, 60)
        await until(pilot, lambda: "Node0 " in drawn(app) and "Parse" in drawn(app))
        assert app.diagram.scroll_offset == (0, 0)

    play(story, path=wide(tmp_path), size=(80, 24))


FAILS = """
def build(*names):
    return graph_of(*((name, Fails if name == "Broken" else Work) for name in names))

class Fails(Work):
    async def main(self):
        await self.ports.input.inp.get()
        raise ValueError("no good")

inner = build("Split", "Broken")
"""


@pytest.mark.parametrize("chosen", [None, ("node", "Node1")])
def test_a_node_that_fails_is_brought_into_view_once_and_selected_if_nothing_is(
    tmp_path: Path, chosen: tuple[str, str] | None
) -> None:
    many = ", ".join(f'("Node{i}", Work)' for i in range(12))
    source = f'{program()}{CHAIN}{FAILS}graph = graph_of({many}, ("Parse", nest(inner)))\n'

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        app.select(chosen)
        assert "Parse" not in drawn(app)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await until(pilot, lambda: "Parse" in drawn(app))
        assert app.selected == (chosen or ("node", "Parse/Broken"))
        assert app.diagram.scene is not None
        assert app.live.overlay(app.diagram.scene, None).nodes["Parse"].state == "failed"  # the box that hides it
        app.diagram.scroll_to(0, 0, animate=False)
        app.update()
        assert app.diagram.scroll_offset.x == 0, "once"
        await pilot.press("r")
        await until(pilot, lambda: app.session.run == 2 and app.session.phase is Phase.PAUSED)
        await until(pilot, lambda: app.selected == chosen)  # what the person has not chosen goes with its run

    play(story, path=write(tmp_path, source), size=(80, 24))


def test_a_run_that_is_blocked_shows_who_waits_first(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.done is not None and app.session.done.blocked is not None)
        assert app.session.done is not None and app.session.done.blocked is not None
        await until(pilot, lambda: app.session.done.blocked.chain[0].node in drawn(app))  # type: ignore[union-attr]
        assert app.selected is None

    play(story, path=EXAMPLES / "deadlock.py", size=(80, 24))


def test_a_line_of_the_problems_leads_to_its_place_and_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, int]] = []
    monkeypatch.setattr("fbtui.ui.view.editor_command", lambda file, line: opened.append((file, line)))
    path = write(tmp_path, program("raise ValueError('no good')"))

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        app.query_one("#problems").focus()
        app.select(None)
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.selected == ("node", "Work"))
        assert app.session.record.cursor is None
        app.select(("edge", "edge0"))
        await pilot.press("o")
        assert opened == [(str(path), 15)]
        await pilot.press("M")
        await until(pilot, lambda: any("Go there" in line for line in screen(app)))
        await pilot.press("end", "enter")
        await until(pilot, lambda: app.selected == ("node", "Work"))

    play(story, path=path)


def test_the_panes_at_the_side_give_way_where_the_whole_picture_has_room_then() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        async def is_whole(width: int) -> bool:
            await pilot.resize_terminal(width, 40)
            await until(pilot, lambda: app.size.width == width)
            await pilot.pause()
            await pilot.pause()
            return not app.diagram.is_larger

        await paused(app, pilot, 0)
        needed = app.diagram.scene.width if app.diagram.scene is not None else 0
        side = app.query_one("#side")
        assert await is_whole(160) and side.size.width + 1 == 160 - needed - 3
        assert not await is_whole(120) and side.size.width + 1 == 120 * 34 // 100
        assert await is_whole(160)
        assert await is_whole(220) and side.size.width + 1 == 64
        assert not await is_whole(80) and side.size.width + 1 == 30
        await pilot.press("question_mark")
        assert await is_whole(160)  # under a dialog, too

    play(story, path=EXAMPLES / "shop.py", size=(160, 40))


def test_of_an_edge_that_leads_far_the_box_that_sends_is_seen_whole() -> None:
    a, b = (
        NodeInfo(name, "C", (PortInfo("input", "inp"), PortInfo("output", "out"))) for name in ("Sender", "Taker")
    )
    edge = EdgeInfo("edge0", End("Sender", "output", "out"), End("Taker", "input", "inp"))
    placed = lay_out(GraphInfo((), (a, b), (edge,))).edge["edge0"]
    whole, sends = Region(10, 3, 60, 1), Region(0, 1, 9, 3)
    spot = Region(*placed.path[0], 1, 1)
    for room, tail, wanted in (
        (Size(100, 20), True, whole.union(sends)),
        (Size(72, 20), True, sends.union(spot)),
        (Size(12, 20), True, spot),
        (Size(72, 20), False, whole),
        (Size(40, 20), False, Region(placed.label[0], placed.label[1], placed.label[2], 1)),
    ):
        assert part_of_edge(placed, whole, sends if tail else None, room, tail=tail) == wanted
