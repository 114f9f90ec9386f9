"""The processes of nodes: how they start, print, fail, die and end."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import fbdev.concurrent.child as lives
from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.concurrent.link import Link
from fbdev.concurrent.remote import ProxyNode, RemoteNodeError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor
from fbdev.runtime.undelivered import stop_and_gather
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import net, ports, run
from tests.fbdev.remote_components import around

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No process, no zombie and no file descriptor outlives a test."""
    before = descriptors()
    yield
    assert descriptors() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def batch(graph: GraphSpec, *args: Any, **kwargs: Any) -> Any:
    return run(BatchExecutor.from_graph(graph).astart(*args, **kwargs))


def tell(deed: str) -> Any:
    """Have a component do something in its process."""
    return batch(around(there.Obey), deed)


def alone(kind: Any) -> ProxyNode:
    node = NodeSpec(kind, node_type=ProxyNode).create_node()
    assert isinstance(node, ProxyNode)
    return node


# -------------------------------------------------------------------------------------- errors


def test_an_error_in_a_process_is_raised_here_with_its_own_type_and_place() -> None:
    with pytest.raises(there.Mine) as caught:
        tell("fail")
    error = caught.value
    assert (error.args, error.number) == (("as told", 7), 7)
    place, story = error.__notes__
    assert place == "in node TOP->Obey (Obey)"
    assert "remote_components.py" in story and "in _fail" in story
    assert isinstance(error.__cause__, RemoteNodeError)
    assert re.fullmatch(r"TOP->Obey \(Obey\), in its process \d+, failed", str(error.__cause__))
    assert "in _fail" in "".join(traceback.format_exception(error))


def test_the_causes_of_an_error_are_told() -> None:
    with pytest.raises(there.Mine) as caught:
        tell("fail_by_a_cause")
    assert "KeyError: 'first'" in "".join(caught.value.__notes__)


def test_an_error_that_cannot_be_pickled_is_told_in_words() -> None:
    with pytest.raises(RemoteNodeError, match="ValueError: not to be pickled") as caught:
        tell("fail_unpicklably")
    assert "in node TOP->Obey (Obey)" in caught.value.__notes__


def test_an_error_deep_in_a_graph_in_a_process_names_the_inner_node() -> None:
    with pytest.raises(there.Mine) as caught:
        batch(around(there.Told), "fail")
    assert caught.value.__notes__[0] == "in node TOP->Told->Obey (Obey)"


def test_an_error_that_pickle_cannot_make_again_is_of_its_own_type_all_the_same() -> None:
    with pytest.raises(there.TwoForOne, match="as told") as caught:
        tell("fail_by_two_for_one")
    assert caught.value.second == "told"


def test_an_error_that_cannot_be_printed_is_raised() -> None:
    with pytest.raises(there.Mute) as caught:
        tell("fail_mutely")
    assert "in node TOP->Obey (Obey)" in caught.value.__notes__


@pytest.mark.parametrize(
    ("kind", "words"), [(there.FailsToStart, "at the start"), (there.FailsToBeMade, "when made")]
)
def test_an_error_at_the_start_is_raised_by_the_start(kind: Any, words: str) -> None:
    async def main() -> None:
        node = alone(kind)
        with pytest.raises(there.Mine, match=words):
            await node.start()
        await node.stop()

    run(main())


@pytest.mark.parametrize("node_type", [Node, ProxyNode])
def test_an_error_that_follows_from_another_at_the_start_does_not_hide_it(node_type: Any) -> None:
    graph = GraphSpec()
    graph.add_node(there.FailsTwiceToStart, node_type=node_type)
    with pytest.raises(there.Mine, match="at first"):
        batch(graph)


def test_an_error_at_the_stop_is_raised_by_the_stop() -> None:
    async def main() -> None:
        node = alone(there.FailsToStop)
        await node.start()
        with pytest.raises(there.Mine, match="at the end"):
            await node.stop()

    run(main())


def test_a_payload_that_cannot_be_pickled_is_refused_with_its_node_port_and_type() -> None:
    with pytest.raises(TypeError, match=r"TOP->Obey:output\.out: a payload of type lock cannot be sent to another"):
        tell("lock")
    with pytest.raises(TypeError, match=r"TOP->Double:input\.inp: a payload of type function cannot be sent"):
        batch(around(there.Double), lambda: None)


def test_a_payload_that_cannot_be_made_there_is_refused() -> None:
    with pytest.raises(TypeError, match=r"TOP->Double:input\.inp: a payload cannot be read in this process"):
        batch(around(there.Double), there.OnlyHere(os.getpid()))


