"""The ladder of steps, holds and breakpoints, without a screen."""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from fbtui.protocol import Message, Paused, Resume, Step
from fbtui.session import Phase, Session
from fbtui.session.breakpoints import BadBreakpoint, BreakpointList, parse
from fbtui.session.controls import Controls
from fbtui.session.record import RunRecord
from fbtui.session.watches import WatchList
from fbtui.trace import Kind, Stream
from tests.fbtui.driver import EXAMPLES, Driver, drive, program, write

CHAIN = """
from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

class Add(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        async for packet in self.ports.input.inp:
            await self.ports.output.out.put(Packet(await packet.consume() + 1))

graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
a, b = graph.add_node(Add, "A"), graph.add_node(Add, "B")
graph.ports.input.inp >> a
a >> graph.add_edge(maxsize=1, id="middle") >> b
b >> graph.ports.output.out
BATCH = {"inputs": {"inp": Stream([10, 20, 30])}}
"""


def at_next(session: Session) -> tuple[str, str]:
    """Return the node and the kind of the move that goes next."""
    assert session.paused is not None
    move = next(move for move in session.paused.parked if move.id == session.paused.next)
    return move.node, move.kind


def test_node_runs_to_the_end_of_the_firing(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        await driver.paused()
        driver.session.controls.resume(node="A")
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        session.refresh()
        assert session.record.marking.nodes["A"].firings == 1

    drive(write(tmp_path, CHAIN), story)


def test_a_wave_lets_each_ready_node_fire_once(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(4)
        session = await driver.paused(4)
        assert session.paused is not None
        session.refresh()
        fired = {node: mark.firings for node, mark in session.record.marking.nodes.items()}
        ready = {move.node for move in session.paused.parked if move.enabled}
        session.controls.resume(wave=True)
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 4)
        session.refresh()
        moved = {
            session.record.trace.places.nodes[r.node] for r in session.record.trace if r.step > 4 and r.edge >= 0
        }
        assert moved <= ready and moved
        assert all(session.record.marking.nodes[node].firings - fired[node] <= 1 for node in ("A", "B"))

    drive(write(tmp_path, CHAIN), story)


def test_follow_stops_at_each_move_of_a_packet_and_of_what_was_made_of_it(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        seen = []
        for _ in range(6):
            session.controls.resume(follow=1)
            before = session.record.marking.step
            session = await driver.until(lambda s, before=before: s.phase is Phase.PAUSED and s.paused.step > before)
            session.refresh()
            last = session.record.marking.last
            assert last is not None and session.record.trace is not None
            place = session.record.trace.places.edges[last.edge]
            seen.append((last.kind, place, session.record.marking.edges[place].newest))
        assert seen == [
            (Kind.SEND, "edge0", "10"), (Kind.RECEIVE, "edge0", "10"), (Kind.SEND, "middle", "11"),
            (Kind.RECEIVE, "middle", "11"), (Kind.SEND, "edge2", "12"), (Kind.RECEIVE, "edge2", "12"),
        ]  # fmt: skip

    drive(write(tmp_path, CHAIN), story)


def test_a_node_held_up_waits_while_the_rest_goes_on(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session.controls.hold("B")
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and session.paused.why == "what could move is held up"
        assert [move.node for move in session.paused.parked if move.held] == ["B"]
        assert not session.controls.hold("B")
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.outputs == {"out": [12, 22, 32]}

    drive(write(tmp_path, CHAIN), story)


@pytest.mark.parametrize(
    ("text", "next_move", "packet"),
    [
        ("A.out->B.inp", ("A", "send"), "11"),
        ("middle if value > 20", ("A", "send"), "21"),
        ("receive middle hit 2", ("B", "receive"), "21"),
        ("B.out if n == 3 and node == 'B'", ("B", "send"), "32"),
        ("begins B", ("B", "receive"), "11"),
        ("B", ("B", "receive"), "11"),
        ("* if value == 22", ("B", "send"), "22"),
        ("receive * if edge == 'middle' and value == 21 and packet", ("B", "receive"), "21"),
    ],
)
def test_breakpoints_stop_before_the_move(
    tmp_path: Path, text: str, next_move: tuple[str, str], packet: str
) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.breakpoints.add(text)
        session.controls.update_breakpoints()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and session.paused.why.startswith("breakpoint ")
        assert at_next(session) == next_move
        assert any(m.id == session.paused.next and m.summary == packet for m in session.paused.parked)
        assert dict(session.paused.hits)[1] >= 1
        session.controls.breakpoints.items.clear()
        session.controls.update_breakpoints()
        session.controls.resume()
        await driver.ended()
        assert session.done is not None and session.done.outputs == {"out": [12, 22, 32]}

    drive(write(tmp_path, CHAIN), story)


def test_the_end_of_a_firing_and_a_send_that_waits_for_room_are_places(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.breakpoints.add("ends B")
        session.controls.update_breakpoints()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and session.paused.why == "breakpoint ends B"
        session.refresh()
        assert session.record.marking.nodes["B"].firings == 1

    drive(write(tmp_path, CHAIN), story)

    async def blocked(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.breakpoints.add("blocks Sort")
        session.controls.update_breakpoints()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and session.paused.why == "breakpoint blocks Sort"
        state = next(state for state in session.paused.nodes if state.node == "Sort")
        assert (state.state, state.why) == ("blocked", "small: 2/2 full")

    drive(EXAMPLES / "deadlock.py", blocked)


NESTED = """
from fbdev import GraphComponentFactory

inner = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
inner.ports.input.inp >> inner.add_node(Add, "First") >> inner.add_node(Add, "Second") >> inner.ports.output.out
outer = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
deep = outer.add_node(GraphComponentFactory.create_component(inner), "Deep")
outer.ports.input.inp >> deep >> outer.ports.output.out
graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
nested = graph.add_node(GraphComponentFactory.create_component(outer), "Outer")
graph.ports.input.inp >> nested >> graph.add_node(Add, "Last") >> graph.ports.output.out
BATCH = {"inputs": {"inp": Stream([10, 20])}}
"""


def _has_gone_on(session: Session, before: Paused) -> bool:
    return session.phase is Phase.ENDED or (session.paused is not None and session.paused.step > before.step)


def test_a_graph_inside_shows_what_the_one_of_its_nodes_does_that_matters_most(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session, seen = await driver.paused(), list[str]()
        while session.phase is Phase.PAUSED:
            assert session.paused is not None
            states = {state.node: state for state in session.paused.nodes}
            inside = {states[f"Outer/Deep/{name}"].state for name in ("First", "Second")}
            telling = next(word for word in ("ready", "waiting", "finished") if word in inside)
            if states["Outer"].state != "finished":
                assert states["Outer"].state == states["Outer/Deep"].state == telling
                assert states["Outer"].why == f"in Deep, {states['Outer/Deep'].why}"
            asked = await session.questions.inspect(node="Outer")
            assert asked.node is not None and asked.node.state == states["Outer"].state
            seen.append(states["Outer"].state)
            before = session.paused
            session.controls.step()
            await driver.until(partial(_has_gone_on, before=before))
        assert {"ready", "waiting"} <= set(seen)

    drive(write(tmp_path, CHAIN.partition("graph = ")[0] + NESTED), story)


def test_a_log_point_logs_and_a_condition_that_fails_stops_and_says_so(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.breakpoints.add("middle log {n}: {value!r} {missing}")
        session.controls.breakpoints.add("middle log {n} is {value}")
        session.controls.breakpoints.add("B.out once if value.nothing")
        session.controls.update_breakpoints()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None
        assert session.paused.why == (
            "breakpoint B.out: its condition failed: AttributeError: 'int' object has no attribute 'nothing'"
        )
        session.refresh()
        trace = session.record.trace
        assert trace is not None
        logged = [trace.text(r) for r in trace if r.kind is Kind.OUTPUT and r.detail == Stream.LOG]
        assert logged[:2] == ["(the log point failed: NameError: name 'missing' is not defined)", "1 is 11"]

    drive(write(tmp_path, CHAIN), story)


def test_a_condition_that_fails_is_a_problem_once_however_often_it_stops_the_run(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.breakpoints.add("* if value.nothing")
        session.controls.update_breakpoints()
        step = -1
        for _ in range(3):
            session.controls.resume()
            session = await driver.until(
                lambda s, step=step: s.phase is Phase.PAUSED and s.paused.why and s.paused.step > step
            )
            assert session.paused is not None and "its condition failed: AttributeError" in session.paused.why
            step = session.paused.step
        told = [problem for problem in session.problems if "its condition failed" in problem.title]
        assert [problem.level for problem in told] == ["warning"] and told[0].at is not None
        assert told[0].title.startswith(f"{told[0].at[1]}: breakpoint * if value.nothing: its condition failed")

    drive(write(tmp_path, CHAIN), story)


def test_breakpoints_hold_in_the_next_run_but_not_on_the_way_to_the_anchor(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.breakpoints.add("middle")
        session.controls.update_breakpoints()
        for step in range(1, 9):
            session.controls.step()
            session = await driver.until(
                lambda s, step=step: s.phase is Phase.PAUSED and (s.paused.step == step or s.paused.why)
            )
            if session.paused is not None and session.paused.why:
                session.controls.step()
                await driver.paused(step)
        assert session.controls.behind(session.controls.breakpoints.items[0]) == 1
        await session.rerun()
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step == 8)
        assert session.notice.endswith("past a breakpoint: {debug.restart} begins anew and stops there")
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 8)
        assert session.paused is not None and session.paused.why.startswith("breakpoint middle")
        await session.restart()
        session = await driver.until(lambda s: s.run == 3 and s.phase is Phase.PAUSED)
        assert session.paused is not None and (session.paused.step, session.paused.why) == (0, "")
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step)
        assert session.paused is not None and 0 < session.paused.step < 8
        assert session.paused.why == "breakpoint middle"

    drive(write(tmp_path, CHAIN), story)


def test_a_rerun_stands_at_the_last_move_if_the_run_before_stood_there(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume(until_blocked=True)
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.why == "nothing can move")
        last = session.record.marking.step
        await session.again()
        session = await driver.until(
            lambda s: s.run == 2 and (s.phase is Phase.ENDED or (s.paused and s.paused.step))
        )
        assert session.paused is not None and session.paused.step == last and "at the same place" in session.notice
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.end == "finished"

    drive(write(tmp_path, CHAIN), story)


def test_a_run_that_goes_at_once_stops_at_its_breakpoints(tmp_path: Path) -> None:
    points = BreakpointList()
    points.add("receive GRAPH.out")

    async def story(driver: Driver) -> None:
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.why)
        assert session.paused is not None and session.paused.step == 3

    drive(write(tmp_path, program()), story, paused=False, breakpoints=points)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "a breakpoint begins with a place: PLACE [once] [hit N] [log TEXT] [if EXPR]"),
        ("A once more", "'more' does not belong there: PLACE [once] [hit N] [log TEXT] [if EXPR]"),
        ("A hit x", "'hit x': hit takes a whole number from 1"),
        ("A if (", "'if (': '(' was never closed"),
    ],
)
def test_what_is_no_breakpoint_is_told(text: str, sentence: str) -> None:
    with pytest.raises(BadBreakpoint) as raised:
        parse(text, 1)
    assert str(raised.value) == sentence


def test_breakpoints_are_written_as_they_are_read() -> None:
    for text in (
        "A.out->B.inp",
        "A hit 3",
        "fails * once if 'x' in str(error)",
        "send A.out hit 2 log got {value} if value['if'] > 3",
    ):
        assert str(parse(text, 1)) == text


FAILS = """
            if value == 7:
                raise ValueError("no sevens")
"""


@pytest.mark.parametrize("text", ["fails Work", "fails * if 'sevens' in str(error)"])
def test_a_firing_that_fails_is_a_place_where_its_variables_can_be_seen(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, program(FAILS.strip()).replace('"inp": 5', '"inp": 7'))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.breakpoints.add("fails Work if value is not None")
        session.controls.breakpoints.add(text)
        session.controls.update_breakpoints()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step == 2)
        assert session.paused is not None and session.paused.at_breakpoint
        assert session.paused.why == f"breakpoint {text.partition(' if')[0]}: ValueError: no sevens"
        state = next(state for state in session.paused.nodes if state.node == "Work")
        assert (state.state, state.why) == ("failed", "by ValueError: no sevens")
        seen = await session.questions.inspect(node="Work", expression="value + 1")
        assert seen.items[0].summary == "8"
        assert await session.questions.act("inject", edge="edge0", text="8") == ""
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.end == "failed"

    drive(path, story)


def test_a_run_can_be_ended_where_a_firing_has_failed(tmp_path: Path) -> None:
    points = BreakpointList()
    points.add("fails *")

    async def story(driver: Driver) -> None:
        await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.why)
        assert await driver.session.stop() == ""
        session = await driver.ended()
        assert session.done is not None and session.done.end == "stopped"

    drive(write(tmp_path, program("raise ValueError")), story, paused=False, breakpoints=points)


