"""A net with all that debugs it: what records it, the gate at its moves, and the commands that it obeys."""

from __future__ import annotations

import contextlib
import sys
import types
from collections.abc import Callable, Iterable
from os import _exit  # the real one: the user's code finds another
from pathlib import Path
from typing import Any, NoReturn

from fbdev.comp import intervene
from fbdev.exceptions import BlockedNetError
from fbdev.graph.net import BaseNode
from fbdev.runtime.blocked import Wait, edge_place, place_of
from fbdev.runtime.net_loop import NetLoop
from fbtui.protocol import Done, EndWord, Failure, Files, Lint, Start
from fbtui.target.acts import Acts
from fbtui.target.commands import Commands
from fbtui.target.control import Control
from fbtui.target.failure import failure, message_of, place_of_error
from fbtui.target.gate import Gate
from fbtui.target.lints import CutShort, watch_for_mistakes
from fbtui.target.loader import Loader
from fbtui.target.output import NodeOutput
from fbtui.target.recorder import Recorder
from fbtui.trace import TraceWriter


class Setting:
    """What a run has from its beginning, before there is a net.

    Args:
        start: what is to be run.
        control: the channel to the debugger.
        writer: the trace of the run.
        outputs: what stands for ``sys.stdout`` and ``sys.stderr``.
        loader: reads the user's files.
    """

    def __init__(
        self,
        start: Start,
        control: Control,
        writer: TraceWriter,
        outputs: Iterable[NodeOutput],
        loader: Loader,
    ) -> None:
        self.start = start
        self.control = control
        self.writer = writer
        self.outputs = list(outputs)
        self.loader = loader

    def follow_files(self) -> None:
        """Tell of each file of the user's that is read from now on."""
        self.loader.tell_of_more(lambda: self.control.send(Files(self.start.run, self.loader.files)))

    def failure(self, error: BaseException, node: str | None = None) -> Failure:
        """Return an error of the user's code as plain data; a module that was not found may still be written."""
        if isinstance(error, ModuleNotFoundError) and error.name:
            self.loader.expect(error.name)
        return failure(error, self.loader.paths, node)

    def let_out(self) -> None:
        """Show what was printed by a program that has no net to record it."""
        for output in self.outputs:
            output.let_out()

    @staticmethod
    def words(error: BaseException) -> str:
        """Return what an error of a program that does not begin says, and where a module was looked for."""
        told = f"{type(error).__name__}: {message_of(error)}"
        if isinstance(error, ModuleNotFoundError):
            told += f" (Python is {sys.executable}; --python runs on another)"
        return told

    def reached(self, error: BaseException) -> str:
        """Return in words where an interrupt has come to the user's code; nothing if it did not."""
        file, line = place_of_error(error, self.loader.paths)
        return f"at {Path(file).name}:{line}" if file is not None else ""


class DebuggedNet:
    """Debugs a net that has not begun.

    Args:
        setting: what the run has.
        module: the user's module, whose names expressions may use.
        top: the net.
        loop: what it runs on.
        stop: ends the run.
    """

    def __init__(
        self,
        setting: Setting,
        module: types.ModuleType,
        top: BaseNode,
        loop: NetLoop,
        stop: Callable[[], object],
    ) -> None:
        self._setting = setting
        self._stop = stop
        self._is_full = False
        start, control, writer, loader = setting.start, setting.control, setting.writer, setting.loader
        if not loader.reads_history:  # it would cost a free run a quarter of its time: the trace has it all
            top.hub.keep_history(None)
        self.top = top
        self.loop = loop
        self.recorder = recorder = Recorder(writer, top)
        top.hub.add(recorder)
        self.gate = gate = Gate(start, top, loop, recorder, control.send)
        writer.on_failure = self._leave
        writer.on_full = lambda: loop.call_soon(self._on_full)
        received = recorder.received_at if start.order == "free" else None
        self.cut_short = CutShort(start.run, lambda: loader.paths, control.send, recorder.named_when_taken, received)
        top.hub.add(self.cut_short)
        for output in setting.outputs:
            output.send_to(recorder.output)
        self._widen()
        acts = Acts(module, top, gate, recorder)
        gate.repeat = acts.repeat
        self.commands = Commands(start.run, control, top, gate, recorder, lambda: loader.paths, stop, acts)
        sys.breakpointhook = self.commands.stand_here
        gate.on_failure = self.commands.stand_at_failure
        gate.breakpoints.blame = lambda node, told: control.send(Lint(start.run, told, place_of(node)))
        watch_for_mistakes(start.run, loop, lambda: loader.paths, control.send)

    def _widen(self) -> None:
        """Let edges hold what the person wants them to; one that the graph no longer has is passed over."""
        wanted = dict(self._setting.start.capacities)
        for edge in self.top.all_edges():
            if (capacity := wanted.get(edge_place(edge))) is not None:
                with contextlib.suppress(ValueError):  # the graph has been given more meanwhile
                    intervene.widen(edge, capacity)

    def _on_full(self) -> None:
        """The recording has reached its limit: somebody decides how to go on, or the run ends."""
        start = self._setting.start
        if start.attended:
            used = f"the recording has used {start.recording_limit >> 20} MB more of the disk"
            self.gate.pause(f"{used}: go on, and it may use as much again")
        else:
            self._is_full = True
            self._stop()

    def _leave(self, error: OSError) -> NoReturn:
        """What happens cannot be recorded any more: the run ends at once, whatever its code would do about it."""
        reason = f"the recording cannot grow ({error.strerror}): what happened before is kept"
        self._setting.control.send(self.done("killed", reason))
        _exit(0)

    # -- its end

    def is_of(self, error: BlockedNetError) -> bool:
        """Return whether it is this net that is blocked."""
        return any(isinstance(wait, Wait) and wait.node.top is self.top for wait in error.chain)

    def done_by_stop(self) -> Done:
        """Return the end of a run that was stopped: by the person, or for its recording."""
        if not self._is_full:
            return self.done("stopped")
        limit = self._setting.start.recording_limit >> 20
        return self.done(
            "killed", f"the recording has reached its limit of {limit} MB: --limit-recording gives it more"
        )

    def done_by_error(self, error: BaseException) -> Done:
        """Return the end of a run that an error of the user's code has ended."""
        limit = self._setting.start.memory_limit
        end: EndWord = "failed"
        reason = ""
        if isinstance(error, MemoryError) and limit is not None:
            end, reason = "killed", f"it needs more than the limit of {limit >> 20} MB"
        failed = self.recorder.failed
        node = place_of(failed) if failed is not None else None
        return self.done(end, reason, error=self._setting.failure(error, node))

    def done(self, end: EndWord, reason: str = "", **more: Any) -> Done:
        """Return how the run has ended, with the count of its moves as it is now."""
        start = self._setting.start
        order, moves = self.gate.ended_at or (self.gate.order, self.recorder.step)
        return Done(start.run, end, moves, order=order, seed=start.seed, reason=reason, **more)

    def finish_output(self) -> None:
        """Record the unfinished lines, too."""
        for output in self._setting.outputs:
            output.finish()
