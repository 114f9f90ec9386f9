"""Nodes on the engine, on a local cluster of two workers. `make test-engine` installs it; else they are skipped."""

import asyncio
import os
import re
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from fbdev import Stream
from fbdev.concurrent.engine import EngineNode, OnEngine
from fbdev.concurrent.remote import ProxyNode, RemoteNodeError
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.net import Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor
from tests.engine import components as here
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import net, ports
from tests.fbdev.remote_components import around

pytest.importorskip("ray", reason="Ray is not installed: make test-engine installs it")
pytestmark = pytest.mark.filterwarnings("default")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def on(cluster: Any) -> Any:
    """Return a place on one of the two workers."""

    def place_on(worker: str = "worker_a", **more: Any) -> OnEngine:
        return OnEngine({worker: 1}, address=cluster.address, **more)

    return place_on


def run(coroutine: Any) -> Any:
    async def within() -> Any:
        return await asyncio.wait_for(coroutine, 400)

    return asyncio.run(within())


def batch(graph: GraphSpec, *args: Any, **kwargs: Any) -> Any:
    return run(BatchExecutor.from_graph(graph).astart(*args, **kwargs))


def pipe(*nodes: tuple[Any, Any], maxsize: int | None = 2) -> GraphSpec:
    """Return a graph of nodes one after the other, each with its place."""
    graph = GraphSpec(ports(input="inp", output="out"))
    before = graph.ports.input.inp
    for kind, where in nodes:
        node = graph.add_node(kind, node_type=where)
        before >> graph.add_edge(maxsize) >> node.ports.input.inp
        before = node.ports.output.out
    before >> graph.add_edge(maxsize) >> graph.ports.output.out
    return graph


class Moves(Instrument):
    """Writes down what passes each edge, and how full it was at most."""

    def __init__(self) -> None:
        self.most = 0
        self.sent: dict[str, list[Any]] = {}

    def move_committed(self, move: Move) -> None:
        self.most = max(self.most, *(len(edge.packets) for edge in move.edges))
        if move.kind == "send" and move.packet is not None:
            for edge in move.edges:
                self.sent.setdefault(edge.id, []).append(move.packet._payload())


# ------------------------------------------------------------------------------------- semantics


def test_order_and_capacity_are_those_of_any_node(on: Any) -> None:
    found = []
    for places in ((Node, Node), (ProxyNode, ProxyNode), (on("worker_a"), on("worker_b"))):
        executor = BatchExecutor.from_graph(pipe((there.Double, places[0]), (here.Dawdle, places[1])))
        moves = Moves()
        executor._node.task_manager.add_instrument(moves)
        outputs = run(executor.astart(Stream(range(12))))
        assert moves.most == 2
        found.append((outputs, moves.sent))
    assert found[0][0] == {"out": [2 * number for number in range(12)]}
    assert found[1] == found[0] and found[2] == found[0]


def test_ten_thousand_packets_come_in_their_order(on: Any) -> None:
    assert batch(around(there.Double, node_type=on()), Stream(range(10_000))) == {"out": list(range(0, 20_000, 2))}


def test_config_signals_and_messages_arrive(on: Any) -> None:
    graph = GraphSpec(ports(input="inp", output="out", config="must"))
    node = graph.add_node(there.Settings, node_type=on())
    graph.ports.input.inp >> node.ports.input.inp
    graph.ports.config.must >> node.ports.config.must
    node.ports.output.out >> graph.ports.output.out
    assert batch(graph, 1, config={"must": 7}) == {"out": (7, 3, None)}
    graph = GraphSpec(ports(input="inp", signal="take", message="taken"))
    node = graph.add_node(there.OnSignal, node_type=on())
    graph.ports.input.inp >> node.ports.input.inp
    graph.ports.signal.take >> node.ports.signal.take
    node.ports.message.taken >> graph.ports.message.taken

    async def story() -> Any:
        top = net(graph)
        await top.start()
        await top.ports.input.inp.put_value(5)
        await top.ports.signal.take.put_value(None)
        taken = await top.ports.message.taken.get_and_consume()
        await top.stop()
        return taken

    assert run(story()) == 5


