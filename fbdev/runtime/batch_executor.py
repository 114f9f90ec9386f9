"""Runs a graph like a function: inputs go in at the start, outputs come back at the end."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, Literal

from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port_spec import PortID, PortType
from fbdev.exceptions import BlockedNetError, UndeliveredWarning
from fbdev.graph.net import BaseNode, left_behind
from fbdev.runtime._utils import feed, parse_args_into_port_packets
from fbdev.runtime.base_runtime import BaseRuntime
from fbdev.runtime.blocked import Explanation, waits_of, why_blocked
from fbdev.runtime.net_loop import NetLoop
from fbdev.runtime.rest import RestWatch
from fbdev.runtime.stream import Stream

Until = Literal["outputs", "rest"]
Undelivered = tuple[BasePacket, str, str]
NAMED = 5
"""Places that the warning of undelivered packets names."""

log = logging.getLogger("fbdev")


class BatchExecutor(BaseRuntime):
    """Runs a node once, from its inputs to its outputs.

    Two rules say when it is over, and which one holds is known before the start. ``until="outputs"``: when each
    awaited output has given its first packet; the result is ``{name: payload}``. ``until="rest"``: when the net
    is at rest, its inputs being closed after their last packet; the result is ``{name: [payloads]}``. The first
    is the rule if every input is one value and some output is awaited, the second if an input is a `Stream` or
    no output is awaited.
    """

    def __init__(self, node: BaseNode) -> None:
        super().__init__()
        self._node = node
        self.undelivered: list[Undelivered] = []
        """After the run: each packet that nobody received, its address, and why."""

    def start(
        self,
        *args: Any,
        config: Mapping[str, Any] | None = None,
        signals: Iterable[str] = (),
        ports_to_get: Iterable[PortID] | None = None,
        until: Until | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Run it on an event loop of its own; see `astart`."""
        with asyncio.Runner(loop_factory=NetLoop) as runner:
            run = self.astart(
                *args, config=config, signals=signals, ports_to_get=ports_to_get, until=until, **kwargs
            )
            return runner.run(run)

    async def astart(
        self,
        *args: Any,
        config: Mapping[str, Any] | None = None,
        signals: Iterable[str] = (),
        ports_to_get: Iterable[PortID] | None = None,
        until: Until | None = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        """Run it and return its outputs.

        Args:
            args: values of the input ports in order of declaration; a `Stream` gives several packets.
            config: values of config ports by name.
            signals: names of the signal ports to signal once.
            ports_to_get: the output and message ports that are awaited, by default all outputs.
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
        outputs = node.ports.get_all(PortType.OUTPUT)
        awaited = [port.id for port in outputs] if ports_to_get is None else list(ports_to_get)
        streams = any(isinstance(value, Stream) for value in inputs.values())
        rule: Until = until or ("rest" if streams or not awaited else "outputs")
        self._started = True
        batch = Batch(node, inputs, configs, wanted, awaited, rule)
        try:
            result = await batch.run()
        finally:
            self.undelivered = await batch.close()
            self._stopped = True
        self._tell_undelivered(rule)
        return result

    async def stop(self) -> None:
        """Stop the node; a batch that has ended is stopped already."""
        await super().stop()
        if not self._node.states.stopped.get():
            await self._node.stop()
        self._stopped = True

    def _tell_undelivered(self, rule: Until) -> None:
        if not self.undelivered:
            return
        places = list(dict.fromkeys(address for _, address, _ in self.undelivered))
        more = f" and {len(places) - NAMED} more places" if len(places) > NAMED else ""
        sentence = f"{len(self.undelivered)} packets were not delivered: {', '.join(places[:NAMED])}{more}"
        if rule == "rest":
            warnings.warn(sentence, UndeliveredWarning, stacklevel=4)
        else:
            log.info(sentence)


class Batch:
    """One run of a node: what goes in, what comes out, and when it is over.

    Args:
        node: the top node, not started.
        inputs: a value or a `Stream` for each input port.
        configs: a value for some config ports.
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
        self._awaited = list(awaited)
        self.outputs: dict[str, list[Any]] = {name: [] for _, name in self._awaited}
        self._over: asyncio.Future[Explanation | None] | None = None

    async def run(self) -> dict[str, Any]:
        """Run it to its end; raises as `BatchExecutor.astart` says."""
        loop = asyncio.get_running_loop()
        over = self._over = loop.create_future()
        self._announce()
        for coro in (*self._feeders(), *self._collectors()):
            self.node.task_manager.create_task(coro)
        start = loop.create_task(self.node.start())
        alarm = loop.create_task(self.node.task_manager.wait_for_exceptions())
        try:
            with RestWatch(self.node, self._at_rest):
                pending = {start, alarm, over}
                while not over.done():
                    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                    if alarm in done:
                        raise self.node.task_manager.get_exceptions()[0][0][0]
                    if start in done:
                        start.result()
        finally:
            for task in (start, alarm):
                task.cancel()
            await asyncio.gather(start, alarm, return_exceptions=True)
        explanation = over.result()
        if explanation is not None:
            raise explanation.as_error()
        if self.until == "outputs":
            return {name: payloads[0] for name, payloads in self.outputs.items()}
        return dict(self.outputs)

    async def close(self) -> list[Undelivered]:
        """Stop the node, and return what was not delivered."""
        waiting = [
            (waiter.packet, str(waiter.port), "its put was waiting")
            for waiter in self.node.hub.waiting.values()
            if waiter.packet is not None and not waiter.chosen
        ]
        if not self.node.states.stopped.get():
            await self.node.stop()
        return [*waiting, *left_behind(self.node)]

    # -- what goes in

    def _announce(self) -> None:
        for port in self.node.ports.get_all(PortType.CONFIG):
            if port.name in self._configs:
                port.inner.announce()
            else:
                port.inner.end()

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
        others = [port.id for port in self.node.ports.get_all(PortType.OUTPUT) if port.id not in self._awaited]
        return [self._collect(port_id) for port_id in (*self._awaited, *others)]

    async def _collect(self, port_id: PortID) -> None:
        port = self.node.ports[port_id]
        gathered = self.outputs.get(port.name) if port_id in self._awaited else None
        while True:
            value = await port.get_and_consume()
            if gathered is not None and (self.until == "rest" or not gathered):
                gathered.append(value)
                if self.until == "outputs":
                    self._one_came()

    def _one_came(self) -> None:
        assert self._over is not None
        if all(self.outputs.values()) and not self._over.done():
            self._over.set_result(None)

    # -- the end

    def explain(self) -> Explanation | None:
        """Return why the net, being at rest, is blocked; None if it has finished."""
        return why_blocked(self.node, self._waits(), missing=self._missing())

    def _waits(self) -> Any:
        return waits_of(self.node)

    def _missing(self) -> list[Any]:
        if self.until == "rest":
            return []
        return [self.node.ports[port_id].inner for port_id in self._awaited if not self.outputs[port_id[1]]]

    def _at_rest(self) -> None:
        assert self._over is not None
        if not self._over.done():
            self._over.set_result(self.explain())


__all__ = ["Batch", "BatchExecutor", "BlockedNetError", "Until"]
