"""The commands of the person that ask the run for something, or change it: packets, room, inputs, expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.worker import Worker

from fbtui.diagram.text import ELLIPSIS
from fbtui.protocol import GRAPH, ActWord
from fbtui.session import Phase
from fbtui.session.expressions import mistake_in
from fbtui.session.inputs import NOTHING, Inputs, remember, remembered
from fbtui.session.places import name_of
from fbtui.trace import in_words
from fbtui.ui.base import Commands
from fbtui.ui.nearest import nearest_edge, nearest_node
from fbtui.ui.overlay import next_up
from fbtui.ui.widgets.inspector import Inspector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fbtui.ui.screens.find import Found
    from fbtui.ui.screens.line import Try

NO_PACKET = "look at a packet first, in Next up or in the Inspector"
HINT = "a literal, or an expression over value and the names of the module"


class ActCommands(Commands):
    """The part of the application that turns commands into questions to the run and acts on it."""

    inspector: Inspector
    _asked_for = 0
    """The run for which it was asked what it cannot begin without."""

    async def _act(self, act: ActWord, **what: Any) -> str:
        """Do something to the net, and tell it; return why it cannot be done, or nothing."""
        record = self.session.record
        before = len(record.acts)
        problem = await self.session.questions.act(act, **what)
        self.session.refresh()
        for done in record.acts[before:]:
            words = in_words(done, self.session.edge_name(done.manner.edge))
            self.tell(f"{words}: {{time.back}} and {{debug.continue}} take it back", seconds=5)
        self.update()
        return self.named(problem)

    def _act_soon(self, act: ActWord, **what: Any) -> None:
        async def do() -> None:
            self.say(await self._act(act, **what))

        _: Worker[None] = self.run_worker(do, group="act")

    def _ask_line(self, title: str, hint: str, text: str, do: Try, why_not: str = "") -> None:
        """Ask for a line, until something can be done with it.

        The dialog opens even if nothing can, and says why: what is typed on would be taken for commands.
        """
        from fbtui.ui.screens.line import LineScreen  # noqa: PLC0415 - the first frame does not need it

        why_not = self.named(why_not)
        self.push_screen(LineScreen(title, why_not or hint, text, (lambda _: why_not) if why_not else do))

    def _with_packet(self) -> int | None:
        number = self.packet
        if number is None:
            self.say(self._no_packet())
        return number

    def _no_packet(self) -> str:
        graph = self.session.graph
        if self.selected is None or graph is None:
            return NO_PACKET
        return f"there is no packet at {name_of(graph.graph, self.selected)}: {NO_PACKET}"

    def action_lineage(self) -> None:
        """Show what the packet was made of and what came of it, or the packet again."""
        if self.follows_family or self._with_packet() is not None:
            self.follows_family = not self.follows_family
            self.update()

    async def action_edit_packet(self) -> None:
        """Ask for another payload."""
        number = self.packet
        if number is None:
            self._ask_line("What the packet carries", HINT, "", str, f"{self._no_packet()}; esc leaves")
            return
        parked = next((move.summary for move in next_up(self.session) if move.packet == number), None)
        old = parked or self.session.record.marking.summaries.get(number, "")
        if ELLIPSIS in old or mistake_in(old):  # that is no value that could be given back
            old = await self.session.questions.literal(number) or "value"
        self.session.controls.player.stop()  # it would take the packet away

        async def edit(text: str) -> str:
            if text != old:
                return await self._act("edit", packet=number, text=text)
            self.tell("it carries what it carried: nothing was changed")
            return ""

        self._ask_line(f"What packet #{number} carries", HINT, old, edit)

    def action_drop_packet(self) -> None:
        """Take the packet off its edge."""
        if (number := self._with_packet()) is not None:
            self._act_soon("drop", packet=number)

    def action_duplicate_packet(self) -> None:
        """Put another one like it behind it."""
        if (number := self._with_packet()) is not None:
            self._act_soon("duplicate", packet=number)

    def action_inject(self) -> None:
        """Ask for the payload of a new packet on the selected edge, or on that of the next move."""
        place = nearest_edge(self.session, self.selected)
        if not place:
            why_not = "esc leaves; select an edge first: {packet.inject} puts it on that"
            self._ask_line("A new packet", HINT, "", str, why_not)
            return
        title = f"A new packet on {self.session.edge_name(place)}"
        self._ask_line(title, HINT, "", lambda text: self._act("inject", edge=place, text=text))

    async def action_raise_capacity(self) -> None:
        """Make room where the run is blocked, and run again."""
        self.say(await self.session.raise_capacity())

    def action_evaluate(self) -> None:
        """Ask for an expression, and show what it gives where the selected node waits, or the one that goes next."""
        session, node = self.session, nearest_node(self.session, self.selected)
        why_not = ""
        if session.record.cursor is not None:
            why_not = "in the past nothing can be evaluated: esc, then {time.now} looks at what is now"
        elif session.phase is not Phase.PAUSED:
            why_not = f"{session.cannot('evaluate')}; esc leaves"

        def evaluate(text: str) -> str:
            if mistake := mistake_in(text.strip()):
                return mistake
            self.select(("node", node))
            self.inspector.evaluate(text)
            return ""

        where = "the module of the graph" if node == GRAPH else node
        hint = "a Python expression over the variables and the module of the component"
        self._ask_line(f"What is it in {where}?", hint, "", evaluate, why_not)

    def action_inputs(self) -> None:
        """Ask for the inputs, and run with them."""
        graph = self.session.graph
        if graph is None:
            self.say("the program has not been loaded yet")
            return
        if self.session.spec.net is not None:
            self.say("the program puts in the packets itself: {packet.inject} puts one more on the selected edge")
            return
        spec = self.session.spec
        given, last = Inputs(spec.inputs, spec.config, spec.signals), remembered(spec.path)
        if given == NOTHING and graph.missing:
            given = last
        from fbtui.ui.screens.inputs import InputsScreen  # noqa: PLC0415 - the first frame does not need it

        form = InputsScreen(graph.graph.ports, given, dict(graph.given), graph.missing, last, self.session.broken)
        self.push_screen(form, self._on_inputs)

    async def _on_inputs(self, filled: Inputs | None) -> None:
        if filled is not None:
            remember(self.session.spec.path, filled)
            await self.session.give(filled.inputs, filled.config, filled.signals)

    # -- what the run is to be

    def ask_for_more(self) -> None:
        """Ask, once a run, for what the run cannot begin without."""
        session, broken = self.session, self.session.broken
        if self._asked_for == session.run:
            return
        refused = session.phase is Phase.BROKEN and broken is not None and bool(broken.port)
        if session.phase is Phase.MISSING or refused:
            self._asked_for = session.run
            self.action_inputs()
        elif session.phase is Phase.BROKEN and broken is not None and broken.names:
            self._asked_for = session.run
            self.choose_graph(broken.names)

    def choose_graph(self, names: Sequence[str]) -> None:
        """Ask which of several graphs is meant."""
        places = [(name, ("run", name)) for name in names]

        async def chosen(found: Found | None) -> None:
            if found is not None:
                await self.session.choose(found[1])

        from fbtui.ui.screens.find import FindScreen  # noqa: PLC0415 - the first frame does not need it

        self.push_screen(FindScreen(places), chosen)

    def action_graph(self) -> None:
        """Choose what else of the file is to be run."""
        graph = self.session.graph
        others = [name for name in graph.choices if name != graph.name] if graph is not None else []
        if not self.session.is_live:
            self.say(self.session.cannot("run another graph"))
        elif others:
            self.choose_graph(others)
        else:
            self.say(f"{self.session.spec.path.name} has no other graph and no component that could be run")
