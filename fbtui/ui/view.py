"""What of the graph is seen, and how: zoom, opened nodes, what is looked for."""

from __future__ import annotations

import subprocess
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from textual.geometry import Offset

from fbtui.diagram import Scene, inside
from fbtui.protocol import GraphInfo
from fbtui.protocol.description import edge_names, nodes_in
from fbtui.protocol.plain import plain
from fbtui.session import Problem
from fbtui.session.places import name_of, node_in, port_names
from fbtui.ui.nearest import place_of_packet
from fbtui.ui.outside import editor_command
from fbtui.ui.search import SearchCommands
from fbtui.ui.widgets.diagram import DiagramView
from fbtui.ui.widgets.inspector import Inspector

if TYPE_CHECKING:
    from fbtui.ui.screens.find import FindScreen, Found

Zoom = Literal["full", "compact", "far"]
ZOOMS: Final[tuple[Zoom, ...]] = ("far", "compact", "full")


IN_SIDE: Final = ("next", "inspector", "watches")
PANES: Final = ("picture", *IN_SIDE, "bottom")
"""What can be seen alone, by id."""

LARGE: Final = 300
"""Nodes from which on a graph is laid out beside the screen's own work."""


def size_of(graph: GraphInfo) -> int:
    """Return how many nodes a graph has, nested ones included."""
    return sum(1 if node.graph is None else 1 + size_of(node.graph) for node in graph.nodes)


@plain
class Glance:
    """A look at the whole of a graph: the view that was chosen for it, and the one before."""

    root: str
    zoom: Zoom
    before: Zoom
    scrolled: Offset


class View:
    """How a graph is looked at: each one from as near as it was looked at last, at first from nearby."""

    def __init__(self) -> None:
        self._zooms: dict[str, Zoom] = {}
        """How each graph is looked at, by the path of its node."""
        self._glance: Glance | None = None
        self.opened: set[str] = set()
        """Paths of the nodes whose graphs are opened in place."""

        self.root = ""
        """Path of the node whose graph is seen alone; empty for the whole graph."""
        self._laid: tuple[str, frozenset[str]] | None = None
        """Which scene is the newest: its root, and what was opened in it."""
        self._scenes: dict[tuple[str, frozenset[str]], Scene] = {}
        """The newest scene of each kind: the next one stays like it."""

    @property
    def zoom(self) -> Zoom:
        """From where the graph is seen that is seen now."""
        return self._zooms.get(self.root, "full")

    @zoom.setter
    def zoom(self, zoom: Zoom) -> None:
        if zoom != self.zoom:
            self._glance = None
        self._zooms[self.root] = zoom

    @property
    def glance(self) -> Glance | None:
        """The look at the whole graph, as long as it lasts."""
        seen = self._glance
        return seen if seen is not None and (seen.root, seen.zoom) == (self.root, self.zoom) else None

    def look_at_all(self, before: Zoom, scrolled: Offset) -> None:
        """The zoom was chosen to see the whole graph; remember the view before it."""
        self._glance = Glance(self.root, self.zoom, before, scrolled)

    def come_near(self) -> None:
        """Leave the view from far away, in which nothing can be read."""
        if self.is_far:
            seen = self.glance
            self.zoom = seen.before if seen is not None and seen.before != "far" else "full"

    @property
    def is_far(self) -> bool:
        """True while the whole graph is seen from far away."""
        return self.zoom == "far"

    def scene(self, graph: GraphInfo, all_ports: bool) -> Scene:
        """Return the scene of a graph as it is looked at now; where the root is gone, what is around it is seen."""
        from fbtui.diagram import lay_out  # noqa: PLC0415 - the first frame does not need it

        while self.root and not self.holds_graph(graph, self.root):
            self.root = self.root.rpartition("/")[0]
        root = self.root
        node = node_in(graph, root) if root else None
        if node is not None and node.graph is not None:
            graph = node.graph
        zoom: Literal["full", "compact"] = "full" if self.zoom == "full" else "compact"
        start = f"{root}/" if root else ""
        opened = frozenset(path.removeprefix(start) for path in self.opened if path.startswith(start))
        previous = self._like(root, opened)
        scene = lay_out(graph, all_ports=all_ports, zoom=zoom, opened=set(opened), previous=previous)
        self._laid = root, opened
        self._scenes[self._laid] = scene
        return inside(scene, root)

    def _like(self, root: str, opened: frozenset[str]) -> Scene | None:
        """Return which scene the next one stays like: where a graph is closed again, no hole stays in its place."""
        there, newest = self._scenes.get((root, opened)), self._laid
        if there is not None or newest is None or newest[0] != root:
            return there
        is_smaller = opened < newest[1]
        return self._scenes.get((root, frozenset()) if is_smaller else newest)

    def forget(self) -> None:
        """Let the next scene be the best one, wherever things stood before."""
        self._laid = None
        self._scenes.clear()

    @staticmethod
    def holds_graph(graph: GraphInfo | None, place: str) -> bool:
        """Return whether there is a graph inside the node at a place."""
        node = node_in(graph, place) if graph is not None and place else None
        return node is not None and node.graph is not None


