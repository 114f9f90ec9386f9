"""Where the time of a run goes."""

import asyncio
from pathlib import Path

from textual.pilot import Pilot

from fbtui.protocol import EdgeInfo, End, GraphInfo, NodeInfo, PortInfo
from fbtui.session import Phase, RunSpec, Session
from fbtui.trace import Deed, Kind, Places, TraceReader, TraceWriter
from fbtui.trace.profile import profile_of, table
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import EXAMPLES, program, write
from tests.fbtui.test_cli import fbtui
from tests.fbtui.test_ui import lines, paused, until

PORTS = (PortInfo("input", "inp"), PortInfo("output", "out"))
GRAPH = GraphInfo(
    (),
    (NodeInfo("Fast", "F", PORTS), NodeInfo("Slow", "S", PORTS)),
    (EdgeInfo("e", End("Fast", "output", "out"), End("Slow", "input", "inp"), 2),),
)
SEND, TAKE = (Kind.SEND, 1), (Kind.RECEIVE, 2)


def trace_of(folder: Path, moves: list[tuple[Kind, int]]) -> TraceReader:
    writer = TraceWriter(folder)
    writer.name(Places(("GRAPH", "Fast", "Slow"), ("e",)))
    for step, (kind, node) in enumerate(moves, 1):
        writer.record(kind, node=node, edge=0, packet=step, step=step, data=b"1")
    writer.close()
    return TraceReader(folder)


def test_the_one_that_the_others_wait_for_is_named(tmp_path: Path) -> None:
    trace = trace_of(tmp_path, [SEND, SEND, *[TAKE, SEND] * 20, TAKE, TAKE])
    profile = profile_of(trace, GRAPH, by_time=False)
    slow, fast = sorted(profile.nodes, key=lambda node: -node.shares.busy)
    assert (slow.place, slow.taken, fast.place, fast.sent) == ("Slow", 22, "Fast", 22)
    assert fast.shares.blocked > 0.4 and slow.shares.blocked == 0
    (edge,) = profile.edges
    assert (edge.name, edge.packets, edge.highest, edge.capacity) == ("Fast.out->Slow.inp", 22, 2, 2)
    assert edge.full > 0.4
    assert profile.bottleneck.startswith("Slow is the bottleneck: ready for ")
    assert "Fast.out->Slow.inp before it full for " in profile.bottleneck


def test_packets_that_the_person_puts_and_drops_are_counted(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "Fast", "Slow"), ("e",)))
    for detail in (Deed.INJECTED, Deed.INJECTED, Deed.DROPPED, Deed.EDITED):
        writer.record(Kind.ACT, edge=0, packet=1, detail=detail, data=b"1")
    writer.close()
    (edge,) = profile_of(TraceReader(tmp_path), GRAPH).edges
    assert (edge.packets, edge.highest) == (2, 2)


def test_a_run_of_nothing_has_a_profile(tmp_path: Path) -> None:
    profile = profile_of(trace_of(tmp_path, []), GRAPH)
    assert (profile.seconds, profile.nodes, profile.edges) == (0.0, (), ())
    assert table(profile)[0].startswith("no node holds the others up")
    assert table(profile)[0].endswith("; the run took 0.000 s")


def test_the_command_line_names_a_component_that_takes_its_time(tmp_path: Path) -> None:
    source = program("time.sleep(0.02)").replace('"inputs": {"inp": 5}', '"streams": {"inp": [1, 2, 3, 4, 5]}')
    done = fbtui("run", write(tmp_path, source), "--profile")
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "out: 5"
    told = done.stderr.splitlines()
    assert told[0].startswith("Work is the bottleneck: busy for ")
    assert [line.split() for line in told if line.startswith(("node ", "edge "))] == [
        ["node", "busy", "waiting", "blocked", "taken", "sent"],
        ["edge", "packets", "rate", "highest", "full"],
    ]


def test_the_screen_shows_it_on_demand() -> None:
    async def story(app: DebuggerApp, pilot: Pilot[str]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("c")
        await until(pilot, lambda: app.session.phase is Phase.ENDED)
        await pilot.press("percent_sign")
        shown = lambda: app.screen.query_one("#profiled")  # noqa: E731 - short
        await until(pilot, lambda: app.screen.query("#profiled") and shown()._count > 8)  # type: ignore[attr-defined]
        told = ["".join(text for text, _ in shown()._line(i)) for i in range(shown()._count)]  # type: ignore[attr-defined]
        assert any(line.startswith("FillLines ") for line in told)
        assert told[-1] == "Shares are of the moves: the run can be stepped, and steps take time of their own."
        assert app.screen.query_one("#profile").border_subtitle == "esc closes"
        await pilot.press("percent_sign")
        await until(pilot, lambda: not app.screen.query("#profiled"))
        assert lines(app, "next")

    async def main() -> None:
        path = EXAMPLES / "telegram.py"
        app = DebuggerApp(Session(RunSpec(path, cwd=path.parent), watch=False, spares=1))
        async with app.run_test(size=(140, 40)) as pilot:
            await story(app, pilot)

    asyncio.run(main())


def test_a_net_is_none_of_the_nodes_its_inside_is(tmp_path: Path) -> None:
    writer = TraceWriter(tmp_path)
    writer.name(Places(("GRAPH", "Fast", "Slow", "Slow/In"), ("e", "Slow/i")))
    writer.record(Kind.SEND, node=1, edge=0, packet=1, step=1, data=b"1")
    writer.record(Kind.CROSS, node=2, edge=0, packet=1, step=1, detail=1)
    writer.record(Kind.CROSS, node=2, edge=1, packet=1, step=1, data=b"1")
    writer.record(Kind.RECEIVE, node=3, edge=1, packet=1, step=2)
    writer.close()
    inner = EdgeInfo("i", End("GRAPH", "input", "inp"), End("In", "input", "inp"), 2)
    slow = NodeInfo("Slow", "S", PORTS, graph=GraphInfo((), (NodeInfo("In", "I", PORTS),), (inner,)))
    profile = profile_of(TraceReader(tmp_path), GraphInfo((), (GRAPH.nodes[0], slow), GRAPH.edges), by_time=False)
    assert {node.place for node in profile.nodes} == {"Fast", "Slow/In"}
