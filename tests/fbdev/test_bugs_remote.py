"""Nodes in processes: what the public library got wrong."""

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import fbdev.concurrent.child as lives
from fbdev import Stream
from fbdev.comp.packet import Packet
from fbdev.concurrent.link import Link
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode
from fbdev.runtime import BatchExecutor
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import net, ports, run
from tests.fbdev.remote_components import alone, around

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("nothing_is_left")


# ------------------------------------------------------------- what the public library got wrong


def in_process_net(*kinds: Any) -> BaseNode:
    graph = GraphSpec()
    for kind in kinds:
        graph.add_node(kind, node_type=ProxyNode)
    return NodeSpec(GraphComponentFactory.create_component(graph)).create_node()


def test_bug_51_teardown_never_hangs() -> None:
    async def main() -> None:
        top = in_process_net(there.Double, there.CountUp, there.OnSignal, there.Inner)
        await top.start()
        await top.stop()

    run(main())


def test_bug_51_teardown_of_a_process_that_does_not_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "PATIENCE", 0.05)

    async def main() -> None:
        top = NodeSpec(GraphComponentFactory.create_component(around(there.Obey))).create_node()
        await top.start()
        await top.ports.input.inp.put(Packet("work_for_ever"))
        while not top.edges["edge0"].empty:
            await asyncio.sleep(0)
        await top.stop()

    run(main())


@pytest.mark.parametrize("before", [0, 1, 5, 50, 500])
def test_bug_52_no_race_at_the_end(before: int) -> None:
    """A stop at any moment of the exchange raises nothing, here and there."""

    async def main() -> None:
        top = NodeSpec(GraphComponentFactory.create_component(around(there.Double, maxsize=1))).create_node()
        await top.start()
        feeder = asyncio.ensure_future(feed(top))
        for _ in range(before):
            await asyncio.sleep(0)
        await top.stop()
        feeder.cancel()
        assert top.task_manager.get_exceptions() == []

    async def feed(top: BaseNode) -> None:
        while True:
            await top.ports.input.inp.put(Packet(1))
            await top.ports.output.out.get()

    run(main())


@pytest.mark.parametrize("before", [0, 1, 2, 3, 10, 1000])
def test_bug_52_a_start_that_is_cancelled_leaves_nothing(before: int) -> None:
    async def main() -> None:
        node = alone(there.Double)
        start = asyncio.ensure_future(node.start())
        for _ in range(before):
            await asyncio.sleep(0)
        start.cancel()
        await asyncio.gather(start, return_exceptions=True)
        if node.begun:
            await node.stop()

    run(main())


def test_bug_53_a_packet_costs_the_same_however_many_went_before() -> None:
    sizes: list[int] = []

    class Weighed(Link):
        def send(self, message: Any) -> None:
            before = len(self._out)
            self._gathers = True
            super().send(message)
            sizes.append(len(self._out) - before)
            self._gathers = False
            self.flush()

    executor = BatchExecutor.from_graph(around(there.Double, maxsize=1))
    registry = executor._node.packet_registry
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lives, "Link", Weighed)
        run(executor.astart(Stream([1000] * 1500)))
    assert len(registry.history()) > 6000
    answers = sizes[1:-1]
    first, last = answers[:20], answers[-20:]
    assert max(last) - max(first) <= 8  # the digits of a number


def test_bug_53_consumption_there_is_seen_here_and_nothing_is_kept() -> None:
    executor = BatchExecutor.from_graph(around(there.Double))
    registry = executor._node.packet_registry
    run(executor.astart(Stream(range(100))))
    consumed = [one for one in registry.history() if type(one).__name__ == "PacketConsumption"]
    assert len(consumed) == 200
    assert executor._node.nodes["Double"]._component._away == {}


def test_bug_54_nothing_secret_on_the_command_line_and_no_network(tmp_path: Path) -> None:
    async def main() -> tuple[list[str], list[str]]:
        node = alone(there.Double)
        await node.start()
        place = Path(f"/proc/{node.pid}")
        words = (place / "cmdline").read_bytes().decode().split("\0")
        files = [os.readlink(file) for file in (place / "fd").iterdir()]
        await node.stop()
        return words, files

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not tell")
    words, files = run(main())
    assert words[1:3] == ["-P", "-c"]
    assert words[4] == str(ROOT)
    assert words[5].isdigit() and words[6:] == [""]
    network = Path("/proc/net/tcp").read_text(encoding="ascii") if Path("/proc/net/tcp").exists() else ""
    sockets = [re.sub(r"\D", "", file) for file in files if file.startswith("socket:")]
    assert sockets and not any(inode in network.split() for inode in sockets)


def test_bug_55_making_a_node_starts_no_process_and_its_start_lets_the_others_run() -> None:
    async def main() -> int:
        node = alone(there.SlowToStart)
        assert node.pid is None
        start = asyncio.ensure_future(node.start())
        turns = 0
        while not start.done():
            await asyncio.sleep(0)
            turns += 1
        await start
        await node.stop()
        return turns

    assert run(main()) > 100


def test_bug_55_several_processes_start_at_the_same_time(tmp_path: Path) -> None:
    """Each waits, in its start, until all have come so far."""

    async def main() -> None:
        graph = GraphSpec(ports(config="folder"))
        for _ in range(3):
            node = graph.add_node(there.WaitsForTwoOthers, node_type=ProxyNode)
            graph.ports.config.folder >> node.ports.config.folder
        await BatchExecutor.from_graph(graph).astart(config={"folder": str(tmp_path)})

    run(main())


def test_an_interrupt_while_the_process_starts_does_not_hurt_it(capfd: pytest.CaptureFixture[str]) -> None:
    async def main() -> Any:
        top = net(around(there.Double))
        start = asyncio.ensure_future(top.start())
        node: Any = top.nodes["Double"]
        while node.pid is None:
            await asyncio.sleep(0)
        os.kill(node.pid, signal.SIGINT)  # it is an interpreter by now that has not read a line of ours
        await start
        await top.ports.input.inp.put(Packet(4))
        value = await top.ports.output.out.get_and_consume()
        await top.stop()
        return value

    assert run(main()) == 8
    assert capfd.readouterr() == ("", "")


# ----------------------------------------------------------------------- when the parent dies

PARENT = """
import asyncio, os, sys
from fbdev.comp.packet import Packet
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_spec import NodeSpec
from tests.fbdev.remote_components import HoldsFile

async def main():
    node = NodeSpec(HoldsFile, node_type=ProxyNode).create_node()
    start = asyncio.ensure_future(node.start())
    await node.ports.config.path.put(Packet(sys.argv[1]))
    if not os.environ.get("FBDEV_TEST_HANGS"):
        await start
    await asyncio.sleep(3600)

asyncio.run(main())
"""


@pytest.mark.parametrize("hangs", ["", "1"])
def test_the_process_ends_when_its_parent_dies(tmp_path: Path, hangs: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    env = {**os.environ, "PYTHONPATH": str(ROOT), "FBDEV_TEST_HANGS": hangs}
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(pipe)], env=env)
    with pipe.open("rb") as reading:  # the node's process holds the other end
        assert reading.read(4) == b"open"
        parent.kill()
        assert reading.read() == b""
    parent.wait()
