"""What runs in the process of a node: it is handed a socket, told what to run, and runs it until it is to stop."""

from __future__ import annotations

import asyncio
import importlib
import io
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

from fbdev._utils.errors import words_of
from fbdev.comp.base_component import BaseComponent
from fbdev.concurrent.border import Border
from fbdev.concurrent.component_path import component_at
from fbdev.concurrent.link import Link
from fbdev.concurrent.messages import Message, Printed, Settled, Start, Started, Stop, StopNet, Stopped, Stopping
from fbdev.concurrent.packing import pack_error, pack_left, pack_value
from fbdev.exceptions import RemoteNodeError
from fbdev.graph.graph_spec import NodeSpec
from fbdev.graph.net import Node
from fbdev.runtime.net_loop import Idle, NetLoop
from fbdev.runtime.rest import RestWatch
from fbdev.runtime.undelivered import stop_and_gather
from fbdev.task_manager import Chain

Left = tuple[tuple[bytes, str, str], ...]
"""Packets that nobody received, each with its address and why."""

_OWN: Final = 2
"""Exceptions in the chain of an error of the component's own: the error, and a ComponentError."""


def main(descriptor: int) -> None:
    """Run a node for the process at the other end of a socket."""
    os.set_inheritable(descriptor, False)
    end = socket.socket(fileno=descriptor)
    threading.Thread(target=_end_with_the_parent, args=(descriptor,), daemon=True).start()
    signal.signal(signal.SIGINT, lambda *_: None)  # the parent is interrupted, too, and stops this process
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # for the processes that the component starts
    run_node(Link(end))
    end.detach()  # it is closed with the process: the parent sees that both have ended


def run_node(link: Link) -> None:
    """Run a node, whose process this is, until the other end of the link says stop."""
    start = link.receive()
    if isinstance(start, Start):
        sys.stdout, sys.stderr = _Stream(link, "stdout", 1), _Stream(link, "stderr", 2)
        _run(start, link)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__


def _run(start: Start, link: Link) -> None:
    try:
        component = _load(start)
    except BaseException as error:  # a module may raise anything, SystemExit too
        link.send(pack_error(_cannot_load(start, error)))
        return
    with asyncio.Runner(loop_factory=NetLoop) as runner:
        runner.run(_Host(component, start, link).run())


def _end_with_the_parent(descriptor: int) -> None:
    """End at once when the other end is closed, whatever the component does."""
    poll = select.poll()
    poll.register(descriptor, 0)
    poll.poll()
    os._exit(1)


def _load(start: Start) -> type[BaseComponent]:
    sys.path[:] = start.sys_path
    sys.argv[:] = start.argv
    sys.dont_write_bytecode = start.dont_write_bytecode
    if start.preparation is not None:
        module, _, name = start.preparation.partition(":")
        getattr(importlib.import_module(module), name)()
    return component_at(start.component)


def _cannot_load(start: Start, error: BaseException) -> RemoteNodeError:
    module, name, _ = start.component
    failure = RemoteNodeError(
        f"{start.address}: its process cannot import '{name}' from the module '{module}':"
        f" {type(error).__name__}: {words_of(error, str)}"
    )
    failure.__cause__ = error
    return failure


class _HostedNode(Node):
    """A node that goes by the address that it has in the parent's net."""

    def __init__(self, spec: NodeSpec, address: str) -> None:
        self._address = address
        super().__init__(spec)

    @property
    def address(self) -> str:
        """Where it is, in the parent's net."""
        return self._address


class _Watch(RestWatch):
    """Tells at each idle moment what else may wake the net: nothing if it is at rest."""

    def __init__(self, top: Node, tell: Callable[[tuple[str, ...]], None]) -> None:
        super().__init__(top, lambda: None)
        self._tell = tell

    def _idle(self, spinning: bool) -> Idle:
        if not spinning:
            self._tell(self.outside())
        return Idle.PASS


