"""What `/` finds is shown, whatever hides it, and what is selected stays in view."""

from pathlib import Path

from textual.pilot import Pilot

from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.test_frame import play
from tests.fbtui.test_picture import CHAIN, drawn, find
from tests.fbtui.test_ui import paused, until


def test_a_node_in_closed_boxes_is_found_and_they_are_opened(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        before = drawn(app)
        app.query_one("#timeline").focus()
        await find(pilot, "Lower")
        assert app.selected == ("node", "Parse/Clean/Lower") and "Lower" in drawn(app)
        assert app.diagram.has_focus and app.session.record.cursor is None
        for box in ("Parse/Clean", "Parse"):
            app.select(("node", box))
            await pilot.press("enter")
        app.select(None)
        await until(pilot, lambda: drawn(app) == before)

    play(story, path=write(tmp_path, program() + CHAIN), size=(220, 60))


def test_what_lies_outside_the_graph_that_is_seen_alone_is_found(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        app.select(("node", "Parse"))
        await pilot.press("d")
        assert app.view.root == "Parse"
        await find(pilot, "Count.out")
        assert app.view.root == "" and app.selected is not None and app.selected[0] == "edge"

    play(story, path=write(tmp_path, program() + CHAIN), size=(220, 60))


def test_a_packet_is_found_where_it_is_now_and_else_among_the_events() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press(*["s"] * 20)
        await paused(app, pilot, 20)
        edge, mark = next(
            (place, one) for place, one in app.session.record.shown.edges.items() if len(one.waiting) > 1
        )
        second = mark.waiting[1]
        await find(pilot, f"#{second}")
        assert app.session.record.cursor is None and app.selected == ("edge", edge)
        await until(pilot, lambda: app.inspector.what == ("packet", second) and app.packet == second)
        await find(pilot, "#1")
        assert app.session.record.cursor is not None

    play(story, path=EXAMPLES / "shop.py")


def test_the_next_move_does_not_take_the_selection_out_of_view() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        assert "path" in drawn(app) and "Total" not in drawn(app)
        await find(pilot, "Total")
        await until(pilot, lambda: "Total" in drawn(app))
        app.update()
        await pilot.pause()
        assert "Total" in drawn(app)
        await pilot.press("s")
        await paused(app, pilot, 1)
        await until(pilot, lambda: "path" in drawn(app))

    play(story, path=EXAMPLES / "shop.py", size=(80, 24))
