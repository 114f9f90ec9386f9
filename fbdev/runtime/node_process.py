"""Runs a node that goes on: packets are put and taken while it works."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fbdev._utils.errors import words_of
from fbdev.comp.line import off_line
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port_spec import PortsByKind, PortType
from fbdev.exceptions import NetStoppedError
from fbdev.graph.net import BaseNode
from fbdev.runtime._utils import named, port_named
from fbdev.runtime.base_runtime import BaseRuntime, OnError
from fbdev.runtime.process_port import (
    Calls,
    NodeProcessOutput,
    NodeProcessPort,
    process_port,
)
from fbdev.runtime.undelivered import left_behind, stop_and_gather, tell
from fbdev.task_manager import Chain

__all__ = ["NodeProcess", "NodeProcessPort"]

log = logging.getLogger("fbdev")


class NodeProcess(BaseRuntime):
    """Runs a node until it is stopped; use it as an asynchronous context manager.

    An error in a component stops the process, and is raised by whatever waits for it: gets, puts, `await_stop`; if
    nothing does, by the next call, `stop` included.

    Args:
        node: what is run.
        stop_port: an output or message port, by id or name: a packet there stops the process.
        on_error: ``"continue"`` lets an error end the node that it happens in, and the rest go on.
        check_types: False lets every payload pass, whatever the ports' dtypes and validators say.

    Raises:
        ValueError: if the node has no such port.
    """

    def __init__(
        self,
        node: BaseNode,
        stop_port: Any = None,
        *,
        on_error: OnError = "stop",
        check_types: bool | None = None,
    ) -> None:
        super().__init__(on_error=on_error, check_types=check_types)
        self._take(node)
        self._calls = Calls()
        self._calls.on_get = self._perhaps_over
        self._ports = PortsByKind({port.id: process_port(port, self._calls) for port in node.ports.iter_ports()})
        self._stop_port = None if stop_port is None else port_named(node.ports, stop_port)
        self._failure: BaseException | None = None
        self._shutting: asyncio.Task[None] | None = None
        self._stop_was_called = False
        self._over = asyncio.Event()
        self._awaited = 0
        self._result: Any = None

    @property
    def ports(self) -> PortsByKind:
        """Its ports: inputs have `put` and `put_value`, which return a task, outputs `get` and `get_and_consume`."""
        return self._ports

    # -- its life

    def start(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: a process needs an event loop that goes on.

        Raises:
            NotImplementedError: always, unless it was started before.
        """
        super().start()
        raise NotImplementedError("A NodeProcess runs in an event loop: await astart().")

    async def astart(self, *, config: Mapping[str, Any] | None = None, signals: Iterable[str] = ()) -> None:
        """Start the node; it then runs by itself.

        Args:
            config: values of config ports by name. It waits for a value of each port that needs one.
            signals: names of the signal ports to signal once.

        Raises:
            RuntimeError: if it was started or stopped before.
            Exception: whatever a component raises meanwhile, the very object.
        """
        await super().astart()
        specs = self._node.port_specs
        configs = named(specs.get_all(PortType.CONFIG), config or {}, "config")
        wanted = named(specs.get_all(PortType.SIGNAL), dict.fromkeys(signals), "signals")
        self._started = True
        self._node.task_manager.subscribe(self._told_of_error)
        self._node.hub.on_stop = self._end
        self._node.hub.on_finished = self._perhaps_over
        for name, value in configs.items():
            self._ports.config[name].put_value(value)
        for name in wanted:
            self._ports.signal[name].put(Packet.get_empty())
        if self._stop_port is not None:
            self._node.task_manager.create_task(self._watch(self._stop_port))
        try:
            await self._calls.get(self._node.start())
        except Exception as error:
            self._fail(error)
            self._calls.end_was_raised = True
            raise
        except BaseException:
            self._end(reason="its start was cancelled")
            raise

    async def _watch(self, stop_port: Any) -> None:
        await stop_port.get_and_consume()
        self._end(reason=f"a packet came to {stop_port!r}")

    async def stop(self, *, strict: bool = False) -> None:
        """Stop the node. Whatever goes wrong in that is raised when everything has been stopped.

        Raises:
            RuntimeError: if it was not started, or stopped before. After an error has stopped it nothing is raised.
            LostPacketError: with ``strict``, if a packet was not delivered.
            Exception: an error of a component, or of a put, that no call has raised yet.
        """
        if self._failure is None or self._stop_was_called:
            await super().stop()
        self._stop_was_called = True
        self._end(reason="stop() was called")
        assert self._shutting is not None
        await asyncio.shield(self._shutting)
        error = self._calls.take_error()
        if self._failure is not None and not self._calls.end_was_raised:
            error = self._failure
        if error is not None:
            raise error
        tell(self.undelivered, strict=strict)

    async def await_stop(self) -> Any:
        """Wait until it is stopped; return the result that a component gave to `stop_net`, None as a rule.

        A process whose nodes have all ended, and in which no packet is left, is stopped then.

        Raises:
            Exception: whatever a component has raised, the very object.
        """
        self._awaited += 1
        try:
            self._perhaps_over()
            await self._over.wait()
        finally:
            self._awaited -= 1
        if self._failure is not None:
            self._calls.end_was_raised = True
            raise self._failure
        return self._result

    async def await_message(self, name: str) -> None:
        """Wait for a message of the message port ``name``; raises what a get raises."""
        await self._ports.message[name].get_and_consume()

    # -- several packets

    async def gather_outputs(self, *ports: Any, return_packets: bool = False) -> list[Any]:
        """Take packets from several ports at the same time, and return their payloads in the order of the arguments.

        Args:
            ports: output or message ports as names, ids or ports, for one packet; ``(port, count)`` for several.
            return_packets: return the packets themselves.

        Raises:
            ValueError: for something that is no output port, or no pair of a port and a number.
            BlockedNetError: if one of them can give no more.
            Exception: whatever a component has raised, the very object.
        """
        wanted = [port for which in ports for port in self._times(which)]
        gets = [asyncio.ensure_future(port.get()) for port in wanted]
        try:
            packets = await asyncio.gather(*gets)
        except BaseException:
            self._give_up(gets, wanted)
            raise
        return packets if return_packets else [await packet.consume() for packet in packets]

    def _times(self, which: Any) -> Iterator[NodeProcessOutput]:
        count = 1
        if isinstance(which, tuple) and not (which and isinstance(which[0], PortType)):
            if len(which) != 2 or not isinstance(which[1], int) or which[1] < 0:
                raise ValueError(f"{which!r} is not a pair of a port and the number of packets to take there.")
            which, count = which
        port = self._ports[port_named(self._node.ports, which).id]
        yield from [port] * count

    def _give_up(self, gets: list[asyncio.Task[BasePacket]], ports: list[NodeProcessOutput]) -> None:
        """What some of the gets have taken is with nobody: keep it for the record."""
        for get, port in zip(gets, ports, strict=True):
            if not get.done():
                get.cancel()
            elif not get.cancelled() and get.exception() is None:
                self._calls.withdrawn.append((get.result(), port.address, "was taken by a call that failed"))

    # -- its end

    def _told_of_error(
        self,
        task: asyncio.Task[Any] | None,
        exceptions: Chain,
        source_trace: tuple[str, ...],
        tracebacks: tuple[str, ...],
    ) -> None:
        if self._goes_on and len(exceptions) > 1:
            log.warning("%s goes on without %s: %s", self._node.address, source_trace[0], words_of(exceptions[0]))
        else:
            self._fail(exceptions[0])

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
            self._shut_down(error)

    def _end(self, result: Any = None, reason: str = "") -> None:
        """End it from outside, or on the wish of a component."""
        if self._shutting is None:
            self._result, self.stop_reason = result, reason
            self._shut_down(
                NetStoppedError(f"{type(self).__name__} has been stopped: {reason or 'by a component'}.")
            )

    def _perhaps_over(self) -> None:
        """Stop it if somebody waits for that, and it can do nothing more."""
        if self._awaited and self._node.finished and next(left_behind(self._node), None) is None:
            self._end(reason="every node has ended")

    def _shut_down(self, error: BaseException) -> None:
        if self._shutting is None:
            self._calls.end(error)
            loop = asyncio.get_running_loop()
            self._shutting = loop.create_task(self._shut(), context=off_line())

    async def _shut(self) -> None:
        undelivered, problem = await stop_and_gather(self._node)
        self.undelivered = [*undelivered, *self._calls.withdrawn]
        if problem is not None and self._failure is None:
            self._failure = problem
        self._stopped = True
        self._over.set()