class _Host:
    """Runs the node, and tells the parent how it fares."""

    def __init__(self, component: type[BaseComponent], start: Start, link: Link) -> None:
        self._component = component
        self._start = start
        self._link = link
        self._told: Settled | None = None
        self._border: Border | None = None

    async def run(self) -> None:
        """Run until the parent says stop."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, NetLoop)
        self._stop = loop.create_future()
        self._link.attach(self._obey, lambda: os._exit(1))
        left: Left = ()
        try:
            node = self._make_node()
        except Exception as error:
            self._link.send(pack_error(error))
            await self._stop
        else:
            with self._link.gathered(loop):
                left = await self._run(node)
        sys.stdout.flush()
        sys.stderr.flush()
        self._link.send(Stopped(left))
        await self._link.drained(0)

    def _make_node(self) -> Node:
        node = _HostedNode(NodeSpec(self._component, self._start.node_id), self._start.address)
        node.hub.keep_history(None)  # it is kept where the edges are
        node.hub.goes_on = self._start.goes_on
        node.hub.on_stop = self._stop_net
        if not self._start.checks:
            for inside in node.walk():
                for port in inside.inner_ports():
                    port.check_nothing()
        node.task_manager.subscribe(self._failed)
        self._border = Border(node, self._start, self._link)
        node.task_manager.add_instrument(self._border)
        return node

    async def _run(self, node: Node) -> Left:
        """Run the node until the parent says stop; returns what nobody received."""
        with _Watch(node, self._settled) as watch:
            watch.start = starting = asyncio.ensure_future(self._begin(node))
            await self._stop
            starting.cancel()
            await asyncio.wait([starting])
            left, problem = await stop_and_gather(node)
        if problem is not None:
            self._link.send(pack_error(problem))
        return tuple((pack_left(packet), address, why) for packet, address, why in left)

    async def _begin(self, node: Node) -> None:
        assert self._border is not None
        self._border.open()
        try:
            await node.start()
        except Exception as error:
            self._link.send(pack_error(error))
        else:
            self._link.send(Started())

    # -- what the parent is told

    def _failed(self, _task: Any, exceptions: Chain, _sources: tuple[str, ...], _texts: tuple[str, ...]) -> None:
        self._link.send(pack_error(exceptions[0], inside=len(exceptions) > _OWN))

    def _stop_net(self, result: Any, reason: str) -> None:
        self._link.send(StopNet(pack_value(result, "what stop_net was given"), reason))

    def _settled(self, outside: tuple[str, ...]) -> None:
        """Tell, when nothing is ready, how far that is, and what else may wake us."""
        now = Settled(self._link.received, outside)
        if now != self._told:
            self._told = now
            self._link.send(now)
        self._link.flush()

    def _obey(self, message: Message) -> None:
        if isinstance(message, Stop):
            self._link.send(Stopping())
            self._stop.set_result(None)
        elif self._border is not None:
            try:
                self._border.obey(message)
            except TypeError as error:  # a value that cannot be read here
                self._link.send(pack_error(error))


class _Stream(io.TextIOBase):
    """Stands for ``sys.stdout`` or ``sys.stderr``: what is written is printed by the parent, line by line."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, link: Link, name: str, descriptor: int) -> None:
        self._link = link
        self._name = name
        self._descriptor = descriptor
        self._pending = ""
        self._lock = threading.RLock()

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the process's own stream, which is the parent's."""
        return self._descriptor

    def write(self, text: str) -> int:
        """Take a piece of text."""
        if not isinstance(text, str):
            raise TypeError(f"write() takes str, not {type(text).__name__}")
        with self._lock:
            self._pending += text
            if "\n" in text:
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what waits."""
        with self._lock:
            text, self._pending = self._pending, ""
            if text:
                self._give(text)

    def _give(self, text: str) -> None:
        try:
            self._link.send_from_any_thread(Printed(self._name, text))
        except RuntimeError:  # the node has been stopped: a thread of its goes on
            os.write(self._descriptor, text.encode(self.encoding, self.errors))
