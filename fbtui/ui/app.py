"""The application: panes over one session, and the commands of the person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.worker import Worker

from fbtui.diagram.text import clip
from fbtui.protocol.characters import clean
from fbtui.session import Phase, Problem, Session
from fbtui.session.breakpoints import Breakpoint
from fbtui.session.words import end_at
from fbtui.ui.actions import ACTIONS, bindings
from fbtui.ui.acts import ActCommands
from fbtui.ui.changes import ChangeCommands
from fbtui.ui.commands import RunCommands
from fbtui.ui.following import Following
from fbtui.ui.keeping import KeepCommands
from fbtui.ui.life import Life
from fbtui.ui.lists import Lists
from fbtui.ui.look import TOASTS
from fbtui.ui.menu import MenuCommands
from fbtui.ui.nearest import nearest_packet
from fbtui.ui.overlay import Live, next_up
from fbtui.ui.pace import Pace
from fbtui.ui.painting import MainScreen
from fbtui.ui.scenes import NARROW, PictureCommands
from fbtui.ui.settings import Settings
from fbtui.ui.status import status
from fbtui.ui.timeline import TimelineCommands
from fbtui.ui.travel import Travel
from fbtui.ui.view import View
from fbtui.ui.watching import WatchCommands
from fbtui.ui.widgets.diagram import DiagramView
from fbtui.ui.widgets.footer import KeyFooter
from fbtui.ui.widgets.inspector import Inspector, What
from fbtui.ui.widgets.lines import LineList
from fbtui.ui.widgets.picture import Picture
from fbtui.ui.widgets.tabs import Tabs

SHORT = 30
"""Rows below which the tabs are not underlined."""
TINY = 60
"""Columns below which there is no side pane."""
INSPECTOR, LINEAGE = "Inspector", "Lineage: {view.clear} leaves it"
"""What stands above the Inspector."""
PLACE, OTHERS = 24, 20
"""Cells of a name in a tab's label at least; where there is more room, half of the columns but so many."""


