"""The standard library of components."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortType
from fbdev.complib.ends import FromIterableFactory, IntoListFactory
from fbdev.complib.process import CommandFactory
from fbdev.complib.process import run as run_command
from fbdev.complib.routing import MergeFactory, SplitFactory, ZipFactory
from fbdev.complib.timing import DelayFactory, RateLimitFactory
from fbdev.complib.transform import BatchFactory, FilterFactory, MapFactory
from fbdev.exceptions import ComponentExecutionError
from fbdev.graph.graph_spec import GraphSpec
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor, NetLoop
from fbdev.runtime.net_loop import Idle
from tests.fbdev.helpers import chain, ports, run


def through(*kinds: type[BaseComponent], values: Any = range(7), **config: Any) -> Any:
    """Send values through components in a row."""
    return BatchExecutor.from_graph(chain(*kinds)).start(Stream(values), **config)["out"]


def of(kind: type[BaseComponent], *args: Any, **kwargs: Any) -> Any:
    """Run one component until its net is at rest."""
    return BatchExecutor.from_component(kind).start(*args, until="rest", **kwargs)


class Parents(Instrument):
    """Remembers, by payload, what the packets were made of: the payloads of their parents."""

    def __init__(self) -> None:
        self.payloads: dict[str, Any] = {}
        self.of: dict[Any, list[Any]] = {}

    def move_committed(self, move: Move) -> None:
        packet = move.packet
        assert isinstance(packet, Packet)
        if move.kind == "send" and not packet.is_empty:
            self.payloads[packet.uuid] = packet._data
            if move.port.is_output_port:
                self.of[str(packet._data)] = [self.payloads[parent] for parent in packet.parents]


def parents(graph: GraphSpec, *args: Any) -> dict[Any, list[Any]]:
    executor = BatchExecutor.from_graph(graph)
    watch = Parents()
    executor._node.task_manager.add_instrument(watch)
    executor.start(*args, until="rest")
    return watch.of


class JumpingLoop(NetLoop):
    """A loop whose clock stands still but for jumps to the next timer when nothing else is left to do."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__()
        self.add_idle_handler(self._jump)

    def time(self) -> float:
        return self.now

    def _jump(self, spinning: bool) -> Idle:
        if spinning or self.outside() != ("timer",):
            return Idle.PASS
        self.now = max(self.now, self._scheduled[0].when())  # type: ignore[attr-defined]
        return Idle.WORK


def arrivals(kind: type[BaseComponent], given: list[tuple[float, Any]], **kwargs: Any) -> list[tuple[float, Any]]:
    """Return at what time each packet comes out that is put at a time."""

    async def main() -> list[tuple[float, Any]]:
        loop = asyncio.get_running_loop()

        async def timed() -> Any:
            for time, value in given:
                await asyncio.sleep(time - loop.time())
                yield value

        got: list[tuple[float, Any]] = []
        stamp = MapFactory.create_component(lambda value: got.append((round(loop.time(), 6), value)))
        await BatchExecutor.from_graph(chain(kind, stamp, maxsize=1)).astart(Stream(timed()), **kwargs)
        return got

    result: list[tuple[float, Any]] = run(main(), JumpingLoop)
    return result


# ---------------------------------------------------------------------------------------- what all have in common


FACTORIES: list[tuple[Any, dict[str, Any]]] = [
    (FromIterableFactory, {"values": [1]}),
    (IntoListFactory, {"into": []}),
    (MapFactory, {"function": str, "thread": False}),
    (FilterFactory, {"function": bool, "thread": True}),
    (BatchFactory, {"size": 2}),
    (MergeFactory, {"inputs": ["x", "y"]}),
    (ZipFactory, {"inputs": ["x", "y"]}),
    (SplitFactory, {"key": str, "outputs": ["x", "y"], "rest": "z"}),
    (DelayFactory, {"seconds": 1.5}),
    (RateLimitFactory, {"per_second": 10}),
    (CommandFactory, {"command": "cat"}),
]


