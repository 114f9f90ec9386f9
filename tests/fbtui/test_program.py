"""Programs that make their nets themselves: ``--main``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from fbtui.cli.options import BadOption, parser, spec_of
from fbtui.session import Phase
from fbtui.testing import CannotRun, run_graph
from tests.fbtui.driver import Driver, drive, write

HEAD = """
import asyncio, sys, time
from fbdev import (
    BatchExecutor, GraphSpec, NodeProcess, PortSpec, PortSpecCollection, PortType, Stream, func_component,
)

@func_component(loop_execution=True)
def double(number: int) -> int:
    return 2 * number

def chain(count, maxsize=None):
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
    before = graph.ports.input.inp
    for number in range(count):
        node = graph.add_node(double, f"double{number}")
        before >> graph.add_edge(maxsize) >> node.ports.input.number
        before = node.ports.output.out
    before >> graph.add_edge(maxsize) >> graph.ports.output.out
    return graph
"""
ONE_BATCH = (
    HEAD
    + """
if __name__ == "__main__":
    print("with", sys.argv[1:])
    print(BatchExecutor.from_graph(chain(1)).start(Stream([1, 2])))
"""
)
THREE_NETS = (
    HEAD
    + """
async def third():
    return await BatchExecutor.from_graph(chain(3)).astart(Stream([4]))