class DebuggerApp(
    RunCommands,
    ChangeCommands,
    KeepCommands,
    PictureCommands,
    ActCommands,
    WatchCommands,
    TimelineCommands,
    MenuCommands,
    Following,
    Life,
):
    """Draws a session, and tells it what the person wants.

    Args:
        session: what is drawn.
        settings: what the person has set.
        remember: keeps a setting for the next time.
        problems: what was wrong with the settings, told at the start.
        drawn: called when the first frame is there: for work that it need not wait for.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(ACTIONS)]

    def __init__(
        self,
        session: Session,
        settings: Settings | None = None,
        *,
        remember: Callable[[str, str], None] | None = None,
        problems: Sequence[str] = (),
        drawn: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(settings, remember)
        self.session = session
        self._when_drawn = drawn
        self._problems = [*problems, *([self.theme_problem] if self.theme_problem else [])]
        self._ascii = self.settings.ascii
        self.view = View()
        self.selected: tuple[str, str] | None = None
        self.follows = True
        self.follows_family = False
        """Whether the inspector shows the lineage of packets."""
        self._travel = Travel(self.set_interval, self.update_overlay)
        self._goes_at = Pace()
        self._shown_problems = 0
        self._stale = False
        self._stands: tuple[int, int, str, str] | None = None
        """Where the run stood last, and why."""
        self._failed: tuple[str, str] | None = None
        """The node that was selected because it has failed."""
        self.diagram = DiagramView(ascii_only=self._ascii, id="diagram")
        self.picture = Picture(self.diagram, ascii_only=self._ascii, id="picture")
        self.live = Live(session, ascii_only=self._ascii)
        self.inspector = Inspector(session, self.live.trail, self.settings.keys, id="inspector")
        self._lists = Lists(session, self.settings.keys)
        self._tabs = Tabs(self._lists.tabbed(), id="bottom")
        self.timeline = self._lists.events

    def get_default_screen(self) -> MainScreen:
        """Return the screen that the panes are on."""
        return MainScreen()

    def compose(self) -> ComposeResult:
        """Make the panes."""
        yield self._lists.status
        with Horizontal(id="main"):
            yield self.picture
            with Vertical(id="side"):
                yield self._lists.next
                yield self.inspector
                yield self._lists.watches
        yield self._tabs
        yield KeyFooter()

    async def on_mount(self) -> None:
        """Begin the session."""
        self._lists.status.can_focus = False
        self.inspector.border_title = INSPECTOR
        self._lists.watches.border_title = "Watches"
        self.diagram.focus()
        self.session.subscribe(self._on_session)
        self.session.controls.ahead.say = self.say
        self.session.controls.on_step = self.keep_up
        self.watch_over()
        self.set_keymap(dict(self.settings.keys))
        told = list(map(clean, self._problems))
        for problem in told if len(told) <= TOASTS else ["\n".join(told)]:
            self.notify(problem, title="Settings", severity="warning", timeout=20, markup=False)
        self.recall_breakpoints()
        if self._when_drawn is not None:
            self.call_after_refresh(self._when_drawn)
        _: Worker[None] = self.run_worker(self._open, group="open")

    async def _open(self) -> None:
        try:
            await self.session.open()
        except (OSError, RuntimeError) as error:
            self.exit(return_code=2, message=f"fbtui: {error}")

    async def on_unmount(self) -> None:
        """End the session with the screen."""
        await self.session.close()

    def on_resize(self, event: Resize) -> None:
        """Give the diagram what a narrow terminal has, whatever dialog lies over it."""
        panes = self.screen_stack[0]
        panes.set_class(event.size.width < NARROW, "narrow")
        panes.set_class(event.size.width < TINY, "tiny")
        panes.set_class(event.size.height < SHORT, "short")
        self.call_after_refresh(self._on_resized)

    def _on_resized(self) -> None:
        self.share_width()
        self._update_status()

    # -- the session tells

    def _on_session(self) -> None:
        """Something has changed: show it in the application's own turn, however many changes there were."""
        if self.is_running and not self._stale:
            self._stale = True
            self.call_next(self.show_session)

    def show_session(self) -> None:
        """Show what has changed, and what it asks for."""
        self._stale = False
        if not self.is_running:  # the panes go before the session does
            return
        self.keep_up()
        self.ask_for_more()
        moved = self.session.phase is Phase.PAUSED or self.session.record.cursor is not None
        playing = self.session.controls.player.playing and moved
        if playing and self.animation_level != "none":
            self._travel.begin(self.session.controls.player.rate)
        self.update()

    def update(self) -> None:
        """Show the session as it is now."""
        self.update_scene()
        self._look_where_it_stands()
        self._look()
        self.update_overlay()
        self._update_status()
        self.update_guide()
        self._show_tabs(*self._lists.show())

    def _look_where_it_stands(self) -> None:
        """Show, once, the node in whose own code the run has come to stand still, or at which it has ended badly.

        The first is selected. One that has failed is, if the person has selected nothing.
        """
        session = self.session
        paused, done = session.paused, session.done
        node = paused.standing if paused is not None and done is None else end_at(done) if done is not None else ""
        stands = (session.run, paused.step if paused else -1, node, paused.why if paused else "")
        if stands == self._stands or (node and self.diagram.scene is None):
            return
        if self._stands is not None and self._stands[0] != session.run:
            self.clear_notifications()  # they tell of a run that is over
        self._stands = stands
        if not node:
            if self.selected is not None and self.selected == self._failed:  # the person has not chosen it
                self.select(None, sifts=False)
            return
        if done is None:
            if self.selected not in {None, ("node", node)}:
                self.tell(f"{node} is selected now: the run stands in its code")
            self.select(("node", node))
        elif done.error is not None and self.selected is None and session.record.cursor is None:
            self.select(("node", node), sifts=False)
            self._failed = self.selected
        else:
            self.reveal(("node", node))
            self.bring_into_view(("node", node))

    def _show_tabs(self, problems: int, remarks: int) -> None:
        self._show_timeline()
        found = len(self.session.changes.differences)
        self._tabs.row.write("changes", f"Changes ({found})" if found else "Changes")
        told = f" ({problems})" if problems else f" · {remarks}" if remarks else ""
        self._tabs.row.write("problems", f"Problems{told}")
        points = len(self.session.controls.breakpoints.items)
        self._tabs.row.write("breakpoints", f"Breakpoints ({points})" if points else "Breakpoints")
        if problems > self._shown_problems:
            self._tabs.active = "problems"
            self.show_all_panes()
        elif self._shown_problems and not problems:
            self._tabs.active = "output"
        self._shown_problems = problems

    def _show_timeline(self) -> None:
        """Show the Timeline, if it is in front: a long trace is looked through portion by portion."""
        if not self.is_running:
            return
        wanted = self.timeline.wanted.text
        shown = " · ".join(filter(None, (self.timeline.where, wanted and f"only {wanted}")))
        where = clip(shown, max(PLACE, self.size.width // 2 - OTHERS))
        self._tabs.row.write("timeline", f"Timeline ({where})" if where else "Timeline")
        if self._tabs.active == "timeline":
            self.timeline.show()
            if self.timeline.is_behind:
                self.show_soon(self._show_timeline)

    def on_tabs_switched(self) -> None:
        """Another tab is in front."""
        self._show_timeline()

    def _update_status(self) -> None:
        width = self.size.width  # the bar itself may not know yet that the terminal has another one
        runs = status(self.session, self._measured(), self.settings.keys, is_busy=self.is_busy, width=width)
        self._lists.status.show(1, lambda _: runs)

    def _measured(self) -> tuple[float, float] | None:
        """Return for how long a run goes on already, and how many moves a second it makes."""
        if self.session.phase is Phase.RUNNING and self.session.record.cursor is None:
            return self._goes_at.measure(self.session.record.marking.step)
        self._goes_at.rest()
        return None

    # -- looking closely

    def _look(self, *, anew: bool = False) -> None:
        what: What | None = self.selected
        parked, coming = next_up(self.session), self.session.record.coming()
        if what is None and parked:
            move = parked[min(self._lists.next.cursor, len(parked) - 1)]
            what = ("packet", move.packet) if move.packet is not None else ("node", move.node)
        elif what is None and coming:
            what = ("packet", coming[min(self._lists.next.cursor, len(coming) - 1)].packet)
        packet = what[1] if anew and what is not None and isinstance(what[1], int) else self.packet
        if self.follows_family and packet is not None:
            what = ("lineage", packet)
        self.inspector.show_closely(what)
        title = self.named(LINEAGE) if what is not None and what[0] == "lineage" else INSPECTOR
        if self.inspector.border_title != title:
            self.inspector.border_title = title

    def select(self, what: tuple[str, str] | None, *, anew: bool = False, sifts: bool = True) -> None:
        """Select something, and look at it; ``anew`` at the packet under the cursor. It ``sifts`` the Timeline."""
        self.selected, self._traced = what, None
        self.follows_family = self.follows_family and anew
        if sifts:
            self.timeline.place = what
            self._show_timeline()
        if what is not None:
            self.reveal(what)
            self.bring_into_view(what)
        self._look(anew=anew)
        self.update_overlay()
        self.update_guide()

    def show_tab(self, tab: str) -> None:
        """Bring a tab of the lower panes to the front."""
        self._tabs.active = tab

    def on_diagram_view_selected(self, event: DiagramView.Selected) -> None:
        """Show what was selected."""
        self.select(event.selection)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Look at the packet of the move under the cursor, or at the moment of the event."""
        if event.lines.id == "next":
            self.select(None, anew=True)
        elif event.lines.id == "timeline":
            self.move_in_time(event.index)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Commit the move that was chosen; show where a record of the timeline was."""
        parked = next_up(self.session)
        if event.lines.id == "next" and event.index < len(parked):
            self.say(self.session.controls.step(move=parked[event.index].id))
        elif event.lines.id == "next" and event.index < len(coming := self.session.record.coming()):
            self.session.record.look_at(coming[event.index].index + 1)
            self.update()
        elif event.lines.id == "breakpoints":
            self.session.controls.breakpoints.switch(event.index)
            self.session.controls.update_breakpoints()
        elif event.lines.id == "watches":
            self.go_to_watch(event.index)
        elif event.lines.id == "changes":
            self.go_to_change(self._lists.changed(event.index))
        elif event.lines.id == "problems":
            self.go_to_problem(self._lists.problem)
        elif event.lines.id == "timeline" and (record := self.timeline.record_of(event.index)) is not None:
            self.show_event(record)

    # -- commands that show something

    @property
    def problem(self) -> Problem | None:
        """The problem under the cursor while the problems have the focus."""
        return self._lists.problem if self._lists.problems.has_focus else None

    @property
    def packet(self) -> int | None:
        """The packet that is looked at, else the one whose way is marked, or that goes next at what is selected."""
        what = self.inspector.what
        if what is not None and isinstance(what[1], int):
            return what[1]
        if self._traced is not None:
            return self._traced
        return nearest_packet(self.session, self.selected)

    @property
    def breakpoint_at_cursor(self) -> Breakpoint | None:
        """The breakpoint under the cursor while the list of them has the focus."""
        points, index = self.session.controls.breakpoints, self._lists.breakpoints.cursor
        return points.items[index] if self._lists.breakpoints.has_focus and index < len(points.items) else None

    def action_remove(self) -> None:
        """Remove the breakpoint or the watch under the cursor."""
        if self._lists.watches.has_focus:
            self.remove_watch(self._lists.watches.cursor)
        elif (point := self.breakpoint_at_cursor) is not None:
            self.remove_breakpoints([point])
