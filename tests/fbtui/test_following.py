"""How a run that goes on is followed: bit by bit, and keys go first."""

from functools import partial
from pathlib import Path

import pytest
from textual._compositor import Compositor
from textual.pilot import Pilot

from fbtui.session import Phase
from fbtui.session.record import RunRecord
from fbtui.ui import following
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import program, write
from tests.fbtui.test_ui import lines, paused, play, until


def test_a_tick_gives_way_to_a_key_but_not_twice_in_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(following, "monotonic", lambda: now)

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        nonlocal now
        await paused(app, pilot, 0)
        read: list[float] = []
        monkeypatch.setattr(app.session, "refresh", read.append)
        app._on_tick()
        assert len(read) == 1
        await pilot.press("F")
        app._on_tick()
        assert len(read) == 1, "the key has the time for itself"
        app._on_tick()
        assert len(read) == 2, "whoever types all the time sees the run go on"
        app._on_tick()
        now += following.GIVEN
        app._on_tick()
        assert len(read) == 3, "the key has had its time"

    play(write(tmp_path, program()), story)


def test_a_pause_is_shown_while_more_is_to_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    behind = False
    monkeypatch.setattr(RunRecord, "is_behind", property(lambda _: behind))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        nonlocal behind
        await paused(app, pilot, 0)
        await pilot.press("s", "s", "s")
        await paused(app, pilot, 3)
        await until(pilot, lambda: app.live.trail.journey is not None)
        behind = True
        app.update()
        assert app.session.phase is Phase.PAUSED and app.live.trail.journey is None, "the way is not known yet"
        behind = False
        app.update()
        assert app.live.trail.journey is not None

    play(write(tmp_path, program()), story)


def test_what_is_to_be_shown_soon_is_shown_once(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await until(pilot, lambda: app._tick is None)
        shown: list[int] = []
        show = partial(shown.append, 1)
        for _ in range(9):
            app.show_soon(show)
        await until(pilot, lambda: shown)
        for turn in (2, 3):
            app.show_soon(show)
            await until(pilot, lambda turn=turn: len(shown) >= turn)
        assert len(shown) == 3

    play(write(tmp_path, program()), story)


def test_another_pane_has_the_focus_without_drawing_all_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        drawn: list[bool] = []
        monkeypatch.setattr(Compositor, "render_full_update", lambda *_, **__: drawn.append(True))
        compositor = app.screen._compositor
        for pane in (app.inspector, app.diagram):
            await until(pilot, lambda: not app.screen._dirty_widgets and not compositor._dirty_regions)
            drawn.clear()
            pane.focus()
            await until(pilot, lambda pane=pane: pane.has_focus and not app.screen._dirty_widgets)
            await until(pilot, lambda: not compositor._dirty_regions)
            assert not drawn

    play(write(tmp_path, program()), story)


@pytest.mark.parametrize("keys", [["s"], ["tab", "enter"], ["p"]])
def test_a_step_into_a_busy_component_is_followed_however_it_was_made(tmp_path: Path, keys: list[str]) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s")
        await paused(app, pilot, 1)
        await pilot.press(*keys)
        await until(pilot, lambda: app.is_busy and "busy in Work at work.py:15" in lines(app, "status")[0])
        assert lines(app, "status")[0].count("running, 2 moves") == 1
        await pilot.press("full_stop")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)

    play(write(tmp_path, program("while True: pass")), story)