print(BatchExecutor.from_graph(chain(1)).start(Stream([1])))
print(BatchExecutor.from_graph(chain(2)).start(Stream([2, 3])))
print(asyncio.run(third()))
"""
)


def talk(body: str) -> str:
    """Return a program that talks to a process."""
    return (
        HEAD
        + "async def main():\n    async with NodeProcess.from_graph(chain(1, maxsize=1)) as process:\n"
        + "".join(f"        {line}\n" for line in body.splitlines())
        + "asyncio.run(main())\n"
    )


def printed(driver: Driver) -> list[str]:
    driver.session.refresh()
    return [line.text for line in driver.session.record.output]


def test_a_program_runs_as_python_would_run_it_and_its_net_is_stepped(tmp_path: Path) -> None:
    path = write(tmp_path, ONE_BATCH)

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session.graph is not None and session.graph.name == "net 1"
        assert [node.id for node in session.graph.graph.nodes] == ["double0"]
        session.controls.step(3)
        await driver.paused(3)
        session.controls.resume()
        await driver.ended()
        assert session.done is not None and (session.done.end, session.done.moves) == ("finished", 8)
        assert printed(driver) == ["with ['a', 'b']", "{'out': [2, 4]}"]

    drive(path, story, net=1, argv=("a", "b"))


@pytest.mark.parametrize("net", [1, 2, 3])
@pytest.mark.parametrize("virtual_time", [False, True])
def test_any_net_of_a_program_can_be_meant(tmp_path: Path, net: int, virtual_time: bool) -> None:
    path = write(tmp_path, THREE_NETS)
    ran = run_graph(path, net=net, virtual_time=virtual_time)
    assert ran.end == "finished"
    assert len(ran.histories) == net + 1
    sent = {1: ["int 1"], 2: ["int 2", "int 3"], 3: ["int 4"]}[net]
    assert [text.removeprefix("int ") for text in ran.histories["GRAPH.inp->double0.number"]] == [
        text.removeprefix("int ") for text in sent
    ]


def test_what_is_put_before_the_start_is_recorded_too(tmp_path: Path) -> None:
    body = "await process.ports.input.inp.put_value(7)\nawait process.astart()\nawait process.gather_outputs('out')"
    ran = run_graph(write(tmp_path, talk(body)), net=1)
    assert ran.end == "finished"
    assert ran.histories == {"GRAPH.inp->double0.number": ["7"], "double0.out->GRAPH.out": ["14"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("print('nothing')\n", "work.py has ended, and has started no net to debug"),
        ("import sys\nsys.exit(0)\n", "work.py has ended, and has started no net to debug"),
        ("1 / 0\n", "work.py has failed before its net: ZeroDivisionError: division by zero"),
        ("import sys\nsys.exit(3)\n", "work.py has failed before its net: SystemExit: 3"),
        (
            "import asyncio\nasyncio.run(asyncio.Event().wait())\n",
            "work.py waits for something that nobody is left to give, and has started no net to debug",
        ),
        (HEAD + "with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:\n"
         "    runner.run(BatchExecutor.from_graph(chain(1)).astart(Stream([1])))\n",
         "the net of work.py runs on a loop of its own (_UnixSelectorEventLoop), where it cannot be stepped"),
        (HEAD + "import threading\n"
         "thread = threading.Thread(target=BatchExecutor.from_graph(chain(1)).start, args=[Stream([1])])\n"
         "thread.start()\nthread.join()\nraise ValueError('late')\n",
         "the net of work.py runs in a thread, where it cannot be stepped"),
    ],
)  # fmt: skip
def test_a_program_without_its_net_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CannotRun) as caught:
        run_graph(write(tmp_path, text), net=1)
    assert str(caught.value) == words


@pytest.mark.parametrize("net", [None, 1])
def test_what_was_printed_is_shown_though_there_is_no_net(tmp_path: Path, net: int | None) -> None:
    path = write(tmp_path, "import sys\nprint('out')\nprint('rest \\udc80', end='')\nsys.exit('usage')\n")

    async def story(driver: Driver) -> None:
        await driver.broken()
        assert printed(driver) == ["out", "rest \\udc80"]

    drive(path, story, net=net)


def test_a_net_that_is_not_reached_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="has started 3 of 7 nets to debug"):
        run_graph(write(tmp_path, THREE_NETS), net=7)


@pytest.mark.parametrize(
    ("last", "end", "text"),
    [
        ("sys.exit(0)", "finished", "finished after 8 moves"),
        ("sys.exit(3)", "failed", "failed after 8 moves: SystemExit: 3"),
        ("raise KeyError('late')", "failed", "failed after 8 moves: KeyError: 'late'"),
    ],
)
def test_a_program_ends_as_it_wants_to(tmp_path: Path, last: str, end: str, text: str) -> None:
    ran = run_graph(write(tmp_path, f"{ONE_BATCH}    {last}\n"), net=1)
    assert (ran.end, ran.text) == (end, text)


def test_a_program_that_can_never_go_on_ends_with_who_waits_for_whom(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        talk("await process.astart()\nfor n in range(9):\n    await process.ports.input.inp.put_value(n)"),
    )

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        done = session.done
        assert done is not None and done.end == "blocked" and done.blocked is not None
        assert [(wait.node, wait.waits, wait.port) for wait in done.blocked.chain] == [("double0", "send", "out")]
        assert "double0 waits to send out (1/1 full) <- GRAPH" in done.blocked.text

    drive(path, story, net=1, paused=False)


def test_a_program_that_waits_for_what_never_comes_is_told_what_it_awaits(tmp_path: Path) -> None:
    waits = "out = asyncio.ensure_future(process.ports.output.out.get())\nawait asyncio.wait([out])"
    path = write(tmp_path, talk(f"await process.astart()\n{waits}"))

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None and session.done.blocked is not None
        assert session.done.blocked.text.startswith("GRAPH waits for out (empty) <- double0 waits for number")

    drive(path, story, net=1, paused=False)


def test_a_stop_lets_the_program_clean_up_wherever_it_is(tmp_path: Path) -> None:
    body = (
        "try:\n    await process.astart()\n    await process.ports.input.inp.put_value(1)\n"
        "    await asyncio.sleep(1000)\nfinally:\n    print('cleaned up')"
    )
    path = write(tmp_path, talk(body))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        await session.stop()
        await driver.ended()
        assert session.done is not None and (session.done.end, session.done.order) == ("stopped", "fifo")
        assert printed(driver) == ["cleaned up"]

    drive(path, story, net=1)


def test_a_program_that_answers_a_stop_by_an_exit_code_was_stopped(tmp_path: Path) -> None:
    answer = "import signal, sys\nsignal.signal(signal.SIGINT, lambda *_: sys.exit(7))\n"
    path = write(tmp_path, answer + talk("await process.astart()\nawait process.ports.input.inp.put_value(1)"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        await session.stop()
        await driver.ended()
        assert session.done is not None and (session.done.end, session.done.error) == ("stopped", None)

    drive(path, story, net=1)


def test_a_save_brings_the_program_back_to_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, ONE_BATCH)

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(4)
        await driver.paused(4)
        write(tmp_path, ONE_BATCH.replace("2 * number", "3 * number"))
        await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.changes.verdict)
        assert session.paused is not None and session.paused.step == 4
        assert "packet 1 on double0.out->GRAPH.out: 2 became 3" in session.changes.verdict

    drive(path, story, net=1, watch=True)


@pytest.mark.parametrize("last", ["pass", "sys.exit(0)"])
def test_threads_of_the_program_are_waited_for(tmp_path: Path, last: str) -> None:
    late = "import threading\n    threading.Thread(target=lambda: (time.sleep(0.05), print('late'))).start()"
    ran: list[str] = []

    async def story(driver: Driver) -> None:
        await driver.ended()
        ran.extend(printed(driver))

    drive(write(tmp_path, f"{ONE_BATCH}    {late}\n    {last}\n"), story, net=1, paused=False)
    assert ran[-1] == "late"


def test_a_class_of_the_program_is_found_under_its_name(tmp_path: Path) -> None:
    text = ONE_BATCH.replace("print(Batch", "import pickle\n    pickle.loads(pickle.dumps(chain))\n    print(Batch")
    assert run_graph(write(tmp_path, text), net=1).end == "finished"


def test_a_net_that_a_component_starts_runs_by_itself_and_is_told_of(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
@func_component(loop_execution=True)
async def outer(number: int) -> int:
    return (await BatchExecutor.from_graph(chain(1)).astart(Stream([number])))["out"][0]

graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
graph.ports.input.inp >> graph.add_node(outer) >> graph.ports.output.out
BATCH = {"streams": {"inp": [1, 2]}}
"""
    )

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        assert session.notice == "outer has started a net of its own, which runs by itself and is not shown"
        assert session.done is not None and session.done.outputs == {"out": [2, 4]}

    drive(write(tmp_path, text), story)


