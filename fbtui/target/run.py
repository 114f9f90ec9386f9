"""One run of a graph in this process, from loading the module to telling how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from os import _exit  # the real one: the user's code finds another
from pathlib import Path
from typing import Any, NoReturn

from fbdev import place
from fbdev.comp import intervene
from fbdev.comp.port_spec import PortType
from fbdev.concurrent.places_file import places_of
from fbdev.exceptions import BlockedNetError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import BaseNode
from fbdev.runtime.batch_executor import Batch
from fbdev.runtime.blocked import Explanation, Wait, edge_place, place_of, waits_of
from fbdev.runtime.net_loop import NetLoop
from fbtui.protocol import (
    Blocked,
    CannotStart,
    Done,
    Failure,
    Files,
    FindingInfo,
    Graph,
    ProtocolError,
    Raise,
    Start,
    Undelivered,
)
from fbtui.protocol import Wait as WaitInfo
from fbtui.target.acts import Acts
from fbtui.target.capture import summarize, to_json
from fbtui.target.commands import Commands
from fbtui.target.control import Control
from fbtui.target.describe import describe
from fbtui.target.failure import failure, message_of, place_of_error
from fbtui.target.fixed import VirtualLoop, fix_chance, fix_numpy, fix_time
from fbtui.target.gate import Gate
from fbtui.target.lints import CutShort, waits_for_ever, watch_for_mistakes
from fbtui.target.loader import Loader, NoGraph, find_graph
from fbtui.target.output import NodeOutput
from fbtui.target.recorder import Recorder
from fbtui.target.values import BadInput, Given, given, missing
from fbtui.trace import TraceWriter


class Run:
    """Loads a module and runs its graph under a gate.

    Args:
        start: what is to be run.
        control: the channel to the debugger.
        writer: the trace of the run.
        outputs: what stands for ``sys.stdout`` and ``sys.stderr``.
        loop: the loop that the net runs on, made while the target was a spare.
    """

    def __init__(
        self,
        start: Start,
        control: Control,
        writer: TraceWriter,
        outputs: Iterable[NodeOutput],
        loop: NetLoop,
    ) -> None:
        self._start = start
        self._control = control
        self._writer = writer
        self._outputs = list(outputs)
        self._loader = Loader(Path(start.path))
        self._loop = loop
        self._is_full = False
        limit = start.recording_limit >> 20
        self._limit = f"the recording has reached its limit of {limit} MB: --limit-recording gives it more"
        self._loop.on_turn = writer.beat
        self._loop.on_wait = lambda: writer.wait(loop.outside())

    def run(self) -> None:
        """Run to the end; every message of the run has been sent when it returns."""
        asyncio.set_event_loop(self._loop)
        if self._start.order != "free":
            fix_chance(self._start.seed)
        if isinstance(self._loop, VirtualLoop):
            fix_time(self._loop)
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
            self._control.send(Done(self._start.run, "interrupted", 0, reason=self._reached(raised)))
        except BaseException as error:  # a module may raise anything, SystemExit too
            sentence = (
                f"{Path(self._start.path).name} cannot be imported: {type(error).__name__}: {message_of(error)}"
            )
            self._cannot("import", sentence, failure=self._failure(error, None))
        else:
            self._run_graph(module, name, graph, is_default)

    def _placed(self, graph: GraphSpec, places: str) -> GraphSpec:
        try:
            return place(graph, places_of(places))
        except ValueError as error:
            raise BadInput(f"--place: {error}") from None

    def _cannot(
        self, reason: Any, sentence: str, *, names: tuple[str, ...] = (), failure: Failure | None = None
    ) -> None:
        self._control.send(CannotStart(self._start.run, reason, sentence, self._loader.files, names, failure))

    def _failure(self, error: BaseException, node: str | None) -> Failure:
        if isinstance(error, ModuleNotFoundError) and error.name:
            self._loader.expect(error.name)
        return failure(error, self._loader.paths, node)

    def _run_graph(self, module: types.ModuleType, name: str, graph: GraphSpec, is_default: bool) -> None:
        try:
            values = given(graph.port_specs, module, name, is_default, self._start)
        except BadInput as error:
            self._cannot("input", str(error))
            return
        lacking = missing(graph.port_specs, values)
        self._control.send(
            Graph(
                self._start.run,
                name,
                describe(graph),
                self._loader.files,
                self._loader.modules,
                lacking,
                values.as_text(),
                tuple(self._loader.notices),
                self._mermaid(graph),
                self._findings(graph),
            )
        )
        self._loader.tell_of_more(lambda: self._control.send(Files(self._start.run, self._loader.files)))
        if not lacking and not self._start.describe_only:
            self._tell(self._execute(module, graph, values))

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

    def _findings(self, graph: GraphSpec) -> tuple[FindingInfo, ...]:
        """Only ``fbtui check`` asks for them."""
        found = graph.validate() if self._start.describe_only else ()
        return tuple(FindingInfo(one.code, one.level, one.place, one.sentence) for one in found)

    def _execute(self, module: types.ModuleType, graph: GraphSpec, values: Given) -> Done:
        try:
            top = NodeSpec(GraphComponentFactory.create_component(graph)).create_node()
        except Exception as error:
            return Done(self._start.run, "failed", 0, error=self._failure(error, None))
        if not self._loader.reads_history:  # it would cost a free run a quarter of its time: the trace has it all
            top.hub.keep_history(None)
        recorder = Recorder(self._writer, top)
        top.task_manager.add_instrument(recorder)
        gate = Gate(self._start, top, self._loop, recorder, self._control.send)
        self._writer.on_failure = lambda error: self._leave(recorder, gate, error)
        received = recorder.received_at if self._start.order == "free" else None
        top.task_manager.add_instrument(
            CutShort(self._start.run, lambda: self._loader.paths, self._control.send, received)
        )
        for output in self._outputs:
            output.send_to(recorder.output)
        batch = _GatedBatch(gate, top, values, self._start, partial(self._look_who_waits, top))
        self._widen(top)
        return self._drive(top, batch, gate, recorder, Acts(module, top, gate, recorder))

    def _look_who_waits(self, top: BaseNode, at_ports: set[BaseNode]) -> None:
        """The net has come to rest, and is not blocked."""
        for lint in waits_for_ever(self._start.run, top, at_ports, self._loader.paths):
            self._control.send(lint)

    def _widen(self, top: BaseNode) -> None:
        """Let edges hold what the person wants them to; one that the graph no longer has is passed over."""
        wanted = dict(self._start.capacities)
        for edge in top.all_edges():
            if (capacity := wanted.get(edge_place(edge))) is not None:
                with contextlib.suppress(ValueError):  # the graph has been given more meanwhile
                    intervene.widen(edge, capacity)

    # -- driving it

    def _drive(self, top: BaseNode, batch: _GatedBatch, gate: Gate, recorder: Recorder, acts: Acts) -> Done:
        main = self._loop.create_task(batch.run())
        self._writer.on_full = lambda: self._loop.call_soon(self._on_full, main, gate)
        run, paths = self._start.run, lambda: self._loader.paths
        commands = Commands(run, self._control, top, gate, recorder, paths, lambda: self._stop(main), acts)
        self._loop.add_own_reader(self._control.fileno(), commands.on_readable)
        sys.breakpointhook = commands.stand_here
        gate.on_failure = commands.stand_at_failure
        watch_for_mistakes(run, self._loop, self._control.send)
        problem: BaseException | None = None
        blocked = None
        end: Any = "finished"
        reason = ""
        try:
            self._loop.run_until_complete(main)
        except asyncio.CancelledError:
            end = "killed" if self._is_full else "stopped"
            reason = self._limit if self._is_full else ""
        except KeyboardInterrupt as raised:
            end, reason = "interrupted", self._reached(raised)
        except BlockedNetError:
            end, blocked = "blocked", self._blocked(batch.explained)
        except BaseException as raised:  # whatever a component raises is what the person wants to see
            end, problem = "failed", raised
            if isinstance(raised, MemoryError) and self._start.memory_limit is not None:
                end, reason = "killed", f"it needs more than the limit of {self._start.memory_limit >> 20} MB"
        moves, order = recorder.step, gate.order
        left = self._close(batch, gate)
        for output in self._outputs:
            output.finish()
        node = place_of(recorder.failed) if recorder.failed is not None else None
        error = None if problem is None else self._failure(problem, node)
        outputs = {name: [to_json(value) for value in packets] for name, packets in batch.outputs.items()}
        return Done(self._start.run, end, moves, outputs, error, blocked, left, order, self._start.seed, reason)

    def _on_full(self, main: asyncio.Task[Any], gate: Gate) -> None:
        """The recording has reached its limit: somebody decides how to go on, or the run ends."""
        if self._start.attended:
            used = f"the recording has used {self._start.recording_limit >> 20} MB more of the disk"
            gate.pause(f"{used}: go on, and it may use as much again")
        elif not main.done():
            self._is_full = True
            self._stop(main)

    def _leave(self, recorder: Recorder, gate: Gate, error: OSError) -> NoReturn:
        """What happens cannot be recorded any more: the run ends at once, whatever its code would do about it."""
        reason = f"the recording cannot grow ({error.strerror}): what happened before is kept"
        self._control.send(
            Done(self._start.run, "killed", recorder.step, order=gate.order, seed=self._start.seed, reason=reason)
        )
        _exit(0)

    def _reached(self, error: BaseException) -> str:
        """Return in words where an interrupt has come to the user's code; nothing if it did not."""
        file, line = place_of_error(error, self._loader.paths)
        return f"at {Path(file).name}:{line}" if file is not None else ""

    def _stop(self, main: asyncio.Task[Any]) -> None:
        self._loop.thaw()
        main.cancel()

    def _close(self, batch: _GatedBatch, gate: Gate) -> tuple[Undelivered, ...]:
        gate.open()
        try:
            left = self._loop.run_until_complete(batch.close())
        except (Exception, KeyboardInterrupt, SystemExit):
            return ()  # how the run ended is told already; a component's own end cannot change it
        counts = Counter(_place(address) for _, address, _ in left)
        return tuple(Undelivered(place, count) for place, count in counts.items())

    # -- words

    @staticmethod
    def _blocked(explained: Explanation | None) -> Blocked | None:
        if explained is None:
            return None
        edge = explained.lengthen
        way_out = None if edge is None else Raise(edge_place(edge), (edge.capacity or 0) + 1)
        return Blocked(explained.verdict, tuple(map(_wait, explained.chain)), explained.text, way_out)


