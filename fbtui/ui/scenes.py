"""The picture of a session: which scene is shown, what lies on it, and the commands for both."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Final

from textual.geometry import Size
from textual.worker import Worker

from fbtui.diagram import Run, Scene
from fbtui.protocol import Graph
from fbtui.protocol.characters import clean
from fbtui.ui.overlay import Live, box_of, edges_of, next_move
from fbtui.ui.travel import Travel
from fbtui.ui.view import LARGE, ViewCommands, size_of
from fbtui.ui.widgets.diagram import DiagramView
from fbtui.ui.widgets.inspector import Inspector
from fbtui.ui.widgets.picture import Crumb, Head, Picture
from fbtui.ui.words import no_picture

NARROW: Final = 100
"""Columns below which the side pane is narrow."""
USUAL: Final = 0.34
"""The part of the columns that the side pane has as a rule, see the style sheet."""
LEAST: Final = 40
"""Columns that it needs."""
BESIDE: Final = 3
"""Columns around the picture: one on either side, and the line before the side pane."""


class PictureCommands(ViewCommands):
    """The part of the application that shows the graph and what goes on in it."""

    picture: Picture
    live: Live
    _travel: Travel
    _drawn: Graph | None = None
    _traced: int | None = None
    """The packet whose way is marked; None for the one in the Inspector."""

    _next_shown: tuple[int, int, Scene, Size] | None = None
    """The next move that was brought into view: its run, its number, and in which picture of which size."""

    @abstractmethod
    def _look(self) -> None:
        """Look closely at what is selected."""

    # -- the scene

    def update_scene(self) -> None:
        """Draw the graph if it is another one."""
        graph = self.session.graph
        if self.diagram.scene is None:
            self.diagram.say_when_empty(no_picture(self.session))
        if graph is None or graph is self._drawn:
            return
        same = self._drawn is not None and self._drawn.graph == graph.graph
        self._drawn = graph
        if not same:
            self.show_graph()

    def show_graph(self) -> None:
        """Draw the graph anew: it is another one, or is to be seen otherwise."""
        graph = self._drawn
        if graph is None:
            return
        if size_of(graph.graph) < LARGE:
            self._show_scene(self._scene_of(graph))
        else:
            _: Worker[None] = self.run_worker(self._lay_out_aside(graph), group="layout", exclusive=True)

    def _scene_of(self, graph: Graph) -> Scene:
        return self.view.scene(graph.graph, self.session.spec.all_ports)

    def _show_scene(self, scene: Scene) -> None:
        self.diagram.show_scene(scene, far=self.view.is_far)
        self.share_width()
        back, self.scroll_back_to = self.scroll_back_to, None
        if back is not None:  # there may be scroll bars only after the next frame
            self.call_after_refresh(self.diagram.scroll_to, back.x, back.y, animate=False, force=True)
        self.offer_places()

    def share_width(self) -> None:
        """Let the panes at the side give way where the whole picture has room then."""
        side, width, scene = self.screen_stack[0].query_one("#side"), self.size.width, self.diagram.scene
        room = width - scene.width - BESIDE if scene is not None and not self.view.is_far else 0
        if width >= NARROW and LEAST <= room < USUAL * width:
            side.styles.width = room
        else:
            side.styles.clear_rule("width")

    async def _lay_out_aside(self, graph: Graph) -> None:
        """A large graph takes a while: the picture before it stands, and keys are answered."""
        scene = await asyncio.to_thread(self._scene_of, graph)
        if graph is self._drawn:
            self._show_scene(scene)
            self.update()
            if self.selected is not None:
                self.bring_into_view(self.selected)

    def bring_into_view(self, what: tuple[str, str]) -> None:
        """Scroll so far that something can be seen, or the box that hides it."""
        scene = self.diagram.scene
        is_seen = scene is None or what[1] in (scene.edge if what[0] == "edge" else scene.port | scene.box)
        box = None if scene is None or is_seen else box_of(scene, what[1])
        self.diagram.bring_into_view(what if box is None else ("node", box))

    # -- what lies on it

    def update_overlay(self) -> None:
        """Show what has moved."""
        scene = self.diagram.scene
        if scene is None:
            return
        self.diagram.show_overlay(self.live.overlay(scene, self.selected, self._packet_traced(), self._travel.way))
        self._show_next_move(scene)
        self.picture.head.show(self._crumbs(scene), self._words())
        self.picture.update_map()
        if self.live.heat and self.live.trail.is_behind:
            self.show_soon(self.update_overlay)

    def _show_next_move(self, scene: Scene) -> None:
        """Bring the next move into view, once: what is then looked at stays in view until there is another."""
        following = next_move(self.session) if self.follows else None
        now = None if following is None else (self.session.run, following.id, scene, self.diagram.size)
        known, self._next_shown = self._next_shown, now
        if following is None or now == known:
            return
        box = box_of(scene, following.node)
        seen = [edge for edge in edges_of(self.session, following) if edge in scene.edge]
        if seen or box is not None:
            what = ("edge", seen[0]) if seen else ("node", box or "")
            self.diagram.bring_into_view(what, tail=following.kind == "send")

    def _packet_traced(self) -> int | None:
        what = self.inspector.what
        if self._traced is not None or what is None:
            return self._traced
        return what[1] if isinstance(what[1], int) else None

    def trace_packet(self, number: int | None) -> None:
        """Mark the way of a packet; None for that of the one in the Inspector."""
        self._traced = number
        self.update_overlay()

    def on_inspector_looked(self, event: Inspector.Looked) -> None:
        """Something else is looked at: mark the way of that."""
        if self.live.packet != self._packet_traced():
            self.update_overlay()

    def _crumbs(self, scene: Scene) -> list[Crumb]:
        """Return the graphs on the way to that which is seen."""
        root, following = self.view.root, next_move(self.session)
        parts = root.split("/") if root else []
        paths = ["/".join(parts[:count]) for count in range(len(parts) + 1)]
        where = None
        if following is not None and not any(edge in scene.edge for edge in following.edges):
            place = f"{following.edges[0].rpartition('/')[0]}/"
            where = max((path for path in paths if not path or place.startswith(f"{path}/")), key=len)
        name = self.session.graph.name if self.session.graph is not None else ""
        titles = [f"{self.session.spec.path.name}:{name}", *parts]
        return [
            Crumb(clean(title), path, is_next=path == where and path != root)
            for title, path in zip(titles, paths, strict=True)
        ]

    def _words(self) -> list[Run]:
        layers = [word for word, is_on in (("values", self.live.values), ("heat", self.live.heat)) if is_on]
        words = self.live.trail.words()
        if self.live.heat and self.selected is not None:
            words = self.live.trail.spent(self.selected[1]) or words
        if zoom := self.zoom_words():
            words = [(f"{zoom}{' · ' if words else ''}", "warning"), *words]
        return [*words, (f"{' · ' if words else ''}{' · '.join(layers)}", "warning")] if layers else words

    def action_values(self) -> None:
        """Show on each edge the newest value that it carried, or no longer."""
        self.live.values = not self.live.values
        self.update_overlay()

    def action_heat(self) -> None:
        """Show how the run was spent, or what is now."""
        self.live.heat = not self.live.heat
        self.update_overlay()

    def action_map(self) -> None:
        """Show the map where the picture is larger than its window, or never."""
        self.picture.has_map = not self.picture.has_map
        if self.picture.has_map and not self.diagram.is_larger:
            self.say("the whole picture is in view: the map comes when it is larger than its window")
        self.picture.update_map()

    def action_centre(self) -> None:
        """Put what is selected, or the next move, in the middle."""
        following = next_move(self.session)
        what = self.selected or (("edge", following.edges[0]) if following is not None else None)
        if what is None:
            self.say("nothing is selected, and nothing moves next")
        else:
            self.diagram.centre(what)

    # -- from one graph to another

    def look_into(self, path: str) -> None:
        """Show the graph inside a node alone; that of the whole program for an empty path."""
        if path != self.view.root:
            left, self.view.root = self.view.root, path
            self.show_graph()
            inside = left.startswith(f"{path}/" if path else "") and left
            depth = path.count("/") + 1 if path else 0
            self.select(("node", "/".join(left.split("/")[: depth + 1])) if inside else None)
            self.update()

    def action_into(self) -> None:
        """Show the graph inside the selected node alone."""
        place = self.selected[1] if self.selected is not None and self.selected[0] == "node" else ""
        if self.view.holds_graph(self._drawn.graph if self._drawn is not None else None, place):
            self.look_into(place)
        else:
            self.say("select a node with a graph inside first: {view.into} shows that graph alone")

    def action_out(self) -> None:
        """Show the graph around that which is seen."""
        if self.view.root:
            self.look_into(self.view.root.rpartition("/")[0])
        else:
            self.say("this is the whole graph: there is none around it")

    def on_diagram_view_entered(self, event: DiagramView.Entered) -> None:
        """Show the graph inside a node that was clicked twice."""
        if self.view.holds_graph(self._drawn.graph if self._drawn is not None else None, event.node):
            self.look_into(event.node)

    def on_head_chosen(self, event: Head.Chosen) -> None:
        """Show a graph on the way."""
        self.look_into(event.path)

    def uncover(self, what: tuple[str, str]) -> None:
        """Show a graph in which something can be seen, and open what hides it."""
        self.show_all_panes()
        self.reveal(what)
        parts, inside = what[1].split("/")[:-1], len(self.view.root.split("/")) if self.view.root else 0
        closed = {"/".join(parts[:count]) for count in range(inside + 1, len(parts) + 1)} - self.view.opened
        if closed:
            self.view.opened |= closed
            self.view.come_near()
            self.show_graph()
            self.update()

    def reveal(self, what: tuple[str, str]) -> None:
        """Show a graph in which a place can be seen, if it is not in the one that is seen."""
        around = what[1].rpartition("/")[0]
        root = self.view.root
        while root and not f"{around}/".startswith(f"{root}/"):
            root = root.rpartition("/")[0]
        if root != self.view.root:
            self.view.root = root
            self.show_graph()
