"""What a person does to a paused run: packets edited, dropped, duplicated, injected; room made."""

from pathlib import Path

import pytest

from fbtui.protocol.description import edges_in
from fbtui.session import Phase, Session
from fbtui.session.saving import save_recording
from fbtui.trace import Deed, Kind, in_words
from fbtui.trace.recording import Recording
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
        ("edit", {"packet": 99, "text": "1"}, "there is no packet #99 in this run"),
        ("edit", {"packet": 1, "text": "1 +"}, "'1 +' is no expression: invalid syntax"),
        ("edit", {"packet": 1, "text": "1 / 0"}, "ZeroDivisionError: division by zero"),
        ("drop", {"packet": 0}, "there is no packet #0 in this run"),
        ("inject", {"edge": "nowhere", "text": "1"}, "there is no edge nowhere"),
        ("widen", {"edge": "middle", "size": 1}, "the edge holds 1 already"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, act: str, what: dict[str, object], sentence: str) -> None:
    async def story(driver: Driver) -> None:
        session = await with_one_waiting(driver)
        assert await session.questions.act(act, **what) == sentence  # type: ignore[arg-type]

    drive(write(tmp_path, CHAIN), story)


def test_a_packet_about_to_be_sent_is_dropped_and_who_sends_it_goes_on(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume(stop_at=("send middle",))
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and session.paused.why == "before the send on A.out->B.inp"
        move = next(move for move in session.paused.parked if move.id == session.paused.next)
        assert (move.node, move.kind, move.summary) == ("A", "send", "11")
        assert await session.questions.act("duplicate", packet=move.packet) == ""
        assert waiting(session, "middle") == ["11"]
        assert await session.questions.act("drop", packet=move.packet) == ""
        session = await driver.until(lambda s: s.paused and move.id not in {m.id for m in s.paused.parked})
        assert session.paused is not None and "A" in {m.node for m in session.paused.parked}
        problem = await session.questions.act("drop", packet=move.packet)
        assert problem == f"packet #{move.packet} waits on no edge any more: it was taken, or dropped"
        assert await outputs(driver) == [12, 22, 32]

    drive(write(tmp_path, CHAIN), story)


def test_a_packet_that_nobody_can_act_on_says_where_it_is(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await with_one_waiting(driver)
        session.controls.look(0)
        for act in ("edit", "drop", "duplicate", "inject"):
            problem = await session.questions.act(act, packet=1, edge="edge0", text="1")  # type: ignore[arg-type]
            ways = "{time.now} looks at what is now, {debug.continue} makes it now in a new run"
            assert problem == f"cannot {act} in the past: {ways}"
        session.controls.now()
        session.controls.step()
        await driver.paused(2)
        for act in ("edit", "drop", "duplicate"):
            problem = await session.questions.act(act, packet=1, text="1")  # type: ignore[arg-type]
            assert problem == "packet #1 was taken by A: what a node has taken is the node's"
        session.controls.breakpoints.add("B hit 3")
        session.controls.update_breakpoints()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.why)
        session.refresh()
        trace = session.record.trace
        assert trace is not None
        out = next(r.packet for r in trace if r.kind is Kind.RECEIVE and trace.places.nodes[r.node] == "GRAPH")
        problem = await session.questions.act("drop", packet=out)
        assert problem == f"packet #{out} has left the graph: it is an output of the run"
        await outputs(driver)
        assert (await session.questions.act("drop", packet=1)).startswith("cannot drop: the run has finished")

    drive(write(tmp_path, CHAIN), story)


def test_a_run_with_raised_capacities_shows_them_and_so_does_its_recording(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert await session.raise_capacity() == ""
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.ENDED)
        assert session.graph is not None
        name = "Sort.small->Pair.small"
        (edge,) = [one for path, one in edges_in(session.graph.graph) if session.edge_name(path + one.id) == name]
        assert edge.capacity == 3
        assert f"edge {name} held 2, holds 3" in [edit.what for edit in session.changes.edits]
        save_recording(session, tmp_path / "run.fbtrace")
        assert Recording(tmp_path / "run.fbtrace").meta.graph.graph == session.graph.graph

    drive(EXAMPLES / "deadlock.py", story, paused=False)


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


def test_an_artificial_deadlock_is_mended_by_raising_the_capacity_that_is_named(tmp_path: Path) -> None:
    source = (EXAMPLES / "deadlock.py").read_text(encoding="utf-8")
    path = write(tmp_path, source, "deadlock.py")

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
        line = next(i for i, text in enumerate(source.splitlines(), 1) if 'id="small"' in text)
        (remark,) = (problem for problem in session.problems if "maxsize=" in problem.title)
        assert remark.level == "remark" and (remark.file, remark.line) == (str(path), line)
        assert remark.title == (
            "Sort.small->Pair.small holds 4 in this run alone: write maxsize=4 at the add_edge(...) of it in"
            f" deadlock.py:{line}"
        )
        path.write_text(source.replace("CAPACITY = 2", "CAPACITY = 4"))
        await session.again()
        session = await driver.until(lambda s: s.run == run and s.phase is Phase.PAUSED)
        assert not [problem for problem in session.problems if "maxsize=" in problem.title]

    drive(path, story)


def test_a_net_that_is_blocked_by_a_drop_says_what_was_dropped() -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        dropped = None
        for step in range(1, 8):
            session.controls.step()
            session = await driver.paused(step)
            session.refresh()
            held = [number for mark in session.record.marking.edges.values() for number in mark.waiting]
            if session.record.marking.edge("small").waiting:
                dropped = held[-1]
                break
        assert dropped is not None and await session.questions.act("drop", packet=dropped) == ""
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.end == "blocked"
        assert any(f": packet #{dropped} dropped off " in problem.title for problem in session.problems)

    drive(EXAMPLES / "deadlock.py", story)


TWO_INTO_ONE = """
graph = GraphSpec(PortSpecCollection(
    PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.INPUT, "side"), PortSpec(PortType.OUTPUT, "out")
))
a, b, c = (graph.add_node(Work, name) for name in "ABC")
graph.ports.input.inp >> a.ports.input.inp
graph.ports.input.side >> b.ports.input.inp
a.ports.output.out >> graph.add_edge(id="held") >> c.ports.input.inp
b.ports.output.out >> graph.add_edge(id="free") >> c.ports.input.inp
c.ports.output.out >> graph.ports.output.out
BATCH = {"inputs": {"inp": 1, "side": 2}}
"""


def test_an_edge_that_is_held_up_leaves_the_other_one_into_the_same_port_alone(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session.controls.hold("held")
        session.controls.resume(until_blocked=True)
        session = await driver.until(lambda s: s.paused and s.paused.why == "what could move is held up")
        session.refresh()
        edges = session.record.marking.edges
        assert (edges["free"].sent, edges["free"].received) == (1, 1)
        assert "held" not in edges or edges["held"].sent == 0
        assert not session.controls.hold("held")
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.outputs == {"out": [2, 1]}

    drive(write(tmp_path, program() + TWO_INTO_ONE), story)


def acts_of(session: Session) -> list[str]:
    """Return what was done by hand, in words."""
    session.refresh()
    return [in_words(act, session.edge_name(act.manner.edge)) for act in session.record.acts]


def test_an_act_is_a_moment_to_go_back_to_and_a_run_from_there_leaves_it_out(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert await session.questions.act("edit", packet=1, text="value * 10") == ""
        session.controls.step()
        session = await driver.paused(1)
        assert await session.questions.act("duplicate", packet=1) == ""
        assert await session.questions.act("drop", packet=1) == ""
        edge = "GRAPH.inp->A.inp"
        copy = session.record.marking.edge("edge0").waiting
        told = acts_of(session)
        assert told[0] == "#1 carries 100 now, was 10"
        assert told[1:] == [f"#{copy[0]} is a copy of #1 on {edge}", f"packet #1 dropped off {edge}"]
        for left in (2, 1):
            assert session.controls.back() == ""
            assert (session.record.shown.step, len(session.record.acts_by_then)) == (1, left)
        await session.fork()
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step == 1)
        assert acts_of(session) == ["#1 carries 100 now, was 10"]
        assert await outputs(driver) == [102, 22, 32]
        assert [p.title for p in session.problems] == ["changed by hand after 0 moves: #1 carries 100 now, was 10"]

    drive(write(tmp_path, CHAIN), story)


def test_a_run_from_behind_acts_does_each_again(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await with_one_waiting(driver)
        assert await session.questions.act("edit", packet=1, text="100") == ""
        assert await session.questions.act("inject", edge="edge0", text="7") == ""
        assert await session.questions.act("duplicate", packet=1) == ""
        session.controls.resume(stop_at=("send middle",))
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 1)
        assert session.paused is not None
        step = session.paused.step
        parked = next(move for move in session.paused.parked if move.id == session.paused.next)
        assert await session.questions.act("drop", packet=parked.packet) == ""
        told = acts_of(session)
        session.controls.step(2)
        session = await driver.paused(step + 2)
        assert session.controls.back() == ""
        await session.fork()
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step == step + 1)
        assert acts_of(session) == told and len(told) == 4
        assert "is left" not in session.notice
        forked = await outputs(driver)
        await session.rerun(replay=(str(session.record.folder), session.record.marking.at))
        session = await driver.until(lambda s: s.run == 3 and s.done)
        assert session.done is not None and session.done.outputs["out"] == forked

    drive(write(tmp_path, CHAIN), story)
