"""The commands of the person that keep an eye on a place or on an expression."""

from __future__ import annotations

from fbtui.session.places import NoPlace, box_name, ends_of, port_at
from fbtui.session.watches import USAGE, BadWatch, check
from fbtui.ui.base import Commands


class WatchCommands(Commands):
    """The part of the application that turns commands into watches."""

    def action_watch(self) -> None:
        """Watch the selected edge or port, or not any more; ask for the expression over a selected node."""
        graph = self.session.graph
        if graph is None:
            self.say("the program has not been loaded yet")
            return
        kind, name = self.selected if self.selected is not None else ("", "")
        if kind == "edge":
            self._toggle_watch(ends_of(graph.graph, name))
        elif port_at(graph.graph, name) is not None:
            self._toggle_watch(box_name(graph.graph, name))
        else:
            hint = f"{USAGE}; an expression may use the variables of the node, and its module's"
            from fbtui.ui.screens.line import LineScreen  # noqa: PLC0415 - the first frame does not need it

            self.push_screen(LineScreen("Watch", hint, f"{name}: " if name else "", self._bad_watch), self._on_watch)

    def _bad_watch(self, text: str) -> str:
        assert self.session.graph is not None
        try:
            check(text, self.session.graph.graph)
        except (BadWatch, NoPlace) as error:
            return str(error)
        return ""

    def _on_watch(self, text: str | None) -> None:
        if text is not None:
            self._toggle_watch(text)

    def _toggle_watch(self, text: str) -> None:
        there = self.session.controls.watches.toggle(text)
        self.session.controls.update_watches()
        self.tell(f"{'watching' if there else 'not watching any more'}: {text}")

    def remove_watch(self, index: int) -> None:
        """Remove the watch of a line."""
        watches = self.session.controls.watches
        if index < len(watches.items):
            watches.remove(watches.items[index])
            self.session.controls.update_watches()

    def go_to_watch(self, index: int) -> None:
        """Select what the watch of a line is at."""
        graph, watches = self.session.graph, self.session.controls.watches.items
        if graph is None or index >= len(watches):
            return
        watch = watches[index]
        try:
            edges = () if watch.expression else watch.edges(graph.graph)[0]
            self.select(("edge", edges[0]) if edges else ("node", watch.node(graph.graph)))
        except NoPlace as error:
            self.say(str(error))
