"""Evaluates the expressions that are watched, whenever their node asks for a move, and records what they give."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from types import FrameType

from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument, Move
from fbdev.runtime.blocked import place_of
from fbtui.protocol import WatchInfo
from fbtui.target.capture import summarize
from fbtui.target.frames import CannotEvaluate, awaiting_frame, evaluate
from fbtui.target.recorder import Recorder


class Watches(Instrument):
    """The watched expressions of a run. A run without any does not know of it.

    Args:
        top: the net.
        recorder: records the values.
        local: returns the paths of the user's files.
    """

    def __init__(self, top: BaseNode, recorder: Recorder, local: Callable[[], Collection[str]]) -> None:
        self._top = top
        self._recorder = recorder
        self._local = local
        self._infos: tuple[WatchInfo, ...] = ()
        self._asked: dict[str, Move] = {}
        """The newest move of each watched node: it may be asked about again, when the moves are recalled."""

    def set(self, infos: Iterable[WatchInfo]) -> None:
        """Replace the expressions; a new one is evaluated at once, if its node waits in the user's code."""
        before, self._infos = self._infos, tuple(infos)
        if self._infos and not before:
            self._top.hub.add(self, first=True)
        elif before and not self._infos:
            self._top.hub.remove(self)
        nodes = {place_of(node): node for node in self._top.walk()}
        for info in self._infos:
            node = nodes.get(info.node)
            if info not in before and node is not None:
                self._look(info, node, awaiting_frame(node, self._local()))

    def admit(self, move: Move) -> None:
        """Look before a move; none is held up."""
        place = place_of(move.node)
        infos = [info for info in self._infos if info.node == place]
        if not infos or move.kind == "cross" or self._asked.get(place) is move:
            return
        self._asked[place] = move
        frame: FrameType | None = sys._getframe(1)
        local = self._local()
        while frame is not None and frame.f_code.co_filename not in local:
            frame = frame.f_back
        for info in infos:
            self._look(info, move.node, frame)

    def _look(self, info: WatchInfo, node: BaseNode, frame: FrameType | None) -> None:
        if frame is None:
            return
        try:
            value, failed = summarize(evaluate(info.expression, frame)), False
        except CannotEvaluate as error:
            value, failed = str(error), True
        self._recorder.watched(node, info.expression, value, failed=failed)
