"""What the Inspector tells of the past: a packet's way and age, an edge's history; and the source of a line."""

import asyncio
import re
from pathlib import Path

import pytest
from textual.pilot import Pilot

from fbtui.session import Phase, RunSpec, Session
from fbtui.target.opened import size_of
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import program, write
from tests.fbtui.test_frame import play
from tests.fbtui.test_ui import lines, paused, until

TWO = program("value = [value, 'x']").replace('"inp": 5', '"inp": __import__("fbdev").Stream([5, 6])')


@pytest.mark.parametrize(
    ("value", "words"),
    [([], "0 items"), ({1: 2}, "1 item"), ("é" * 1200, "1,200 characters"), (b"ab", "2 bytes"), (5, ""), (None, "")],
)
def test_the_size_of_a_value(value: object, words: str) -> None:
    assert size_of(value) == words


def test_no_code_of_the_user_tells_a_size() -> None:
    class Liar(list):  # type: ignore[type-arg]
        def __len__(self) -> int:
            raise AssertionError

    assert size_of(Liar([1, 2])) == "2 items"


def test_a_packet_tells_its_size_its_age_and_its_way(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.press("r")
        await paused(app, pilot, 0)
        await pilot.press("s", "s", "s", "s")
        await paused(app, pilot, 4)
        app.inspector.show_closely(("packet", 3))
        await until(pilot, lambda: any(line.endswith("]  2 items") for line in lines(app, "inspector")))
        shown = lines(app, "inspector")
        way = next(i for i, line in enumerate(shown) if line.startswith("been "))
        assert shown[way].endswith((" move old", " moves old"))
        assert any("sent on Work.out->GRAPH.out" in line for line in shown[way:])
        app.inspector.show_closely(("packet", 1))
        await until(pilot, lambda: "became  #3 [5, 'x']" in lines(app, "inspector"))
        app.inspector.cursor = lines(app, "inspector").index("became  #3 [5, 'x']")
        app.inspector.action_choose()
        await until(pilot, lambda: any(line.startswith("made of  #1") for line in lines(app, "inspector")))

    play(story, path=write(tmp_path, TWO))


def test_a_node_of_a_free_run_tells_its_times_by_the_clock(tmp_path: Path) -> None:
    async def story() -> None:
        path = write(tmp_path, program("time.sleep(0.02)"))
        app = DebuggerApp(Session(RunSpec(path, cwd=tmp_path, order="free", paused=False), watch=False, spares=1))
        async with app.run_test(size=(140, 40)) as pilot:
            await until(pilot, lambda: app.session.phase is Phase.ENDED)
            app.select(("node", "Work"))
            await until(pilot, lambda: any(line.startswith("times  busy ") for line in lines(app, "inspector")))
            (whole,) = (line for line in lines(app, "inspector") if line.startswith("times  "))
            (each,) = (line for line in lines(app, "inspector") if "a firing: " in line)
            assert re.search(r"busy \d[\d.]* (ms|s|min) \(\d+%\)", whole)
            assert re.search(r"a firing: busy \d[\d.]* (ms|s|min), waiting ", each)

    asyncio.run(story())


def test_an_edge_tells_its_history_and_a_node_its_line_and_the_newest_values(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s", "slash", *"inp->W", "enter")
        await paused(app, pilot, 2)
        await until(pilot, lambda: "edge GRAPH.inp->Work.inp" in lines(app, "inspector"))
        shown = lines(app, "inspector")
        assert any(line.startswith("rate: ") and line.endswith(" in 2 moves") for line in shown)
        assert "  step 1 #1 sent by GRAPH 5" in shown
        await pilot.press("slash", *"Work", "enter")
        await until(pilot, lambda: "node Work" in lines(app, "inspector"))
        await until(
            pilot,
            lambda: any(line.startswith("▶") and "await self.ports" in line for line in lines(app, "inspector")),
        )
        assert any(line.startswith("times  ") and " move" in line for line in lines(app, "inspector"))
        port = next(line for line in lines(app, "inspector") if line.startswith("  input   inp"))
        assert port.endswith(("  5", "  6"))
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        app.session.spec.path.write_text("# another text\n", encoding="utf-8")
        app.inspector.show_closely(None)
        app.inspector.show_closely(("node", "Work"))
        await until(pilot, lambda: "node Work" in lines(app, "inspector"))
        assert not any(line.startswith("▶") for line in lines(app, "inspector")), "the file is another one now"

    play(story, path=write(tmp_path, TWO))