def test_a_breakpoint_for_one_stop_is_spent_by_the_stop_alone(tmp_path: Path) -> None:
    points = BreakpointList(tmp_path / "kept.json")
    points.add("middle once hit 2")

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and session.paused.why == "breakpoint middle, hit 2"
        assert points.items == []
        session.controls.breakpoints.add("middle once")
        session.controls.update_breakpoints()
        await session.rerun()
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused.step > 0)
        assert [str(point) for point in points.items] == ["middle once"]
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.why)
        assert points.items == []
        again = BreakpointList(tmp_path / "kept.json")
        again.load()
        assert again.items == []

    drive(write(tmp_path, CHAIN), story, breakpoints=points)


def test_a_breakpoint_whose_place_is_gone_is_kept_and_comes_back_with_it(tmp_path: Path) -> None:
    path = write(tmp_path, CHAIN)
    points = BreakpointList(tmp_path / "kept.json")
    points.add("middle if value > 20")
    points.add("B")

    async def story(driver: Driver) -> None:
        await driver.paused()
        write(tmp_path, CHAIN.replace('"middle"', '"between"'))
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED)
        assert [str(point) for point in points.orphans] == ["middle if value > 20"]
        write(tmp_path, CHAIN)
        session = await driver.until(lambda s: s.run == 3 and s.phase is Phase.PAUSED)
        assert points.orphans == []
        points.switch(1)
        session.controls.update_breakpoints()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step > 0)
        assert session.paused is not None and session.paused.why == "breakpoint middle"

    drive(path, story, breakpoints=points, watch=True)
    again = BreakpointList(tmp_path / "kept.json")
    again.load()
    assert [(str(point), point.enabled) for point in again.items] == [("middle if value > 20", True), ("B", False)]


