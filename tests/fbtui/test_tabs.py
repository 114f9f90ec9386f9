"""The lists behind one another: which is in front, how one comes there, and what the row of names shows."""

import pytest
from textual.pilot import Pilot

from fbtui.ui.app import DebuggerApp
from fbtui.ui.settings import Settings
from fbtui.ui.widgets.tabs import TabRow, Tabs
from tests.fbtui.test_frame import play, screen
from tests.fbtui.test_ui import paused, until

NAMES = ["output", "timeline", "problems", "changes", "breakpoints"]


def rows(app: DebuggerApp) -> list[str]:
    """The row of names and the line below it, as they are on the screen."""
    region = app._tabs.row.region
    return [line[region.x : region.right] for line in screen(app)[region.y : region.bottom]]


def test_a_list_is_there_when_its_key_comes_before_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Tabs, "on_mount", lambda _: None)  # the first frame never comes

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        lists = app._lists.tabbed()
        assert [name for name, one in lists.items() if one.is_attached] == ["output"]
        for name in [*NAMES[1:], NAMES[0]]:
            await pilot.press("T")
            await until(pilot, lambda name=name: lists[name].has_focus)
            assert app._tabs.active == name
            assert [other for other, one in lists.items() if one.display] == [name]

    play(story)


def test_all_lists_are_made_after_the_first_frame() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await until(pilot, lambda: all(one.is_mounted for one in app._lists.tabbed().values()))
        assert [one.id for one in app._lists.tabbed().values()] == NAMES

    play(story)


def test_names_are_chosen_by_arrow_keys_and_by_clicks_on_them_or_below() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        app._tabs.row.focus()
        for key, name in (("right", "timeline"), ("left", "output"), ("left", "breakpoints"), ("right", "output")):
            await pilot.press(key)
            await until(pilot, lambda name=name: app._tabs.active == name)
        names = rows(app)[0]
        for y, name in ((0, "changes"), (1, "problems"), (0, "breakpoints")):
            await pilot.click(TabRow, offset=(names.index(name.capitalize()) + 2, y))
            await until(pilot, lambda name=name: app._tabs.active == name)
        await pilot.click(TabRow, offset=(len(names.rstrip()) + 3, 0))
        await pilot.pause()
        assert app._tabs.active == "breakpoints"

    play(story, Settings(motion=False))


def test_the_line_below_marks_the_chosen_name_and_slides_to_the_next_one() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        assert rows(app)[1].startswith("╴━━━━━━╶──")
        await pilot.press("T")
        await until(pilot, lambda: rows(app)[1].startswith("━━━━━━━━╸━━━━━━━━╺━━"))
        row = app._tabs.row
        row.mark_starts, row.mark_ends = 1.5, 7.5  # on its way
        await until(pilot, lambda: rows(app)[1].startswith("━╺━━━━━╸━━"))
        await pilot.press("x", "T", "T", "T", "T")
        await until(pilot, lambda: rows(app)[1].startswith("╸━━━━━━╺━━"))

    play(story)


def test_where_the_names_do_not_fit_the_chosen_one_is_seen() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for name in NAMES:
            await until(pilot, lambda name=name: name.capitalize() in rows(app)[0])
            assert len(rows(app)[0]) == 30
            await pilot.press("T")

    play(story, Settings(motion=False), size=(30, 20))
