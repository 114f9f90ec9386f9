"""Functions as components: whatever can be called, generators, and threads."""

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest

from fbdev import BlockedNetError, Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortType
from fbdev.complib import FunctionComponentFactory, func_component
from fbdev.instrument import Instrument, Move
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import chain, run
from tests.fbdev.test_complib_func import own, result
from tests.patience import PATIENCE

# ---------------------------------------------------------------------------------------- kinds of functions


async def later(inp):
    await asyncio.sleep(0)
    return inp + 1


class Adds:
    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, inp: int) -> int:
        return inp + self.number


class AddsLater(Adds):
    async def __call__(self, inp: int) -> int:
        return inp + self.number


@functools.wraps(later)
def wrapped(*args: Any) -> Any:
    return later(*args)


@pytest.mark.parametrize(
    "function", [later, Adds(1), AddsLater(1), functools.partial(later), wrapped, lambda inp: later(inp)]
)
def test_whatever_can_be_called(function: Any) -> None:
    kind = FunctionComponentFactory.get_component(function, "F", {"loop_execution": True})
    assert own(kind).keys() == {"input.inp", "output.out"}
    assert result(kind, Stream([1, 2])) == {"out": [2, 3]}


def test_a_generator_sends_a_packet_for_each_yield() -> None:
    @func_component(loop_execution=True)
    def words(line: str) -> Iterator[str]:
        yield from line.split()

    @func_component(loop_execution=True)
    async def letters(word: str) -> AsyncIterator[tuple[str, int]]:
        for place, letter in enumerate(word):
            await asyncio.sleep(0)
            yield letter, place

    @func_component
    def nothing(inp: int) -> Generator[int, None, None]:
        return
        yield

    def untold(line):
        yield from line.split()

    @functools.wraps(untold)
    def gathered(line):
        return list(untold(line))

    assert own(words)["output.out"] is str
    assert result(func_component(gathered), "a b") == {"out": ["a", "b"]}
    assert result(words, Stream(["a b", "", "c"])) == {"out": ["a", "b", "c"]}
    assert result(letters, Stream(["ab", "c"])) == {"out0": ["a", "b", "c"], "out1": [0, 1, 0]}
    assert result(nothing, 1, until="rest") == {"out": []}


def test_a_generator_is_closed_when_its_component_is_stopped() -> None:
    closed = []
    kept = []

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.append("endless")

    async def too() -> AsyncIterator[int]:
        try:
            while True:
                yield 1
        finally:
            await asyncio.sleep(0)
            closed.append("too")

    def keeping(function: Any) -> type[BaseComponent]:
        """The generator is not closed because it is forgotten."""

        @functools.wraps(function)
        def keeps() -> Any:
            kept.append(function())
            return kept[-1]

        return func_component(keeps)

    async def main() -> None:
        for function in (endless, too):
            node = BatchExecutor.from_component(keeping(function))._node
            await node.start()
            assert await node.ports.output.out.get_and_consume() == 1
            await node.stop()
        assert closed == ["endless", "too"]

    run(main())


def test_what_a_function_returns_has_all_its_inputs_as_parents() -> None:
    found: dict[Any, set[str]] = {}
    given: set[str] = set()

    class Watch(Instrument):
        def move_committed(self, move: Move) -> None:
            if move.kind == "receive" and move.node.id == "both":
                given.add(move.packet.uuid)
            if move.kind == "send" and move.node.id == "both" and move.packet.dtype is int:
                found[move.packet._data] = set(move.packet.parents)

    @func_component
    def both(a: int, b: int) -> Iterator[int]:
        yield a
        yield b

    executor = BatchExecutor.from_component(both)
    executor._node.task_manager.add_instrument(Watch())
    assert executor.start(1, 2, until="rest") == {"out": [1, 2]}
    assert len(given) == 2
    assert found == {1: given, 2: given}


def test_an_input_that_has_ended_ends_it() -> None:
    @func_component(loop_execution=True)
    def add(a: int, b: int) -> int:
        return a + b

    assert result(add, Stream([1, 2]), Stream([10, 20])) == {"out": [11, 22]}
    with pytest.raises(BlockedNetError, match=r"starved: add has ended and takes nothing more$"):
        result(add, Stream([1, 2, 3, 4]), Stream([10]))


# ---------------------------------------------------------------------------------------- threads


def test_bug_25_a_function_that_blocks_runs_in_a_thread() -> None:
    """Two that wait for each other can only both be at work at once."""
    meeting = threading.Barrier(2, timeout=PATIENCE)
    main = threading.get_ident()

    @func_component(thread=True)
    def meets(inp: int) -> bool:
        meeting.wait()
        return threading.get_ident() != main

    graph = chain(meets)
    other = graph.add_node(meets)
    graph.add_graph_port(PortSpec(PortType.OUTPUT, "other"))
    graph.ports.input.inp >> other
    other >> graph.ports.output.other
    assert BatchExecutor.from_graph(graph).start(1) == {"out": True, "other": True}
    assert meets.thread


def test_a_generator_in_a_thread() -> None:
    threads = set()

    @func_component(thread=True)
    def numbers() -> Iterator[int]:
        for number in range(3):
            threads.add(threading.get_ident())
            yield number

    assert result(numbers, until="rest") == {"out": [0, 1, 2]}
    assert threading.get_ident() not in threads


def test_a_generator_that_a_thread_is_in_does_not_disturb_the_stop() -> None:
    entered, leave = threading.Event(), threading.Event()

    @func_component(thread=True)
    def stuck() -> Iterator[int]:
        entered.set()
        leave.wait(timeout=PATIENCE)
        yield 1

    async def main() -> Any:
        node: Any = BatchExecutor.from_component(stuck)._node
        await node.start()
        await asyncio.to_thread(entered.wait, 10)
        await node.stop()
        leave.set()
        return node.task_manager.get_exceptions()

    assert run(main()) == []


def test_stop_iteration_in_a_thread_is_an_error_not_a_hang() -> None:
    @func_component(thread=True)
    def first() -> int:
        return next(iter([]))

    with pytest.raises(RuntimeError, match="raised StopIteration"):
        result(first)


def test_an_asynchronous_function_needs_no_thread() -> None:
    for function in (later, AddsLater(1)):
        with pytest.raises(TypeError, match=r"is asynchronous: thread=True is for functions that block\."):
            FunctionComponentFactory.get_component(function, "F", {"thread": True})
