"""The commands of the person that ask the run for something, or change it: packets, room, inputs, expressions."""

from __future__ import annotations

from typing import Any

from textual.worker import Worker

from fbtui.protocol import ActWord
from fbtui.protocol.characters import clean
from fbtui.session.inputs import NOTHING, Inputs, remember, remembered
from fbtui.trace import in_words
from fbtui.ui.base import Commands
from fbtui.ui.overlay import next_up
from fbtui.ui.widgets.inspector import Inspector

BACK = "b and c take it back"
HINT = "a literal, or an expression over value and the names of the module"


class ActCommands(Commands):
    """The part of the application that turns commands into questions to the run and acts on it."""

    inspector: Inspector

    def _act(self, act: ActWord, **what: Any) -> None:
        async def do() -> None:
            record = self.session.record
            before = len(record.acts)
            self.say(await self.session.questions.act(act, **what))
            self.session.refresh()
            for done in record.acts[before:]:
                words = in_words(done, self.session.edge_name(done.manner.edge))
                self.notify(f"{clean(words)}: {BACK}", timeout=5, markup=False)
            self.update()

        _: Worker[None] = self.run_worker(do, group="act")

    def _with_packet(self) -> int | None:
        number = self.packet
        if number is None:
            self.say("look at a packet first, in Next up or in the Inspector")
        return number

    def action_lineage(self) -> None:
        """Show what the packet was made of and what came of it, or the packet again."""
        if self.follows_family or self._with_packet() is not None:
            self.follows_family = not self.follows_family
            self.update()

    def action_edit_packet(self) -> None:
        """Ask for another payload."""
        number = self._with_packet()
        if number is None:
            return
        parked = next((move.summary for move in next_up(self.session) if move.packet == number), None)
        old = parked or self.session.record.marking.summaries.get(number, "")

        def edit(text: str | None) -> None:
            if text is not None:
                self._act("edit", packet=number, text=text)

        from fbtui.ui.screens.line import LineScreen  # noqa: PLC0415 - the first frame does not need it

        self.push_screen(LineScreen(f"What packet #{number} carries", HINT, old, lambda _: ""), edit)

    def action_drop_packet(self) -> None:
        """Take the packet off its edge."""
        if (number := self._with_packet()) is not None:
            self._act("drop", packet=number)

    def action_duplicate_packet(self) -> None:
        """Put another one like it behind it."""
        if (number := self._with_packet()) is not None:
            self._act("duplicate", packet=number)

    def action_inject(self) -> None:
        """Ask for the payload of a new packet on the selected edge."""
        if self.selected is None or self.selected[0] != "edge":
            self.say("select an edge first: i puts a new packet on it")
            return
        place = self.selected[1]

        def inject(text: str | None) -> None:
            if text is not None:
                self._act("inject", edge=place, text=text)

        title = f"A new packet on {self.session.edge_name(place)}"
        from fbtui.ui.screens.line import LineScreen  # noqa: PLC0415 - the first frame does not need it

        self.push_screen(LineScreen(title, HINT, "", lambda _: ""), inject)

    async def action_raise_capacity(self) -> None:
        """Make room where the run is blocked, and run again."""
        self.say(await self.session.raise_capacity())

    def action_evaluate(self) -> None:
        """Ask for an expression, and show what it gives in the frame that the selected node waits in."""
        if self.selected is None or self.selected[0] != "node":
            self.say("select a node first: = evaluates an expression where it waits")
            return
        title = f"What is it in {self.selected[1]}?"
        hint = "a Python expression over the variables and the module of the component"
        from fbtui.ui.screens.line import LineScreen  # noqa: PLC0415 - the first frame does not need it

        self.push_screen(LineScreen(title, hint, "", lambda _: ""), lambda text: self.inspector.evaluate(text or ""))

    def action_inputs(self) -> None:
        """Ask for the inputs, and run with them."""
        graph = self.session.graph
        if graph is None:
            self.say("the program has not been loaded yet")
            return
        if self.session.spec.net is not None:
            self.say("the program puts in the packets itself: i puts one more on the selected edge")
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
