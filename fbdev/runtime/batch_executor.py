"""Runs a graph like a function: inputs go in at the start, outputs come back at the end."""

from __future__ import annotations

import asyncio
import collections
import logging
from collections.abc import Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from fbdev._utils.errors import words_of
from fbdev.comp.line import off_line
from fbdev.comp.packet import Packet
from fbdev.comp.port_spec import PortID, PortType
from fbdev.graph.net import BaseNode
from fbdev.runtime._utils import feed, parse_args_into_port_packets, port_named
from fbdev.runtime.base_runtime import BaseRuntime, OnError, loop_runs
from fbdev.runtime.net_loop import NetLoop
from fbdev.runtime.rest import RestWatch
from fbdev.runtime.stream import Stream
from fbdev.runtime.undelivered import Undelivered, stop_and_gather, tell
from fbdev.task_manager import Chain

if TYPE_CHECKING:
    from fbdev.runtime.blocked import Explanation

Until = Literal["outputs", "rest"]

log = logging.getLogger("fbdev")


class BatchExecutor(BaseRuntime):
    """Runs a node once, from its inputs to its outputs.

    Two rules say when it is over, and which one holds is known before the start. ``until="outputs"``: when each
    awaited output has given its first packet; the result is ``{name: payload}``. ``until="rest"``: when the net
    is at rest, its inputs being closed after their last packet; the result is ``{name: [payloads]}``. The first
    is the rule if every input is one value and some output is awaited, the second if an input is a `Stream` or
    no output is awaited.

    Args:
        node: what is run.
        on_error: ``"continue"`` lets an error end the node that it happens in, and the rest go on.
        check_types: False lets every payload pass, whatever the ports' dtypes and validators say.
    """

    def __init__(self, node: BaseNode, *, on_error: OnError = "stop", check_types: bool | None = None) -> None:
        super().__init__(on_error=on_error, check_types=check_types)
        self._take(node)
        self._batch: Batch | None = None
        self._closed = asyncio.Event()
        self.received: dict[str, list[Any]] = {}
        """After a run that has returned no result of its outputs, being cancelled, failed, blocked, or ended by a
        component with another: what they had given by then, ``{name: [payloads]}``. Else nothing is kept."""

    def start(
        self,
        *args: Any,
        config: Mapping[str, Any] | None = None,
        signals: Iterable[str] = (),
        ports_to_get: Iterable[Any] | None = None,
        until: Until | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run it on an event loop of its own; see `astart`.

        Raises:
            RuntimeError: if an event loop runs already.
        """
        if loop_runs():
            raise RuntimeError("start() makes an event loop of its own, and one runs here: await astart().")
        with asyncio.Runner(loop_factory=NetLoop.make) as runner:
            run = self.astart(
                *args, config=config, signals=signals, ports_to_get=ports_to_get, until=until, **kwargs
            )
            return runner.run(run)

    async def astart(
        self,
        *args: Any,
        config: Mapping[str, Any] | None = None,
        signals: Iterable[str] = (),
        ports_to_get: Iterable[Any] | None = None,
        until: Until | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run it and return its outputs; if a component or `stop` ends it, the result given there or what has come.

        Args:
            args: values of the input ports in order of declaration; a `Stream` gives several packets.
            config: values of config ports by name.
            signals: names of the signal ports to signal once.
            ports_to_get: the output and message ports that are awaited, as ids or names; by default all outputs.
            until: when it is over; by default what the class says.
            kwargs: values of the input ports by name.

        Raises:
            ValueError: for a value that is missing, unexpected or given twice.
            BlockedNetError: if nothing can move any more and something is still awaited.
            Exception: whatever a component raises, the very object.
        """
        await super().astart()
        node = self._node
        inputs, configs, wanted = parse_args_into_port_packets(node.port_specs, config, signals, *args, **kwargs)
        which = node.ports.get_all(PortType.OUTPUT) if ports_to_get is None else ports_to_get
        awaited = [port_named(node.ports, port).id for port in which]
        streams = any(isinstance(value, Stream) for value in inputs.values())
        rule: Until = until or ("rest" if streams or not awaited else "outputs")
        self._started = True
        self._batch = batch = Batch(node, inputs, configs, wanted, awaited, rule)
        self.received = batch.outputs
        await self._run(batch)
        self.stop_reason = batch.stop_reason
        tell(self.undelivered, warn=batch.until == "rest")
        if batch.result is not None:
            return batch.result
        self.received = {}
        return batch.gathered()

    async def _run(self, batch: Batch) -> None:
        try:
            await batch.run()
        except BaseException:
            await self._close(batch)
            raise
        problem = await self._close(batch)
        if problem is not None:
            raise problem

    async def _close(self, batch: Batch) -> BaseException | None:
        """Stop the node, even if the wait for that is cancelled; return what went wrong in that."""
        loop = asyncio.get_running_loop()
        closing = loop.create_task(self._stop_node(batch), context=off_line())
        return await asyncio.shield(closing)

    async def _stop_node(self, batch: Batch) -> BaseException | None:
        try:
            await batch.close()
        except Exception as problem:
            log.debug("%s failed to stop", self._node.address, exc_info=problem)
            return problem
        finally:
            self.undelivered = batch.undelivered
            self._batch = None
            self._stopped = True
            self._closed.set()
        return None

    async def stop(self, *, strict: bool = False) -> None:
        """End a run that goes on; one that is over has been stopped already.

        Raises:
            RuntimeError: if it was not started, or is over.
            LostPacketError: with ``strict``, if a packet was not delivered.
        """
        await super().stop()
        assert self._batch is not None
        self._batch.end(None, "stop() was called")
        await self._closed.wait()
        tell(self.undelivered, strict=strict)


class Batch:
    """One run of a node: what goes in, what comes out, and when it is over.

    Args:
        node: the top node, not started.
        inputs: what was given for each input port.
        configs: the value of each config port that has one.
        signals: the signal ports to signal.
        awaited: the ports whose packets are the result; the other outputs are drained.
        until: the rule of its end.
    """

    def __init__(
        self,
        node: BaseNode,
        inputs: Mapping[str, Any],
        configs: Mapping[str, Any],
        signals: Iterable[str],
        awaited: Iterable[PortID],
        until: Until,
    ) -> None:
        self.node = node
        self.until = until
        specs = node.port_specs.get_all(PortType.CONFIG)
        self._configs = {spec.name: spec.default for spec in specs if spec.has_default} | dict(configs)
        self._inputs, self._signals = inputs, set(signals)
        self._awaited = _by_key(awaited)
        self.outputs: dict[str, list[Any]] = {key: [] for key in self._awaited}
        self.undelivered: list[Undelivered] = []
        self.stop_reason = ""
        self.is_stopped = False
        """Whether `end` has ended it: it has not come to rest."""
        self.result: Any = None
        """What a component has ended it with; None if the result is what the outputs have given."""
        self._over: asyncio.Future[Explanation | None] | None = None
        self._rest: RestWatch | None = None

    async def run(self) -> None:
        """Run it to its end; raises as `BatchExecutor.astart` says."""
        loop = asyncio.get_running_loop()
        over = self._over = loop.create_future()
        self.node.hub.on_stop = self.end
        self.node.task_manager.subscribe(self._failed)
        with RestWatch(self.node, self._at_rest) as rest:
            self._rest = rest
            self._announce()
            for coro in (*self._feeders(), *self._collectors()):
                self.node.task_manager.create_task(coro)
            start = rest.start = loop.create_task(self.node.start())
            start.add_done_callback(self._start_ended)
            try:
                explanation = await over
            finally:
                self._rest = None  # it holds us: nobody would be freed before the collector comes
                start.cancel()
                await asyncio.wait([start])
        if explanation is not None:
            raise explanation.as_error() from self._first_error()

    def outside(self) -> tuple[str, ...]:
        """Return what may still wake the net, at a moment when its loop is idle; see `NetLoop.outside`."""
        return self._rest.outside() if self._rest is not None else ()

    def gathered(self) -> dict[str, Any]:
        """Return what the outputs have given, as its rule says: a payload for each, or a list."""
        if self.until == "outputs":
            return {key: payloads[0] for key, payloads in self.outputs.items() if payloads}
        return dict(self.outputs)

    async def close(self) -> list[Undelivered]:
        """Stop the node, and return what was not delivered.

        Raises:
            Exception: what went wrong while it stopped.
        """
        manager = self.node.task_manager
        manager.take_exception()
        try:
            self.undelivered, problem = await stop_and_gather(self.node)
        finally:
            self.node.hub.on_stop = None
            manager.unsubscribe(self._failed)
        late = None if self.node.hub.goes_on else manager.take_exception()
        if problem is not None or late is not None:
            raise problem or late  # type: ignore[misc]  # one of them is an error
        return self.undelivered

    def end(self, result: Any = None, reason: str = "") -> None:
        """End the run from outside of it, or on the wish of a component."""
        if self._settle(None):
            self.result, self.stop_reason, self.is_stopped = result, reason, True

    def _settle(self, explanation: Explanation | None) -> bool:
        assert self._over is not None
        if self._over.done():
            return False
        self._over.set_result(explanation)
        return True

    # -- errors

    def _failed(
        self,
        task: asyncio.Task[Any] | None,
        exceptions: Chain,
        source_trace: tuple[str, ...],
        tracebacks: tuple[str, ...],
    ) -> None:
        if self.node.hub.goes_on and len(exceptions) > 1:
            log.warning("%s goes on without %s: %s", self.node.address, source_trace[0], words_of(exceptions[0]))
        else:
            self._fail(exceptions[0])

    def _start_ended(self, start: asyncio.Task[None]) -> None:
        error = None if start.cancelled() else start.exception()
        if error is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        assert self._over is not None
        if not self._over.done():
            self._over.set_exception(error)

    def _first_error(self) -> BaseException | None:
        failures = self.node.task_manager.get_exceptions()
        return failures[0].error if failures else None

    # -- what goes in

    def _announce(self) -> None:
        for port in self.node.ports.get_all(PortType.CONFIG):
            if port.name in self._configs:
                port.inner.announce()
            else:
                port.inner.end()
        self._end_signals_inside()

    def _end_signals_inside(self) -> None:
        """Nobody can signal a port inside that no edge leads to: who waits for it has finished."""
        for node in self.node.walk():
            for port in node.ports.get_all(PortType.SIGNAL):
                if not node.is_top_node and not port.inner.sources:
                    port.inner.source_drained()

    def _feeders(self) -> list[Coroutine[Any, Any, None]]:
        ports = self.node.ports
        close = self.until == "rest"
        if close:
            for port in ports.get_all(PortType.SIGNAL):
                if port.name not in self._signals:
                    port.inner.end()
        return [
            *(feed(ports.config[name], value, close=True) for name, value in self._configs.items()),
            *(self._signal(ports.signal[name], close=close) for name in sorted(self._signals)),
            *(feed(ports.input[name], value, close=close) for name, value in self._inputs.items()),
        ]

    @staticmethod
    async def _signal(port: Any, *, close: bool) -> None:
        await port.put(Packet.get_empty())
        if close:
            port.inner.end()

    # -- what comes out

    def _collectors(self) -> list[Coroutine[Any, Any, None]]:
        awaited = set(self._awaited.values())
        others = [port.id for port in self.node.ports.get_all(PortType.OUTPUT) if port.id not in awaited]
        return [
            *(self._collect(port_id, self.outputs[key]) for key, port_id in self._awaited.items()),
            *(self._drain(port_id) for port_id in others),
        ]

    async def _collect(self, port_id: PortID, gathered: list[Any]) -> None:
        port = self.node.ports[port_id]
        while True:
            gathered.append(await port.get_and_consume())
            if self.until == "outputs":
                break
        if all(self.outputs.values()):
            self._settle(None)

    async def _drain(self, port_id: PortID) -> None:
        port = self.node.ports[port_id]
        while True:
            await port.get_and_consume()

    # -- the end

    def explain(self) -> Explanation | None:
        """Return why the net, being at rest, is blocked; None if it has finished."""
        from fbdev.runtime.blocked import waits_of, why_blocked  # noqa: PLC0415 - few nets are ever asked

        return why_blocked(self.node, waits_of(self.node), missing=self._missing())

    def _missing(self) -> list[Any]:
        if self.until == "rest":
            return []
        return [self.node.ports[port_id].inner for key, port_id in self._awaited.items() if not self.outputs[key]]

    def _at_rest(self) -> None:
        assert self._over is not None
        if not self._over.done():
            self._settle(self.explain())


def _by_key(port_ids: Iterable[PortID]) -> dict[str, PortID]:
    """Return ports by the names that a result has for them; one whose name another has, too, is ``message.name``."""
    ids = list(dict.fromkeys(port_ids))
    times = collections.Counter(name for _, name in ids)
    return {
        name if times[name] == 1 or kind is PortType.OUTPUT else f"{kind.label}.{name}": (kind, name)
        for kind, name in ids
    }


__all__ = ["Batch", "BatchExecutor", "Until"]
