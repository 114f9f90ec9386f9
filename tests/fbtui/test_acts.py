"""What a person does to a paused run: packets edited, dropped, duplicated, injected; room made."""

from pathlib import Path

import pytest

from fbtui.session import Phase, Session
from fbtui.trace import Deed, Kind
from tests.fbtui.driver import EXAMPLES, Driver, drive, program, write
from tests.fbtui.test_stepping import CHAIN


def waiting(session: Session, edge: str) -> list[str]:
    """Return what waits on an edge."""
    session.refresh()
    marking = session.record.marking
    return [marking.summaries[number] for number in marking.edge(edge).waiting]


async def with_one_waiting(driver: Driver) -> Session:
    """Step until the first packet is on the edge from the outside to A."""
    session = await driver.paused()
    session.controls.step()
    return await driver.paused(1)


async def outputs(driver: Driver) -> list[object]:
    driver.session.controls.resume()
    session = await driver.ended()
    assert session.done is not None and session.done.end == "finished"
    return session.done.outputs["out"]


def test_a_packet_is_edited_where_it_waits_and_where_it_is_about_to_be_sent(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert await session.questions.act("edit", packet=1, text="100") == ""
        session.controls.step()
        session = await driver.paused(1)
        assert await session.questions.act("edit", packet=1, text="value * 10 + len('abc')") == ""
        assert waiting(session, "edge0") == ["1003"]
        assert await outputs(driver) == [1005, 22, 32]

    drive(write(tmp_path, CHAIN), story)


def test_a_packet_is_dropped_and_another_injected_and_duplicated(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await with_one_waiting(driver)
        assert await session.questions.act("duplicate", packet=1) == ""
        assert await session.questions.act("inject", edge="edge0", text="7") == ""
        assert waiting(session, "edge0") == ["10", "10", "7"]
        assert await session.questions.act("drop", packet=1) == ""
        assert waiting(session, "edge0") == ["10", "7"]
        assert session.record.trace is not None
        deeds = [record.detail for record in session.record.trace if record.kind is Kind.ACT]
        assert deeds == [Deed.INJECTED, Deed.INJECTED, Deed.DROPPED]
        assert await outputs(driver) == [12, 9, 22, 32]

    drive(write(tmp_path, CHAIN), story)


@pytest.mark.parametrize(
    ("act", "what", "sentence"),
    [
        ("edit", {"packet": 99, "text": "1"}, "packet #99 waits nowhere: what a node has taken is the node's"),
        ("edit", {"packet": 1, "text": "1 +"}, "'1 +' is no expression: invalid syntax"),
        ("edit", {"packet": 1, "text": "1 / 0"}, "ZeroDivisionError: division by zero"),
        ("drop", {"packet": 2}, "packet #2 is on no edge: a packet about to be sent can only be edited"),
        ("inject", {"edge": "nowhere", "text": "1"}, "there is no edge nowhere"),
        ("widen", {"edge": "middle", "size": 1}, "the edge holds 1 already"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, act: str, what: dict[str, object], sentence: str) -> None:
    async def story(driver: Driver) -> None:
        session = await with_one_waiting(driver)
        assert await session.questions.act(act, **what) == sentence  # type: ignore[arg-type]

    drive(write(tmp_path, CHAIN), story)


def test_a_full_edge_takes_no_injected_packet_before_it_is_widened(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume(stop_at=("receive middle",))
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert await session.questions.act("inject", edge="middle", text="1") == "the edge is full: 1/1"
        assert await session.questions.act("widen", edge="middle", size=2) == ""
        assert await session.questions.act("inject", edge="middle", text="1") == ""
        assert sorted(map(str, await outputs(driver))) == ["12", "2", "22", "32"]

    drive(write(tmp_path, CHAIN), story)


def test_an_edit_is_held_to_the_dtype_of_the_port(tmp_path: Path) -> None:
    path = write(
        tmp_path, program().replace('PortSpec(PortType.INPUT, "inp")', 'PortSpec(PortType.INPUT, "inp", int)')
    )

    async def story(driver: Driver) -> None:
        session = await with_one_waiting(driver)
        assert await session.questions.act("edit", packet=1, text="'x'") == "expected int, got str"

    drive(path, story)


def test_an_artificial_deadlock_is_mended_by_raising_the_capacity_that_is_named() -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert (await session.raise_capacity()).startswith("no capacity blocks the run")
        session.controls.resume()
        for run in range(2, 9):
            session = await driver.ended()
            assert session.done is not None
            if session.done.end == "finished":
                break
            assert session.done.blocked is not None and session.done.blocked.verdict == "artificial deadlock"
            assert await session.raise_capacity() == ""
            await driver.until(lambda s, run=run: s.run == run)
        assert session.done.end == "finished"
        assert dict(session.spec.capacities) == {"small": 4}

    drive(EXAMPLES / "deadlock.py", story)
