"""The application, driven key by key without a terminal, over real runs."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input

from fbtui.session import Phase, RunSpec, Session
from fbtui.session.breakpoints import BreakpointList
from fbtui.ui import turns
from fbtui.ui.actions import ACTIONS
from fbtui.ui.app import DebuggerApp
from fbtui.ui.widgets.lines import LineList, wrapped
from tests.fbtui.driver import EXAMPLES, program, write
from tests.patience import PATIENCE

Story = Callable[[DebuggerApp, Pilot[None]], Awaitable[None]]


def play(path: Path, story: Story, **spec: Any) -> None:
    """Run a story on the application."""

    async def main() -> None:
        app = DebuggerApp(Session(RunSpec(path, cwd=path.parent, **spec), watch=False, spares=1))
        async with app.run_test(size=(140, 40)) as pilot:
            await story(app, pilot)

    asyncio.run(main())


async def until(pilot: Pilot[None], holds: Callable[[], Any]) -> None:
    """Wait until something holds; what asks for a line that is not there yet does not."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(LookupError):
                if holds():
                    return
            await pilot.pause(0.01)


async def paused(app: DebuggerApp, pilot: Pilot[None], step: int) -> None:
    """Wait until the run is paused at a step, and shown."""
    session = app.session
    await until(pilot, lambda: session.phase is Phase.PAUSED and session.paused and session.paused.step == step)
    await until(pilot, lambda: not app._stale and app.diagram.scene is not None)


def lines(app: DebuggerApp, name: str) -> list[str]:
    """Return what a list shows, line by line."""
    shown = app.query_one(f"#{name}", LineList)
    return ["".join(text for text, _ in shown._line(i)) for i in range(shown._count)]


def test_the_inspector_follows_the_next_packet_and_opens_its_payload(tmp_path: Path) -> None:
    path = write(tmp_path, program("value = {'list': [value, 'x'], 'n': 1}"))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s", "s")
        await paused(app, pilot, 3)
        await until(pilot, lambda: "dict {'list': [5, 'x'], 'n': 1}  2 items" in lines(app, "inspector"))
        app.query_one("#inspector").focus()
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: any("▾ 'list'" in line for line in lines(app, "inspector")))
        assert [line.strip() for line in lines(app, "inspector")[2:6]] == [
            "▾ 'list'  list [5, 'x']",
            "0  int 5",
            "1  str 'x'",
            "'n'  int 1",
        ]

    play(path, story)


def test_the_node_that_stands_at_its_own_breakpoint_is_selected_once(tmp_path: Path) -> None:
    path = write(tmp_path, program("breakpoint()"))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.selected == ("node", "Work"))
        told = "busy at its breakpoint(): work.py:15"
        await until(pilot, lambda: any(told in line for line in lines(app, "inspector")))
        app.select(("edge", "edge0"))
        app.session.controls.update_watches()  # the run tells again how things are
        await pilot.pause()
        assert app.selected == ("edge", "edge0")

    play(path, story)


def test_selecting_an_edge_and_a_node_shows_them(tmp_path: Path) -> None:
    path = write(tmp_path, program("print('seen', value)"))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s")
        await paused(app, pilot, 1)
        await pilot.press("slash")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"inp->W", "enter")
        await until(pilot, lambda: "edge GRAPH.inp->Work.inp" in lines(app, "inspector"))
        assert "1 waiting · 1 sent · 0 taken · edge0" in lines(app, "inspector")
        await pilot.press("right")
        await until(pilot, lambda: "node Work" in lines(app, "inspector"))
        await until(pilot, lambda: "at work.py:13 in main" in lines(app, "inspector"))
        assert "▶  13     async for packet in self.ports.input.inp:" in lines(app, "inspector")
        await pilot.press("equals_sign", *"6*7", "enter")
        await until(pilot, lambda: "  int 42" in lines(app, "inspector"))
        await pilot.press("s", "s")
        await paused(app, pilot, 3)
        await until(pilot, lambda: any("│ seen 5" in line for line in lines(app, "inspector")))
        await pilot.press("slash", *"GRAPH.inp", "enter")
        await until(pilot, lambda: "port GRAPH.inp" in lines(app, "inspector"))
        assert any("0 waiting · 1 sent · 1 taken" in line for line in lines(app, "inspector"))
        await pilot.press("escape")
        await until(pilot, lambda: any(line.startswith("packet #2") for line in lines(app, "inspector")))

    play(path, story)


