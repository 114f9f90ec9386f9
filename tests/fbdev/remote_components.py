"""Components for processes of their own: such a process imports them from here by their names."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.complib import func_component
from fbdev.concurrent.remote import ProxyNode
from fbdev.exceptions import EndOfInput
from fbdev.graph.elements import Placement
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode, Node
from tests.fbdev.helpers import Forward, chain, component, ports


def remote(name: str, main: Any, **kinds: str) -> type[BaseComponent]:
    """Return a component class that is found in this module, by ``name``."""
    kind = component(name, main, **(kinds or {"input": "inp", "output": "out"}))
    kind.set_module(__name__)
    return kind


def around(kind: Any, *, maxsize: int | None = None, node_type: type[BaseNode] | Placement = ProxyNode) -> GraphSpec:
    """Return a graph of one node, from its input ``inp`` to its output ``out``."""
    graph = GraphSpec(ports(input="inp", output="out"))
    node = graph.add_node(kind, node_type=node_type)
    graph.ports.input.inp >> graph.add_edge(maxsize) >> node >> graph.add_edge(maxsize) >> graph.ports.output.out
    return graph


def alone(kind: Any) -> ProxyNode:
    node = NodeSpec(kind, node_type=ProxyNode).create_node()
    assert isinstance(node, ProxyNode)
    return node


async def _double(self: Any) -> None:
    async for packet in self.ports.input.inp:
        await self.ports.output.out.put(Packet(2 * await packet.consume()))


async def _pass_on(self: Any) -> None:
    async for packet in self.ports.input.inp:
        await self.ports.output.out.put(packet)


async def _tell_pid(self: Any) -> None:
    async for packet in self.ports.input.inp:
        await packet.consume()
        await self.ports.output.out.put(Packet(os.getpid()))


async def _do_as_told(self: Any) -> None:
    """Take a word as something to do."""
    async for packet in self.ports.input.inp:
        await self.ports.output.out.put(Packet(await DEEDS[await packet.consume()](self)))


async def _in_pairs(self: Any) -> None:
    """Get two and put two at a time, by one port each."""
    while True:
        pair = await asyncio.gather(self.ports.input.inp.get(), self.ports.input.inp.get())
        await asyncio.gather(*map(self.ports.output.out.put, pair))


async def _both(self: Any) -> None:
    a, b = await asyncio.gather(self.ports.input.a.get(), self.ports.input.b.get())
    await self.ports.output.out.put(Packet((await a.consume(), await b.consume())))


async def _on_signal(self: Any) -> None:
    """Take a packet for each signal, and say so by a message."""
    while True:
        await self.await_signal("take")
        value = await self.ports.input.inp.get_and_consume()
        await self.ports.message.taken.put(Packet(value))


async def _count_up(self: Any) -> None:
    """Send numbers, and say by a message which of them have been sent."""
    for number in range(100):
        await self.ports.output.out.put(Packet(number))
        await self.ports.message.sent.put(Packet(number))


async def _one_get(self: Any) -> None:
    try:
        await self.ports.input.inp.get()
    except EndOfInput as error:
        await self.ports.output.out.put(Packet(type(error).__name__))


async def _take_one(self: Any) -> None:
    await self.ports.output.out.put(await self.ports.input.inp.get())


async def _get_in_haste(self: Any) -> None:
    """Cancel gets after fewer or more turns of the loop; pass on what was got."""
    while True:
        result = await self.hurry(self.ports.input.inp.get())
        if isinstance(result, EndOfInput):
            return
        if not isinstance(result, asyncio.CancelledError):
            await self.ports.output.out.put(result)


async def _put_in_haste(self: Any) -> None:
    """Cancel puts after fewer or more turns of the loop; put the same again until it is done."""
    async for packet in self.ports.input.inp:
        value = await packet.consume()
        while await self.hurry(self.ports.output.out.put(Packet(value))) is not None:
            pass


class Haste(BaseComponent):
    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.CONFIG, "turns", default=[1]),
        PortSpec(PortType.OUTPUT, "out"),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None: ...

    attempts = 0

    async def hurry(self, move: Coroutine[Any, Any, Any]) -> Any:
        """Return what a move returns, or that it was cancelled: more patient each time."""
        task = asyncio.ensure_future(move)
        rounds, place = divmod(self.attempts, len(self.config.turns))
        self.attempts += 1
        for _ in range(self.config.turns[place] + rounds):
            await asyncio.sleep(0)
        task.cancel()
        (result,) = await asyncio.gather(task, return_exceptions=True)
        return result


class GetInHaste(Haste):
    main = _get_in_haste


class PutInHaste(Haste):
    main = _put_in_haste


# ------------------------------------------------------------------------------- things to do


class OnlyHere:
    """A payload that can be pickled, and made again in its own process alone."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        if pid != os.getpid():
            raise RuntimeError("not here")

    def __reduce__(self) -> Any:
        return OnlyHere, (self.pid,)