def test_an_error_is_the_users_own_with_the_traceback_from_there(on: Any) -> None:
    with pytest.raises(there.Mine) as caught:
        batch(around(there.Obey, node_type=on()), "fail")
    assert (caught.value.args, caught.value.number) == (("as told", 7), 7)
    words = "".join(traceback.format_exception(caught.value))
    assert "in _fail" in words and "in node TOP->Obey (Obey)" in words
    assert re.search(r"TOP->Obey \(Obey\), on the engine's machine \S+, process \d+, failed", words)


def test_what_a_node_prints_is_printed_here(on: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch(around(there.Obey, node_type=on()), "print") == {"out": "printed"}
    out, err = capsys.readouterr()
    assert (out, err) == ("one two\nin a thread\nno end", "three\n")


def test_a_stop_ends_a_node_that_waits_for_ever_and_leaves_no_process(on: Any) -> None:
    async def story() -> int:
        top = net(around(there.Obey, node_type=on()))
        await top.start()
        await top.ports.input.inp.put_value("wait_inside")
        node = top.nodes["Obey"]
        assert isinstance(node, EngineNode) and node.pid is not None
        await top.stop()
        return node.pid

    assert has_ended(run(story()))


def test_a_cancelled_get_or_put_has_done_nothing(on: Any) -> None:
    for kind in (there.GetInHaste, there.PutInHaste):
        assert batch(around(kind, node_type=on()), Stream(range(10))) == {"out": list(range(10))}


def has_ended(pid: int) -> bool:
    """Wait until a process is gone."""
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return True


# ---------------------------------------------------------------------------------- big payloads


def memory() -> int:
    """Return the bytes that this process has of its own, the store's shared pages left out."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * sum(int(re.search(rf"{name}:\s+(\d+)", status)[1]) for name in ("RssAnon", "RssFile"))  # type: ignore[index]


def test_a_gigabyte_passes_and_this_process_does_not_grow(on: Any) -> None:
    graph = pipe(
        (here.MakeBig, on("worker_a")), (here.ChangeBig, on("worker_b")), (here.Weigh, on("worker_a")), maxsize=1
    )

    class Most(Instrument):
        bytes = 0

        def move_committed(self, move: Move) -> None:
            self.bytes = max(self.bytes, memory())

    batch(graph, Stream([1]))  # everything is loaded
    most = Most()
    executor = BatchExecutor.from_graph(graph)
    executor._node.task_manager.add_instrument(most)
    before = memory()
    outputs = run(executor.astart(Stream(range(20))))
    assert outputs == {"out": [(number + 1, number, here.BIG) for number in range(20)]}
    assert most.bytes - before < here.BIG


def test_a_big_payload_of_a_node_here_arrives_there_and_back(on: Any) -> None:
    graph = pipe((here.MakeBig, Node), (here.ChangeBig, on()), (here.ChangeBig, ProxyNode), (here.Weigh, Node))
    assert batch(graph, Stream([1, 2])) == {"out": [(3, 1, here.BIG), (4, 2, here.BIG)]}


# --------------------------------------------------------------------------------------- failure


def test_a_worker_that_dies_is_an_error_with_node_place_and_packet(on: Any) -> None:
    with pytest.raises(RemoteNodeError) as caught:
        batch(around(here.DieOnce, node_type=on()), Stream(["a", "die", "b"]))
    assert re.fullmatch(
        r"TOP->DieOnce \(DieOnce\), on the engine's machine \S+, process \d+, has died;"
        r" there was packet [0-9a-f]{8}",
        str(caught.value),
    )


def test_a_node_that_begins_again_gets_again_what_it_had(
    on: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    graph = around(here.DieOnce, node_type=on(on_death="restart"), maxsize=1)
    values = [1, 2, tmp_path / "died", 3]
    assert batch(graph, Stream(values)) == {"out": values}
    assert "it begins again" in caplog.text and "there was packet" in caplog.text


def test_all_that_a_firing_had_received_comes_again_and_what_was_done_does_not(on: Any, tmp_path: Path) -> None:
    graph = around(here.DieOfThree, node_type=on(on_death="restart"), maxsize=1)
    values = [str(tmp_path), 1, 2, str(tmp_path / "died"), 3, b"4" * 200_000, str(tmp_path), 5, 6]
    assert batch(graph, Stream(values)) == {"out": [values[:3], values[3:6], values[6:]]}


def test_a_worker_that_dies_when_its_work_is_done_does_not_begin_again(on: Any) -> None:
    graph = pipe((here.EndAndDie, on(on_death="restart")), (there.Obey, Node))
    assert batch(graph, "sleep_long") == {"out": "slept long"}


def test_a_node_that_dies_again_and_again_ends_at_last(on: Any) -> None:
    with pytest.raises(RemoteNodeError, match="has died; there was packet"):
        batch(around(here.DieOnce, node_type=on(on_death="restart")), "die")


def test_a_machine_that_is_gone_is_an_error(cluster: Any) -> None:
    machine = cluster.add_node(num_cpus=1, resources={"short_lived": 1})

    async def story() -> None:
        where = OnEngine({"short_lived": 1}, address=cluster.address)
        executor = BatchExecutor.from_graph(around(there.Obey, node_type=where))
        work = asyncio.ensure_future(executor.astart("work_for_ever"))
        node = executor._node.nodes["Obey"]
        while not node.has_started:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(cluster.remove_node, machine, False)
        await work

    with pytest.raises(RemoteNodeError, match="has died"):
        run(story())


def test_a_place_that_nobody_has_is_told(on: Any, cluster: Any) -> None:
    for asked, words in (
        (OnEngine({"cpus": 64}, address=cluster.address), "no machine of the cluster has cpus=64: the most is 2"),
        (OnEngine({"moon": 1}, address=cluster.address), "no machine of the cluster has moon=1: the most is 0"),
        (OnEngine(address="127.0.0.1:1"), r"cannot join the cluster at 127.0.0.1:1"),
    ):
        with pytest.raises(RemoteNodeError, match=words):
            batch(around(there.Double, node_type=asked), 1)
    wanted = {"cpus": 2, "worker_a": 1}
    where = OnEngine(wanted, address=cluster.address, patience=1)  # for one of the two, whichever comes first
    graph = pipe((there.Double, where), (there.PassOn, where))
    with pytest.raises(RemoteNodeError, match=r"has had room for it \(cpus=2, worker_a=1\) in 1 s"):
        batch(graph, 1)


# ------------------------------------------------------------------------------------- the world


def test_a_slow_network_changes_nothing() -> None:
    """The engine delays each of its own messages at random."""
    text = (
        "from fbdev import place\nfrom tests.engine.test_engine import *\n"
        "if __name__ == '__main__':\n"
        "    places = {'Double': OnEngine(), 'Dawdle': OnEngine()}\n"
        "    graph = place(pipe((there.Double, Node), (here.Dawdle, Node)), places)\n"
        "    print(batch(graph, Stream(range(10))))\n"
    )
    delays = {"RAY_testing_asio_delay_us": "CoreWorkerService.grpc_server.PushTask=1000:20000"}
    done = command(sys.executable, "-c", text, env=os.environ | delays)
    assert done.stdout == f"{{'out': {[2 * number for number in range(10)]}}}\n", done.stderr


@pytest.mark.parametrize("order", ["free", "fifo"])
def test_the_example_is_the_same_in_one_process_in_many_and_on_the_engine(order: str, tmp_path: Path) -> None:
    data = ROOT / "examples/data"
    options: dict[str, list[str]] = {
        "one": [],
        "many": ["--place", str(data / "processes.toml")],
        "engine": ["--place", str(data / "engine.toml")],
    }
    printed = {}
    for name, more in options.items():
        record = ["--record", str(tmp_path / f"{name}.fbtrace")]
        done = fbtui("run", "examples/many_machines.py", "--order", order, *record, *more)
        assert done.returncode == 0, done.stderr
        printed[name] = (
            done.stdout,
            sorted(line for line in done.stderr.splitlines() if not line.startswith("fbtui")),
        )
    assert printed["many"] == printed["engine"] == printed["one"]
    for name in ("many", "engine"):
        assert fbtui("diff", str(tmp_path / "one.fbtrace"), str(tmp_path / f"{name}.fbtrace")).returncode == 0


def fbtui(*words: str) -> subprocess.CompletedProcess[str]:
    return command(sys.executable, "-m", "fbtui", *words)


def command(*words: str, env: Any = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=ROOT, env=env, check=False, capture_output=True, text=True, timeout=400)
