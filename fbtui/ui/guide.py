"""What helps a person along: the help, the palette, recent files, and why a key does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from textual.app import SystemCommand
from textual.events import Key
from textual.screen import Screen
from textual.widget import Widget

from fbtui.protocol.description import nodes_in
from fbtui.session import Phase, Session
from fbtui.session.recent import program_of, recent
from fbtui.ui.actions import ACTIONS, PANES, Action, Needs
from fbtui.ui.base import Commands
from fbtui.ui.keys import key_word, shown
from fbtui.ui.view import View
from fbtui.ui.widgets.diagram import DiagramView
from fbtui.ui.widgets.lines import LineList
from fbtui.ui.widgets.tabs import TabRow, Tabs

if TYPE_CHECKING:
    from fbtui.ui.screens.find import Found

_BY_METHOD: Final = {action.method: action for action in ACTIONS}
_NEEDS: Final = {action.needs for action in ACTIONS}
WHY_NOT: Final[dict[Needs, str]] = {
    "graph": "the program has not been loaded yet",
    "past": "nothing has happened yet",
}
"""Why a command that needs something can do nothing; the others say it themselves."""
LEAVES: Final = frozenset({"q", "colon", "ctrl+d"})
"""Keys that leave other programs, or begin to."""


class GuideCommands(Commands):
    """The part of the application that tells a person what there is."""

    diagram: DiagramView
    _unmet: frozenset[Needs] = frozenset()

    # -- what can be done now

    def has(self, needed: Needs) -> bool:
        """Return whether what a command needs is there now."""
        session, (kind, place) = self.session, self.selected or ("", "")
        match needed:
            case "graph":
                return session.graph is not None
            case "moves":
                return _can_move(session)
            case "past":
                return session.record.trace is not None
            case "place":
                return self.selected is not None
            case "inside":
                return kind == "node" and View.holds_graph(session.graph.graph if session.graph else None, place)
            case "packet":
                return self.packet is not None
            case "room":
                blocked = session.done.blocked if session.done is not None else None
                return blocked is not None and blocked.raise_ is not None
            case "":
                return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey what cannot be done now; the key then says why."""
        row = _BY_METHOD.get(action)
        if row is not None and (not self.has(row.needs) or self._why_not_in_a_recording(row)):
            return None
        return super().check_action(action, parameters)

    def update_guide(self) -> None:
        """Grey what cannot be done any more."""
        unmet = frozenset(needed for needed in _NEEDS if not self.has(needed))
        if unmet != self._unmet:
            self._unmet = unmet
            self.refresh_bindings()

    async def on_key(self, event: Key) -> None:
        """A key that does nothing here says so."""
        active = self.screen.active_bindings.get(event.key)
        if len(self.screen_stack) > 1 or (active is not None and active.enabled):
            return
        row = _BY_METHOD.get(active.binding.action) if active is not None else None
        if row is None:
            word = event.character if event.character and event.is_printable else key_word(event.key)
            leave = "{app.quit} leaves, " if event.key in LEAVES else ""
            self.say(f"{word} does nothing here; {leave}{{app.help}} lists the keys")
        elif row.needs in WHY_NOT and not self._why_not_in_a_recording(row):
            is_broken = row.needs == "graph" and self.session.phase is Phase.BROKEN
            self.say("the program does not load: Problems says why" if is_broken else WHY_NOT[row.needs])
        else:
            await self._perform(row)

    async def _perform(self, row: Action) -> None:
        """Carry out a command; one that cannot be done says why itself."""
        if why := self._why_not_in_a_recording(row):
            self.say(why)
            return
        result = getattr(self, f"action_{row.method}")()
        if isawaitable(result):
            await result

    def _why_not_in_a_recording(self, row: Action) -> str:
        return self.session.cannot("do that") if row.needs_run and not self.session.is_live else ""

    def action_next_tab(self) -> None:
        """Show the next tab, and give it the focus."""
        tabs = self.query_one(Tabs)
        tabs.active = tabs.row.neighbour(1)
        tabs.active_pane.focus()

    # -- help, palette, recent files

    def action_help_screen(self) -> None:
        """Show what can be done in the pane that has the focus, and everywhere."""
        pane = self.focused
        from fbtui.ui.screens.help import HelpScreen, fixed_in  # noqa: PLC0415 - the first frame does not need it

        name = pane.id or "" if pane is not None else ""
        self.push_screen(HelpScreen(_kind_of(pane), name, self.settings.keys, fixed_in(self.session)))

    def action_command_palette(self) -> None:
        """Open the palette."""
        from fbtui.ui.screens.palette import OPEN, Palette  # noqa: PLC0415 - the first frame does not need it

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id=OPEN))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer every command, every node and every recent file in the palette."""
        for command in super().get_system_commands(screen):
            if command.title not in {"Quit", "Keys", "Maximize", "Minimize"}:  # they are commands of ours
                yield command
        for action in ACTIONS:
            key = f"key {shown(action, self.settings.keys)}"
            yield SystemCommand(action.title, key, partial(self._perform, action))
        pane = self.screen_stack[0].focused
        for action in PANES.get(_kind_of(pane), ()):
            key = f"key {shown(action, self.settings.keys)}, in the pane that has the focus"
            yield SystemCommand(action.title, key, partial(self.run_action, action.method, pane))
        graph = self.session.graph
        for node, _ in nodes_in(graph.graph) if graph is not None else ():
            yield SystemCommand(f"Go to {node}", "select it", partial(self.go_to, ("node", node)))
        for program in self._others():
            yield SystemCommand(f"Open {program}", "a recent file", lambda program=program: self.exit(program))

    def _others(self) -> list[str]:
        """Return the recent files but for the one that is open."""
        return [program for program in recent() if program_of(program)[0] != self.session.spec.path]

    def action_recent(self) -> None:
        """Choose another file to debug."""
        others = self._others()
        if others:
            from fbtui.ui.screens.find import FindScreen  # noqa: PLC0415 - the first frame does not need it

            self.push_screen(FindScreen(places_of(others)), self._on_recent)
        else:
            self.say("no other file was opened before: 'fbtui FILE' opens one")

    def _on_recent(self, found: Found | None) -> None:
        if found is not None:
            self.exit(found[1])


def _kind_of(pane: Widget | None) -> str:
    """Return which of `PANES` a widget is; nothing for none."""
    kinds = {"diagram": DiagramView, "tabs": TabRow, "list": LineList}
    return next((name for name, kind in kinds.items() if isinstance(pane, kind)), "")


def places_of(programs: Iterable[str]) -> list[tuple[str, Found]]:
    """Return recent files as they are listed: those at home shortened."""
    home = str(Path.home())
    return [
        (f"~{program.removeprefix(home)}" if program.startswith(f"{home}/") else program, ("file", program))
        for program in programs
    ]


def _can_move(session: Session) -> bool:
    return session.record.cursor is not None or session.phase in {Phase.PAUSED, Phase.RUNNING, Phase.STARTING}
