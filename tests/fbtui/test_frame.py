"""The frame of the application: settings, keys, help, recent files, themes, characters, colours."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual._context import active_app
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from fbtui.diagram import CHOSEN, PACKET
from fbtui.diagram.canvas import ARROW, ASCII, FREE
from fbtui.diagram.model import MARKS
from fbtui.protocol import MoveInfo
from fbtui.session import OutputLine, Phase, Problem, RunSpec, Session
from fbtui.session.recent import remember_opened
from fbtui.ui.app import DebuggerApp
from fbtui.ui.chooser import Chooser
from fbtui.ui.filters import plain
from fbtui.ui.overlay import BREAK, HELD
from fbtui.ui.screens.help import HelpScreen
from fbtui.ui.screens.inputs import InputsScreen
from fbtui.ui.screens.palette import Palette
from fbtui.ui.settings import Settings
from fbtui.ui.signs import SIGNS
from fbtui.ui.spoken import plain_line
from fbtui.ui.widgets.diagram import FAR_HEAT
from fbtui.ui.widgets.lines import LineList
from fbtui.ui.words import move_line, output_line, problem_lines
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.test_ui import lines, paused, until

Story = Callable[[DebuggerApp, Pilot[str]], Awaitable[None]]
HELLO = EXAMPLES / "hello.py"


def play(
    story: Story,
    settings: Settings | None = None,
    path: Path = HELLO,
    size: tuple[int, int] = (140, 40),
    **more: object,
) -> DebuggerApp:
    """Run a story on the application, and return it when it has ended."""
    app = DebuggerApp(Session(RunSpec(path, cwd=path.parent), watch=False, spares=1), settings, **more)  # type: ignore[arg-type]

    async def main() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await story(app, pilot)

    asyncio.run(main())
    return app


def told(app: DebuggerApp) -> list[str]:
    """What toasts say, oldest first."""
    return [notification.message for notification in app._notifications]


def screen(app: DebuggerApp) -> list[str]:
    """The characters on the screen, line by line."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def test_keys_of_ones_own_work_and_the_help_and_the_footer_show_them() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s")
        await pilot.press("j")
        await paused(app, pilot, 1)
        assert told(app) == ["s does nothing here; ? lists the keys"]
        await until(pilot, lambda: any(" j Step " in line for line in screen(app)))
        assert any(" j one move" in line for line in lines(app, "output"))
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.press("j")
        assert told(app)[-1] == "cannot step: the run has finished after 6 moves; F6 runs it again"
        await until(pilot, lambda: any("F6 runs" in line for line in screen(app)))
        await pilot.press("question_mark")
        await until(pilot, lambda: any(" j  Step: commit the next move" in line for line in screen(app)))

    play(story, Settings(keys={"debug.step": "j", "debug.rerun": "f6,r"}))


def test_a_command_that_cannot_be_done_is_grey_and_its_key_says_why() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        active = app.screen.active_bindings
        assert active["s"].enabled and not active["x"].enabled and not active["P"].enabled
        await pilot.press("x", "P", "d")
        assert [sentence.partition(":")[0] for sentence in told(app)] == [
            "select a node or an edge first",
            "select a node or an edge first",
            "select a node with a graph inside first",
        ]
        await pilot.press("Q")
        assert told(app)[-1] == "Q does nothing here; ? lists the keys"
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await until(pilot, lambda: not app.screen.active_bindings["s"].enabled)
        await pilot.press("s")
        assert told(app)[-1].startswith("cannot step: the run has finished after 6 moves")
        await pilot.press("b")
        await until(pilot, lambda: app.screen.active_bindings["s"].enabled)

    play(story)


@pytest.mark.parametrize(("key", "word"), [("q", "q"), ("colon", ":"), ("ctrl+d", "ctrl+d")])
def test_a_key_that_leaves_other_programs_is_told_what_leaves_this_one(key: str, word: str) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press(key)
        assert told(app) == [f"{word} does nothing here; ctrl+q leaves, ? lists the keys"]

    play(story)


