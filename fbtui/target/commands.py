"""Carries out what the debugger says to a run that goes on."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Collection
from types import FrameType
from typing import Any

from fbdev.comp.line import current_line
from fbdev.graph.net import BaseNode
from fbdev.runtime.blocked import place_of
from fbtui.protocol import (
    Act,
    Hold,
    Inspect,
    Message,
    NodeState,
    Notice,
    Pause,
    Resume,
    SetBreakpoints,
    SetWatches,
    Step,
    Stop,
)
from fbtui.target.acts import Acts
from fbtui.target.control import Control
from fbtui.target.failure import frame_of, message_of
from fbtui.target.frames import place
from fbtui.target.gate import Gate
from fbtui.target.inspector import inspect
from fbtui.target.recorder import Recorder
from fbtui.target.watches import Watches


class Commands:
    """The commands of one run.

    Args:
        run: its number.
        control: the channel they come by.
        top: the net.
        gate: what holds its moves.
        recorder: knows its packets.
        local: returns the paths of the user's files.
        stop: ends the run.
        acts: does something to it.
    """

    def __init__(
        self,
        run: int,
        control: Control,
        top: BaseNode,
        gate: Gate,
        recorder: Recorder,
        local: Callable[[], Collection[str]],
        stop: Callable[[], object],
        acts: Acts,
    ) -> None:
        self._run = run
        self._control = control
        self._top = top
        self._gate = gate
        self._recorder = recorder
        self._local = local
        self._stop = stop
        self._acts = acts
        self._watches = Watches(top, recorder, local)
        self._here: tuple[BaseNode | None, FrameType] | None = None
        """While a component stands at its own ``breakpoint()`` or at an error: its node, and the frame."""

    def on_readable(self) -> None:
        """Carry out what has arrived."""
        for message in self._control.arrived():
            self.obey(message)

    def obey(self, message: Message) -> None:
        """Carry out one command."""
        match message:
            case Step():
                self._gate.step(message)
            case Resume():
                self._gate.resume(message)
            case Pause():
                self._gate.pause()
            case Hold(places=places):
                self._gate.hold(places)
            case SetBreakpoints(points=points):
                for problem in self._gate.set_breakpoints(points):
                    self._control.send(Notice(self._run, problem))
            case SetWatches(watches=watches):
                self._watches.set(watches)
                if self._gate.paused:
                    self._gate.tell_again()
            case Inspect():
                names = self._acts.names
                answer = inspect(message, self._top, self._recorder, self._gate, self._local(), self._here, names)
                self._control.send(answer)
            case Act():
                self._control.send(self._acts.do(message))
            case Stop():
                self._stop()
            case _:
                pass  # a newer debugger may say more than this target knows

    def stand_here(self, *_: Any, **__: Any) -> None:
        """Stand still at a ``breakpoint()`` of the user's code until the person steps or goes on."""
        if threading.current_thread() is not threading.main_thread():
            self._control.send(Notice(self._run, "a breakpoint() in a thread was passed over"))
            return
        frame, node = sys._getframe(1), current_line.get().node
        at = place(frame)
        state = None if node is None else NodeState(place_of(node), "busy", f"at its breakpoint(): {at}")
        if not self._stand(node, frame, f"breakpoint() at {at}", state):
            raise asyncio.CancelledError("the run was stopped at a breakpoint()")

    def stand_at_failure(self, node: BaseNode, error: BaseException, why: str) -> None:
        """Stand still where a firing has failed, before the error goes its way, until the person lets it."""
        state = NodeState(place_of(node), "failed", f"by {type(error).__name__}: {message_of(error)}")
        self._stand(node, frame_of(error, self._local()), why, state)

    def _stand(self, node: BaseNode | None, frame: FrameType | None, why: str, state: NodeState | None) -> bool:
        """Obey until the run is let go on: True; or is stopped: False."""
        self._here = (node, frame) if frame is not None else None
        self._gate.standing = (node, state) if node is not None and state is not None else None
        self._gate.stand(why)
        try:
            while self._gate.paused:
                message = self._control.receive()
                self.obey(message)
                if isinstance(message, Stop):
                    return False
                if self._gate.paused:
                    self._gate.tell_standing()
            return True
        finally:
            self._here = self._gate.standing = None
