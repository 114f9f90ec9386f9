"""What the person does to the packets and edges of a paused run."""

from __future__ import annotations

import ast
import types
from collections.abc import Sequence
from typing import Any

from fbdev.comp import intervene
from fbdev.comp.packet import Packet, payload_of
from fbdev.graph.net import BaseNode, Edge
from fbdev.runtime.blocked import edge_place
from fbtui.protocol import GRAPH, Act, Value
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
        else:
            self._act_on_packet(asked)

    def _inject(self, edge: Edge, packet: Packet) -> None:
        intervene.inject(edge, packet)
        self._recorder.act(Deed.INJECTED, edge, packet)

    def _act_on_packet(self, asked: Act) -> None:
        """Edit, drop or duplicate a packet: on its edge, or about to be sent."""
        number = asked.packet or 0
        found = self._recorder.edge_of(number)
        parked = self._gate.parking.send_of(number) if found is None else None
        if parked is not None:
            packet, edges = parked.move.packet, list(parked.move.edges)
        elif found is not None:
            packet, edges = found[1], [found[0]]
        else:
            raise CannotAct(self._why_nowhere(number))
        if not isinstance(packet, Packet):
            raise CannotAct(f"a {type(packet).__name__} is of a class of its own: it can only be looked at")
        if asked.act == "edit":
            intervene.replace(packet, self._value(asked.text, payload_of(packet), edges[0]))
            self._recorder.act(Deed.EDITED, None if parked else edges[0], packet)
        elif asked.act == "duplicate":
            self._duplicate(packet, edges)
        elif parked is not None:
            intervene.drop_put(packet)
            self._gate.parking.let_go(parked)
            self._recorder.act(Deed.DROPPED, None, packet)
        else:
            intervene.drop(edges[0], packet)
            self._recorder.act(Deed.DROPPED, edges[0], packet)

    def _duplicate(self, packet: Packet, edges: Sequence[Edge]) -> None:
        """Put another one like it where it is, or on every edge that it is about to be sent over."""
        full = next((edge for edge in edges if not edge.has_room()), None)
        if full is not None:
            raise CannotAct(f"the edge is full: {len(full.packets)}/{full.capacity}")
        for edge in edges:
            self._inject(edge, Packet(payload_of(packet), parents=(packet,)))

    def _why_nowhere(self, number: int) -> str:
        """Return why a packet that waits nowhere can only be looked at."""
        if not self._recorder.knows(number):
            return f"there is no packet #{number} in this run"
        taker = self._recorder.taker(number)
        if taker == GRAPH:
            return f"packet #{number} has left the graph: it is an output of the run"
        if taker is not None:
            return f"packet #{number} was taken by {taker}: what a node has taken is the node's"
        return f"packet #{number} waits on no edge any more: it was taken, or dropped"

    def _edge(self, place: str | None) -> Edge:
        for edge in self._top.all_edges():
            if edge_place(edge) == place:
                return edge
        raise CannotAct(f"there is no edge {place}")

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
