"""The ports of a `NodeProcess`, and the calls that go on there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar, cast

from fbdev.comp.interrupt import Interruptible
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port_spec import PortType
from fbdev.exceptions import BlockedNetError, EndOfInput, NetStoppedError
from fbdev.graph.net import BaseNode, NodePort
from fbdev.runtime.undelivered import Undelivered

Result = TypeVar("Result")


class NothingMoreError(BlockedNetError, EndOfInput):
    """Whatever could feed an output has ended: nothing will ever come out of it again."""


class PutTask(asyncio.Task[None]):
    """A put that goes on by itself. It knows whether anybody has asked how it ended."""

    asked = False

    def __await__(self) -> Any:
        self.asked = True
        return super().__await__()

    def result(self) -> None:
        """Return None; raises what the put has raised."""
        self.asked = True
        return super().result()

    def exception(self) -> BaseException | None:
        """Return what the put has raised."""
        self.asked = True
        return super().exception()

    @property
    def error(self) -> BaseException | None:
        """What the put has raised; looking at it is no asking."""
        return None if self.cancelled() else super().exception()


class Calls:
    """The puts and gets from outside that go on in a process: its end ends them, by an error of its own.

    The error of a put that nobody waits for is raised by the gets that wait, or by the next call.
    """

    def __init__(self) -> None:
        self._gets: dict[Interruptible, None] = {}
        self._puts: dict[Interruptible, None] = {}
        self._unasked: list[PutTask] = []
        self._end: BaseException | None = None
        self._trace: TracebackType | None = None
        self.end_was_raised = False
        """True once a call has raised what the process has ended by."""
        self.withdrawn: list[Undelivered] = []
        """What was on its way from outside when the process ended, or when a call for several packets failed."""
        self.on_get: Callable[[], None] = lambda: None
        """Called when a get has returned."""

    def end(self, error: BaseException) -> None:
        """End every call, and those still to come, by an error."""
        self._end, self._trace = error, error.__traceback__
        for call in (*self._gets, *self._puts):
            call.interrupt(error)

    async def get(self, call: Coroutine[Any, Any, Result]) -> Result:
        """Return what a call waits for; raises what the process, or a put that nobody asks, has ended by."""
        error = self.take_error() or self._end
        result = await self._until_the_end(call, self._gets, error)
        self.on_get()
        return result

    def put(self, port: NodePort, packet: BasePacket) -> PutTask:
        """Begin a put."""
        if port.port_type is PortType.CONFIG:
            port.inner.announce()
        task = cast(PutTask, port.node.task_manager.adopt(self._put(port, packet), PutTask))
        task.add_done_callback(self._put_ended)
        return task

    async def _put(self, port: NodePort, packet: BasePacket) -> None:
        begun = self._end is None
        try:
            await self._until_the_end(port.inner._put(packet), self._puts, self._end)
        except BaseException as error:
            if begun and error is self._end:
                self.withdrawn.append((packet, port.address, "its put was waiting"))
            raise

    async def _until_the_end(
        self, call: Coroutine[Any, Any, Result], going_on: dict[Interruptible, None], error: BaseException | None
    ) -> Result:
        if error is not None:
            call.close()
            raise self._noted(error)
        stretch = Interruptible()
        going_on[stretch] = None
        try:
            with stretch:
                return await call
        finally:
            del going_on[stretch]
        raise self._noted(stretch.error)

    def _noted(self, error: BaseException) -> BaseException:
        if error is not self._end:
            return error
        self.end_was_raised = True
        return error.with_traceback(self._trace)  # each raise would add to it

    def _put_ended(self, task: asyncio.Task[None]) -> None:
        assert isinstance(task, PutTask)
        error = task.error
        if error is None or error is self._end or task.asked:
            return
        for get in tuple(self._gets):
            get.interrupt(error)
        if not self._gets:
            self._unasked.append(task)

    def take_error(self) -> BaseException | None:
        """Return the error of a put that nobody has asked for, and let go of all of them."""
        tasks, self._unasked = self._unasked, []
        return next((task.error for task in tasks if not task.asked), None)


class NodeProcessPort:
    """A port of a process: what the port of a node has, but for its puts and gets."""

    def __init__(self, port: NodePort, calls: Calls) -> None:
        self._port = port
        self._calls = calls

    def __getattr__(self, name: str) -> Any:  # what any port of a node has
        return getattr(self._port, name)

    def __repr__(self) -> str:
        return repr(self._port)


class NodeProcessInput(NodeProcessPort):
    """A port that the process receives from. A put goes on by itself; whoever wants to wait for it awaits it."""

    def put(self, packet: BasePacket) -> PutTask:
        """Send a packet; the task ends when the packet is on its way, by an error if it cannot be."""
        return self._calls.put(self._port, packet)

    def put_value(self, value: Any) -> PutTask:
        """Send a value in a new packet."""
        return self.put(Packet(value))


class NodeProcessOutput(NodeProcessPort):
    """A port that the process sends by. ``async for packet in port`` ends when nothing more will come."""

    async def get(self) -> BasePacket:
        """Return the next packet.

        Raises:
            BlockedNetError: if every node that could feed the port has ended; it is an `EndOfInput`, too.
            NetStoppedError: if the process has been stopped; it is an `EndOfInput`, too.
            Exception: whatever a component has raised, the very object.
        """
        try:
            packet: BasePacket = await self._calls.get(self._port.inner._get())
        except NetStoppedError:
            raise
        except EndOfInput:
            raise _nothing_more(self._port) from _first_error(self._port.node)
        return packet

    async def get_and_consume(self) -> Any:
        """Return the payload of the next packet; raises what `get` raises."""
        return await (await self.get()).consume()

    async def __aiter__(self) -> AsyncIterator[BasePacket]:
        while True:
            try:
                packet = await self.get()
            except EndOfInput:
                return
            yield packet


def process_port(port: NodePort, calls: Calls) -> NodeProcessPort:
    """Return a port of a process for a port of its node."""
    return (NodeProcessInput if port.is_input_port else NodeProcessOutput)(port, calls)


def _nothing_more(port: NodePort) -> NothingMoreError:
    from fbdev.runtime.blocked import why_nothing_comes  # noqa: PLC0415 - few nets are ever asked

    why = why_nothing_comes(port.inner)
    return NothingMoreError(f"{why.verdict}: {why.text}", verdict=why.verdict, chain=why.chain)


def _first_error(node: BaseNode) -> BaseException | None:
    failures = node.task_manager.get_exceptions()
    return failures[0].error if failures else None
