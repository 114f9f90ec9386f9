"""Mistakes that Python tells in passing, or not at all: told as problems, under the node whose code made them."""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.hub import Hub
from fbdev.comp.junction import Junction
from fbdev.comp.line import REMEMBERED, Line, current_line
from fbdev.comp.packet import Packet
from fbdev.exceptions import EndOfInput, NetStoppedError
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument
from fbdev.runtime.blocked import Wait, is_standing, place_of
from fbtui.protocol import Lint
from fbtui.target.capture import isinstance_of
from fbtui.target.ends import NAMED
from fbtui.target.failure import message_of, place_of_error
from fbtui.target.frames import frame_of_task

Received = Callable[[BaseNode, Collection[int]], Sequence[Junction]]
NOBODY_HEARS: Final = Hub()
"""Stands for the net where firings are gone through again."""


class CutShort(Instrument):
    """Tells of a node that has taken input and ends, because what it waits for besides will never come.

    Where nothing is ever closed, round a loop, it does not end: it still waits when the net has come to rest.

    In a free run nobody hears firings, as that would cost each move its short way: which receives belong to the last
    one is then found in the trace, once, when the task ends.

    Args:
        run: the number of the run.
        local: returns the paths of the user's files.
        send: tells of it.
        named: returns what people call a packet that was received.
        received: of a run that has begun free finds the ports at which a node has received packets, in order, or
            nothing if that is too long ago; None for any other run.
    """

    def __init__(
        self,
        run: int,
        local: Callable[[], Collection[str]],
        send: Callable[[Lint], None],
        named: Callable[[Packet], str],
        received: Received | None = None,
    ) -> None:
        self._run = run
        self._local = local
        self._send = send
        self._received = received
        self._named = named

    def task_ended(self, node: BaseNode, task: asyncio.Task[object]) -> None:
        """Look at what the task ended by, and at what it has taken for it."""
        error = None if task.cancelled() else task.exception()
        if not isinstance(error, EndOfInput) or isinstance(error, NetStoppedError):
            return
        line = current_line.get()
        taken = self._taken(node, line, error.port)
        if not taken:
            return
        file, number = place_of_error(error, self._local())
        where = f" at {Path(file).name}:{number}" if file is not None else ""
        sentence = f"it ended{where}, waiting for {error.port}, where nothing more comes: {self._lost(line, taken)}"
        self._send(Lint(self._run, sentence, place_of(node), file, number))

    def come_to_rest(self, waits: Iterable[Wait]) -> None:
        """Look at the nodes that wait at a port of a net that has come to rest.

        What they hold besides is told as not delivered; what they have consumed is told here.
        """
        for wait in waits:
            node, port = wait.node, wait.port
            if port is None or wait.waits != "receive" or is_standing(port, wait.waits):
                continue
            for task, line in zip(node.tasks, node.lines, strict=False):
                taken = self._taken(node, line, port.name) if not (line.sent or line.holds()) else []
                if taken and port.name not in taken:
                    self._tell_at_rest(node, task, port.name, self._lost(line, taken))

    def _tell_at_rest(self, node: BaseNode, task: asyncio.Task[Any], port: str, lost: str) -> None:
        frame = frame_of_task(task, self._local())
        file, number = (frame.f_code.co_filename, frame.f_lineno) if frame is not None else (None, None)
        where = f" at {Path(file).name}:{number}" if file is not None else ""
        sentence = f"it waits{where} for {port}, and nothing can move any more: {lost}"
        self._send(Lint(self._run, sentence, place_of(node), file, number))

    def _taken(self, node: BaseNode, line: Line, waits_for: str) -> list[str]:
        """Return the names of the ports from which the firing that goes on has received."""
        read = line.read if self._received is None else _last_firing(node, line, waits_for, self._received)
        return sorted(port.spec.name for port in read)

    def _lost(self, line: Line, taken: Sequence[str]) -> str:
        """Return in words that what a firing has received went nowhere, and the packets by name."""
        packets = line.received if isinstance(line.received, list) else [line.received]
        named = [self._named(packet) for packet in packets[:NAMED] if isinstance(packet, Packet)]
        more = f" and {len(packets) - NAMED} more" if NAMED < len(packets) < REMEMBERED else ""
        which = f": {', '.join(named)}{more}" if named and len(packets) < REMEMBERED else ""
        return f"what it last took from {' and '.join(taken)} went nowhere{which}"