class _GatedBatch(Batch):
    """A batch whose waiting moves stand at a gate."""

    def __init__(
        self,
        gate: Gate,
        top: BaseNode,
        values: Given,
        start: Start,
        on_finish: Callable[[set[BaseNode]], None],
    ) -> None:
        awaited = [port.id for port in top.ports.get_all(PortType.OUTPUT)]
        super().__init__(top, values.inputs, values.config, values.signals, awaited, start.until)
        self._gate = gate
        self._on_finish = on_finish
        self.explained: Explanation | None = None

    def _waits(self) -> list[Wait]:
        return [*self._gate.waits(), *waits_of(self.node)]

    def explain(self) -> Explanation | None:
        """Return why the net is blocked, and remember it."""
        self.explained = super().explain()
        if self.explained is None and self.until == "rest":
            self._on_finish({wait.node for wait in self._waits()})
        return self.explained


def _wait(wait: Wait) -> WaitInfo:
    edge = wait.edge
    return WaitInfo(
        wait.name,
        wait.waits,
        wait.port.name if wait.port is not None else None,
        edge_place(edge) if edge is not None else None,
        len(edge.packets) if edge is not None else 0,
        edge.capacity if edge is not None else None,
    )


def _place(address: str) -> str:
    """Return an address of the runtime as a place: ``TOP->Outer|edge0`` as ``Outer/edge0``."""
    return address.removeprefix("TOP").lstrip("->|:").replace("->", "/").replace("|", "/")


def install_outputs(outputs: tuple[NodeOutput, NodeOutput]) -> None:
    """Let ``print`` and its like write to the run's own streams."""
    sys.stdout, sys.stderr = outputs
