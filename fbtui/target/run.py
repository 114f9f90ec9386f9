"""One run of a graph in this process, from loading the module to telling how it ended."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fbdev import place
from fbdev.comp.line import current_line
from fbdev.comp.port_spec import PortType
from fbdev.concurrent.places_file import places_of
from fbdev.exceptions import BlockedNetError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument, install, uninstall
from fbdev.runtime.batch_executor import Batch
from fbdev.runtime.blocked import Explanation, place_of, waits_of
from fbdev.runtime.net_loop import NetLoop
from fbtui.protocol import (
    Blocked,
    CannotStart,
    Done,
    Failure,
    Graph,
    Notice,
    PortInfo,
    ProtocolError,
    Undelivered,
)
from fbtui.target.capture import summarize, to_json
from fbtui.target.debugged import DebuggedNet, Setting
from fbtui.target.describe import describe, found_in
from fbtui.target.ends import blocked_of, left_of
from fbtui.target.fixed import VirtualLoop, fix_chance, fix_numpy, fix_time
from fbtui.target.lints import CutShort, waits_for_ever
from fbtui.target.loader import NoGraph, choices, find_graph
from fbtui.target.texts import BadInput
from fbtui.target.values import Given, given, missing, own_values


class Run:
    """Loads a module and runs its graph under a gate.

    Args:
        setting: what the run has from its beginning.
        loop: the loop that the net runs on, made while the target was a spare.
    """

    def __init__(self, setting: Setting, loop: NetLoop) -> None:
        self._setting = setting
        self._start = setting.start
        self._control = setting.control
        self._loader = setting.loader
        self._loop = loop
        self._loop.on_turn = setting.writer.beat
        self._loop.on_wait = lambda: setting.writer.wait(loop.outside())
        self._main: asyncio.Task[Any] | None = None

    def run(self) -> None:
        """Run to the end; every message of the run has been sent when it returns."""
        asyncio.set_event_loop(self._loop)
        if self._start.order != "free":
            fix_chance(self._start.seed)
        if isinstance(loop := self._loop, VirtualLoop):
            fix_time(lambda: loop)
        passed = "a breakpoint() at import was passed over: it works in components"
        sys.breakpointhook = lambda *_, **__: self._loader.notices.append(passed)
        try:
            module = self._loader.load()
            if self._start.order != "free":
                fix_numpy(self._start.seed)
            asyncio.set_event_loop(self._loop)  # asyncio.run() in the module leaves none behind
            name, graph, is_default = find_graph(module, self._start.name)
            if self._start.places is not None:
                graph = self._placed(graph, self._start.places)
        except NoGraph as error:
            self._cannot("graph", str(error), names=error.names)
        except BadInput as error:
            self._cannot("input", str(error))
        except KeyboardInterrupt as raised:
            self._setting.let_out()
            self._control.send(Done(self._start.run, "interrupted", 0, reason=self._setting.reached(raised)))
        except BaseException as error:  # a module may raise anything, SystemExit too
            sentence = f"{Path(self._start.path).name} cannot be imported: {self._setting.words(error)}"
            self._cannot("import", sentence, failure=self._setting.failure(error))
        else:
            self._run_graph(module, name, graph, is_default)

    def _placed(self, graph: GraphSpec, places: str) -> GraphSpec:
        try:
            return place(graph, places_of(places))
        except ValueError as error:
            raise BadInput(f"--place: {error}") from None

    def _cannot(
        self,
        reason: Any,
        sentence: str,
        *,
        names: tuple[str, ...] = (),
        failure: Failure | None = None,
        refused: BadInput | None = None,
    ) -> None:
        self._setting.let_out()
        port, packet = ("", 0) if refused is None else (refused.port, refused.packet)
        run, files = self._start.run, self._loader.files
        self._control.send(CannotStart(run, reason, sentence, files, names, failure, port, packet))

    def _run_graph(self, module: types.ModuleType, name: str, graph: GraphSpec, is_default: bool) -> None:
        try:
            values = given(graph, module, name, is_default, self._start)
        except BadInput as error:
            own = own_values(graph, module, name, is_default, self._start)
            self._send_graph(module, name, graph, values=own.as_text())  # its picture stands meanwhile
            self._cannot("input", str(error), refused=error)
            return
        lacking = missing(graph, values)
        self._send_graph(module, name, graph, lacking, values.as_text())
        self._setting.follow_files()
        if not lacking and not self._start.describe_only:
            self._tell(self._execute(module, graph, values))

    def _send_graph(
        self,
        module: types.ModuleType,
        name: str,
        graph: GraphSpec,
        lacking: tuple[PortInfo, ...] = (),
        values: tuple[tuple[str, str], ...] = (),
    ) -> None:
        self._control.send(
            Graph(
                self._start.run,
                name,
                describe(graph),
                self._loader.files,
                self._loader.modules,
                lacking,
                values,
                tuple(self._loader.notices),
                self._mermaid(graph),
                found_in(graph) if self._start.describe_only or self._start.attended else (),
                choices(module) if self._start.attended else (),
            )
        )

    def _tell(self, done: Done) -> None:
        try:
            self._control.send(done)
        except ProtocolError:
            brief = {name: [summarize(packets)] for name, packets in done.outputs.items()}
            reason = f"{done.reason}; " if done.reason else ""
            reason += "its outputs are too large to be told, and are cut"
            self._control.send(dataclasses.replace(done, outputs=brief, reason=reason))

    def _mermaid(self, graph: GraphSpec) -> str:
        """Only ``fbtui draw`` asks for it."""
        hide = not self._start.all_ports
        return graph.to_mermaid(hide_unconnected_ports=hide) if self._start.describe_only else ""

    def _execute(self, module: types.ModuleType, graph: GraphSpec, values: Given) -> Done:
        try:
            top = NodeSpec(GraphComponentFactory.create_component(graph)).create_node()
        except Exception as error:
            return Done(self._start.run, "failed", 0, error=self._setting.failure(error))
        net = DebuggedNet(self._setting, module, top, self._loop, self._stop)
        batch = _GatedBatch(top, values, self._start.until, lambda top: self._look_who_waits(top, net.cut_short))
        install(_InnerNets(lambda told: self._control.send(Notice(self._start.run, told))))
        self._loop.add_own_reader(self._control.fileno(), net.commands.on_readable)
        ended_by = self._drive(batch)
        blocked = blocked_of(ended_by, self._loader.paths) if isinstance(ended_by, BlockedNetError) else None
        left = self._close(batch, net)
        net.finish_output()
        outputs = {name: [to_json(value) for value in packets] for name, packets in batch.outputs.items()}
        return dataclasses.replace(self._end(net, batch, ended_by, blocked), outputs=outputs, undelivered=left)

    def _look_who_waits(self, top: BaseNode, cut_short: CutShort) -> None:
        """The net has come to rest, and is not blocked."""
        waits = waits_of(top)
        cut_short.come_to_rest(waits)
        at_ports = {wait.node for wait in waits}
        for lint in waits_for_ever(self._start.run, top, at_ports, self._loader.paths):
            self._control.send(lint)

    def _drive(self, batch: _GatedBatch) -> BaseException | None:
        """Run to the end, and return what ended it; None if it has finished by itself."""
        self._loop.on_wait = lambda: self._setting.writer.wait(batch.outside())
        self._main = self._loop.create_task(batch.run())
        try:
            self._loop.run_until_complete(self._main)
        except BaseException as raised:  # whatever a component raises is what the person wants to see
            return raised
        return None

    def _end(self, net: DebuggedNet, batch: Batch, error: BaseException | None, blocked: Blocked | None) -> Done:
        """Return how the run has ended, once its nodes are stopped: some tell only then that they have failed."""
        if error is None:
            return net.done("stopped", batch.stop_reason) if batch.is_stopped else net.done("finished")
        if blocked is not None:
            return net.done("blocked", blocked=blocked)
        if isinstance(error, asyncio.CancelledError):
            return net.done_by_stop()
        if isinstance(error, KeyboardInterrupt):
            return net.done("interrupted", self._setting.reached(error))
        return net.done_by_error(error)

    def _stop(self) -> None:
        self._loop.thaw()
        if self._main is not None:
            self._main.cancel()

    def _close(self, batch: _GatedBatch, net: DebuggedNet) -> tuple[Undelivered, ...]:
        net.gate.open()
        try:
            return left_of(self._loop.run_until_complete(batch.close()), net.recorder)
        except (Exception, KeyboardInterrupt, SystemExit):
            return ()  # how the run ended is told already; a component's own end cannot change it


class _InnerNets(Instrument):
    """Tells of the first net that a component starts: it has no gate, and is not in the picture."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def net_starting(self, top: BaseNode) -> None:
        """Tell whose it is."""
        uninstall(self)
        outer = current_line.get().node
        whose = f"{place_of(outer)} has" if outer is not None else "the program has"
        self._tell(f"{whose} started a net of its own, which runs by itself and is not shown")


class _GatedBatch(Batch):
    """A batch whose waiting moves stand at a gate."""

    def __init__(self, top: BaseNode, values: Given, until: Any, on_finish: Callable[[BaseNode], None]) -> None:
        awaited = [port.id for port in top.ports.get_all(PortType.OUTPUT)]
        super().__init__(top, values.inputs, values.config, values.signals, awaited, until)
        self._on_finish = on_finish

    def explain(self) -> Explanation | None:
        """Return why the net is blocked; if it has finished by itself, somebody is told first."""
        explained = super().explain()
        if explained is None and self.until == "rest":
            self._on_finish(self.node)
        return explained
