"""What the person does to the packets and edges of a paused run."""

from __future__ import annotations

import ast
import types
from typing import Any, NamedTuple

from fbdev.comp import intervene
from fbdev.comp.packet import BasePacket, Packet, payload_of
from fbdev.graph.net import BaseNode, Edge
from fbdev.runtime.blocked import edge_place
from fbtui.protocol import GRAPH, Act, Value
from fbtui.target.frames import CannotEvaluate, evaluate_in
from fbtui.target.gate import Gate
from fbtui.target.orders import Parked
from fbtui.target.recorder import Recorder
from fbtui.trace import BEYOND, Deed, HandAct, Manner


class CannotAct(Exception):  # noqa: N818 - a sentence for the person
    """Something that cannot be done to the run; the sentence says why."""


class _Found(NamedTuple):
    """A packet that something can be done to."""

    packet: Packet
    edges: list[Edge]
    """The edge that it is on, or those that it is about to be sent over."""
    at: int | None
    """Its place on the edge; None if it is about to be sent."""
    parked: Parked | None = None

    @property
    def on_edge(self) -> Edge | None:
        """The edge that it is on."""
        return self.edges[0] if self.parked is None else None


def _plain(packet: BasePacket | None) -> Packet:
    if not isinstance(packet, Packet):
        raise CannotAct(f"a {type(packet).__name__} is of a class of its own: it can only be looked at")
    return packet


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

    @property
    def names(self) -> dict[str, Any]:
        """The names of the user's module."""
        return vars(self._module)

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

    def repeat(self, act: HandAct) -> str:
        """Do what was done in a recorded run, at the same place; return why it cannot be done now, or nothing."""
        manner = act.manner
        try:
            edge = self._edge(manner.edge)
            if act.deed == Deed.INJECTED and manner.of is None:
                self._inject(edge, manner.text)
                return ""
            found = self._find_again(edge, act)
            if act.deed == Deed.INJECTED:
                self._copy(found, edge)
            elif act.deed == Deed.EDITED:
                self._edit(found, manner.text)
            else:
                self._drop(found)
        except (CannotAct, CannotEvaluate, ValueError) as error:
            return str(error)
        finally:
            self._gate.tell_again()
        return ""

    def _do(self, asked: Act) -> None:
        if asked.act == "widen":
            intervene.widen(self._edge(asked.edge), asked.size)
            return
        if asked.act == "inject":
            self._inject(self._edge(asked.edge), asked.text)
            return
        found = self._find(asked.packet or 0)
        if asked.act == "edit":
            self._edit(found, asked.text)
        elif asked.act == "duplicate":
            self._duplicate(found)
        else:
            self._drop(found)

    def _find(self, number: int) -> _Found:
        """Return where a packet is: on its edge, or about to be sent."""
        if (there := self._recorder.edge_of(number)) is not None:
            edge, packet = there
            return _Found(_plain(packet), [edge], list(edge.packets).index(packet))
        parked = self._gate.parking.send_of(number)
        if parked is None:
            raise CannotAct(self._why_nowhere(number))
        return _Found(_plain(parked.move.packet), list(parked.move.edges), None, parked)

    def _find_again(self, edge: Edge, act: HandAct) -> _Found:
        """Return where the packet is that stands as the one of a recorded run did: numbers may differ there."""
        at = act.manner.at
        if at is not None and at < len(edge.packets):
            return _Found(_plain(edge.packets[at]), [edge], at)
        sends = [one for one in self._gate.parking if one.move.kind == "send" and edge in one.move.edges]
        if at is not None or not sends:
            raise CannotAct("the packet does not wait there")
        wanted = act.manner.of or act.packet
        parked = next((one for one in sends if self._number(one.move.packet) == wanted), sends[0])
        return _Found(_plain(parked.move.packet), list(parked.move.edges), None, parked)

    def _number(self, packet: BasePacket | None) -> int:
        return self._recorder.number(packet) if packet is not None else 0

    def _inject(self, edge: Edge, text: str) -> None:
        packet = Packet(self._value(text, None, edge), parents=())
        intervene.inject(edge, packet)
        self._recorder.act(Deed.INJECTED, edge, packet, Manner(edge_place(edge), text=text))

    def _edit(self, found: _Found, text: str) -> None:
        was = self._recorder.summary(found.packet).partition(BEYOND)[0]
        intervene.replace(found.packet, self._value(text, payload_of(found.packet), found.edges[0]))
        manner = Manner(edge_place(found.edges[0]), found.at, text, was)
        self._recorder.act(Deed.EDITED, found.on_edge, found.packet, manner)

    def _drop(self, found: _Found) -> None:
        edge = found.edges[0]
        if found.parked is not None:
            intervene.drop_put(found.packet)
            self._gate.parking.let_go(found.parked)
        else:
            intervene.drop(edge, found.packet)
        self._recorder.act(Deed.DROPPED, found.on_edge, found.packet, Manner(edge_place(edge), found.at))

    def _duplicate(self, found: _Found) -> None:
        """Put another one like it where it is, or on every edge that it is about to be sent over."""
        full = next((edge for edge in found.edges if not edge.has_room()), None)
        if full is not None:
            raise CannotAct(f"the edge is full: {len(full.packets)}/{full.capacity}")
        for edge in found.edges:
            self._copy(found, edge)

    def _copy(self, found: _Found, edge: Edge) -> None:
        packet = Packet(payload_of(found.packet), parents=(found.packet,))
        intervene.inject(edge, packet)
        manner = Manner(edge_place(edge), found.at, of=self._recorder.number(found.packet))
        self._recorder.act(Deed.INJECTED, edge, packet, manner)

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
