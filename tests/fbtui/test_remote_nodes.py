"""Nodes in processes of their own, in the debugger."""

import os
import py_compile
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fbtui.driver import Driver, drive, program, write
from tests.fbtui.test_cli import answer, fbtui


def remote(body: str = "pass", head: str = "") -> str:
    """Return a program of one node in a process of its own."""
    text = program(body).replace("add_node(Work)", "add_node(Work, node_type=ProxyNode)")
    return f"from fbdev.concurrent.remote import ProxyNode\n{head}\n{text}"


def test_run_shows_what_such_a_node_prints_and_counts_its_moves(tmp_path: Path) -> None:
    path = write(tmp_path, remote("print(__name__, value, file=sys.stderr)"))
    for order in ("free", "fifo"):
        done = fbtui("run", path, "--order", order)
        assert (done.returncode, done.stdout) == (0, "out: 5\n")
        assert done.stderr.splitlines() == ["Work │ work 5", "fbtui │ finished after 4 moves"]
    assert not (tmp_path / "__pycache__").exists()


def test_a_step_commits_exactly_one_move_whatever_else_could_go(tmp_path: Path) -> None:
    beside = """
graph.add_graph_port(PortSpec(PortType.INPUT, "other"))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "same"))
graph.ports.input.other >> graph.add_node(Work, id="Beside") >> graph.ports.output.same
BATCH = {"inputs": {"inp": 5, "other": 6}}
"""

    async def story(driver: Driver) -> None:
        session = await driver.until(lambda s: s.paused and any(move.node == "Work" for move in s.paused.parked))
        for step in range(8):
            await driver.until(lambda s: s.paused and any(move.enabled for move in s.paused.parked))
            remote = [move.id for move in session.paused.parked if move.node == "Work" and move.enabled]
            session.controls.step(move=remote[0] if remote else None)
            if step < 7:
                await driver.paused(step + 1)
        await driver.ended()
        assert session.done is not None
        assert (session.done.end, session.done.moves) == ("finished", 8)
        assert session.done.outputs == {"out": [5], "same": [6]}

    drive(write(tmp_path, remote() + beside), story)


def test_the_process_reads_sources_never_old_bytecode(tmp_path: Path) -> None:
    helper = write(tmp_path, "NUMBER = 1\n", "helper.py")
    py_compile.compile(str(helper))
    stamp = helper.stat()
    helper.write_text("NUMBER = 2\n", encoding="utf-8")
    os.utime(helper, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    path = write(tmp_path, remote("value = helper.NUMBER", head="import helper"))
    assert answer(path)["outputs"] == {"out": [2]}


def test_a_node_that_fails_or_dies_is_told_with_its_place(tmp_path: Path) -> None:
    failed = answer(write(tmp_path, remote("1 / 0")))
    assert (failed["code"], failed["error"]["type"], failed["error"]["node"]) == (1, "ZeroDivisionError", "Work")
    assert "in main" in failed["error"]["traceback"]
    dead = answer(write(tmp_path, remote("os._exit(3)")))
    assert (dead["code"], dead["error"]["type"], dead["error"]["node"]) == (1, "RemoteNodeError", "Work")
    assert "has exited with status 3" in dead["error"]["message"]


def test_a_node_that_waits_inside_its_process_is_blocked_and_one_at_work_is_not(tmp_path: Path) -> None:
    blocked = answer(write(tmp_path, remote("await asyncio.Event().wait()")), "--until", "outputs")
    assert (blocked["code"], blocked["blocked"]["verdict"]) == (3, "inside")
    path = write(tmp_path, remote("await asyncio.to_thread(time.sleep, 0.05)"))
    assert answer(path, "--order", "fifo")["code"] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_process_ends_with_the_run(tmp_path: Path, number: signal.Signals) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    body = f"file = os.open({str(pipe)!r}, os.O_WRONLY); os.write(file, b'open'); time.sleep(3600)"
    path = write(tmp_path, remote(body))
    run = subprocess.Popen(
        [sys.executable, "-m", "fbtui", "run", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    with pipe.open("rb") as reading:  # the node's process holds the other end
        assert reading.read(4) == b"open"
        run.send_signal(number)
        assert reading.read() == b""
    run.wait()


def test_a_file_says_where_the_nodes_run(tmp_path: Path) -> None:
    path = write(tmp_path, program("print(type(sys.stdout).__module__)"))
    places = write(tmp_path, '[nodes.Work]\non = "process"\n', "places.toml")
    one, two = (str(tmp_path / f"{name}.fbtrace") for name in ("one", "two"))
    said = [fbtui("run", path, "--record", one).stderr]
    said.append(fbtui("run", path, "--record", two, "--place", places).stderr)
    assert [line.splitlines()[0] for line in said] == [
        "Work │ fbtui.target.output",
        "Work │ fbdev.concurrent.subprocess_node_launcher",
    ]
    assert fbtui("diff", one, two).returncode == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[nodes.Play]\non = "process"', "--place: the graph has no node 'Play': its nodes are Work."),
        ('[nodes.Work]\non = "moon"', "--place: nodes.Work: on is one of here, process, engine, not 'moon'"),
    ],
)
def test_a_file_that_places_no_node_is_told_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    done = fbtui("run", write(tmp_path, program("pass")), "--place", write(tmp_path, text, "places.toml"))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"fbtui │ {words}\n")
