"""The menus: what can be done with a thing in the picture, with a line of a list, or with the run.

Which commands a menu offers, the table of the actions says.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from textual.geometry import Offset

from fbtui.session.places import box_name, ends_of, node_in, port_at
from fbtui.ui.actions import ALL, Action, Thing
from fbtui.ui.guide import GuideCommands
from fbtui.ui.keys import shown
from fbtui.ui.overlay import next_up
from fbtui.ui.panes import LISTS, meaning
from fbtui.ui.timeline import Timeline
from fbtui.ui.widgets.diagram import DiagramView
from fbtui.ui.widgets.inspector import Inspector
from fbtui.ui.widgets.lines import LineList

if TYPE_CHECKING:
    from fbtui.ui.screens.menu import Entry

TITLES: Final[dict[Thing, str]] = {
    "run": "The run",
    "line": "The line",
    "change": "What has changed",
    "problem": "The problem",
}


class MenuCommands(GuideCommands):
    """The part of the application that offers what can be done with a thing."""

    inspector: Inspector
    timeline: Timeline
    _on: LineList | None = None
    """The list whose line the menu is about."""

    def action_menu(self) -> None:
        """Offer what can be done with the line under the cursor, with what is selected, or with the run."""
        lines = self.focused
        if isinstance(lines, LineList) and lines.cursor_spot is not None:
            self._menu_of_line(lines, lines.cursor_spot)
        else:
            spot = self.diagram.spot_of(self.selected) if self.selected is not None else None
            self._menu_of_selection(spot or self.diagram.region.offset + Offset(2, 1))

    def on_diagram_view_asked(self, event: DiagramView.Asked) -> None:
        """Something in the picture was clicked with the right button."""
        self.select(event.selection)
        self._menu_of_selection(event.spot)

    def on_line_list_asked(self, event: LineList.Asked) -> None:
        """A line was clicked with the right button."""
        self._menu_of_line(event.lines, event.spot)

    def _menu_of_selection(self, spot: Offset) -> None:
        graph, (kind, place) = self.session.graph, self.selected or ("", "")
        if graph is None or not kind:
            self._offer("run", "", spot)
        elif kind == "edge":
            self._offer("edge", ends_of(graph.graph, place), spot)
        else:
            is_port = port_at(graph.graph, place) is not None
            self._offer("port" if is_port else "node", box_name(graph.graph, place), spot)

    def _menu_of_line(self, lines: LineList, spot: Offset) -> None:
        self._on = lines
        thing: Thing = LISTS.get(lines.id or "", "line")
        if isinstance(lines, Inspector):
            if lines.packet_at_cursor is None and self.selected is not None:
                self._menu_of_selection(spot)
                return
            thing = "packet" if lines.packet_at_cursor is not None or self.packet is not None else "line"
        number = self._packet_of(lines)
        if lines.id == "next":
            self.select(None if number is not None else self._who_waits(lines.cursor))
        if number is not None:
            self.inspector.show_closely(("packet", number))
        elif thing in {"move", "event"}:
            self._menu_of_selection(spot)
            return
        about = f"#{self.packet}" if thing in {"packet", "move", "event"} and self.packet is not None else ""
        self._offer(thing, about, spot)

    def _who_waits(self, index: int) -> tuple[str, str] | None:
        """Return the node that asks for the move of a line."""
        parked, graph = next_up(self.session), self.session.graph
        node = parked[index].node if index < len(parked) else ""
        return ("node", node) if graph is not None and node_in(graph.graph, node) is not None else None

    def _packet_of(self, lines: LineList) -> int | None:
        """Return the packet that the line under the cursor of a list tells of."""
        record, at = self.session.record, lines.cursor
        if isinstance(lines, Inspector):
            return lines.packet_at_cursor
        if lines.id == "next":
            packets = [move.packet for move in next_up(self.session)] or [one.packet for one in record.coming()]
            return packets[at] if at < len(packets) else None
        if lines.id == "timeline" and (event := self.timeline.record_of(at)) is not None:
            return event.packet or None
        return None

    def _offer(self, thing: Thing, about: str, spot: Offset) -> None:
        title = f"{TITLES.get(thing) or thing.capitalize()} {about}".strip()
        self.show_menu(title, list(self._entries(thing)), spot)

    def _entries(self, thing: Thing) -> Iterable[Entry]:
        from fbtui.ui.screens.menu import Entry  # noqa: PLC0415 - the first frame does not need it

        keys = self.settings.keys
        for action in ALL:
            if thing in action.on:
                names = tuple(keys.get(action.id, action.keys).split(","))
                possible = self.check_action(action.method, ()) is not None
                yield Entry(action, meaning(action, thing), shown(action, keys), names, possible)

    def show_menu(self, title: str, entries: list[Entry], spot: Offset) -> None:
        """Show a menu, and do what is chosen."""
        from fbtui.ui.screens.menu import MenuScreen  # noqa: PLC0415 - the first frame does not need it

        self.push_screen(MenuScreen(title, entries, spot), self._on_choice)

    async def _on_choice(self, action: Action | None) -> None:
        if action is None:
            return
        if action.method == "choose" and self._on is not None:
            self._on.action_choose()
        else:
            await self._perform(action)