class ViewCommands(SearchCommands):
    """The part of the application that turns commands into what is seen."""

    view: View
    diagram: DiagramView
    inspector: Inspector
    _is_large = False
    """Whether one pane is seen alone."""
    follows: bool
    """Whether the next move stays in view."""
    scroll_back_to: Offset | None = None
    """How far the picture was scrolled that is about to be shown again."""
    _finding: FindScreen | None = None
    """The newest search: it may have been begun before there was anything to find."""

    @abstractmethod
    def show_graph(self) -> None:
        """Draw the graph anew."""

    @abstractmethod
    def uncover(self, what: tuple[str, str]) -> None:
        """Show a graph in which something can be seen, and open what hides it."""

    @abstractmethod
    def bring_into_view(self, what: tuple[str, str]) -> None:
        """Scroll so far that something can be seen, or the box that hides it."""

    def _look_from(self, zoom: Zoom) -> None:
        self.view.zoom = zoom
        self.show_graph()
        self.update()
        if self.selected is not None:
            self.bring_into_view(self.selected)

    def action_nearer(self) -> None:
        """Look from nearer by."""
        self._look_from(ZOOMS[min(len(ZOOMS) - 1, ZOOMS.index(self.view.zoom) + 1)])

    def action_farther(self) -> None:
        """Look from farther away."""
        self._look_from(ZOOMS[max(0, ZOOMS.index(self.view.zoom) - 1)])

    def action_fit(self) -> None:
        """Look from as near as the whole graph can be seen, or as it was before that."""
        view, graph, glance = self.view, self.session.graph, self.view.glance
        if graph is None:
            return
        if glance is not None and not self.diagram.is_larger:
            self.scroll_back_to = glance.scrolled
            self._look_from(glance.before)
            return
        before, scrolled = view.zoom, self.diagram.scroll_offset
        for zoom in reversed(ZOOMS):
            view.zoom = zoom
            if self.diagram.fits(view.scene(graph.graph, self.session.spec.all_ports)):
                break
        if view.zoom == before:
            nearer = ": {view.nearer} looks from nearer by" if view.is_far else ""
            self.say(f"the whole graph is in view already{nearer}")
        else:
            view.look_at_all(before, scrolled)
            self._look_from(view.zoom)

    def zoom_words(self) -> str:
        """Return from where the graph is seen, and what comes back from there; nothing from nearby."""
        if self.view.zoom == "full":
            return ""
        way_back = "{view.nearer} looks nearer" if self.view.glance is None else "{view.fit} goes back"
        return self.named(f"{self.view.zoom}, {way_back}")

    def action_anew(self) -> None:
        """Draw the graph anew, as well as it can be: after many edits nothing needs to stay where it was."""
        self.view.forget()
        self._look_from(self.view.zoom)
        self.tell("drawn anew")

    def action_open(self) -> None:
        """Open the graph inside the selected node in place, or close it."""
        graph = self.session.graph
        place = self.selected[1] if self.selected is not None and self.selected[0] == "node" else ""
        if graph is None or not self.view.holds_graph(graph.graph, place):
            self.say("select a node with a graph inside first: {view.open} opens it")
            return
        self.view.opened ^= {place}
        if place in self.view.opened:
            self.view.come_near()
        self.show_graph()
        self.update()
        self.bring_into_view(("node", place))

    def action_large(self) -> None:
        """Give the pane that has the focus all of the screen, or show the others again."""
        around = [] if self._is_large or self.focused is None else self.focused.ancestors_with_self
        self._enlarge(next((node.id for node in around if node.id in PANES), None))

    def _enlarge(self, pane: str | None) -> None:
        """Show one pane alone, or all for None."""
        self._is_large = pane is not None
        for name in PANES:
            self.screen_stack[0].set_class(name == pane, f"large-{name}")
        self.screen_stack[0].set_class(pane in IN_SIDE, "large-side")

    def show_all_panes(self) -> None:
        """There is something to see in another one."""
        if self._is_large:
            self._enlarge(None)

    def action_follow(self) -> None:
        """Keep the next move in view, or leave it."""
        self.follows = not self.follows
        self.tell("the next move stays in view" if self.follows else "the view stays where it is")
        self.update()

    def action_clear(self) -> None:
        """Select nothing, and do nothing more of what was typed ahead.

        First all panes are shown again, then the lineage is left.
        """
        self.session.controls.ahead.drop()
        if self._is_large:
            self.show_all_panes()
        elif self.follows_family:
            self.follows_family = False
            self.update()
        else:
            self.select(None)

    def action_find(self) -> None:
        """Find a node, an edge or an event; what is typed while the program loads is looked for then."""
        from fbtui.ui.screens.find import FindScreen  # noqa: PLC0415 - the first frame does not need it

        self._finding = FindScreen(self._places(), self._more)
        self.push_screen(self._finding, self._on_found)

    def _places(self) -> list[tuple[str, Found]] | None:
        """Return what is in the picture by name; None before there is one."""
        scene, graph = self.diagram.scene, self.session.graph
        if scene is None or graph is None:
            return None
        names, ports = edge_names(graph.graph), port_names(graph.graph)
        boxes = [placed.box.id for placed in scene.boxes]
        places = [(ports.get(box, box), ("node", box)) for box in boxes]
        places += [(names.get(edge.edge.id, edge.edge.id), ("edge", edge.edge.id)) for edge in scene.edges]
        places += [(ports.get(port, port), ("port", port)) for port in scene.port]
        places += [(node, ("node", node)) for node, _ in nodes_in(graph.graph) if node not in scene.box]
        return places + [(name, ("edge", edge)) for edge, name in names.items() if edge not in scene.edge]

    def _more(self, text: str) -> list[tuple[str, Found]]:
        """Return what a text may stand for besides a part of a name: a packet that is there now, events."""
        graph = self.session.graph
        if self.session.record.trace is None or graph is None:
            return []
        number = int(text[1:]) if text[:1] == "#" and text[1:].isdecimal() else None
        at = place_of_packet(self.session, number) if number is not None else None
        here = [(f"{text} is at {name_of(graph.graph, at)}", ("packet", text[1:]))] if at is not None else []
        return [*here, (text, ("event", text))]

    def offer_places(self) -> None:
        """There is a picture: tell a search that was begun before."""
        search = self._finding
        places = self._places() if search is not None and search.waits else None
        if search is not None and places is not None:
            search.offer(places)

    def _on_found(self, found: Found | None) -> None:
        self._finding = None
        if found is not None and found[0] == "event":
            self.search_for(found[1])
        elif found is not None and found[0] == "packet":
            self._look_at_packet(int(found[1]))
        elif found is not None:
            self.go_to(found)

    def go_to(self, what: tuple[str, str]) -> None:
        """Select something, and show it, whatever hides it."""
        self.uncover(what)
        self.select(what)
        self.diagram.focus()

    def _look_at_packet(self, number: int) -> None:
        """Look at a packet where it is now."""
        at = place_of_packet(self.session, number)
        if at is not None:
            self.go_to(at)
            self.inspector.show_closely(("packet", number))

    @property
    @abstractmethod
    def problem(self) -> Problem | None:
        """The problem under the cursor while the problems have the focus."""

    def go_to_problem(self, problem: Problem | None) -> None:
        """Select what a problem is about; the moment that is looked at stays."""
        if problem is not None and problem.at is not None:
            self.select(problem.at)
        elif problem is not None:
            opens = ": {view.source} opens its source" if problem.file else ""
            self.say(f"it is about no place in the graph{opens}")

    def _source_of_problem(self) -> tuple[str, int] | None:
        problem = self.problem
        if problem is None or problem.file is None:
            return self._source_of(problem.at) if problem is not None else None
        return problem.file, problem.line or 1

    def _source_of(self, what: tuple[str, str] | None) -> tuple[str, int] | None:
        info = self.inspector.node_info(what[1]) if what is not None and what[0] == "node" else None
        return (info.file, info.line or 1) if info is not None and info.file else None

    def action_source(self) -> None:
        """Open the source of the problem under the cursor, of the selected node, or the file, in $EDITOR."""
        file, line = self._source_of_problem() or self._source_of(self.selected) or (str(self.session.spec.path), 1)
        if not Path(file).is_absolute() or not Path(file).is_file():  # a recording may name anything
            self.say(f"there is no file {file} here")
            return
        command = editor_command(file, line)
        if not command:
            program = self.session.spec.path.name
            self.say(f"set $EDITOR to open the source: EDITOR=nano fbtui {program}; it is {file}:{line}")
            return
        if self.is_web:
            self.say(f"a browser tab has no terminal for {command[0]}: the source is {file}:{line}")
            return
        with self.suspend():
            subprocess.run(command, check=False)

    def action_copy(self) -> None:
        """Copy what the inspector shows."""
        if text := self.inspector.text:
            self.copy_to_clipboard(text)
            self.tell("copied what the Inspector shows")
        else:
            self.say("there is nothing to copy: select a node or an edge, or look at a packet")
