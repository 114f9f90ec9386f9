"""The process that runs the user's code: ``python -m fbtui.target --control FD``.

It comes up warm, with the runtime imported, says hello and waits to be told what to run. It runs one graph and ends.
"""

from __future__ import annotations

import argparse
import builtins
import faulthandler
import os
import platform
import signal
import sys
from os import _exit
from pathlib import Path
from typing import Final

from fbdev.runtime.net_loop import NetLoop
from fbtui.protocol import VERSION, CannotStart, Done, Hello, Notice, Preload, Start
from fbtui.target.ahead import import_ahead
from fbtui.target.control import Control
from fbtui.target.debugged import Setting
from fbtui.target.descriptors import keep_open
from fbtui.target.fixed import VirtualLoop
from fbtui.target.leaving import part_forks_from, tell_where_it_is_left
from fbtui.target.loader import Loader
from fbtui.target.orphan import die_with_parent
from fbtui.target.output import NodeOutput, no_keyboard
from fbtui.target.program import Program
from fbtui.target.run import Run
from fbtui.trace import Stream, TraceError, TraceWriter

REAL: Final = "a thread of the program lives: while it does, time passes as it really does"
_PARTS: Final = ("fbdev.complib.ends", "fbdev.graph.validation")
"""What most runs ask of the runtime late: a spare has the time for it."""


def main() -> None:
    """Wait for a run, run it, and leave without cleaning up after the user's code."""
    parser = argparse.ArgumentParser(prog="python -m fbtui.target")
    parser.add_argument("--control", type=int, required=True, help="the descriptor of the control channel")
    descriptor = parser.parse_args().control
    die_with_parent(descriptor)
    control = Control(descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # until there is something to interrupt
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # until there is a place to tell
    loop = NetLoop()
    control.send(Hello(0, VERSION, os.getpid(), platform.python_version()))
    import_ahead(_PARTS)
    while True:
        match control.receive():
            case Preload(modules=modules):
                import_ahead(modules)
            case Start() as start:
                _run(start, control, loop)
                sys.stdout.flush()
                _exit(0)
            case _:
                pass


def _run(start: Start, control: Control, loop: NetLoop) -> None:
    folder = Path(start.trace)
    _watch_over(folder)
    try:
        os.chdir(start.cwd)
        writer = TraceWriter(folder, start.recording_limit)
    except (OSError, TraceError) as error:
        control.send(CannotStart(start.run, "file", str(error)))
        return
    if start.memory_limit is not None:
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (start.memory_limit, start.memory_limit))
    sys.argv = [start.path, *start.argv]
    outputs = (NodeOutput(Stream.STDOUT), NodeOutput(Stream.STDERR))
    sys.stdout, sys.stderr = outputs
    builtins.input = no_keyboard
    signal.signal(signal.SIGINT, signal.default_int_handler)
    net_loop = VirtualLoop() if start.virtual_time else loop
    VirtualLoop.on_thread = lambda: control.send(Notice(start.run, REAL))
    part_forks_from(writer, control, net_loop)
    keep_open()
    try:
        setting = Setting(start, control, writer, outputs, Loader(Path(start.path)))
        (Run if start.net is None else Program)(setting, net_loop).run()
    except TraceError as error:
        control.send(CannotStart(start.run, "file", str(error)))
    except Exception as error:  # ours: the person has to know that it was not their code
        sentence = f"fbtui itself has failed in the target: {type(error).__name__}: {error}; please report it"
        control.send(Done(start.run, "killed", 0, reason=sentence))
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        writer.close()


def _watch_over(folder: Path) -> None:
    """Before a line of the user's is run: where a crash and a question for the place leave their answer, and where
    goes what is printed past Python."""
    crash = _append(folder / "crash.txt")
    faulthandler.enable(crash)
    tell_where_it_is_left(crash)
    faulthandler.register(signal.SIGUSR1, _append(folder / "where.txt"))
    printed = _append(folder / "process.txt")
    os.dup2(printed, 1)
    os.dup2(printed, 2)


def _append(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


if __name__ == "__main__":
    main()
