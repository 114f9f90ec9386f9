"""The gate at every move, and the scheduler that lets moves through.

A run is free or scheduled from its first move. In a free run a move that can go commits at once. In a scheduled
run every move parks, and when the net has settled one enabled move is let through, whether the person steps or lets
it run: so both give the same log. Pausing a free run makes it scheduled from that move on.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fbdev.comp.packet import BasePacket, payload_of
from fbdev.comp.port import Port
from fbdev.graph.net import BaseNode, Node
from fbdev.instrument import Instrument, Move
from fbdev.runtime.blocked import Wait, edge_place, place_of, wait_at
from fbdev.runtime.net_loop import Idle, NetLoop
from fbtui.protocol import Anchor, Message, MoveInfo, NodeState, Paused, Resume, Running, Start, Step
from fbtui.target.capture import summarize
from fbtui.target.recorder import Recorder, occurrence


@dataclass(eq=False)
class Parked:
    """A move that waits at the gate. ``number`` counts the requests of the run."""

    number: int
    move: Move
    gate: asyncio.Future[None]


class Gate(Instrument):
    """Holds the moves of a net and lets them through.

    Args:
        start: what the run was asked for: order, seed, whether it begins paused.
        top: the net.
        loop: the loop it runs on.
        recorder: counts the steps.
        send: sends a message to the debugger.
    """

    def __init__(
        self, start: Start, top: BaseNode, loop: NetLoop, recorder: Recorder, send: Callable[[Message], None]
    ) -> None:
        self.order = start.order
        self._run = start.run
        self._top = top
        self._loop = loop
        self._recorder = recorder
        self._send = send
        self._random = random.Random(start.seed)
        self._ranks = {node: rank for rank, node in enumerate(top.walk())}
        self._requests = 0
        self._parked: dict[Move, Parked] = {}
        self._left: int | None = 0 if start.paused else None
        """Moves that may still go before the run pauses; None for any number."""
        self._stop_at: frozenset[str] = frozenset()
        self._until_blocked = False
        self._anchor: Anchor | None = None
        self._chosen: int | None = None
        self._why = ""
        self._told = False
        self._goes_on = False
        """True while a step is under way that the debugger takes for done at once."""
        self.on_full: Callable[[], str] = lambda: ""
        """Asked before each move: a sentence if the run has to pause for want of room on the disk."""
        loop.add_idle_handler(self._idle)
        if start.paused:
            loop.freeze()
            self._schedule()

    @property
    def paused(self) -> bool:
        """True if nothing may go."""
        return self._left == 0

    # -- what the person asks for

    def step(self, message: Step) -> None:
        """Let some moves go, a chosen one first."""
        self._chosen = message.move
        self._go(max(1, message.count), tell=False)

    def resume(self, message: Resume) -> None:
        """Let moves go until the run ends, or what the message names is reached."""
        self._stop_at = frozenset(message.stop_at)
        self._until_blocked = message.until_blocked
        self._anchor = message.anchor
        if self._stop_at or self._until_blocked or self._anchor is not None:
            self._schedule()
        left = None if message.until is None else message.until - self._recorder.step
        self._go(left, tell=True)

    def _go(self, left: int | None, *, tell: bool) -> None:
        if left is not None:
            self._schedule()
            if left <= 0:
                self._told = False
                return
        self._left = left
        self._why, self._told = "", False
        self._loop.thaw()
        self._goes_on = not tell
        if tell:
            self._send(Running(self._run))

    def pause(self, why: str = "") -> None:
        """Let nothing go any more."""
        self._schedule()
        self._left, self._why, self._told = 0, why, False
        self._chosen = None
        self._loop.freeze()

    def _schedule(self) -> None:
        """A free run becomes a scheduled one: what waits in the ports comes back to the gate."""
        if self.order == "free":
            self.order = "fifo"
            self._recorder.keeps_payloads = True
            self._top.hub.recall()

    # -- what the net asks for

    def admit(self, move: Move) -> Awaitable[None] | None:
        """Park a move, unless the run is free."""
        if self.order == "free":
            return None
        gate = self._loop.create_future()
        self._requests += 1
        self._parked[move] = Parked(self._requests, move, gate)
        self._told = False
        self._loop.progress()
        return gate

    def move_cancelled(self, move: Move) -> None:
        """Forget a move that was withdrawn."""
        self._parked.pop(move, None)

    def port_closed(self, port: Port) -> None:
        """Let the receives go that wait for what will never come: they end, and no move is made."""
        for parked in [one for one in self._parked.values() if one.move.port is port]:
            if parked.move.kind == "receive" and not parked.gate.done():
                del self._parked[parked.move]
                parked.gate.set_result(None)
                self._told = False

    def move_committed(self, move: Move) -> None:
        """Count a move."""
        if move.edges and move.kind != "cross":
            self._loop.progress()
            if self._left is not None and self._left > 0:
                self._left -= 1
                if self._left == 0:
                    self.pause()
            elif self._anchor is not None and self._is_anchor(move):
                self._anchor = None
                self.pause()
        if why := self.on_full():
            self.pause(why)

    def open(self) -> None:
        """Let everything go that still asks: the run is over, and its nodes are being stopped."""
        self.order = "free"
        self._left = None
        self._loop.remove_idle_handler(self._idle)
        self._loop.thaw()

    def parked_payload(self, number: int) -> Any:
        """Return the payload of a packet whose send is parked.

        Raises:
            KeyError: if there is no such one.
        """
        for move in self._parked:
            if move.packet is not None and self._recorder.number(move.packet) == number:
                return payload_of(move.packet)
        raise KeyError(number)

    def state(self, node: BaseNode) -> NodeState:
        """Return what a node is doing."""
        return state_of(node, [parked for parked in self._parked.values() if parked.move.node is node])

    def _is_anchor(self, move: Move) -> bool:
        anchor = self._anchor
        assert anchor is not None
        return move.kind == anchor.kind and any(
            edge_place(edge) == anchor.edge and occurrence(move.kind == "receive", edge) == anchor.occurrence
            for edge in move.edges
        )

    def waits(self) -> list[Wait]:
        """Return the parked moves as waits."""
        return [wait_at(move.port, "send" if move.kind == "send" else "receive") for move in self._parked]

    # -- picking

    def _idle(self, spinning: bool) -> Idle:
        if self.order == "free" and not self.paused:
            return Idle.PASS
        if self.paused:
            if self._is_over(spinning):
                return Idle.PASS
            self._tell(spinning)
            return Idle.HOLD
        parked = self._pick()
        if parked is not None:
            if self._stop_at & {f"{parked.move.kind} {place}" for place in self._places(parked.move)}:
                self._stop_at = frozenset()
                self.pause(f"reached: {parked.move.kind} on {', '.join(self._places(parked.move))}")
                self._tell(spinning)
                return Idle.HOLD
            del self._parked[parked.move]
            parked.gate.set_result(None)
            return Idle.WORK
        if self.paused:  # the chosen move could not go
            self._tell(spinning)
            return Idle.HOLD
        if self._until_blocked:
            self.pause("nothing can move")
            self._tell(spinning)
            return Idle.HOLD
        if self._goes_on:  # a step that has to wait for something outside
            self._goes_on = False
            self._send(Running(self._run))
        return Idle.PASS

    def _is_over(self, spinning: bool) -> bool:
        """Return whether nothing will ever move again: a pause holds up no end."""
        return not (spinning or self._until_blocked or self._enabled() or self._loop.outside())

    def _enabled(self) -> list[Parked]:
        return [parked for parked in self._parked.values() if parked.move.can_go()]

    def _pick(self) -> Parked | None:
        enabled = self._enabled()
        if self._chosen is not None:
            chosen, self._chosen = self._chosen, None
            for parked in enabled:
                if parked.number == chosen:
                    return parked
            self.pause(self._cannot(chosen))
            return None
        return self._next(enabled)

    def _next(self, enabled: list[Parked]) -> Parked | None:
        if not enabled:
            return None
        if self.order == "random":
            return self._random.choice(enabled)
        if self.order == "canon":
            return min(enabled, key=lambda p: (self._ranks[p.move.node], repr(p.move.port), p.number))
        return min(enabled, key=lambda parked: parked.number)

    def _cannot(self, number: int) -> str:
        for parked in self._parked.values():
            if parked.number == number:
                return f"that move cannot go now: {wait_at(parked.move.port, parked.move.kind)}"  # type: ignore[arg-type]
        return "that move is not waiting any more"

    @staticmethod
    def _places(move: Move) -> Iterable[str]:
        return [edge_place(edge) for edge in move.edges]

    # -- telling

    def _tell(self, spinning: bool) -> None:
        if self._told:
            return
        self._told = True
        enabled = self._enabled()
        state = self._random.getstate()
        following = self._next(enabled)
        self._random.setstate(state)  # looking ahead draws nothing
        self._send(
            Paused(
                self._run,
                self._recorder.step,
                tuple(self._info(parked) for parked in self._parked.values()),
                following.number if following is not None else None,
                tuple(self._states()),
                self._why or self._why_nothing(enabled, spinning),
                self._loop.outside(),
            )
        )

    def _why_nothing(self, enabled: list[Parked], spinning: bool) -> str:
        if spinning:
            return "a component goes on without waiting for anything"
        if not enabled and self._loop.outside():
            return f"the net waits for: {', '.join(self._loop.outside())}"
        return ""

    def _info(self, parked: Parked) -> MoveInfo:
        move = parked.move
        packet: BasePacket | None = move.packet or move.port.next_packet()
        edge = move.edges[0]
        if move.kind == "receive" and packet is not None:
            edge = next((e for e in move.edges if e.packets and packet in e.packets), edge)
        return MoveInfo(
            parked.number,
            move.kind,
            place_of(move.node),
            move.port.name,
            tuple(self._places(move)),
            self._recorder.number(packet) if packet is not None else None,
            summarize(payload_of(packet)) if packet is not None else None,
            move.can_go(),
            occurrence(move.kind == "receive", edge) + 1,
        )

    def _states(self) -> Iterable[NodeState]:
        by_node: dict[BaseNode, list[Parked]] = {}
        for parked in self._parked.values():
            by_node.setdefault(parked.move.node, []).append(parked)
        for node in self._top.walk():
            if not node.is_top_node:
                yield state_of(node, by_node.get(node, []))


def state_of(node: BaseNode, parked: list[Parked]) -> NodeState:
    """Return what a node is doing, in one word, and why."""
    place = place_of(node)
    if node.finished:
        failed: Any = node.task_manager.exception_occured()
        return NodeState(place, "failed" if failed else "finished")
    if not node.states.started.get():
        return NodeState(place, "starting", _why(parked) if parked else "")
    if any(one.move.can_go() for one in parked):
        return NodeState(place, "ready", ", ".join(f"{one.move.kind} {one.move.port.name}" for one in parked))
    if parked:
        blocked = any(one.move.kind == "send" for one in parked)
        return NodeState(place, "blocked" if blocked else "waiting", _why(parked))
    if node.is_net or not isinstance(node, Node):
        return NodeState(place, "running")
    unconnected = next((port for port in node.ports.iter_ports() if port.inner.putters or port.inner.getters), None)
    if unconnected is not None:
        return NodeState(place, "waiting", f"for {unconnected.name}, which has no edge")
    return NodeState(place, "busy", "for something that is no port")


def _why(parked: list[Parked]) -> str:
    words = []
    for one in parked:
        wait = wait_at(one.move.port, "send" if one.move.kind == "send" else "receive")
        if wait.waits == "send" and wait.edge is not None:
            words.append(f"{one.move.port.name}: {len(wait.edge.packets)}/{wait.edge.capacity} full")
        else:
            words.append(f"for {one.move.port.name}")
    return ", ".join(words)
