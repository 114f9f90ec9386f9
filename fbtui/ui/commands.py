"""The commands of the person that steer the run. What each does is the session's business."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Final

from textual.worker import Worker

from fbtui.protocol import GraphInfo
from fbtui.session import Phase
from fbtui.session.breakpoints import ANYWHERE, BadBreakpoint, Breakpoint, parse
from fbtui.session.places import NoPlace, edges_around, edges_at, name_of, node_in, port_at, stops_at
from fbtui.ui.base import Commands
from fbtui.ui.nearest import nearest_edge
from fbtui.ui.outside import BUSY
from fbtui.ui.overlay import next_move, next_up

HINT: Final = """\
A place, then if EXPR, hit N or once; with log TEXT it does not stop.
EXPR may use value, packet, node, edge, n and error: if value > 5.
In front: send, receive, begins, ends, fails, blocks; * is any place."""


class RunCommands(Commands):
    """The part of the application that turns commands into calls of the session."""

    def _steer(self, command: Callable[[], str]) -> None:
        """Carry out a command, in its turn if a step still goes on."""
        self.say(self.session.controls.in_turn(command))

    def action_step(self) -> None:
        """Commit the next move; in the past, look at the next moment."""
        self.session.controls.player.stop()
        self.say(self.session.controls.step())

    async def action_go_on(self) -> None:
        """Continue; from a moment in the past by a new run that comes to it."""
        self.session.controls.player.stop()
        if self.session.controls.is_stepping or self.session.record.cursor is None:
            self._steer(self._go_on)
        else:
            await self._fork()

    def _go_on(self) -> str:
        if self.session.record.cursor is None:
            return self.session.controls.resume()
        self.session.controls.ahead.drop()  # this run is over
        _: Worker[None] = self.run_worker(self._fork, group="fork")
        return ""

    async def _fork(self) -> None:
        self.say(await self.session.fork())

    def action_look_back(self) -> None:
        """Look at the moment before the last move."""
        self._steer(self.session.controls.back)

    def action_look_back_to(self) -> None:
        """Look back at the last move at what is selected; if that is nothing, at the beginning."""
        controls, graph = self.session.controls, self.session.graph
        if self.selected is None or graph is None:
            self._steer(controls.back_to_the_beginning)
            return
        places, name = edges_around(graph.graph, self.selected), name_of(graph.graph, self.selected)
        self._steer(lambda: controls.back(places, name) if places else f"no edge is at {name}")

    def action_look_at_now(self) -> None:
        """Look at what is now."""
        self._steer(self.session.controls.now)

    async def action_pause_or_go(self) -> None:
        """Pause what goes on, go on with what is paused."""
        if self.session.record.cursor is not None:
            await self.action_go_on()
        elif self.session.controls.player.playing or self.session.phase is Phase.RUNNING:
            self.say(self.session.controls.pause())
            if self.session.silence() > BUSY:
                self.say("a component is busy: the run pauses at its next move; {debug.stop} ends it")
            self.update()
        else:
            self.say(self.session.controls.resume())

    def action_play(self) -> None:
        """Play, or stop playing."""
        self._steer(self._play)

    def _play(self) -> str:
        player = self.session.controls.player
        if not player.playing:
            return self.session.controls.play()
        player.stop()
        self.call_next(self.update)
        return ""

    def action_slower(self) -> None:
        """Play half as fast."""
        self._pace(0.5)

    def action_faster(self) -> None:
        """Play twice as fast."""
        self._pace(2)

    def _pace(self, factor: float) -> None:
        self.session.controls.player.faster(factor)
        self.update()

    def action_until_blocked(self) -> None:
        """Run until nothing can move."""
        self._steer(lambda: self.session.controls.resume(until_blocked=True))

    def action_to_cursor(self) -> None:
        """Run to what is selected."""
        place = self._place("{debug.to_cursor} runs to it")
        if place and self.session.graph is not None:
            stops = stops_at(place, self.session.graph.graph)
            self._steer(lambda: self.session.controls.resume(stop_at=stops))

    def action_node(self) -> None:
        """Run until the selected node has fired; without one, the node that goes next."""
        node = self.selected[1] if self.selected is not None and self.selected[0] == "node" else None
        self._steer(lambda: self._fire(node))

    def _fire(self, node: str | None) -> str:
        following = next_move(self.session)
        node = node or (following.node if following is not None else None)
        if node:
            if why := self.session.controls.resume(node=node):
                return why
            if self.selected is None:
                self.tell(f"{node} was next: it runs until that has fired")
            return ""
        can_move = any(move.enabled for move in next_up(self.session))
        return "choose the move that goes next first" if can_move else "nothing can move: no node can fire"

    def action_wave(self) -> None:
        """Let every node that is ready fire once."""
        self._steer(lambda: self.session.controls.resume(wave=True))

    def action_follow_packet(self) -> None:
        """Run to the next move of the packet that is looked at, or of what is made of it."""
        number = None if self.session.controls.is_stepping else self.packet  # it will be another one by then
        self._steer(lambda: self._follow(number))

    def _follow(self, number: int | None) -> str:
        following = next_move(self.session)
        number = number or (following.packet if following is not None else None)
        if number is None:
            return "there is no packet to follow: look at one in Next up or in the Inspector"
        return self.session.controls.resume(follow=number)

    def action_hold(self) -> None:
        """Hold up the selected node or edge while the rest goes on, or let it go."""
        graph, (kind, place) = self.session.graph, self.selected or ("", "")
        if kind != "edge" and (graph is None or node_in(graph.graph, place) is None):
            self.say("select a node or an edge first: {debug.hold} holds it up while the rest goes on")
            return
        held = self.session.controls.hold(place)
        self.tell(f"{self._place('')} {'is held up' if held else 'goes on'}")

    # -- breakpoints

    def _place(self, why: str) -> str:
        """Return the selected place as people write it; say what to do if nothing is selected."""
        graph = self.session.graph
        if self.selected is None or graph is None:
            self.say(f"select a node or an edge first: {why}")
            return ""
        name = name_of(graph.graph, self.selected)
        port = self.selected[1]
        if port_at(graph.graph, port) is not None and not edges_at(graph.graph, port):
            self.say(f"no edge leads to or from {name}: nothing moves there")
            return ""
        return name

    def action_breakpoint(self) -> None:
        """Set a breakpoint at the selected place, or remove the one there; in their list that under the cursor."""
        if self.breakpoint_at_cursor is not None:
            self.remove_breakpoints([self.breakpoint_at_cursor])
            return
        place = self._place("{debug.breakpoint} sets a breakpoint there")
        if place and self.session.graph is not None:
            self._toggle(place, self.session.graph.graph)

    def _toggle(self, place: str, graph: GraphInfo) -> None:
        points = self.session.controls.breakpoints
        there = points.to_remove(place, graph)
        if len(there) > 1:
            self.show_tab("breakpoints")
            ways = "{debug.remove} removes one in their list"
            self.say(f"there are {len(there)} at {place}, with conditions or texts of their own: {ways}")
        elif there:
            self.remove_breakpoints(there)
        else:
            point = points.add(place)
            self.session.controls.update_breakpoints()
            self._tell_of(point)

    def remove_breakpoints(self, points: Sequence[Breakpoint]) -> None:
        """Remove breakpoints, and tell which."""
        for point in points:
            self.session.controls.breakpoints.remove(point)
            self.tell(f"no breakpoint any more at: {point}", seconds=5)
        self.session.controls.update_breakpoints()

    @property
    @abstractmethod
    def breakpoint_at_cursor(self) -> Breakpoint | None:
        """The breakpoint under the cursor while the list of them has the focus."""

    def action_breakpoint_if(self) -> None:
        """Ask for a breakpoint with a condition, at the selected place or where the next move goes."""
        self._ask_for_breakpoint("if ", logs=False)

    def action_log_point(self) -> None:
        """Ask for a log point, at the selected place or where the next move goes."""
        self._ask_for_breakpoint("log {value}", logs=True)

    def _ask_for_breakpoint(self, rest: str, *, logs: bool) -> None:
        """Ask for a breakpoint; one that is there already is changed."""
        graph = self.session.graph
        if graph is None:
            self.say("the program has not been loaded yet")
            return
        edge = nearest_edge(self.session, None)
        place = name_of(graph.graph, self.selected or ("edge", edge)) if self.selected or edge else ""
        old = self.breakpoint_at_cursor or (self._there(place, graph.graph, logs=logs) if place else None)
        text = str(old) if old is not None and not old.is_plain else f"{old or place} {rest}".lstrip()

        def answer(text: str | None) -> None:
            if text is not None:
                points = self.session.controls.breakpoints
                point = points.change(old, text) if old in points.items else points.add(text)
                self.session.controls.update_breakpoints()
                self._tell_of(point)

        from fbtui.ui.screens.line import LineScreen  # noqa: PLC0415 - the first frame does not need it

        title = "Breakpoint" if old is None else "Change the breakpoint"
        self.push_screen(LineScreen(title, HINT, text, self._wrong_with), answer)

    def _there(self, place: str, graph: GraphInfo, *, logs: bool) -> Breakpoint | None:
        """Return the breakpoint at a place, or the log point."""
        with contextlib.suppress(NoPlace):
            there = self.session.controls.breakpoints.at(place, graph)
            return next((point for point in there if (point.log is not None) == logs), None)
        return None

    def _wrong_with(self, text: str) -> str:
        assert self.session.graph is not None
        try:
            parse(text, 0).events(self.session.graph.graph)
        except (BadBreakpoint, NoPlace) as error:
            return str(error)
        return ""

    def _tell_of(self, point: Breakpoint) -> None:
        """Tell that a breakpoint is set, and how the run comes to it if its place is behind already."""
        session = self.session
        behind = session.controls.behind(point)
        times = f"{behind} time{'' if behind == 1 else 's'}"
        what = "it" if point.condition is None else "its place"  # nobody asked the condition there
        past = f" · past {what} {times} already: {{debug.restart}} begins anew" if behind else ""
        what = "a log point" if point.log is not None else "a breakpoint"
        self.tell(f"{what} at: {point}{past}", seconds=5)

    def recall_breakpoints(self) -> None:
        """Tell of the breakpoints that were set in an earlier session: nobody has them in mind."""
        if count := self.session.controls.breakpoints.recalled:
            which = "a breakpoint" if count == 1 else f"{count} breakpoints"
            ways = "the tab Breakpoints lists them, {debug.remove} removes one"
            self.tell(f"{which} from last time: {ways}", seconds=5)

    def action_stop_at_failure(self) -> None:
        """Stop where a firing of the selected node fails, or of any; or not any more."""
        graph = self.session.graph
        if graph is None:
            self.say("the program has not been loaded yet")
            return
        is_node = self.selected is not None and node_in(graph.graph, self.selected[1]) is not None
        anywhere = any(point.place == f"fails {ANYWHERE}" for point in self.session.controls.breakpoints.items)
        where = self.selected[1] if is_node and not anywhere and self.selected is not None else ANYWHERE
        self._toggle(f"fails {where}", graph.graph)

    async def action_rerun(self) -> None:
        """Run again, to the same place; from the beginning if the run has ended."""
        await self.session.again()

    async def action_restart(self) -> None:
        """Run again from the beginning."""
        await self.session.restart()

    async def action_end_run(self) -> None:
        """End the run."""
        self.say(await self.session.stop())
