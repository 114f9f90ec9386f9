"""What the Inspector tells of the past: a packet's way and age, an edge's history; and the source of a line."""

import asyncio
import re
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from fbtui.session import Phase, RunSpec, Session
from fbtui.target.opened import size_of
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import HEAD, Driver, drive, program, write
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


THEN = """
from fbdev.graph.graph_component import GraphComponentFactory

def chain(*kinds, capacity=1):
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
    end = graph.ports.input.inp
    for number, kind in enumerate(kinds):
        node = graph.add_node(kind, id=f"N{number}")
        end >> graph.add_edge(maxsize=capacity) >> node.ports.input.inp
        end = node.ports.output.out
    end >> graph.add_edge(maxsize=capacity) >> graph.ports.output.out
    return graph

class Late(Work):
    async def main(self):
        values = [await self.ports.input.inp.get_and_consume() for _ in range(2)]
        for value in values:
            await self.ports.output.out.put(Packet(value))

graph = chain(Work, GraphComponentFactory.create_component(chain(Late)), Work)
BATCH = {"streams": {"inp": [5, 6, 7, 8]}}
"""


def _is_at(session: Session, step: int) -> bool:
    return session.phase is Phase.ENDED or (session.paused is not None and session.paused.step == step)


def test_in_the_past_each_node_does_what_it_did_when_that_was_now(tmp_path: Path) -> None:
    """What is told from the trace is what the target told of the states when it stood there."""

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        told: dict[int, dict[str, tuple[str, str]]] = {}
        step = 0
        while session.phase is Phase.PAUSED and session.paused is not None:
            told[step] = {one.node: (one.state, one.why) for one in session.paused.nodes}
            session.controls.step()
            step += 1
            session = await driver.until(partial(_is_at, step=step))
        assert len(told) > 12
        words = {word for states in told.values() for word, _ in states.values()}
        assert {"ready", "waiting", "blocked"} <= words
        for at in range(len(told) - 1):
            session.refresh()
            session.record.look_at_step(at)
            then = session.states_then()
            for place, (word, why) in told[at].items():
                state = then[place]
                if state.state in {"ready", "waiting", "blocked"}:
                    assert (state.state, re.sub(r", (at|until) step \d+", "", state.why)) == (word, why), (at, place)

    drive(write(tmp_path, HEAD.partition("graph = ")[0].format(body="pass") + THEN), story, order="random", seed=3)


def test_in_the_past_who_has_not_moved_since_does_what_it_does_now(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        for step in range(1, 4):
            session.controls.step()
            session = await driver.paused(step)
        session.refresh()
        session.record.look_at_step(1)
        then = session.states_then()
        assert (then["N2"].state, then["N2"].why) == ("waiting", "for inp")
        assert (then["N0"].state, then["N0"].why) == ("ready", "to take inp, at step 2")
        assert (then["N1"].state, then["N1"].why) == ("waiting", "in N0, for inp")

    drive(write(tmp_path, HEAD.partition("graph = ")[0].format(body="pass") + THEN), story)


def test_in_the_past_of_a_run_that_has_ended_no_pause_before_tells_what_a_node_did(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(2)
        session = await driver.paused(2)
        assert session.paused is not None
        assert {state.node: state.state for state in session.paused.nodes}["N0"] == "ready"
        session.controls.resume()
        session = await driver.ended()
        session.refresh()
        session.record.look_at_step(session.record.marking.step - 1)
        then = session.states_then()
        assert then["N0"].state in {"finished", "running"} and "ready" not in then["N0"].why

    drive(write(tmp_path, HEAD.partition("graph = ")[0].format(body="pass") + THEN), story)


def test_a_packet_that_is_about_to_be_sent_is_not_gone_in_the_past(tmp_path: Path) -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for step in range(1, 4):
            await pilot.press("s")
            await paused(app, pilot, step)
        await pilot.press("b")
        await until(pilot, lambda: app.session.record.shown.step == 2)
        trail = app.live.trail
        trail.follow(1, None)
        assert "".join(text for text, _ in trail.words()) == "◎ #1 is about to be sent by Work · came over 1 edge"

    forwards = program().replace("value = await packet.consume()", "value = None").replace("Packet(value)", "packet")
    play(story, path=write(tmp_path, forwards))


def test_a_packet_that_went_onto_several_edges_names_its_copies(tmp_path: Path) -> None:
    fan = """
graph = GraphSpec(PortSpecCollection(
    PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "one"), PortSpec(PortType.OUTPUT, "two")
))
work = graph.add_node(Work)
graph.ports.input.inp >> work.ports.input.inp
work.ports.output.out >> graph.ports.output.one
work.ports.output.out >> graph.ports.output.two
BATCH = {"inputs": {"inp": 5}}
"""

    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        for step in range(1, 4):
            await pilot.press("s")
            await paused(app, pilot, step)
        copies = [number for mark in app.session.record.marking.edges.values() for number in mark.waiting]
        app.inspector.show_closely(("packet", min(copies) - 1))
        told = f"went onto several edges: {', '.join(f'#{number}' for number in copies)}"
        await until(pilot, lambda: told in lines(app, "inspector"))

    play(story, path=write(tmp_path, HEAD.partition("graph = ")[0].format(body="pass") + fan))
