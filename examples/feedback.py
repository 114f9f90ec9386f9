"""A loop in the graph: square roots by Newton's method, one packet going round until it is good enough.

`Guess` turns a number into a first guess, `Improve` makes a guess better, `Check` sends it back to
`Improve`, or out when two guesses hardly differ. `Improve` takes from two edges: new guesses and those that
come round again.

What to look at: play with ``p`` and see a packet go round. Three numbers are in the loop at the same time,
and those that are done early overtake the others. The batch ends when the net is at rest: nobody says
"stop".
"""

from dataclasses import dataclass, replace

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

TOLERANCE = 1e-6


@dataclass(frozen=True)
class Root:
    """A guess at the square root of a number, with the guess before it."""

    number: float
    guess: float
    before: float
    rounds: int = 0


class Stage(BaseComponent):
    """A component that calls `handle` with the payload of each packet that comes in."""

    async def handle(self, payload: object) -> None:
        raise NotImplementedError

    async def _post_start(self) -> None:
        self.task_manager.create_task(self._handle_all())

    async def _handle_all(self) -> None:
        async for packet in self.ports.input.inp:
            await self.handle(await packet.consume())


class Guess(Stage):
    """Begins with half of the number."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=float),
        PortSpec(PortType.OUTPUT, "root", dtype=Root),
    )

    async def handle(self, number: float) -> None:
        await self.ports.output.root.put(Packet(Root(number, guess=number / 2, before=number)))


class Improve(Stage):
    """Replaces a guess by the mean of itself and the number divided by it (Newton's method)."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=Root),
        PortSpec(PortType.OUTPUT, "root", dtype=Root),
    )

    async def handle(self, root: Root) -> None:
        better = (root.guess + root.number / root.guess) / 2
        await self.ports.output.root.put(
            Packet(replace(root, guess=better, before=root.guess, rounds=root.rounds + 1))
        )


class Check(Stage):
    """Sends a guess out by `done` when it has settled, else by `again`."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=Root),
        PortSpec(PortType.OUTPUT, "done", dtype=float),
        PortSpec(PortType.OUTPUT, "again", dtype=Root),
    )

    async def handle(self, root: Root) -> None:
        if abs(root.guess - root.before) > TOLERANCE:
            await self.ports.output.again.put(Packet(root))
        else:
            print(f"the root of {root.number:g} is {root.guess:.6f} after {root.rounds} rounds")
            await self.ports.output.done.put(Packet(root.guess))


graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "number", dtype=float))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "root", dtype=float))

guess = graph.add_node(Guess)
improve = graph.add_node(Improve)
check = graph.add_node(Check)

graph.ports.input.number >> guess.ports.input.inp
guess >> improve.ports.input.inp
improve >> check
check.ports.output.again >> improve.ports.input.inp
check.ports.output.done >> graph.ports.output.root

BATCH = {"streams": {"number": [2.0, 144.0, 1000000.0]}}
