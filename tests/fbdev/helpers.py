"""Components and nets that many tests need."""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from fbdev.runtime import BatchExecutor, NetLoop, net_loop

LOOPS = [NetLoop, asyncio.SelectorEventLoop]


def ports(**kinds: str) -> PortSpecCollection:
    """Return ports from words: ``ports(input="a b", output="out")``."""
    specs = [PortSpec(PortType.get(label), name) for label, names in kinds.items() for name in names.split()]
    return PortSpecCollection(*specs)


def component(name: str, main: Callable[[Any], Awaitable[None]], **kinds: str) -> type[BaseComponent]:
    """Return a component class whose work is the coroutine function ``main(self)``."""

    async def _post_start(self: BaseComponent) -> None:
        self.task_manager.create_task(main(self))

    return type(name, (BaseComponent,), {"port_specs": ports(**kinds), "_post_start": _post_start})


async def _forward(self: Any) -> None:
    async for packet in self.ports.input.inp:
        await self.ports.output.out.put(packet)


Forward = component("Forward", _forward, input="inp", output="out")


async def _fail(self: Any) -> None:
    await self.ports.input.inp.get()
    raise ZeroDivisionError("mine")


Failing = component("Failing", _fail, input="inp", output="out")
Idle = component("Idle", lambda self: asyncio.Event().wait(), input="inp", output="out")


def net(graph: GraphSpec) -> Node:
    """Return the top node of a net that runs the graph; it is not started."""
    return Node(NodeSpec(GraphComponentFactory.create_component(graph)))


async def turns(count: int = 10) -> None:
    """Let the other tasks of the loop run, some times."""
    for _ in range(count):
        await asyncio.sleep(0)


def chain(*types: type[BaseComponent], maxsize: int | None = None) -> GraphSpec:
    """Return a graph of components in a row, from its input ``inp`` to its output ``out``."""
    graph = GraphSpec(ports(input="inp", output="out"))
    nodes = [graph.add_node(kind) for kind in types]
    graph.ports.input.inp >> graph.add_edge(maxsize=maxsize) >> nodes[0]
    for left, right in itertools.pairwise(nodes):
        left >> graph.add_edge(maxsize=maxsize) >> right
    nodes[-1] >> graph.ports.output.out
    return graph


def run(coro: Coroutine[Any, Any, Any], loop: type[asyncio.AbstractEventLoop] | None = None) -> Any:
    """Run a coroutine on a loop of the net's kind, or another; a hang ends in an error."""
    before = signal.signal(signal.SIGALRM, _hangs)
    signal.setitimer(signal.ITIMER_REAL, 20)
    try:
        with asyncio.Runner(loop_factory=loop or NetLoop) as runner:
            return runner.run(coro)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _hangs(*_: object) -> None:
    raise TimeoutError("the run hangs")


def batch(graph: GraphSpec, *args: Any, loop: Any = None, **kwargs: Any) -> Any:
    """Run a graph; a hang ends in an error."""
    return run(BatchExecutor.from_graph(graph).astart(*args, **kwargs), loop)


async def settled(top: BaseNode) -> None:
    """Wait until nothing goes on in the net: neither here nor in its processes."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, NetLoop)
    at_rest = loop.create_future()

    def idle(spinning: bool) -> net_loop.Idle:
        if spinning or loop.outside() or top.hub.elsewhere() or at_rest.done():
            return net_loop.Idle.PASS
        at_rest.set_result(None)
        return net_loop.Idle.WORK

    loop.add_idle_handler(idle)
    await at_rest
    loop.remove_idle_handler(idle)