def test_a_free_run_records_every_payload_and_counts_firings(tmp_path: Path) -> None:
    numbers = [-7, 0, 2**31, -(2**63), 2**63 - 2, 2**64, True]
    path = write(tmp_path, CHAIN.replace("[10, 20, 30]", repr(numbers)))

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        session.refresh()
        trace = session.record.trace
        assert trace is not None and session.done is not None and session.done.order == "free"
        sent = [(trace.edge_of(r), trace.text(r), r.occurrence) for r in trace if r.kind is Kind.SEND]
        assert [what for what in sent if what[0] == "edge0"] == [
            ("edge0", repr(value), number) for number, value in enumerate(numbers, 1)
        ]
        assert [text for place, text, _ in sent if place == "middle"] == [str(value + 1) for value in numbers]
        times = [record.time for record in trace]
        assert times == sorted(times) and times[0] >= 0
        assert session.record.marking.step == 6 * len(numbers)
        assert {session.record.marking.nodes[name].firings for name in ("A", "B")} == {len(numbers)}

    drive(path, story, order="free", paused=False)


@pytest.mark.parametrize("name", ["telegram", "shop", "deadlock", "feedback"])
def test_what_is_told_of_a_pause_in_differences_is_what_the_whole_would_say(name: str) -> None:
    """A pause tells what is new since the one before; asked for the whole, the target says the same."""

    async def steps(driver: Driver) -> None:
        session = await driver.until(lambda s: s.phase is Phase.PAUSED)
        for step in range(1, 40):
            session.controls.step()
            await driver.until(lambda s, step=step: s.phase is Phase.ENDED or s.paused.step == step)
            if session.phase is Phase.ENDED:
                break
            told = session.paused
            session.controls.update_watches()  # something was done to the net: the whole is told again
            await driver.until(lambda s, told=told: s.paused is not told)
            whole = session.paused
            assert told is not None and whole is not None
            assert told.parked == whole.parked
            assert sorted(told.nodes, key=repr) == sorted(whole.nodes, key=repr)

    drive(EXAMPLES / f"{name}.py", steps)


