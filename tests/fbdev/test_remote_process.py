"""The processes of nodes: how they start, print, fail, die and end."""

import asyncio
import os
import re
import signal
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fbdev import Stream
from fbdev.concurrent.remote import ProxyNode, RemoteNodeError
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.net import Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor
from fbdev.runtime.undelivered import stop_and_gather
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import batch, net, ports, run
from tests.fbdev.remote_components import alone, around

ROOT = Path(__file__).resolve().parents[2]


pytestmark = pytest.mark.usefixtures("nothing_is_left")


def tell(deed: str) -> Any:
    """Have a component do something in its process."""
    return batch(around(there.Obey), deed)


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
