"""What a command is about: the packet or the breakpoint at what is selected, and no other."""

from textual.pilot import Pilot
from textual.widgets import Input, Static

from fbtui.trace import Deed
from fbtui.ui.app import DebuggerApp
from fbtui.ui.nearest import nearest_packet
from fbtui.ui.overlay import edges_of, next_move
from tests.fbtui.driver import EXAMPLES
from tests.fbtui.test_frame import play, told
from tests.fbtui.test_ui import paused, until

STEPS = 20
"""Moves of the shop after which packets wait on one of the edges, and others go next."""


def test_a_packet_of_the_selected_edge_is_dropped_not_the_one_that_goes_next() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        session = app.session
        await paused(app, pilot, 0)
        await pilot.press(*["s"] * STEPS)
        await paused(app, pilot, STEPS)
        following = next_move(session)
        assert following is not None
        full = [place for place, mark in session.record.shown.edges.items() if len(mark.waiting) > 1]
        edge = next(place for place in full if place not in following.edges)
        waiting = tuple(session.record.shown.edge(edge).waiting)
        app.select(("edge", edge))
        assert app.packet == waiting[0] != nearest_packet(session, None)
        await pilot.press("D")
        await until(pilot, lambda: session.record.acts)
        (dropped,) = session.record.acts
        assert (dropped.deed, dropped.packet, dropped.manner.edge) == (Deed.DROPPED, waiting[0], edge)

    play(story, path=EXAMPLES / "shop.py")


def test_where_no_packet_is_none_is_taken_from_elsewhere() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        app.select(("node", "Total"))
        assert app.packet is None
        await pilot.press("D")
        assert told(app)[-1].startswith("there is no packet at Total: look at a packet first")
        app.select(("node", "GRAPH.input.path"))
        assert app.packet == 1
        app.select(("node", "GRAPH.output.sum"))
        assert app.packet is None
        app.select(None)
        assert app.packet == 1

    play(story, path=EXAMPLES / "shop.py")


def test_a_breakpoint_that_is_there_is_changed_in_place_of_a_second_one() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        points = app.session.controls.breakpoints

        async def ask(key: str) -> Input:
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            return app.screen.query_one(Input)

        async def answer(field: Input, text: str) -> list[str]:
            field.value = text
            await pilot.press("enter")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            return list(map(str, points.items))

        await paused(app, pilot, 0)
        app.select(("node", "Bill"))
        await pilot.press("x")
        field = await ask("X")
        assert field.value == "Bill if "
        assert await answer(field, "Bill if value > 1") == ["Bill if value > 1"]
        field = await ask("l")
        assert field.value == "Bill log {value}"
        assert await answer(field, "Bill log {n}") == ["Bill if value > 1", "Bill log {n}"]
        await until(pilot, lambda: "breakpoint Bill if value > 1\nbreakpoint Bill log {n}" in app.inspector.text)
        app.select(("node", "Total"))
        field = await ask("X")
        assert field.value == "Total if "
        await pilot.press("escape")
        app.show_tab("breakpoints")
        await pilot.press("T", "T", "T", "T", "T")
        await until(pilot, lambda: app.breakpoint_at_cursor is not None)
        field = await ask("X")
        assert field.value == "Bill if value > 1"
        assert await answer(field, "Bill if value > 2") == ["Bill if value > 2", "Bill log {n}"]

    play(story, path=EXAMPLES / "shop.py")


def test_a_line_with_which_nothing_can_be_done_stays_to_be_mended() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        def problem() -> str:
            return str(app.screen.query_one("#line-problem", Static).content)

        await paused(app, pilot, 0)
        for key, wrong, told_of in (
            ("i", "1 / 0", "ZeroDivisionError"),
            ("E", "no_such_name", "NameError"),
            ("equals_sign", "value.", "invalid syntax"),
        ):
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) == 2)
            field = app.screen.query_one(Input)
            field.value = wrong
            await pilot.press("enter", "enter")
            await until(pilot, lambda told_of=told_of: told_of in problem())
            assert field.value == wrong and len(app.screen_stack) == 2
            field.value = "'mended'"
            await pilot.press("enter")
            await until(pilot, lambda: len(app.screen_stack) == 1)
        assert [act.carries for act in app.session.record.acts] == ["'mended'", "'mended'"]

    play(story, path=EXAMPLES / "shop.py")


def test_of_several_edges_into_a_port_the_one_is_marked_on_which_the_packet_waits() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        session = app.session
        await paused(app, pilot, 0)
        session.controls.resume(stop_at=("receive edge3", "receive edge5"))  # both lead to Report.inp
        await until(pilot, lambda: session.paused is not None and session.paused.step > 0)
        following = next_move(session)
        assert following is not None and following.kind == "receive" and len(following.edges) == 2
        (edge,) = edges_of(session, following)
        assert following.packet in session.record.shown.edge(edge).waiting

    play(story, path=EXAMPLES / "csv_to_sqlite.py")