@pytest.mark.parametrize(("factory", "arguments"), FACTORIES)
def test_a_component_knows_its_factory_and_the_arguments_that_make_it_again(factory: Any, arguments: Any) -> None:
    made = factory.create_component(**arguments)
    assert made.__name__ == factory.__name__.removesuffix("Factory")
    assert (made.parent_factory, made.made_with) == (factory, arguments)
    again = made.parent_factory.create_component(**made.made_with, component_name="Again")
    assert again.__name__ == "Again"
    assert [spec.id for spec in again.port_specs.iter_ports()] == [spec.id for spec in made.port_specs.iter_ports()]


def test_a_value_is_the_default_of_a_config_port_and_may_change_while_running() -> None:
    pairs = BatchFactory.create_component(size=2)
    assert pairs.port_specs.config.size.default == 2
    assert of(pairs, Stream(range(5)))["out"] == [[0, 1], [2, 3], [4]]
    assert of(pairs, Stream(range(5)), config={"size": 3})["out"] == [[0, 1, 2], [3, 4]]


def test_a_value_that_is_left_out_has_to_be_given() -> None:
    with pytest.raises(ValueError, match="No value for config 'size'"):
        of(BatchFactory.create_component(), Stream([1]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BatchFactory.create_component(size=0), "BatchFactory: size=0: .*; it has to be at least one"),
        (lambda: BatchFactory.create_component(size="2"), "BatchFactory: size='2': expected int, got str"),
        (lambda: DelayFactory.create_component(seconds=-1), "DelayFactory: seconds=-1: .* has to be not negative"),
        (lambda: RateLimitFactory.create_component(per_second=0), "per_second=0: .*; it has to be positive"),
        (lambda: CommandFactory.create_component(command=""), "CommandFactory: command='': .* has to be a command"),
        (lambda: ZipFactory.create_component([]), "Name at least one input port"),
        (lambda: MergeFactory.create_component(["a", "a"]), r"There is a port 'input\.a' already"),
        (lambda: SplitFactory.create_component(str, []), "Name at least one output port"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


# ---------------------------------------------------------------------------------------- ends


def test_a_source_sends_the_values_and_then_has_ended() -> None:
    async def slow() -> Any:
        for number in range(3):
            await asyncio.sleep(0)
            yield number

    for values in (range(3), [0, 1, 2], slow, lambda: iter(range(3))):
        source = FromIterableFactory.create_component(values)
        for _ in range(2):
            graph = GraphSpec(ports(output="out"))
            node = graph.add_node(source)
            node >> graph.add_node(BatchFactory.create_component(size=10)) >> graph.ports.output.out
            assert BatchExecutor.from_graph(graph).start() == {"out": [0, 1, 2]}


def test_a_source_of_no_iterable_is_refused() -> None:
    with pytest.raises(TypeError, match="A Stream is made of an iterable, not of int"):
        FromIterableFactory.create_component(5)  # type: ignore[arg-type]


def test_a_sink_appends_to_the_list() -> None:
    got: list[int] = []
    assert of(IntoListFactory.create_component(got), Stream(range(3))) == {}
    assert got == [0, 1, 2]


# ---------------------------------------------------------------------------------------- transform


async def is_even(number: int) -> bool:
    await asyncio.sleep(0)
    return number % 2 == 0


def test_map_and_filter_take_functions_of_any_kind() -> None:
    assert through(MapFactory.create_component(str)) == list("0123456")
    assert through(MapFactory.create_component(is_even)) == [True, False] * 3 + [True]
    assert through(FilterFactory.create_component(is_even)) == [0, 2, 4, 6]
    assert through(FilterFactory.create_component(lambda n: n > 3, thread=True)) == [4, 5, 6]
    with pytest.raises(TypeError, match="is_even is asynchronous"):
        MapFactory.create_component(is_even, thread=True)


def test_what_a_filter_drops_is_no_parent_and_what_passes_is_the_same_packet() -> None:
    graph = chain(FilterFactory.create_component(lambda n: n == 2), MapFactory.create_component(lambda n: f"m{n}"))
    assert parents(graph, Stream([1, 2, 3])) == {"2": [], "m2": [2]}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(), max_size=20), st.integers(1, 6))