class Mine(Exception):
    def __init__(self, words: str, number: int) -> None:
        super().__init__(words, number)
        self.number = number


class TwoForOne(Exception):
    """Keeps other arguments than it is made with: `pickle` alone cannot make it again."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")
        self.second = second


class Mute(Exception):
    """Cannot be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


async def _fail_by_two_for_one(self: Any) -> None:
    raise TwoForOne("as", "told")


async def _fail_mutely(self: Any) -> None:
    raise Mute


async def _fail(self: Any) -> None:
    raise Mine("as told", 7)


async def _fail_unpicklably(self: Any) -> None:
    error = ValueError("not to be pickled")
    error.lock = threading.Lock()  # type: ignore[attr-defined]
    raise error


async def _fail_by_a_cause(self: Any) -> None:
    try:
        raise KeyError("first")
    except KeyError as error:
        raise Mine("then", 8) from error


async def _exit(self: Any) -> None:
    os._exit(3)


async def _die(self: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _crash(self: Any) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


async def _leave(self: Any) -> None:
    sys.exit(4)


async def _sleep(self: Any) -> str:
    await asyncio.sleep(0.05)
    return "slept"


async def _sleep_long(self: Any) -> str:
    await asyncio.sleep(1)
    return "slept long"


async def _work(self: Any) -> str:
    time.sleep(0.05)
    return "worked"


async def _thread(self: Any) -> str:
    return await asyncio.to_thread(lambda: time.sleep(0.05) or "threaded")  # type: ignore[func-returns-value]


async def _process(self: Any) -> str:
    process = await asyncio.create_subprocess_exec("sleep", "0.05")
    return f"process {await process.wait()}"


async def _stop_net(self: Any) -> None:
    await self.stop_net(result={"found": 1}, reason="as told")


async def _wait_inside(self: Any) -> None:
    await asyncio.Event().wait()


async def _work_for_ever(self: Any) -> None:
    time.sleep(3600)


async def _print(self: Any) -> str:
    print("one", "two")
    print("three", file=sys.stderr)
    await asyncio.to_thread(print, "in a thread")
    print("no end", end="")
    return "printed"


async def _print_and_exit(self: Any) -> None:
    print("last words")
    os._exit(0)


async def _print_much(self: Any) -> str:
    for _ in range(300):
        print("x" * 9999)
    return "printed"


async def _lock(self: Any) -> Any:
    return threading.Lock()


async def _only_there(self: Any) -> Any:
    return OnlyHere(os.getpid())


async def _ignored_interrupt(self: Any) -> str:
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(0)
    return "alive"


DEEDS = {name[1:]: deed for name, deed in list(globals().items()) if name.startswith("_") and callable(deed)}

Double = remote("Double", _double)
PassOn = remote("PassOn", _pass_on)
TellPid = remote("TellPid", _tell_pid)
Obey = remote("Obey", _do_as_told)
OneGet = remote("OneGet", _one_get)
TakeOne = remote("TakeOne", _take_one)
Pairs = remote("Pairs", _in_pairs)
Both = remote("Both", _both, input="a b", output="out")
OnSignal = remote("OnSignal", _on_signal, input="inp", signal="take", message="taken")
CountUp = remote("CountUp", _count_up, output="out", message="sent")


# ----------------------------------------------------------------------------- other components


class Settings(BaseComponent):
    """Says what its config values are, each time it takes a packet."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.CONFIG, "must"),
        PortSpec(PortType.CONFIG, "deep.by", default=3),
        PortSpec(PortType.CONFIG, "may", is_optional=True),
        PortSpec(PortType.OUTPUT, "out"),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None:
        async for packet in self.ports.input.inp:
            await packet.consume()
            await self.update_config()
            await self.ports.output.out.put(Packet((self.config.must, self.config.deep.by, self.config.may)))


class FollowsConfig(BaseComponent):
    """Says what changes while it runs."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.CONFIG, "by", default=1),
        PortSpec(PortType.MESSAGE, "changed"),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(asyncio.Event().wait())

    async def on_config_changed(self, name: str, old: Any, new: Any) -> None:
        await self.ports.message.changed.put(Packet((name, old, new)))


@func_component(loop_execution=True)
def triple(inp: int, by: int = 3) -> int:
    return by * inp


class FailsToStart(BaseComponent):
    async def _post_start(self) -> None:
        raise Mine("at the start", 9)


class FailsTwiceToStart(BaseComponent):
    """Fails in a task, and by that in its start: the second error follows from the first."""

    async def _post_start(self) -> None:
        await asyncio.wait([self.task_manager.create_task(self.fail())])
        raise EndOfInput("because of that")

    async def fail(self) -> None:
        raise Mine("at first", 12)


class FailsToBeMade(BaseComponent):
    def __init__(self) -> None:
        super().__init__()
        raise Mine("when made", 10)


class FailsToStop(BaseComponent):
    async def _pre_stop(self) -> None:
        raise Mine("at the end", 11)


class Clears(BaseComponent):
    """Needs a moment to stop, and says so."""

    async def _pre_stop(self) -> None:
        await asyncio.sleep(0.01)
        print("cleared")


class Typed(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out", dtype=int))

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())

    async def main(self) -> None:
        await self.ports.output.out.put(await self.ports.input.inp.get())


class HoldsFile(BaseComponent):
    """Keeps a file open for writing for as long as its process lives."""

    port_specs = PortSpecCollection(PortSpec(PortType.CONFIG, "path", dtype=str))

    async def _post_start(self) -> None:
        self.file = os.open(self.config.path, os.O_WRONLY)
        os.write(self.file, b"open")
        if os.environ.get("FBDEV_TEST_HANGS"):
            time.sleep(3600)


class SlowToStart(BaseComponent):
    async def _post_start(self) -> None:
        time.sleep(0.1)


class WaitsForTwoOthers(BaseComponent):
    """Starts when it sees two others of its kind: each leaves a file in a folder."""

    port_specs = PortSpecCollection(PortSpec(PortType.CONFIG, "folder", dtype=str))

    async def _post_start(self) -> None:
        folder = Path(self.config.folder)
        (folder / str(os.getpid())).touch()
        while len(list(folder.iterdir())) < 3:
            await asyncio.sleep(0.001)


def prepare() -> None:
    """Say that it was called."""
    print("prepared")


Renamed = component("Before", _double, input="inp", output="out")
Renamed.set_module()
Unfindable = component("Unfindable", _double, input="inp", output="out")
Unfindable.set_module("tests.fbdev.no_such_module")

Inner = GraphComponentFactory.create_component(chain(Double, Double, maxsize=1), component_name="Inner")
Inner.set_module()
Relay = GraphComponentFactory.create_component(around(Forward, maxsize=2, node_type=Node), component_name="Relay")
Relay.set_module()
OneOfMany = GraphComponentFactory.create_component(chain(TakeOne), component_name="OneOfMany")
OneOfMany.set_module()
Told = GraphComponentFactory.create_component(chain(Obey), component_name="Told")
Told.set_module()


def _settings_graph() -> GraphSpec:
    graph = GraphSpec()
    graph.add_node(Settings)
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    return graph


SettingsInside = GraphComponentFactory.create_component(_settings_graph(), component_name="SettingsInside")
SettingsInside.set_module()
