"""What the person does to the packets and edges of a paused run."""

from __future__ import annotations

import ast
import types
from typing import Any

from fbdev.comp import intervene
from fbdev.comp.packet import BasePacket, Packet, payload_of
from fbdev.graph.net import BaseNode, Edge
from fbdev.runtime.blocked import edge_place
from fbtui.protocol import Act, Value
from fbtui.target.frames import CannotEvaluate, evaluate_in
from fbtui.target.gate import Gate
from fbtui.target.recorder import Recorder
from fbtui.trace import Deed


class CannotAct(Exception):  # noqa: N818 - a sentence for the person
    """Something that cannot be done to the run; the sentence says why."""


class Acts:
    """Acts on one run.

    Args:
        module: the user's module; expressions may use its names.
        top: the net.
        gate: holds the moves.
        recorder: knows and records the packets.
    """

    def __init__(self, module: types.ModuleType, top: BaseNode, gate: Gate, recorder: Recorder) -> None:
        self._module = module
        self._top = top
        self._gate = gate
        self._recorder = recorder

    def do(self, asked: Act) -> Value:
        """Do what is asked, and return the answer."""
        if not self._gate.paused:
            return Value(asked.run, asked.request, problem="pause the run first")
        try:
            self._do(asked)
        except (CannotAct, CannotEvaluate, ValueError) as error:
            return Value(asked.run, asked.request, problem=str(error))
        self._gate.tell_again()
        return Value(asked.run, asked.request)

    def _do(self, asked: Act) -> None:
        if asked.act == "widen":
            intervene.widen(self._edge(asked.edge), asked.size)
        elif asked.act == "inject":
            edge = self._edge(asked.edge)
            self._inject(edge, Packet(self._value(asked.text, None, edge), parents=()))
        elif asked.act == "edit":
            self._edit(asked)
        else:
            edge, packet = self._on_edge(asked.packet)
            if asked.act == "drop":
                intervene.drop(edge, packet)
                self._recorder.act(Deed.DROPPED, edge, packet)
            else:
                self._inject(edge, Packet(payload_of(packet), parents=(packet,)))

    def _inject(self, edge: Edge, packet: Packet) -> None:
        intervene.inject(edge, packet)
        self._recorder.act(Deed.INJECTED, edge, packet)

    def _edit(self, asked: Act) -> None:
        number = asked.packet or 0
        found = self._recorder.edge_of(number)
        edge, packet = found if found is not None else (None, self._gate.parked_packet(number))
        if not isinstance(packet, Packet):
            raise CannotAct(f"packet #{number} waits nowhere: what a node has taken is the node's")
        intervene.replace(packet, self._value(asked.text, payload_of(packet), edge))
        self._recorder.act(Deed.EDITED, edge, packet)

    def _edge(self, place: str | None) -> Edge:
        for edge in self._top.all_edges():
            if edge_place(edge) == place:
                return edge
        raise CannotAct(f"there is no edge {place}")

    def _on_edge(self, number: int | None) -> tuple[Edge, BasePacket]:
        found = self._recorder.edge_of(number or 0)
        if found is None:
            raise CannotAct(f"packet #{number} is on no edge: a packet about to be sent can only be edited")
        return found

    def _value(self, text: str, old: Any, edge: Edge | None) -> Any:
        """Return what a text stands for: a literal, else an expression over ``value`` and the module's names."""
        try:
            value = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            value = evaluate_in(text, {**vars(self._module), "value": old}, {})
        head = edge.head_end if edge is not None else None
        check = head.spec.checker if head is not None else None
        problem = check(value) if check is not None else None
        if problem is not None:
            raise CannotAct(problem)
        return value