def test_batches_are_full_but_for_the_last_and_lose_nothing(values: list[int], size: int) -> None:
    batches = through(BatchFactory.create_component(size=size), values=values)
    assert [value for batch in batches for value in batch] == values
    assert [len(batch) for batch in batches[:-1]] == [size] * (len(batches) - 1)
    assert all(0 < len(batch) <= size for batch in batches[-1:])


def test_a_batch_was_made_from_all_its_members() -> None:
    made = parents(chain(BatchFactory.create_component(size=2)), Stream([1, 2, 3]))
    assert made == {"[1, 2]": [1, 2], "[3]": [3]}


# ---------------------------------------------------------------------------------------- routing


def test_merge_sends_on_everything_and_ends_with_the_last() -> None:
    merge = MergeFactory.create_component(["x", "y", "z"])
    result = of(merge, x=Stream([1, 2]), y=Stream([]), z=Stream([3]))["out"]
    assert sorted(result) == [1, 2, 3]
    assert result.index(1) < result.index(2)


def test_merge_sends_the_packets_themselves() -> None:
    graph = GraphSpec(ports(input="x y", output="out"))
    node = graph.add_node(MergeFactory.create_component(["x", "y"]))
    for name in "xy":
        graph.ports.input[name] >> node.ports.input[name]
    node >> graph.ports.output.out
    assert parents(graph, 1, 2) == {"1": [], "2": []}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(), max_size=8), st.lists(st.integers(), max_size=8))
def test_zip_pairs_and_tells_what_is_left_over(xs: list[int], ys: list[int]) -> None:
    kind = ZipFactory.create_component(["x", "y"])
    wanted = [(PortType.OUTPUT, "out"), (PortType.MESSAGE, "left_over")]
    result = of(kind, x=Stream(xs), y=Stream(ys), ports_to_get=wanted)
    shorter = min(len(xs), len(ys))
    assert result["out"] == list(zip(xs, ys, strict=False))
    left = [("x", x) for x in xs[shorter:]] + [("y", y) for y in ys[shorter:]]
    assert result["left_over"] == left


def test_the_left_over_need_not_be_taken() -> None:
    graph = GraphSpec(ports(input="x y", output="out"))
    node = graph.add_node(ZipFactory.create_component(["x", "y"]))
    for name in "xy":
        graph.ports.input[name] >> graph.add_edge(maxsize=1) >> node.ports.input[name]
    node.ports.output.out >> graph.ports.output.out
    assert BatchExecutor.from_graph(graph).start(Stream([1]), Stream(range(200))) == {"out": [(1, 0)]}


def test_a_tuple_was_made_from_all_its_members() -> None:
    graph = GraphSpec(ports(input="x y", output="out left"))
    node = graph.add_node(ZipFactory.create_component(["x", "y"]))
    for name in "xy":
        graph.ports.input[name] >> node.ports.input[name]
    node.ports.output.out >> graph.ports.output.out
    node.ports.message.left_over >> graph.ports.output.left
    made = parents(graph, Stream([1, 2, 3]), Stream([10]))
    assert made == {"(1, 10)": [1, 10], "('x', 2)": [2], "('x', 3)": [3]}


def sorter(**options: Any) -> type[BaseComponent]:
    return SplitFactory.create_component(
        lambda n: {0: "zero", 1: "one"}.get(n % 3, "none"), ["zero", "one"], **options
    )