def test_a_config_value_that_cannot_be_made_there_is_refused() -> None:
    graph = GraphSpec()
    graph.add_node(there.Settings, node_type=ProxyNode)
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    with pytest.raises(TypeError, match=r"TOP->Settings:config\.must: a value cannot be read in this process"):
        batch(graph, 1, config={"must": there.OnlyHere(os.getpid())})


def test_a_payload_that_cannot_be_made_here_is_refused() -> None:
    with pytest.raises(TypeError, match=r"TOP->Obey:output\.out: a payload cannot be read in this process"):
        tell("only_there")


def test_a_port_s_dtype_is_checked_in_the_process() -> None:
    with pytest.raises(TypeError, match=r"TOP->Typed:output\.out: expected int, got str"):
        batch(around(there.Typed), "word")


# --------------------------------------------------------------------------------------- death


@pytest.mark.parametrize(
    ("deed", "end"),
    [
        ("exit", "has exited with status 3"),
        ("die", "was killed by SIGKILL"),
        ("crash", "was killed by SIGSEGV"),
        ("print_and_exit", "has exited with status 0"),
    ],
)
def test_the_death_of_a_process_is_an_error_that_names_the_node(deed: str, end: str) -> None:
    with pytest.raises(RemoteNodeError, match=rf"TOP->Obey \(Obey\), in its process \d+, {end}"):
        tell(deed)


class KillAt(Instrument):
    """Kills the process of a node at the n-th move of the net."""

    def __init__(self, node: Any, moves: int) -> None:
        self.node = node
        self.moves = moves

    def move_committed(self, move: Move) -> None:
        self.moves -= 1
        if self.moves == 0:
            os.kill(self.node.pid, signal.SIGKILL)


@pytest.mark.parametrize("kind", [there.PassOn, there.Inner])
@pytest.mark.parametrize("moves", [3, 4, 5, 6, 7, 8, 20, 60, 100])
def test_a_process_that_is_killed_at_any_move_loses_no_packet_and_is_named(kind: Any, moves: int) -> None:
    pulled: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(1000):
            pulled.append(number)
            yield number

    async def main() -> BatchExecutor:
        executor = BatchExecutor.from_graph(around(kind, maxsize=2))
        (node,) = executor._node.nodes.values()
        executor._node.task_manager.add_instrument(KillAt(node, moves))
        with pytest.raises(RemoteNodeError, match=rf"TOP->{kind.__name__} .* was killed by SIGKILL"):
            await executor.astart(Stream(numbers()))
        return executor

    executor = run(main())
    if kind is there.PassOn:
        left = [packet._data for packet, _, _ in executor.undelivered]
        assert sorted(executor.received["out"] + left) == pulled


def test_what_was_not_taken_by_a_process_that_died_is_reported() -> None:
    executor = BatchExecutor.from_graph(around(there.Obey))
    with pytest.raises(RemoteNodeError):
        run(executor.astart(Stream(["die", "next"])))
    left = [(run(packet.peek()), address) for packet, address, _ in executor.undelivered]
    assert left == [("next", "TOP|edge0"), ("die", "TOP->Obey")]


def test_the_puts_of_a_process_that_was_killed_are_reported() -> None:
    async def main() -> list[Any]:
        graph = GraphSpec(ports(output="out"))
        graph.add_node(there.CountUp, node_type=ProxyNode) >> graph.add_edge(maxsize=1) >> graph.ports.output.out
        top = net(graph)
        await top.start()
        (node,) = top.nodes.values()
        assert isinstance(node, ProxyNode) and node.pid is not None
        while not node.ports.output.out.inner.putters:
            await asyncio.sleep(0)
        os.kill(node.pid, signal.SIGKILL)
        await top.task_manager.wait_for_exceptions()
        left, problem = await stop_and_gather(top)
        assert problem is None
        return [(await packet.peek(), address) for packet, address, _ in left]

    assert sorted(run(main())) == [(0, "TOP|edge0"), (1, "TOP->CountUp:output.out")]


def test_a_process_that_is_killed_while_it_starts() -> None:
    async def main() -> None:
        node = alone(there.Settings)  # it waits for a config value
        start = asyncio.ensure_future(node.start())
        while node.pid is None:
            await asyncio.sleep(0)
        os.kill(node.pid, signal.SIGKILL)
        with pytest.raises(RemoteNodeError, match="was killed by SIGKILL"):
            await start
        await node.stop()

    run(main())


def test_an_interrupt_is_the_parent_s_business() -> None:
    assert tell("ignored_interrupt") == {"out": "alive"}


# ------------------------------------------------------------------------------------ printing


