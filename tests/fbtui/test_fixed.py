"""What a scheduled run fixes: order, chance, and under virtual time the clocks."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from fbtui.session import what_is_fixed
from fbtui.trace import Kind
from tests.fbtui.driver import Driver, drive, program, write

CHANCE = "import random, uuid; value = [random.random(), str(uuid.uuid4()), list({'a', 'b', 'c', 'd'})]"


def outcome(path: Path, **spec: Any) -> tuple[Any, list[tuple[int, int, int]]]:
    """Return a run's outputs and its log of moves."""
    found: list[Any] = []

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None and session.record.trace is not None
        session.refresh()
        moves = [
            (record.kind, record.edge, record.packet)
            for record in session.record.trace
            if record.kind in {Kind.SEND, Kind.RECEIVE}
        ]
        found.append((session.done.outputs, moves))

    drive(path, story, paused=False, **spec)
    outputs, moves = found[0]
    return outputs, moves


@pytest.mark.parametrize("order", ["fifo", "canon", "random"])
def test_the_same_seed_gives_the_same_run(tmp_path: Path, order: str) -> None:
    path = write(tmp_path, program(CHANCE).replace('"inp": 5', '"inp": __import__("fbdev").Stream(range(9))'))
    once = outcome(path, order=order, seed=7)
    assert outcome(path, order=order, seed=7) == once
    assert outcome(path, order=order, seed=8)[0] != once[0]


def test_what_is_fixed_is_said() -> None:
    free = dict(what_is_fixed("free", 3, virtual_time=False))
    assert free["order"].startswith("Not fixed") and free["chance"] == "Not fixed"
    seeded = dict(what_is_fixed("random", 3, virtual_time=True))
    assert seeded["order"] == "Fixed, random: at random, from seed 3"
    assert seeded["chance"].startswith("Fixed by seed 3") and seeded["time"].startswith("Fixed")
    assert "the move that was asked for first" in dict(what_is_fixed("fifo", 0, virtual_time=False))["order"]


def test_another_seed_gives_another_order(tmp_path: Path) -> None:
    path = write(tmp_path, program().replace('"inp": 5', '"inp": __import__("fbdev").Stream(range(9))'))
    logs = {json.dumps(outcome(path, order="random", seed=seed)[1]) for seed in range(6)}
    assert len(logs) > 1


def test_a_free_run_leaves_chance_alone(tmp_path: Path) -> None:
    path = write(tmp_path, program("import random; value = random.random()"))
    assert outcome(path, order="free")[0] != outcome(path, order="free")[0]


def test_under_virtual_time_an_hour_costs_nothing_and_clocks_agree(tmp_path: Path) -> None:
    body = (
        "before = time.time(), time.monotonic(); await asyncio.sleep(3600); time.sleep(60); "
        "value = [time.time() - before[0], time.monotonic() - before[1], time.time_ns()]"
    )
    path = write(tmp_path, program(body))
    outputs, _ = outcome(path, virtual_time=True)
    elapsed, also, now = outputs["out"][0]
    assert (elapsed, also) == (3660, 3660) and now == 1_767_225_600_000_000_000 + 3_660_000_000_000
    assert outcome(path, virtual_time=True)[0] == outputs


def test_under_virtual_time_a_thread_takes_the_time_it_takes(tmp_path: Path) -> None:
    body = (
        "r, w = os.pipe(); reader = asyncio.ensure_future(asyncio.to_thread(os.read, r, 1)); "
        "asyncio.get_running_loop().call_later(5, os.write, w, b'x'); "
        "done, _ = await asyncio.wait([reader], timeout=0.3); value = len(done); os.write(w, b'y'); await reader"
    )
    outputs, _ = outcome(write(tmp_path, program(body)), virtual_time=True)
    assert outputs == {"out": [0]}


def test_under_virtual_time_it_is_told_that_a_thread_keeps_time_from_jumping(tmp_path: Path) -> None:
    body = (
        "import threading; over = threading.Event(); lives = threading.Thread(target=over.wait); lives.start(); "
        "await asyncio.sleep(0.01); over.set(); lives.join()"
    )

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.notice == "a thread of the program lives: while it does, time passes as it really does"

    drive(write(tmp_path, program(body)), story, virtual_time=True, paused=False)
    drive(write(tmp_path, program("await asyncio.sleep(9)")), nothing_is_said, virtual_time=True, paused=False)


async def nothing_is_said(driver: Driver) -> None:
    assert (await driver.ended()).notice == ""


def test_time_stands_still_while_paused_unless_the_real_clock_is_asked_for(tmp_path: Path) -> None:
    measured = program("value = asyncio.get_running_loop().time() - begun").replace(
        "        async for packet", "        begun = asyncio.get_running_loop().time()\n        async for packet"
    )
    path = write(tmp_path, measured)

    def seconds(**spec: Any) -> tuple[float, float, float]:
        """Return how long the run was paused, how long it took for the net, and how long it took for us."""
        found: list[float] = []

        async def story(driver: Driver) -> None:
            session = await driver.paused()
            paused = time.monotonic()
            await driver.real_time(0.4)
            found.append(time.monotonic() - paused)
            session.controls.resume()
            await driver.ended()
            assert session.done is not None
            found.extend(session.done.outputs["out"])

        begun = time.monotonic()
        drive(path, story, **spec)
        return found[0], found[1], time.monotonic() - begun

    paused, for_the_net, for_us = seconds()
    assert for_the_net <= for_us - paused
    paused, for_the_net, for_us = seconds(real_clock=True)
    assert paused <= for_the_net <= for_us