def _last_firing(node: BaseNode, line: Line, waits_for: str, received: Received) -> Collection[Junction]:
    """Return the ports from which the firing had received that the end of an input has cut short."""
    packets = line.received if isinstance(line.received, list) else [line.received]
    if line.sent or len(packets) >= REMEMBERED or len(node.ports.input) < 2:
        return ()
    again, ports = type(line)(node, None), received(node, {one.tag for one in packets if isinstance(one, Packet)})
    for port in ports:
        again.asks(port, NOBODY_HEARS)
        again.sent = False
        again.fires(port, NOBODY_HEARS, receives=True)
    for port in {port for port in ports if port.spec.name == waits_for}:
        again.asks(port, NOBODY_HEARS)
    return again.read


def waits_for_ever(
    run: int, top: BaseNode, at_ports: Collection[BaseNode], local: Collection[str]
) -> Iterator[Lint]:
    """Yield what there is to tell of nodes that have taken input and, the net being at rest, wait for no packet.

    Args:
        run: the number of the run.
        top: the net.
        at_ports: the nodes that wait at a port: what else they wait for may be its own affair.
        local: the paths of the user's files.
    """

    for node in top.walk():
        for task, line in zip(node.tasks, node.lines, strict=False):
            frame = frame_of_task(task, local) if line.received and not line.sent and node not in at_ports else None
            if frame is not None:
                file, number = frame.f_code.co_filename, frame.f_lineno
                what = "for something that is no packet, and never comes: what it last took went nowhere"
                yield Lint(run, f"it waits at {Path(file).name}:{number} {what}", place_of(node), file, number)


def watch_for_mistakes(
    run: int, loop: asyncio.AbstractEventLoop, local: Callable[[], Collection[str]], send: Callable[[Lint], None]
) -> None:
    """Tell coroutines that nobody awaits, errors of tasks that nobody asks for, and errors that cannot be raised.

    Args:
        run: the number of the run.
        loop: the loop that the net runs on.
        local: returns the paths of the user's files.
        send: tells of it.
    """
    told: set[str] = set()

    def tell(sentence: str, file: str | None = None, line: int | None = None, of: BaseNode | None = None) -> None:
        if sentence not in told:  # once each: a loop may make the same mistake at every turn
            told.add(sentence)
            of = of or current_line.get().node
            node = place_of(of) if of is not None else None
            send(Lint(run, sentence, node, file, line))

    show = warnings.showwarning

    def on_warning(message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any) -> None:
        if issubclass(category, RuntimeWarning) and "was never awaited" in str(message):
            first = str(message).splitlines()[0]
            tell(f"{Path(filename).name}:{lineno}: {first}: is an 'await' missing?", filename, lineno)
        else:
            show(message, category, filename, lineno, *rest)

    def on_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        cause = (
            f": {type(error).__name__}: {message_of(error)}".rstrip(": ") if isinstance(error, BaseException) else ""
        )
        file, line = place_of_error(error, local()) if isinstance(error, BaseException) else (None, None)
        where = f"{Path(file).name}:{line}: " if file is not None else ""
        of = _node_in(error.__traceback__) if isinstance(error, BaseException) else None
        tell(f"{where}{context.get('message', 'an error was lost')}{cause}", file, line, of)

    def on_unraisable(lost: Any) -> None:
        cause = message_of(lost.exc_value) if isinstance(lost.exc_value, BaseException) else ""
        file, line = place_of_error(lost.exc_value, local()) if cause else (None, None)
        tell(f"an error could not be raised: {lost.exc_type.__name__}: {cause}", file, line)

    warnings.showwarning = on_warning  # type: ignore[assignment]  # it takes what the original takes
    warnings.filterwarnings("always", message=".*was never awaited", category=RuntimeWarning)
    loop.set_exception_handler(on_lost)
    sys.unraisablehook = on_unraisable


def _node_in(trace: TracebackType | None) -> BaseNode | None:
    """Return the node of the component in whose method an error was raised, the innermost one.

    A task that nobody waits for is thrown away anywhere: only its frames tell whose it was.
    """
    found = None
    while trace is not None:
        owner: Any = trace.tb_frame.f_locals.get("self")
        found = owner._node if isinstance_of(owner, BaseComponent) else found
        trace = trace.tb_next
    return found