def test_a_parked_move_is_chosen_in_the_list(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        app.query_one("#next").focus()
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.session.paused is not None and app.session.paused.why)
        assert "cannot go now" in app.session.notice
        await pilot.press("up", "enter")
        await paused(app, pilot, 1)

    play(EXAMPLES / "hello.py", story)


def test_the_form_gives_several_packets_for_a_port(tmp_path: Path) -> None:
    path = write(tmp_path, program().replace("BATCH", "NOTHING"))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("1", "ctrl+n", *"'two'", "enter")
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        assert app.session.done is not None and app.session.done.outputs == {"out": [1, "two"]}

    play(path, story)


def test_playing_goes_on_by_itself_and_stops_when_asked(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        for _ in range(4):
            await pilot.press("right_square_bracket")
        assert app.session.controls.player.rate == 32.0
        await pilot.press("p")
        await until(pilot, lambda: app.session.record.marking.step >= 4)
        await pilot.press("p")
        assert not app.session.controls.player.playing
        await until(pilot, lambda: app.session.phase is Phase.PAUSED)
        stopped = app.session.record.marking.step
        await pilot.press("s")
        await paused(app, pilot, stopped + 1)

    play(EXAMPLES / "feedback.py", story)


def test_changes_are_shown_under_an_open_dialog_and_every_command_is_there() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("question_mark")
        app.session.controls.resume()
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.press("escape")
        assert any("finished after 6 moves" in line for line in lines(app, "status"))
        for action in ACTIONS:
            assert hasattr(app, f"action_{action.method}"), action.id

    play(EXAMPLES / "hello.py", story)


@pytest.mark.parametrize("width", [4, 5, 7, 80])
def test_wrapped_lines_lose_nothing(width: int) -> None:
    runs = [("some ", "a"), ("text 漢字 that is long", "b")]
    rows = wrapped(runs, max(width, 6))
    whole = "".join(text for i, row in enumerate(rows) for text, _ in (row if i == 0 else row[1:]))
    assert whole.replace(" ", "") == "sometext漢字thatislong"


def test_the_later_rows_of_a_line_are_indented_further_than_its_first_one() -> None:
    rows = wrapped([("      ▶ ", "next"), ("some words that are long", "text")], 30)
    assert ["".join(text for text, _ in row) for row in rows] == ["      ▶ some words that are ", " " * 10 + "long"]
    rows = wrapped([(" " * 20 + "some words", "text")], 24)
    assert rows[1][0][0] == " " * 8, "of a narrow row a third at most"


def test_a_word_is_not_broken_that_fits_into_the_next_row() -> None:
    rows = wrapped([("(5, 'x')", "value"), ("  2 items", "dim")], 14)
    assert ["".join(text for text, _ in row) for row in rows] == ["(5, 'x')  2 ", "    items"]
    rows = wrapped([("(5, 'x')", "value"), ("  items", "dim")], 13)
    assert ["".join(text for text, _ in row) for row in rows] == ["(5, 'x')  ", "    items"]


def test_breakpoints_are_set_listed_switched_off_and_removed(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("x")
        assert app.session.controls.breakpoints.items == []
        await pilot.press("slash", *"Comp", "enter", "x")
        await until(pilot, lambda: "● FooComponent1" in lines(app, "breakpoints"))
        await pilot.press("F")
        await until(pilot, lambda: "● fails FooComponent1" in lines(app, "breakpoints"))
        await pilot.press("F")
        await until(pilot, lambda: "● fails FooComponent1" not in lines(app, "breakpoints"))
        await pilot.press("l", "enter")
        await until(pilot, lambda: "◆ FooComponent1 log {value}" in lines(app, "breakpoints"))
        await pilot.press("X", *"oops(", "enter")
        await pilot.pause()
        assert len(app.session.controls.breakpoints.items) == 2
        await pilot.press("escape", "c")
        await until(pilot, lambda: app.session.paused is not None and "breakpoint" in app.session.paused.why)
        assert "● FooComponent1  hit 1 time" in lines(app, "breakpoints")
        await until(pilot, lambda: any("◆ 5" in line for line in lines(app, "output")))
        app._tabs.active = "breakpoints"
        app.query_one("#breakpoints").focus()
        await pilot.press("enter")
        await until(pilot, lambda: any(line.endswith("  off") for line in lines(app, "breakpoints")))
        await pilot.press("delete", "delete")
        await until(pilot, lambda: not app.session.controls.breakpoints.items)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)

    play(EXAMPLES / "hello.py", story)


NESTED = """
from fbdev.graph.graph_component import GraphComponentFactory

inner = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
inner.ports.input.inp >> inner.add_node(Work, "Deep") >> inner.ports.output.out
graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
outer = graph.add_node(GraphComponentFactory.create_component(inner), "Outer")
graph.ports.input.inp >> outer >> graph.ports.output.out
"""


def test_a_nested_graph_opens_in_place_and_the_picture_is_seen_from_far_away(tmp_path: Path) -> None:
    path = write(tmp_path, program() + NESTED)

    def boxes(app: DebuggerApp) -> set[str]:
        scene = app.diagram.scene
        assert scene is not None
        return set(scene.box)

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await until(pilot, lambda: app.diagram.scene is not None)
        assert {"Outer"} <= boxes(app) and "Outer/Deep" not in boxes(app)
        await pilot.press("enter")
        assert "Outer/Deep" not in boxes(app), "nothing is selected yet"
        await pilot.press("slash", *"Outer", "enter", "enter")
        await until(pilot, lambda: "Outer/Deep" in boxes(app))
        await pilot.press("s", "s", "minus", "minus")
        await until(pilot, lambda: app.view.is_far)
        await paused(app, pilot, 2)
        await pilot.press("z")
        await until(pilot, lambda: app.view.zoom == "full")
        await pilot.press("enter")
        await until(pilot, lambda: "Outer/Deep" not in boxes(app))
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)

    play(path, story)