def test_the_help_begins_with_the_pane_that_has_the_focus() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for pane, title in (("#diagram", "Here, in the diagram"), ("#next", "Here, in Next up")):
            app.query_one(pane).focus()
            await pilot.press("f1")
            assert isinstance(app.screen, HelpScreen)
            await until(pilot, lambda title=title: any(title in line for line in screen(app)[:12]))
            await pilot.press("escape")

    play(story)


def test_the_help_lists_what_is_typed_and_escape_clears_before_it_closes() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        def sees(text: str) -> bool:
            return any(text in line for line in screen(app))

        await paused(app, pilot, 0)
        await pilot.press("f1", *"lineage")
        await until(pilot, lambda: sees("Lineage: what the packet") and not sees("Step: commit"))
        assert sees("Packets") is False, "a section without a line has no title"
        await pilot.press(*"zzz")
        await until(pilot, lambda: sees("Nothing here is called 'lineagezzz'"))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen) and sees("Step: commit"))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)

    play(story, size=(120, 80))


def test_every_sign_that_is_drawn_is_in_the_help() -> None:
    signs = "".join(sign for sign, _ in SIGNS)
    drawn = {*ASCII, *MARKS.values(), PACKET, CHOSEN, FREE, ARROW, BREAK[0], HELD[0], *"~+-"}
    drawn |= {glyph for glyph, _ in FAR_HEAT.values()}
    for level in ("error", "warning", "remark"):
        drawn.add(problem_lines(Problem("it", level=level))[0][0][0])
    assert {glyph for glyph in drawn if glyph and glyph not in signs} == set()
    twins = {*ASCII.items(), BREAK, HELD, *FAR_HEAT.values()} - {("…", "~")}
    assert {(glyph, plain(glyph)) for glyph, _ in twins} == twins, "the help of --ascii shows the same plain signs"


def test_wrong_settings_are_told_at_the_start() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        assert told(app)[0] == "config.toml:2: no"
        assert told(app)[1].startswith("there is no theme 'mauve'; there are auto, dark, light")
        assert app.theme == "fbtui-dark"

    play(story, Settings(theme="mauve"), problems=["config.toml:2: no"])


def test_a_theme_that_is_picked_is_remembered_and_one_that_was_set_is_not() -> None:
    kept: list[tuple[str, str]] = []

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        assert app.theme == "fbtui-light" and kept == []
        await pilot.press("ctrl+t")
        assert app.theme == "fbtui-dark"
        app.theme = "nord"
        await pilot.pause()

    play(story, Settings(theme="light"), remember=lambda name, value: kept.append((name, value)))
    assert kept == [("theme", "dark"), ("theme", "nord")]


def test_ascii_is_for_every_character_of_every_screen(tmp_path: Path) -> None:
    path = write(tmp_path, program("print('héllo 漢字 ▶'); value = {'ключ': '🎉'}"))

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.press("s")
        for keys in ([], ["question_mark"], ["slash"], ["I"], ["ctrl+p"]):
            await pilot.press(*keys)
            await pilot.pause()
            shown = screen(app)
            assert [line for line in shown if not line.isascii()] == []
            assert {len(line) for line in shown} == {140}
            if keys:
                await pilot.press("escape")
        assert any("hello ???? >" in line for line in screen(app))

    play(story, Settings(ascii=True), path)


@pytest.mark.parametrize("size", [(80, 24), (160, 46)])
def test_without_colour_none_is_written_and_the_cursor_is_still_seen(size: tuple[int, int]) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        app.query_one("#next").focus()
        await pilot.pause()
        styles = [s.style for strip in app.screen._compositor.render_strips() for s in strip if s.style is not None]
        assert all(style.color is None and style.bgcolor is None for style in styles)
        assert any(style.reverse for style in styles) and any(style.bold for style in styles)

    play(story, Settings(color=False), size=size)


@pytest.mark.parametrize("size", [(80, 24), (160, 46)])
def test_without_colour_the_pane_with_the_focus_is_known_by_its_line(size: tuple[int, int]) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        app.action_map()  # its frame has heavy lines, too
        seen = dict[str, str]()
        for pane in ("diagram", "next", "inspector", "output"):
            app.query_one(f"#{pane}").focus()
            await pilot.pause()
            rows = [line.replace("━", "#").replace("▸", "#") for line in screen(app)]
            seen[pane] = "".join("#" if cell == "#" else " " for row in rows for cell in row)
        marks = {pane: {i for i, cell in enumerate(text) if cell == "#"} for pane, text in seen.items()}
        always = set.intersection(*marks.values())
        assert all(own - always for own in marks.values()), "each shows that it has the focus"
        for one, other in (("diagram", "next"), ("next", "inspector"), ("inspector", "output")):
            assert not (marks[one] - always) & (marks[other] - always)

    play(story, Settings(color=False, motion=False), size=size)