def test_what_a_process_prints_is_printed_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert tell("print") == {"out": "printed"}
    assert capsys.readouterr() == ("one two\nin a thread\nno end", "three\n")


def test_the_last_words_of_a_process_are_heard(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RemoteNodeError):
        tell("print_and_exit")
    assert capsys.readouterr().out == "last words\n"


def test_much_printing_is_held_up_but_not_lost(capsys: pytest.CaptureFixture[str]) -> None:
    tell("print_much")
    assert len(capsys.readouterr().out) == 300 * 10_000


def test_a_component_that_needs_time_to_stop_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    async def main() -> None:
        node = alone(there.Clears)
        await node.start()
        await node.stop()

    run(main())
    assert capsys.readouterr().out == "cleared\n"


# --------------------------------------------------------------------- how the class is found


def test_a_class_that_cannot_be_found_is_told_before_a_process_starts() -> None:
    class Local(BaseComponent):
        pass

    node = alone(Local)
    with pytest.raises(RemoteNodeError, match=f"cannot find the class Local in the module '{__name__}'"):
        run(node.start())
    assert node.pid is None


def test_set_module_says_where_a_class_is_found() -> None:
    same = type("Double", (there.Double,), {})
    same.set_module("tests.fbdev.remote_components")
    bound_to_another_name = there.Renamed
    for kind in (same, bound_to_another_name):
        assert batch(around(kind), 2) == {"out": 4}
    sentence = "its process cannot import 'Unfindable' from the module 'tests.fbdev.no_such_module'"
    with pytest.raises(RemoteNodeError, match=sentence):
        batch(around(there.Unfindable), 1)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


WORK = """
import os, sys
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor

class Value:
    def __init__(self, number):
        self.number = number

class Work(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        value = await self.ports.input.inp.get_and_consume()
        await self.ports.output.out.put(Packet(Value(value.number + 1)))

def run():
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
    graph.ports.input.inp >> graph.add_node(Work, node_type=ProxyNode) >> graph.ports.output.out
    print(BatchExecutor.from_graph(graph).start(Value(1))["out"].number)
"""


def python(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, *map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_classes_of_a_script_are_found(tmp_path: Path) -> None:
    write(tmp_path, "script.py", WORK + 'if __name__ == "__main__":\n    run()\n')
    (tmp_path / "package").mkdir()
    write(tmp_path / "package", "__init__.py", "")
    write(tmp_path / "package", "values.py", WORK.partition("class Work")[0])
    relative = WORK.replace("class Value:", "from .values import Value as Base\nclass Value(Base):")
    write(tmp_path / "package", "script.py", relative + 'if __name__ == "__main__":\n    run()\n')
    for words in (["script.py"], ["-m", "script"], ["-m", "package.script"]):
        done = python(*words, cwd=tmp_path)
        assert (done.stdout, done.stderr, done.returncode) == ("2\n", "", 0)


def test_a_script_that_starts_its_net_whenever_it_is_imported_is_told_so(tmp_path: Path) -> None:
    write(tmp_path, "script.py", WORK + "run()\n")
    done = python("script.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "put the start under 'if __name__ == \"__main__\":'" in done.stderr


def test_a_class_of_an_interactive_session_cannot_be_found(tmp_path: Path) -> None:
    done = python("-c", WORK + "run()\n", cwd=tmp_path)
    assert "TOP->Work: a process of its own cannot find the class Work, which an interactive" in done.stderr


def test_a_module_from_a_file_that_is_not_on_the_path_or_hidden_there(tmp_path: Path) -> None:
    write(tmp_path, "queue.py", WORK)
    load = """
import importlib.util, sys
import queue as hiding
spec = importlib.util.spec_from_file_location("queue", sys.argv[1])
module = sys.modules["queue"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.run()
"""
    done = python("-P", "-c", load, tmp_path / "queue.py", cwd=ROOT)
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_a_module_that_cannot_be_imported_there(tmp_path: Path) -> None:
    write(tmp_path, "work.py", WORK + "if 'script.py' not in sys.argv[0] or os.environ.get('SECOND'): 1 / 0\n")
    write(tmp_path, "script.py", "import os, work; os.environ['SECOND'] = '1'; work.run()\n")
    done = python("script.py", cwd=tmp_path)
    assert (
        "TOP->Work: its process cannot import 'Work' from the module 'work':"
        " ZeroDivisionError: division by zero" in done.stderr
    )


def test_a_function_is_called_before_the_import_if_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("fbdev.concurrent.preparation", "tests.fbdev.remote_components:prepare")
    assert batch(around(there.Double), 1) == {"out": 2}
    assert capsys.readouterr().out == "prepared\n"


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
