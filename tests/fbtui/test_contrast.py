"""Every text on every screen has the contrast to its ground that WCAG AA asks for, in both themes."""

from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.pilot import Pilot

from fbtui.session import Phase
from fbtui.ui.app import DebuggerApp
from fbtui.ui.filters import contrast
from fbtui.ui.settings import Settings
from fbtui.ui.widgets.runs import STYLES, RunView
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.test_frame import play, screen
from tests.fbtui.test_ui import paused, until

TEXT, LINE = 4.5, 3.0
"""What WCAG 2.2 AA asks of a text (1.4.3) and of a graphic (1.4.11)."""


def is_line(text: str) -> bool:
    """Return whether it is drawn, not written: boxes, blocks, arrows, dots of the map."""
    return all(character in " ▶" or "─" <= character <= "▟" or "⠀" <= character <= "⣿" for character in text)


def pale(app: DebuggerApp) -> Iterator[str]:
    """Return what has too little contrast: on the whole screen, or in the dialog that lies on it."""
    region = app.screen.children[0].region if len(app.screen_stack) > 1 else app.screen.region
    for strip in app.screen._compositor.render_strips()[region.y : region.bottom]:
        for segment in strip.crop(region.x, region.right):
            if segment.text.strip() and (ratio := _ratio(segment)) < (LINE if is_line(segment.text) else TEXT):
                yield f"{ratio:.2f} {segment.text.strip()!r} {segment.style}"


def _ratio(segment: Segment) -> float:
    style = segment.style
    assert style is not None and style.color is not None and style.bgcolor is not None
    return contrast(tuple(style.color.get_truecolor()), tuple(style.bgcolor.get_truecolor()))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_screen_can_be_read(theme: str) -> None:
    found: dict[str, list[str]] = {}

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        async def look(name: str, *keys: str) -> None:
            await pilot.press(*keys)
            await pilot.pause()
            await pilot.pause()
            found[name] = sorted(set(pale(app)))

        await paused(app, pilot, 0)
        await look("start")
        for name, keys in {
            "help": ["question_mark"], "find": ["slash"], "inputs": ["I"], "palette": ["ctrl+p"],
        }.items():  # fmt: skip
            await look(name, *keys)
            await pilot.press("escape")
        await look("a toast", "A")
        for pane in ("next", "inspector", "output"):
            app.query_one(f"#{pane}").focus()
            await look(f"focus on {pane}")
        for tab in ("timeline", "problems", "breakpoints"):
            app._tabs.active = tab
            await look(tab)
        app.diagram.focus()
        await look("selected", "right", "x")
        await look("a dialog", "X")
        await look("a problem in a dialog", *"oops(", "enter")
        await pilot.press("escape")
        await look("past the middle", *"ssssssssssssssssssss")
        await look("looking back", "b")
        await look("far away", "minus", "minus")
        assert any("looking back" in line for line in screen(app))

    play(story, Settings(theme=theme), EXAMPLES / "csv_to_sqlite.py", size=(160, 46))
    assert [f"{name}: {pair}" for name, pairs in found.items() for pair in pairs] == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_failed_run_can_be_read(theme: str, tmp_path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await until(pilot, lambda: any("ZeroDivisionError" in line for line in screen(app)))
        assert sorted(set(pale(app))) == []

    play(story, Settings(theme=theme), write(tmp_path, program("value / 0")))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_style_of_the_picture_can_be_read_on_its_ground(theme: str) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        view = app.query_one("#diagram", RunView)
        for name in STYLES:
            style = view._style(name)
            assert style.color is not None and style.bgcolor is not None
            ratio = contrast(tuple(style.color.get_truecolor()), tuple(style.bgcolor.get_truecolor()))
            drawn = name.startswith(("box", "edge", "map", "rule"))
            assert ratio >= (LINE if drawn else TEXT), f"{name}: {ratio:.2f}"

    play(story, Settings(theme=theme))