class Stage:
    """A session that is steered without a target: each message is kept, and `pause` answers."""

    is_on_its_way = False

    def __init__(self) -> None:
        self.run, self.graph, self.notice = 1, None, ""
        self.phase = Phase.PAUSED
        self.record = RunRecord(Path("nowhere"), Path("nowhere.py"))
        self.sent: list[Message] = []
        self.controls = Controls(self, BreakpointList(), WatchList(), lambda: None)

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def refresh(self, seconds: float = math.inf) -> None:
        """Nothing is recorded."""

    def cannot(self, what: str) -> str:
        return f"cannot {what}"

    def pause(self, why: str = "") -> None:
        self.phase = Phase.PAUSED
        self.controls.arrive(Paused(1, 0, (), None, (), why))


def test_what_is_typed_behind_a_step_is_carried_out_in_order_when_it_has_ended() -> None:
    stage, told = Stage(), list[str]()
    controls = stage.controls
    controls.ahead.say = told.append
    assert controls.step() == ""
    for command in (controls.step, controls.step, lambda: controls.resume(wave=True), lambda: "not now"):
        assert controls.in_turn(command) == ""
    assert controls.step() == ""
    assert controls.in_turn(controls.resume) == ""
    assert stage.sent == [Step(1)]
    for _ in range(3):
        stage.pause()
    assert stage.sent == [Step(1), Step(1), Step(1), Resume(1, wave=True)]
    stage.pause()
    assert (stage.sent[-1], told) == (Step(1), ["not now"])
    stage.pause()
    assert stage.sent[-1] == Resume(1)
    assert controls.in_turn(controls.resume) == "cannot go on"


@pytest.mark.parametrize(
    "drop",
    [
        lambda stage: stage.pause("breakpoint A"),
        lambda stage: stage.controls.pause(),
        lambda stage: stage.controls.begin(),
    ],
)
def test_what_was_typed_ahead_is_dropped_by_a_stop_with_a_reason_a_pause_and_a_new_run(
    drop: Callable[[Stage], object],
) -> None:
    stage = Stage()
    stage.controls.step()
    stage.controls.in_turn(lambda: stage.controls.resume(wave=True))
    drop(stage)
    stage.pause()
    assert not any(isinstance(message, Resume) for message in stage.sent)
