"""Answers what a person asks of a paused run: what a packet carries, what waits on an edge, what a node does."""

from __future__ import annotations

import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any, Final

from fbdev.comp.packet import payload_of
from fbdev.graph.net import BaseNode
from fbdev.runtime.blocked import edge_place, place_of
from fbtui.protocol import Inspect, Item, PacketInfo, Value
from fbtui.target.capture import summarize, type_name
from fbtui.target.failure import message_of
from fbtui.target.frames import CannotEvaluate, awaiting_frame, evaluate, evaluate_in, place
from fbtui.target.gate import Gate
from fbtui.target.opened import children, item_of, size_of
from fbtui.target.parts import Part
from fbtui.target.recorder import Recorder
from fbtui.target.written import CannotWrite, literal_of, write_out

PATIENCE: Final = 0.5
"""Seconds that one look into a value may take."""
WRITING: Final = 20.0
"""Seconds that writing one into a file may take."""


def inspect(
    asked: Inspect,
    top: BaseNode,
    recorder: Recorder,
    gate: Gate,
    local: Collection[str],
    here: tuple[BaseNode | None, FrameType] | None = None,
    names: dict[str, Any] | None = None,
) -> Value:
    """Return the answer to one question.

    Args:
        asked: the question.
        top: the net.
        recorder: knows the packets.
        gate: knows the parked moves.
        local: the paths of the user's files.
        here: a node that stands in the middle of its code, and the frame it stands in.
        names: the names of the module of the graph, over which an expression at the graph itself is evaluated.
    """
    if asked.packet is not None:
        return _packet(asked, asked.packet, recorder, gate)
    if asked.edge is not None:
        return _edge(asked, top, recorder)
    node = next((node for node in top.walk() if place_of(node) == asked.node), None)
    if node is None:
        return Value(asked.run, asked.request, problem=f"there is no {asked.node}")
    frame = here[1] if here is not None and here[0] is node else awaiting_frame(node, local)
    if asked.expression is not None:
        return _expression(asked, asked.expression, frame, names if node is top else None)
    state = gate.state(node)
    if frame is None:
        return Value(asked.run, asked.request, node=state)
    variables = [(name, value) for name, value in frame.f_locals.items() if name != "self"]
    opened = _opened(asked, Part("", "", lambda: variables))
    return replace(opened, node=replace(state, where=place(frame)))


def _expression(asked: Inspect, expression: str, frame: FrameType | None, names: dict[str, Any] | None) -> Value:
    if frame is None and names is None:
        return Value(asked.run, asked.request, problem=f"{asked.node} waits nowhere in your own code now")
    try:
        given = evaluate(expression, frame) if frame is not None else evaluate_in(expression, names or {}, {})
        return _opened(asked, given)
    except CannotEvaluate as error:
        return Value(asked.run, asked.request, problem=str(error))


def _packet(asked: Inspect, number: int, recorder: Recorder, gate: Gate) -> Value:
    parked = gate.parking.send_of(number)
    try:
        packet = parked.move.packet if parked is not None else None
        value: Any = payload_of(packet) if packet is not None else recorder.payload(number)
    except KeyError:
        problem = f"packet {number} is gone: payloads are kept while they wait, and for a while after"
        return Value(asked.run, asked.request, problem=problem)
    if asked.literal:
        return Value(asked.run, asked.request, (Item("", type_name(value), literal_of(value)),))
    return _opened(asked, value) if asked.into is None else _written(asked, value, Path(asked.into))


def _written(asked: Inspect, value: Any, path: Path) -> Value:
    try:
        with limited(WRITING):
            write_out(value, path)
    except TookTooLong:
        problem = f"it takes longer than {WRITING:g} s to write that"
    except CannotWrite as error:
        problem = str(error)
    except Exception as error:
        problem = f"it cannot be written: {type(error).__name__}: {message_of(error)}"
    else:
        problem = ""
    return Value(asked.run, asked.request, problem=problem)


def _opened(asked: Inspect, value: Any) -> Value:
    """Return the level of a value that the path of the question leads to."""
    try:
        with limited(PATIENCE):
            return _level(asked, value)
    except TookTooLong:
        problem = "it takes too long to look into that"
    except Exception as error:
        problem = f"it cannot be looked into: {type(error).__name__}: {message_of(error)}"
    return Value(asked.run, asked.request, problem=problem)


def _level(asked: Inspect, value: Any) -> Value:
    above = [value]
    for index in asked.path:
        opened = children(value)
        if index >= len(opened):
            return Value(asked.run, asked.request, problem="the payload has changed meanwhile")
        value = opened[index][1]
        above.append(value)
    items = [item_of(label, inner, above) for label, inner in children(value)]
    if not asked.path and type(value) is not Part:
        items.insert(0, item_of(size_of(value), value))
    return Value(asked.run, asked.request, tuple(items))


class TookTooLong(Exception):  # noqa: N818 - what has happened, not an error of ours
    """A look into a value was given up."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Give up what runs the code of a value's class after some seconds, by raising `TookTooLong` in it.

    A timer of the user's own is put back as it was.
    """

    def give_up(*_: object) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, give_up)
    theirs, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if theirs:
            signal.setitimer(signal.ITIMER_REAL, theirs, interval)


def _edge(asked: Inspect, top: BaseNode, recorder: Recorder) -> Value:
    for edge in top.all_edges():
        if edge_place(edge) == asked.edge:
            waiting = [(recorder.number(packet), payload_of(packet)) for packet in list(edge.packets)[:500]]
            packets = tuple(PacketInfo(number, type_name(v), summarize(v)) for number, v in waiting)
            return Value(asked.run, asked.request, packets=packets)
    return Value(asked.run, asked.request, problem=f"there is no edge {asked.edge}")