def test_nothing_travels_without_motion() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        ways: list[float | None] = []
        app.session.subscribe(lambda: ways.append(app._travel.way))
        await pilot.press("right_square_bracket", "right_square_bracket", "right_square_bracket", "p")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        assert ways and set(ways) == {None}

    play(story, Settings(motion=False))


def test_another_file_is_opened_from_the_list_and_from_the_palette(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    async def nothing_there(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("ctrl+o")
        assert told(app) == ["no other file was opened before: 'fbtui FILE' opens one"]

    play(nothing_there)
    other = write(tmp_path, program(), "other.py")
    remember_opened(other, "graph")

    async def by_key(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("ctrl+o", "o", "t", "h", "enter")
        await until(pilot, lambda: not app.is_running)

    async def by_palette(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("ctrl+p", *"Open", "space", *"other.py")
        await until(pilot, lambda: any("Open" in line and "other.py:graph" in line for line in screen(app)[4:]))
        await pilot.press("down", "enter")
        await until(pilot, lambda: not app.is_running)

    assert play(by_key).return_value == f"{other}:graph"
    assert play(by_palette).return_value == f"{other}:graph"


def test_what_need_not_be_done_before_the_first_frame_is_done_behind_it_and_once() -> None:
    done: list[bool] = []

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await until(pilot, lambda: done)
        await pilot.press("T")
        await until(pilot, lambda: app.timeline.list.has_focus)
        assert done == [True]

    def work() -> None:
        app = active_app.get()
        assert isinstance(app, DebuggerApp)
        done.append(any("Timeline" in line for line in screen(app)))

    play(story, drawn=work)


def test_the_command_alone_lists_the_files_opened_last() -> None:
    app = Chooser(["/a/one.py", "/b/two.py:graph"], Settings())

    async def main() -> None:
        async with app.run_test() as pilot:
            await until(pilot, lambda: isinstance(app.focused, Input))
            await pilot.press(*"two", "enter")

    asyncio.run(main())
    assert app.return_value == "/b/two.py:graph"


def test_one_of_several_graphs_is_chosen_once(tmp_path: Path) -> None:
    path = write(tmp_path, program() + "\nfirst, second = graph, GraphSpec(PortSpecCollection())\ndel graph\n")

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.pause()
        assert len(app.screen_stack) == 2
        await pilot.press(*"sec", "enter")
        await until(pilot, lambda: app.session.graph is not None and app.session.graph.name == "second")

    play(story, path=path)


def test_a_terminal_that_is_resized_under_a_dialog_has_all_its_panes_afterwards() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        side = app.query_one("#side")
        for narrow, wide in (((40, 10), (100, 30)), ((1, 1), (300, 100)), ((200, 3), (80, 24))):
            await pilot.resize_terminal(*narrow)
            await pilot.press("question_mark")
            await until(pilot, lambda: isinstance(app.screen, HelpScreen))
            await pilot.resize_terminal(*wide)
            await pilot.press("escape")
            await until(pilot, lambda wide=wide: side.size.width > 0 and len(screen(app)) == wide[1])
            assert {cell_len(line) for line in screen(app)} == {wide[0]}
            assert any("Next up" in line for line in screen(app))

    play(story)


@pytest.mark.parametrize("pane", ["picture", "next", "inspector", "bottom"])
def test_the_pane_with_the_focus_is_seen_alone_until_escape(pane: str) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        panes = [app.query_one(f"#{name}") for name in ("picture", "next", "inspector", "bottom")]
        seen = lambda: [one.id for one in panes if one.region.size]  # noqa: E731 - short
        await until(pilot, lambda: len(seen()) == len(panes))
        if pane == "bottom":
            await pilot.press("T")
        else:
            app.query_one("#diagram" if pane == "picture" else f"#{pane}").focus()
        await until(
            pilot, lambda: app.focused is not None and pane in {n.id for n in app.focused.ancestors_with_self}
        )
        await pilot.press("a")
        await until(pilot, lambda: seen() == [pane])
        assert app.query_one(f"#{pane}").region.width == 80
        await pilot.press("s")
        await paused(app, pilot, 1)
        await pilot.press("escape")
        await until(pilot, lambda: len(seen()) == len(panes))

    play(story, size=(80, 24))


def test_a_program_that_does_not_load_says_so_where_the_picture_would_be(tmp_path: Path) -> None:
    path = write(tmp_path, "nothing = (", "broken.py")

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        words = ["broken.py cannot start: Problems says why.", "Mend it and save: it is drawn at once."]
        await until(pilot, lambda: all(any(word in row for row in screen(app)) for word in words))

    play(story, path=path, size=(80, 24))


def test_a_long_name_leaves_room_for_what_its_node_does() -> None:
    long = "a_node_with_a_name_of_more_than_forty_characters"
    move = MoveInfo(1, "send", long, "out", ("edge0",), 7, "'x'", enabled=True, occurrence=1)
    assert plain_line(move_line(move, is_next=True, room=14)) == "a_node_wi…ters sends out #7 'x'"
    assert long in plain_line(move_line(move, is_next=True))
    assert long not in plain_line(output_line(OutputLine(long, "printed"), room=24))
    assert plain_line(output_line(OutputLine("GRAPH", "at import"))) == "program : at import"


def test_the_form_hands_out_keys_in_their_order_and_shows_a_tick_by_more_than_its_colour(tmp_path: Path) -> None:
    ports = """
graph.add_graph_port(PortSpec(PortType.INPUT, "other", dtype=int))
graph.add_graph_port(PortSpec(PortType.SIGNAL, "go"))
BATCH = {}
"""

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await until(pilot, lambda: isinstance(app.screen, InputsScreen) and isinstance(app.focused, Input))
        assert not any("✓" in row for row in screen(app))
        for key in ("5", "ctrl+n", "6", "tab", "7", "shift+tab", "8", "tab", "tab", "space"):
            app.post_message(Key(key, key if len(key) == 1 else " " if key == "space" else None))
        filled = lambda: [field.value for field in app.screen.query(Input)]  # noqa: E731 - short
        await until(pilot, lambda: filled() == ["5", "8", "7"] and any("▐✓▌" in row for row in screen(app)))

    play(story, path=write(tmp_path, program() + ports), size=(100, 40))


def test_the_footer_begins_with_the_keys_of_the_pane_that_has_the_focus_and_a_click_presses_them() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        assert screen(app)[-1].startswith(" s Step")
        await pilot.press("tab")
        await until(pilot, lambda: screen(app)[-1].startswith(" enter Let it go  f Follow  s Step"))
        await pilot.click("KeyFooter", offset=(3, 0))
        await paused(app, pilot, 1)

    play(story)


def test_the_palette_has_the_commands_of_the_pane_that_had_the_focus() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("tab")
        assert app.focused is not None and app.focused.id == "next"
        before = app.query_one("#next", LineList).cursor
        down = next(one for one in app.get_system_commands(app.screen) if one.title == "Down")
        assert not any(one.title == "Scroll left" for one in app.get_system_commands(app.screen))
        await down.callback()
        assert app.query_one("#next", LineList).cursor == before + 1

    play(story)


def test_back_to_the_last_move_goes_by_what_is_selected() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("B")
        assert told(app)[-1] == "this is the beginning"
        for step in range(1, 5):
            await pilot.press("s")
            await paused(app, pilot, step)
        app.select(("node", "FooComponent1"))
        await pilot.press("B")
        await until(pilot, lambda: app.session.record.cursor is not None and app.session.record.shown.step == 3)
        await pilot.press("escape", "B")
        await until(pilot, lambda: app.session.record.shown.step == 0)

    play(story)


@pytest.mark.parametrize("rows", [2, 4, 6])
def test_a_page_up_in_a_palette_that_has_no_room_does_no_harm(rows: int) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.resize_terminal(12, rows)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, Palette))
        await pilot.press("s", "down", "pageup", "pagedown", "escape")

    play(story)