def test_a_program_in_a_package_imports_from_there(tmp_path: Path) -> None:
    package = tmp_path / "app"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "given.py").write_text("NUMBERS = [3]\n", encoding="utf-8")
    (package / "beside.py").touch()
    last = """
import beside  # what lies beside a script is found, too
from .given import NUMBERS
assert (__name__, __spec__.name) == ("__main__", "app.work")
BatchExecutor.from_graph(chain(1)).start(Stream(NUMBERS))
"""
    ran = run_graph(write(package, HEAD + last), net=1)
    assert (ran.end, ran.histories["GRAPH.inp->double0.number"]) == ("finished", ["3"])


def test_virtual_time_goes_on_from_one_loop_to_the_next(tmp_path: Path) -> None:
    text = HEAD + (
        "asyncio.run(asyncio.sleep(50))\nbefore = time.monotonic()\nasyncio.run(asyncio.sleep(50))\n"
        "print(before, time.monotonic())\nBatchExecutor.from_graph(chain(1)).start(Stream([1]))\n"
    )

    async def story(driver: Driver) -> None:
        await driver.ended()
        assert printed(driver) == ["50.0 100.0"]

    drive(write(tmp_path, text), story, net=1, paused=False, virtual_time=True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{}", "--net", "2"], "--net: it goes with --main, which runs the file as a program"),
        (["{}:graph", "--main"], "--main: the program makes and feeds its nets itself; leave :graph away"),
        (
            ["{}", "--main", "--input", "a=1"],
            "--main: the program makes and feeds its nets itself; leave --input away",
        ),
    ],
)
def test_what_does_not_go_with_main_is_told(tmp_path: Path, words: list[str], told: str) -> None:
    path = write(tmp_path, ONE_BATCH)
    options: Any = parser("run").parse_args([word.format(path) for word in words])
    with pytest.raises(BadOption) as caught:
        spec_of(options, "run")
    assert str(caught.value) == told


def test_the_net_is_the_first_one_if_nothing_else_is_said(tmp_path: Path) -> None:
    options = parser("run").parse_args([str(write(tmp_path, ONE_BATCH)), "--main"])
    assert spec_of(options, "run").net == 1 and sys.modules["__main__"] is not None
