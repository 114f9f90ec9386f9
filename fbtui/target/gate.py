"""The gate at every move, and the scheduler that lets moves through.

A run is free or scheduled from its first move. In a free run a move that can go commits at once. In a scheduled
run every move parks, and when the net has settled one enabled move is let through, whether the person steps or lets
it run: so both give the same log. Pausing a free run makes it scheduled from that move on, and so does holding up a
single node or edge, and setting a breakpoint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from fbdev.comp.port import Port
from fbdev.graph.net import BaseNode
from fbdev.instrument import Instrument, Move
from fbdev.runtime.blocked import place_of, wait_at
from fbdev.runtime.net_loop import Idle, NetLoop
from fbtui.protocol import BreakInfo, Message, NodeState, Notice, OrderWord, Paused, Resume, Running, Start, Step
from fbtui.target.breakpoints import Breakpoints
from fbtui.target.failure import message_of
from fbtui.target.goals import Follow, Goal, Moves, Wave, goal_of, places_now
from fbtui.target.orders import Instead, Parked, Replay, order_of
from fbtui.target.parking import Parking
from fbtui.target.recorder import Recorder
from fbtui.target.states import state_of, state_of_net
from fbtui.target.told import Told
from fbtui.trace import HandAct


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
        self._real_clock = start.real_clock
        self._top = top
        self._loop = loop
        self._outside: Callable[[], tuple[str, ...]] = lambda: (*loop.outside(), *top.hub.elsewhere())
        self._recorder = recorder
        self._send = send
        self._pick = order_of(start, top, lambda told: self._send(Notice(self._run, told)))
        self.parking = Parking(recorder.number)
        """The moves that wait."""
        self._goal = Goal()
        self._followed: Follow | None = None
        self._chosen: int | None = None
        self._held: frozenset[str] = frozenset()
        self._firing: set[BaseNode] = set()
        self._why, self._at_breakpoint = "", False
        self._told = False
        self._known = Told(top, recorder.number)
        self._next: Parked | None = None  # the move that goes next, as was told
        self._going: Move | None = None  # let through and not committed yet: another process takes its time
        self._goes_on = False
        """True while a step is under way that the debugger takes for done at once."""
        self._stays = False
        """True if the person wants to look at the net although it may have nothing left to do."""
        self.paused = False
        """True if nothing may go."""
        self.breakpoints = Breakpoints(recorder.number, recorder.log)
        self.on_failure: Callable[[BaseNode, BaseException, str], None] = lambda node, error, why: None
        """Called where the run stops for an error, with a sentence; it returns when the run may go on."""
        self.repeat: Callable[[HandAct], str] = lambda act: ""
        """Does again what the person did in the run that is replayed; it returns why that cannot be."""
        self.standing: tuple[BaseNode, NodeState] | None = None
        """The node in whose own code the run stands still, and how that is told."""
        self.ended_at: tuple[OrderWord, int] | None = None
        """The order and the step at which the run was over; None before."""
        top.hub.held = self.parking.waits
        loop.add_idle_handler(self._idle)
        if self.order == "free":
            recorder.order("free")
        else:
            self._attach()
        if start.paused:
            self.pause()

    # -- what the person asks for

    def step(self, message: Step) -> None:
        """Let some moves go, a chosen one first."""
        self._chosen = message.move
        self._go(Moves(max(1, message.count)), tell=False)

    def resume(self, message: Resume) -> None:
        """Let moves go until the run ends, or what the message names is reached."""
        goal = self._goal_of(message)
        if goal is not None:
            self._go(goal, tell=True, seen=message.seen)
        else:
            self._told = False

    def _goal_of(self, asked: Resume) -> Goal | None:
        """Return what a run is to come to; None if it is there already."""
        if asked.wave:
            return Wave(parked.move.node for parked in self.parking.enabled())
        if asked.follow is None:
            return goal_of(asked, self._recorder.step)
        if self._followed is None or self._followed.number != asked.follow:
            self._followed = Follow(asked.follow, self._recorder.number)
        return self._followed

    def _go(self, goal: Goal, *, tell: bool, seen: bool = True) -> None:
        following = self._next if self._told else self._following(self.parking.enabled())
        if self.paused and seen and following is not None:
            following.seen = True
        self._goal = goal
        if type(goal) is not Goal:
            self._schedule()
        self.paused, self._why, self._told = False, "", False
        self._loop.thaw()
        self._goes_on = not tell
        if tell:
            self._send(Running(self._run))

    def pause(self, why: str = "", *, at_breakpoint: bool = False) -> None:
        """Let nothing go any more."""
        self._schedule()
        self._at_breakpoint = at_breakpoint
        self._stays = self._goal.holds_the_end
        self.paused, self._why, self._told = True, why, False
        self._goal, self._chosen = Goal(), None
        if not self._real_clock:
            self._loop.freeze()

    def tell_again(self) -> None:
        """Something was done to the paused net: tell how all things are now."""
        self._known.forget()
        self._told = False
        self._loop.progress()

    def stand(self, why: str) -> None:
        """Pause in the middle of a component's own code, and tell so at once."""
        self.pause(why, at_breakpoint=True)
        self.tell_standing()

    def tell_standing(self) -> None:
        """Tell how things are now, if they have changed: the loop does not come round to do it."""
        self._tell(self.parking.enabled(), spinning=False)

    def hold(self, places: Iterable[str]) -> None:
        """Let nothing go at these nodes and edges, whatever the rest does; at no others any more."""
        self._held = frozenset(places)
        if self._held:
            self._schedule()
        self._told = False

    def set_breakpoints(self, infos: Iterable[BreakInfo]) -> list[str]:
        """Replace the breakpoints; returns what cannot be understood."""
        problems = self.breakpoints.set(infos)
        if self.breakpoints:
            self._schedule()
        return problems

    def _schedule(self) -> None:
        """A free run becomes a scheduled one: what waits in the ports comes back to the gate."""
        if self.order == "free":
            self.order = "fifo"
            self._attach()
            self._top.hub.recall()

    def _attach(self) -> None:
        """Look at moves before they commit, and at firings: a free run is spared that, it takes time."""
        self._recorder.order(self.order)
        self._top.hub.add(self)

    # -- what the net asks for

    def admit(self, move: Move) -> Awaitable[None] | None:
        """Park a move, unless the run is free."""
        if self.order == "free":
            return None
        if move.packet is not None:
            self._recorder.note_parents(move.node, move.packet)
        gate = self._loop.create_future()
        self.parking.park(move, gate)
        self._told = False
        self._loop.progress()
        return gate

    def move_cancelled(self, move: Move) -> None:
        """Forget a move that was withdrawn."""
        self.parking.forget(move)
        self._going = None if self._going is move else self._going

    def port_closed(self, port: Port) -> None:
        """Let the receives go that wait for what will never come: they end, and no move is made."""
        for parked in list(self.parking):
            if parked.move.port is port and parked.move.kind == "receive":
                self.parking.let_go(parked)
                self._told = False

    def move_committed(self, move: Move) -> None:
        """Count a move."""
        self._going = None if self._going is move else self._going
        if move.edges and move.kind != "cross":
            self._loop.progress()
            self._stop(None if self.paused else self._goal.after(move))

    def node_state(self, node: BaseNode, state: str) -> None:
        """A node's life goes on."""
        self._known.touch(node)

    def firing_began(self, node: BaseNode) -> None:
        """A node is in a firing."""
        self._firing.add(node)

    def firing_ended(self, node: BaseNode) -> None:
        """A node has fired: that may be what the run was to come to."""
        self._firing.discard(node)
        self._recorder.fired(node)
        if not self.paused and self.order != "free":
            self._stop(self._goal.fired(node))
            self._break(self.breakpoints.ends(node))

    def _stop(self, why: str | None) -> None:
        if why is not None:
            self.pause(why)

    def _break(self, why: str | None) -> None:
        if why is not None and self._goal.heeds_breakpoints:
            self.breakpoints.has_stopped()
            self.pause(why, at_breakpoint=True)

    def task_failed(self, node: BaseNode, task: asyncio.Task[object], error: BaseException) -> None:
        """A firing of a node has failed: that may be a place to stop, before the error goes its way."""
        if self.order == "free" or not self._goal.heeds_breakpoints:
            return
        why = self.breakpoints.fails(node, error)
        if why is not None:
            self.breakpoints.has_stopped()
            self.on_failure(node, error, f"{why}: {type(error).__name__}: {message_of(error)}")

    def open(self) -> None:
        """Let everything go that still asks: the run is over, and its nodes are being stopped."""
        if self.ended_at is not None:
            return
        self.ended_at = self.order, self._recorder.step
        self.order, self.paused = "free", False
        self._loop.remove_idle_handler(self._idle)
        self._loop.thaw()

    def _let_all_go(self) -> Idle:
        """The net is being stopped by the program that runs it: no move of its end is held up."""
        self.open()
        for parked in list(self.parking):
            self.parking.let_go(parked)
        return Idle.WORK

    # -- what is parked

    def state(self, node: BaseNode) -> NodeState:
        """Return what a node is doing."""
        if node.is_net and not node.is_top_node:
            return state_of_net(node, map(self.state, node.nodes.values()))
        return state_of(node, self.parking.of(node))

    def _is_held(self, move: Move) -> bool:
        return bool(self._held) and not self._held.isdisjoint([place_of(move.node), *places_now(move)])

    # -- picking

    def _idle(self, spinning: bool) -> Idle:
        if self._top.has_stopped:
            return self._let_all_go()
        if (self.order == "free" or self._going is not None) and not self.paused:
            return Idle.PASS
        if self._acts_again():
            return Idle.WORK
        if not self.paused:
            parked = self._next_on_the_way()
            if parked is not None:
                self._going = parked.move
                self.parking.let_go(parked)
                return Idle.WORK
        if self.paused:
            enabled = self.parking.enabled()
            if not (spinning or self._stays or enabled or self._outside()):
                return Idle.PASS  # nothing will ever move again: a pause holds up no end
            self._tell(enabled, spinning=spinning)
            return Idle.HOLD
        if self._goes_on:  # a step that has to wait for something outside
            self._goes_on = False
            self._send(Running(self._run))
        return Idle.PASS

    def _acts_again(self) -> bool:
        """Do again, in a replay, what the person did after so many moves."""
        replay = self._pick if isinstance(self._pick, Replay) else None
        act = replay.due(self._recorder.step) if replay is not None else None
        if replay is None or act is None:
            return False
        if why := self.repeat(act):
            replay.cannot(act, why)
        return True

    def _next_on_the_way(self) -> Parked | None:
        """Return the move that goes now; None if there is none, or if the run has to pause before it."""
        enabled = self.parking.enabled()
        free = [one for one in enabled if not self._is_held(one.move) and self._goal.allows(one.move)]
        if self._chosen is not None:
            chosen, self._chosen = self._chosen, None
            parked = next((one for one in enabled if one.number == chosen), None)
            self._stop(None if parked is not None else self._cannot(chosen))
            return parked
        self._break(self._blocked_at())
        if self.paused:
            return None
        if not free:
            pending = bool(self._outside())
            held = any(self._is_held(one.move) for one in enabled) and not pending
            self._stop("what could move is held up" if held else self._goal.nothing(pending=pending))
            return None
        picked = self._pick(free, self._recorder.step, bool(self._outside()))
        if picked is Instead.ASK:
            self.pause(f"{len(free)} moves can go: choose one in Next up")
        if isinstance(picked, Parked):
            self._judge(picked)
        return picked if isinstance(picked, Parked) and not self.paused else None

    def _judge(self, parked: Parked) -> None:
        """Stop before a move if a breakpoint or the goal says so."""
        why = None
        if not parked.judged:
            parked.judged = True
            why = self.breakpoints.before(parked.move, begins_firing=parked.move.node not in self._firing)
        if not parked.seen:
            self._break(why)
            self._stop(self._goal.before(parked.move))

    def _blocked_at(self) -> str | None:
        """Return why the run stops at a send that has to wait for room, each one once."""
        if not self.breakpoints:
            return None
        why = None
        for parked in self.parking:
            if parked.move.kind == "send" and not parked.noticed and not parked.move.can_go():
                parked.noticed = True
                why = self.breakpoints.blocks(parked.move) or why
        return why

    def _cannot(self, number: int) -> str:
        parked = self.parking.numbered(number)
        if parked is None:
            return "that move is not waiting any more"
        return f"that move cannot go now: {wait_at(parked.move.port, parked.move.kind)}"  # type: ignore[arg-type]  # no cross parks

    # -- telling

    def _tell(self, enabled: list[Parked], *, spinning: bool) -> None:
        if self._told:
            return
        self._told = True
        self._next = self._following(enabled)
        told, parked = self._known, self.parking
        is_whole = not told.has_told
        moves, gone = told.moves(parked, enabled, lambda one: self._is_held(one.move))
        self._send(
            Paused(
                self._run,
                self._recorder.step,
                moves,
                self._next.number if self._next is not None else None,
                told.states(parked, self.standing),
                self._why or self._why_nothing(enabled, spinning=spinning),
                self._outside(),
                self.breakpoints.hits,
                self._at_breakpoint,
                self.breakpoints.spent,
                is_whole,
                gone,
                self.standing[1].node if self.standing is not None else "",
            )
        )

    def _following(self, enabled: list[Parked]) -> Parked | None:
        """Return the move that would go next."""
        free = [one for one in enabled if not self._is_held(one.move)]
        picked = self._pick(free, self._recorder.step, True) if free else None
        return picked if isinstance(picked, Parked) else None

    def _why_nothing(self, enabled: list[Parked], *, spinning: bool) -> str:
        if spinning:
            return "a component goes on without waiting for anything"
        outside = () if enabled else self._outside()
        return f"the net waits for: {', '.join(outside)}" if outside else ""
