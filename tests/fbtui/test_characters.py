"""Characters of every script on the screen: whatever a program prints and sends, no row is wider than the screen."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.pilot import Pilot

from fbtui.diagram.text import width as width_of
from fbtui.protocol.characters import clean
from fbtui.session import Phase
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import program, write
from tests.fbtui.test_frame import play, screen
from tests.fbtui.test_ui import paused, until

TEXTS = {
    "wide": "漢字かな交じり文",
    "emoji": "🎉☂️❤️👍🏽👩‍👩‍👧🇩🇪1️⃣",
    "right to left": "שלום עולם مرحبا بالعالم",
    "combining": "é à o̲ n̈",
    "escape codes": "\x1b[31mred\x07\x9b2J\u202e",
    "fillers": "ㅤᅟ",
    "vowel signs": "कि की தொ ကော",
    "parts of syllables": "\u1112\u1161\u11ab \u1161\u1161",
    "wide or not": "☰䷀㉈",
}


def columns(text: str) -> int:
    """Return the cells that a plain terminal takes for a text: it knows single characters only."""
    marks = sum(unicodedata.category(character) in {"Mn", "Me"} for character in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(character) in {"W", "F"} for character in text)


@given(st.text(st.sampled_from("".join(TEXTS.values()) + "aé漢\t\n")))
def test_terminals_agree_on_the_width_of_what_is_shown(text: str) -> None:
    assert cell_len(clean(text)) == columns(clean(text))
    assert clean(text).isprintable() and clean(clean(text)) == clean(text)
    assert width_of("a" + text) == 1 + columns(clean("a" + text)[1:])


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (300, 100)], ids=str)
@pytest.mark.parametrize("name", TEXTS)
def test_no_text_breaks_the_frame(name: str, size: tuple[int, int], tmp_path: Path) -> None:
    text = TEXTS[name]
    body = f"print({text!r}, 40 * {text!r}); value = [{text!r}, {{{text!r}: 40 * {text!r}}}]"
    path = write(tmp_path, program(body).replace('"inp": 5', f'"inp": {text!r}'), f"{clean(text)[:12]}.py")

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        def looks_right(*, bordered: bool) -> None:
            rows = screen(app)
            assert [row for row in rows if columns(row) != size[0]] == []
            border = app.query_one("#side").region.x
            main = rows[1 : app.query_one("#main").region.bottom] if bordered else []
            assert {_at(row, border) for row in main} <= {"│"}

        await paused(app, pilot, 0)
        await pilot.press("s", "s", "s", "V")
        await paused(app, pilot, 3)
        for keys in (["T"], ["T"], ["T", "T"], ["A"], ["escape", "slash", "W", "enter"], ["v"]):
            await pilot.press(*keys)
            await pilot.pause()
            looks_right(bordered=True)
        for keys in (["question_mark"], ["slash"], ["I"], ["ctrl+p"], ["percent_sign"]):
            await pilot.press(*keys)
            await pilot.pause()
            looks_right(bordered=False)
            await pilot.press("escape")
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.pause()
        looks_right(bordered=True)

    play(story, path=path, size=size)


def _at(row: str, column: int) -> str:
    """Return the character in a column of a row."""
    return next((c for i, c in enumerate(row) if columns(row[:i]) == column), "")