def test_split_sends_by_key() -> None:
    result = of(sorter(rest="other"), Stream(range(7)))
    assert result == {"zero": [0, 3, 6], "one": [1, 4], "other": [2, 5]}
    with pytest.raises(ComponentExecutionError, match=r"there are zero, one\. Name one for the rest"):
        of(sorter(), Stream(range(7)))


# ---------------------------------------------------------------------------------------- timing


def test_delay_sends_each_packet_its_time_after_it_came() -> None:
    two = DelayFactory.create_component(seconds=2)
    given = [(0.0, "a"), (0.5, "b"), (0.5, "c"), (9.0, "d")]
    assert arrivals(two, given) == [(time + 2, value) for time, value in given]
    assert arrivals(DelayFactory.create_component(seconds=0), given) == given


def test_delay_receives_no_more_while_what_it_sends_is_not_taken() -> None:
    async def main() -> int:
        graph = GraphSpec(ports(input="inp", output="out"))
        node = graph.add_node(DelayFactory.create_component(seconds=1))
        graph.ports.input.inp >> graph.add_edge(maxsize=1) >> node
        node >> graph.add_edge(maxsize=1) >> graph.ports.output.out
        top: Any = BatchExecutor.from_graph(graph)._node
        await top.start()
        sent = 0

        async def feed() -> None:
            nonlocal sent
            while True:
                await top.ports.input.inp.put_value(sent)
                sent += 1
                await asyncio.sleep(0.1)

        feeding = asyncio.ensure_future(feed())
        await asyncio.sleep(100)
        feeding.cancel()
        assert [await top.ports.output.out.get_and_consume() for _ in range(2)] == [0, 1]
        await top.stop()
        return sent

    assert 10 <= run(main(), JumpingLoop) <= 15  # a second's worth is on its way, and one on each edge


def test_the_rate_is_kept_however_packets_come() -> None:
    kind = RateLimitFactory.create_component(per_second=2)
    given = [(0.0, "a"), (0.0, "b"), (0.1, "c"), (5.0, "d"), (5.1, "e")]
    assert arrivals(kind, given) == [(0.0, "a"), (0.5, "b"), (1.0, "c"), (5.0, "d"), (5.5, "e")]


# ---------------------------------------------------------------------------------------- process


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


UPPER = python("import sys; sys.stdout.write(sys.stdin.read().upper())")


def test_a_command_runs_for_each_packet() -> None:
    kind = CommandFactory.create_component(command=UPPER)
    assert through(kind, values=["é", b"\xc3\xa9", ""]) == ["É", b"\xc3\x89", ""]
    assert through(CommandFactory.create_component(command="echo 'a  b' c"), values=[None]) == ["a  b c\n"]


def test_a_command_that_fails_is_an_error_that_tells_what_it_wrote() -> None:
    kind = CommandFactory.create_component(command=python("import sys; sys.exit('no such thing')"))
    with pytest.raises(subprocess.CalledProcessError) as caught:
        of(kind, "x")
    assert caught.value.returncode == 1
    assert caught.value.__notes__ == ["it wrote: no such thing", "in node TOP->Command (Command)"]
    with pytest.raises(FileNotFoundError):
        of(CommandFactory.create_component(command="no-such-program-anywhere"), "x")


def test_a_command_need_not_read_all_of_its_input() -> None:
    assert run(run_command(python("print('done')"), b"x" * 1_000_000)) == b"done\n"


def test_a_command_is_killed_with_its_component() -> None:
    async def main() -> int:
        kind = CommandFactory.create_component(command=python("print(1, flush=True); import time; time.sleep(600)"))
        top = BatchExecutor.from_component(kind)._node
        await top.start()
        await top.ports.input.inp.put_value("x")
        loop = asyncio.get_running_loop()
        assert isinstance(loop, NetLoop)
        while not loop._children:
            await asyncio.sleep(0)
        process = loop._children[0]
        await top.stop()
        code = process.get_returncode()
        assert code is not None
        return code

    assert run(main()) == -9