def type_at_once(app: DebuggerApp, *keys: str) -> None:
    """Press keys as fast as a terminal can send them; a word of several letters that is no key is typed."""
    named = {"enter": "\r", "slash": "/", "escape": None, "question_mark": "?", "ampersand": "&"}
    for key in keys:
        for one in [key] if key in named else key:
            app.post_message(events.Key(one, named.get(one, one)))


def test_keys_typed_ahead_of_a_dialog_and_behind_its_enter_arrive(tmp_path: Path) -> None:
    path = write(tmp_path, program())

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        type_at_once(app, "slash", "inp->W", "enter", "s", "enter", "s")
        await paused(app, pilot, 2)
        assert app.selected == ("edge", "edge0")
        assert len(app.screen_stack) == 1

    play(path, story)


def test_a_key_that_is_lost_on_its_way_takes_no_other_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        monkeypatch.setattr(turns, "LOST", 0)
        app._one_is_on_its_way = True
        await pilot.press("s")
        await paused(app, pilot, 1)

    play(write(tmp_path, program()), story)


def test_keys_are_handled_in_the_order_in_which_they_were_typed_whatever_opens_between(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        type_at_once(app, "slash", "Work", "enter", "x", "slash", "inp->W", "enter", "x", "question_mark", "escape")
        type_at_once(app, "ampersand", "sends", "enter", "slash", "Work", "escape", "X", "value > 5", "enter")
        type_at_once(app, "M", "escape", "s", "M", "W", "slash", "out", "escape", "slash", "Work", "enter")
        await paused(app, pilot, 1)
        await until(pilot, lambda: not app._one_is_on_its_way)
        edge, controls = "GRAPH.inp->Work.inp", app.session.controls
        assert list(map(str, controls.breakpoints.items)) == ["Work", f"{edge} if value > 5"]
        assert list(map(str, controls.watches.items)) == [edge]
        assert (app.timeline.wanted.text, app.selected) == ("sends", ("node", "Work"))
        assert len(app.screen_stack) == 1

    play(write(tmp_path, program()), story)


def test_commands_typed_behind_steps_that_go_on_are_carried_out_behind_them(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        type_at_once(app, "s", "s", "b")
        await until(pilot, lambda: app.session.record.cursor is not None)
        assert (app.session.record.shown.step, app.session.record.marking.step) == (1, 2)
        type_at_once(app, "N", "s", "c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        assert not list(app._notifications)

    play(write(tmp_path, program()), story)


@pytest.mark.parametrize("key", ["equals_sign", "X", "l", "W", "i", "E", "ampersand", "I"])
def test_a_command_that_asks_for_a_line_opens_with_nothing_selected_and_what_is_typed_commands_nothing(
    tmp_path: Path, key: str
) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        for _ in range(2):  # at the beginning, and at the end, where there is no next move
            assert app.selected is None
            await pilot.press(key, *"purD")
            assert isinstance(app.screen, ModalScreen)
            await pilot.press("enter", "escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            app.select(None)
            if app.session.phase is Phase.ENDED:
                break
            await pilot.press("c")
            await until(pilot, lambda: app.session.phase is Phase.ENDED)
        assert not app.session.record.acts

    async def begin(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await story(app, pilot)

    play(write(tmp_path, program()), begin)


def test_an_expression_with_no_node_selected_is_evaluated_where_the_next_move_is(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("equals_sign", *"BATCH", "enter")
        await until(pilot, lambda: any("'inputs'" in line for line in lines(app, "inspector")))
        app.select(None)
        await pilot.press("s", "s")
        await paused(app, pilot, 2)
        await pilot.press("equals_sign", *"value", "enter")
        await until(pilot, lambda: "  int 5" in lines(app, "inspector"))
        assert app.selected == ("node", "Work")

    play(write(tmp_path, program()), story)


def test_a_step_lays_nothing_out_and_draws_only_the_rows_that_look_different(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s")  # bars and panes have come by then
        await paused(app, pilot, 2)
        await until(pilot, lambda: any(line.startswith("packet #") for line in lines(app, "inspector")))
        await pilot.pause()
        layouts = list[object]()
        app.screen.screen_layout_refresh_signal.subscribe(app, layouts.append)
        status = app.query_one("#status", LineList)
        before = status._seen
        await pilot.press("s")
        await paused(app, pilot, 3)
        await until(pilot, lambda: status._seen != before)
        assert not layouts
        output = app.query_one("#output", LineList)
        shown = output._seen
        app.update()
        assert output._seen == shown and not output._repaint_regions  # nothing was printed: nothing is drawn

    play(EXAMPLES / "hello.py", story)


def test_what_is_typed_into_a_search_while_the_program_loads_is_found_then_and_commands_nothing(
    tmp_path: Path,
) -> None:
    gate = tmp_path / "gate"
    wait = f"import pathlib\nwhile not pathlib.Path({str(gate)!r}).exists(): pass\n"
    path = write(tmp_path, wait + program())

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        assert app.session.graph is None
        await pilot.press("slash", *"cWork", "backspace", "backspace", "backspace", "backspace", "backspace")
        await pilot.press(*"inp->Work", "enter")
        assert app.session.graph is None and app.selected is None
        gate.touch()
        await until(pilot, lambda: app.selected == ("edge", "edge0"))
        await paused(app, pilot, 0)
        assert len(app.screen_stack) == 1

    play(path, story)


def test_arrow_keys_that_come_faster_than_the_picture_are_all_counted() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("right")
        first = app.selected
        chosen = []
        for _ in range(2):
            await pilot.press("right")
            chosen.append(app.selected)
        app.select(first)
        await pilot.pause()
        app.diagram.action_select("right")
        app.diagram.action_select("right")
        await until(pilot, lambda: app.selected == chosen[1])

    play(EXAMPLES / "hello.py", story)


def test_breakpoints_from_last_time_are_told_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path, program())
    points = BreakpointList(tmp_path / "kept.json")
    points.add("Work")
    points.add("Work.out if value > 100")
    again = BreakpointList(tmp_path / "kept.json")
    again.load()
    session = Session(RunSpec(path, cwd=tmp_path), watch=False, spares=1, breakpoints=again)

    async def main() -> None:
        app = DebuggerApp(session)
        async with app.run_test(size=(140, 40)) as pilot:
            await until(pilot, lambda: any("2 breakpoints from last time" in n.message for n in app._notifications))
            await paused(app, pilot, 0)
            assert app._tabs.row.labels["breakpoints"] == "Breakpoints (2)"
            await pilot.press("c")
            await until(pilot, lambda: session.paused is not None and session.paused.why == "breakpoint Work")
            app.select(("node", "Work"))
            await pilot.press("x")
            await until(pilot, lambda: app._tabs.row.labels["breakpoints"] == "Breakpoints (1)")
            await pilot.press("c")
            await until(pilot, lambda: session.phase is Phase.ENDED)
            await pilot.press("x")
            sentence = "a breakpoint at: Work · past it 1 time already: ctrl+r begins anew"
            await until(pilot, lambda: any(n.message == sentence for n in app._notifications))

    asyncio.run(main())


def test_a_sentence_is_shown_once_and_only_the_newest_ones() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        for sentence in ("one", "two", "two", "three", "one", "four"):
            app.say(sentence)
        await until(pilot, lambda: [one.message for one in app._notifications] == ["three", "one", "four"])

    play(EXAMPLES / "hello.py", story)
