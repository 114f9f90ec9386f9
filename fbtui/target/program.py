"""One run of a program that makes its nets itself, as ``__main__``: one of these nets is debugged."""

from __future__ import annotations

import asyncio
import atexit
import signal
import sys
import threading
import types
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

from fbdev.exceptions import BlockedNetError
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument, install
from fbdev.runtime.blocked import Explanation, waits_of, why_blocked
from fbdev.runtime.net_loop import Idle, NetLoop
from fbdev.runtime.undelivered import left_behind
from fbtui.protocol import Blocked, CannotStart, Done, EndWord, Graph, GraphInfo, Message, Notice, Stop
from fbtui.target.debugged import DebuggedNet, Setting
from fbtui.target.describe import describe, found_in
from fbtui.target.ends import blocked_of, left_of
from fbtui.target.fixed import VirtualLoop, fix_chance, fix_numpy, fix_time, foreign_threads


class Program(Instrument):
    """Runs a file as ``__main__`` and debugs one of the nets that it starts; the others run by themselves.

    Args:
        setting: what the run has from its beginning; its start says which net is meant.
        loop: the first loop that the program gets, made while the target was a spare.
    """

    def __init__(self, setting: Setting, loop: NetLoop) -> None:
        self._setting = setting
        self._start = setting.start
        self._wanted = setting.start.net or 1
        self._name = Path(setting.start.path).name
        self._spare: NetLoop | None = loop
        self._newest = loop
        self._started = 0
        self._net: DebuggedNet | None = None
        self._was_stopped = False
        self._verdict: Blocked | None = None
        """Why nothing can go on any more."""
        self._has_told = False
        self._not_stepped = ""
        """Where the net that is meant has run, if it cannot be stepped there."""
        self._own_main = sys.modules["__main__"]  # kept: its names would be cleared with it
        self._module = types.ModuleType("__main__")

    def run(self) -> None:
        """Run to the end; every message of the run has been sent when it returns."""
        self._prepare()
        self._module = self._setting.loader.program()
        self._setting.follow_files()
        ended_by = self._error_of(lambda: self._setting.loader.run(self._module))
        late = None if self._was_stopped else self._error_of(self._wait_for_threads)
        self._setting.control.send(self._end(ended_by or late))

    @staticmethod
    def _error_of(step: Callable[[], object]) -> BaseException | None:
        """Do something, and return what it raises: a program may end by anything."""
        try:
            step()
        except BaseException as error:
            return error
        return None

    def _prepare(self) -> None:
        """Have chance fixed, every loop made here, and every net told of."""
        if self._start.order != "free":
            fix_chance(self._start.seed)
        if isinstance(self._newest, VirtualLoop):
            fix_time(self._virtual_loop)
        sys.breakpointhook = lambda *_, **__: self._say("a breakpoint() before the net was passed over")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the seam for this in each Python of ours
            asyncio.set_event_loop_policy(_Policy(self))
        NetLoop.make = self.make_loop
        install(self)

    def _virtual_loop(self) -> VirtualLoop:
        assert isinstance(self._newest, VirtualLoop)
        return self._newest

    @staticmethod
    def _wait_for_threads() -> None:
        """A program is over when its threads are, and what it has registered for that has been called."""
        for thread in threading.enumerate():
            if thread is not threading.main_thread() and not thread.daemon:
                thread.join()
        atexit._run_exitfuncs()

    # -- loops

    def make_loop(self) -> NetLoop:
        """Return a loop for the program: each can be stepped, and listens to the debugger."""
        if threading.current_thread() is not threading.main_thread():
            return self._made()
        loop, self._spare = self._spare or self._made(), None
        self._newest = loop
        loop.on_turn = self._setting.writer.beat
        loop.on_wait = lambda: self._setting.writer.wait(loop.outside())
        loop.add_own_reader(self._setting.control.fileno(), self._on_readable)
        loop.add_idle_handler(partial(self._idle, loop), last=True)
        return loop

    def _made(self) -> NetLoop:
        newest = self._newest
        return VirtualLoop(newest.time()) if isinstance(newest, VirtualLoop) else NetLoop()

    def _on_readable(self) -> None:
        for message in self._setting.control.arrived():
            self._obey(message)

    def _obey(self, message: Message) -> None:
        if self._net is not None:
            self._net.commands.obey(message)
        elif isinstance(message, Stop):
            self._stop()

    def _idle(self, loop: NetLoop, spinning: bool) -> Idle:
        """End the run if its program waits, and nothing is left that could ever wake it."""
        net = self._net
        comes = loop.outside() or foreign_threads() or getattr(loop, "_signal_handlers", None)
        if spinning or self._verdict is not None or comes or (net is not None and net.top.hub.elsewhere()):
            return Idle.PASS
        explained = None if net is None or net.top.has_stopped else _why_blocked(net.top)
        if explained is not None:
            self._verdict = blocked_of(explained.as_error(), self._setting.loader.paths)
        else:
            self._verdict = Blocked("inside", (), f"{self._name} waits for something that nobody is left to give")
        self._interrupt()
        return Idle.WORK

    def _stop(self) -> None:
        self._was_stopped = True
        self._interrupt()

    def _interrupt(self) -> None:
        """Interrupt the program as a person would: it is its own affair how it ends."""
        self._newest.thaw()
        signal.raise_signal(signal.SIGINT)

    # -- nets

    def net_starting(self, top: BaseNode) -> None:
        """Debug the net if it is the one that is meant."""
        self._started += 1
        loop = asyncio.get_running_loop()
        if self._started < self._wanted:
            return
        if self._net is not None:
            self._say_once("another net has started: it runs by itself; --net N debugs the program's N-th one")
        elif not isinstance(loop, NetLoop) or loop is not self._newest:
            own = isinstance(loop, NetLoop)  # ours, but not the one that listens to the debugger
            self._not_stepped = "in a thread" if own else f"on a loop of its own ({type(loop).__name__})"
        else:
            self._debug(top, loop)

    def _debug(self, top: BaseNode, loop: NetLoop) -> None:
        if self._start.order != "free":
            fix_numpy(self._start.seed)
        loader, graph = self._setting.loader, top.spec.subgraph
        told = Graph(
            self._start.run,
            f"net {self._started}",
            GraphInfo((), (), ()) if graph is None else describe(graph),
            loader.files,
            loader.modules,
            notices=tuple(loader.notices),
            findings=found_in(graph) if graph is not None and self._start.attended else (),
        )
        self._net = DebuggedNet(self._setting, self._module, top, loop, self._stop)
        self._net.recorder.take_over()
        self._setting.control.send(told)

    def _say_once(self, sentence: str) -> None:
        if not self._has_told:
            self._has_told = True
            self._say(sentence)

    def _say(self, sentence: str) -> None:
        self._setting.control.send(Notice(self._start.run, sentence))

    # -- the end

    def _end(self, error: BaseException | None) -> Done | CannotStart:
        """Return how the program has ended, and by which error if by one."""
        if isinstance(error, SystemExit) and error.code in {None, 0}:
            error = None
        net = self._net
        if net is None:
            return self._end_without_net(error)
        net.finish_output()
        left = left_of(left_behind(net.top), net.recorder)
        if self._verdict is not None and not self._was_stopped:
            return net.done("blocked", blocked=self._verdict, undelivered=left)
        if error is None:
            return net.done("finished", undelivered=left)
        if isinstance(error, KeyboardInterrupt | SystemExit) and self._was_stopped:
            return net.done_by_stop()  # a program may answer the interrupt by an exit code of its own
        if isinstance(error, KeyboardInterrupt):
            return net.done("interrupted", self._setting.reached(error))
        if isinstance(error, BlockedNetError) and net.is_of(error):
            return net.done("blocked", blocked=blocked_of(error, self._setting.loader.paths), undelivered=left)
        return net.done_by_error(error)

    def _end_without_net(self, error: BaseException | None) -> Done | CannotStart:
        self._setting.let_out()
        run, files = self._start.run, self._setting.loader.files
        if self._verdict is not None and not self._was_stopped:
            return CannotStart(run, "graph", f"{self._verdict.text}, and has started no net to debug", files)
        if isinstance(error, KeyboardInterrupt) or (isinstance(error, SystemExit) and self._was_stopped):
            end: EndWord = "stopped" if self._was_stopped else "interrupted"
            return Done(run, end, 0, reason=self._setting.reached(error))
        if self._not_stepped:
            words = f"the net of {self._name} runs {self._not_stepped}, where it cannot be stepped"
            failed = None if error is None else self._setting.failure(error)
            return CannotStart(run, "graph", words, files, (), failed)
        if error is not None:
            words = f"{self._name} has failed before its net: {self._setting.words(error)}"
            return CannotStart(run, "import", words, files, (), self._setting.failure(error))
        started = f"{self._started} of {self._wanted} nets" if self._started else "no net"
        return CannotStart(run, "graph", f"{self._name} has ended, and has started {started} to debug", files)


def _why_blocked(top: BaseNode) -> Explanation | None:
    """Return why a net is blocked, of which the program may await an output."""
    waits = waits_of(top)
    awaited = [wait.port for wait in waits if wait.node is top and wait.waits == "receive" and wait.port is not None]
    return why_blocked(top, waits, missing=awaited)


class _Policy(asyncio.DefaultEventLoopPolicy):
    """Lets every loop of the program be one that can be stepped."""

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        """Return a loop."""
        return self._program.make_loop()
