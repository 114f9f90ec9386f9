"""Two components in a row: the smallest graph worth stepping through.

`FooComponent1` takes a number, prints it and greets; `FooComponent2` prints the greeting and answers. The
batch gives 5 and returns ``{'out': 'world'}`` after six moves: over each of the three edges a send and a
receive.

What to look at: press ``s`` six times. Each press commits exactly one move: the packet appears on an edge,
then leaves it into the next node. The node that waits for it says so. What the components print stands
under Output.
"""

from abc import abstractmethod

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec


class OneShot(BaseComponent):
    """A component whose whole life is one run of `main`."""

    @abstractmethod
    async def main(self) -> None: ...

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.main())


class FooComponent1(OneShot):
    """Prints what comes in, and says "there"."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.OUTPUT, "out"),
    )

    async def main(self) -> None:
        packet = await self.ports.input.inp.get()
        print(await packet.consume())
        await self.ports.output.out.put(Packet("there"))


class FooComponent2(OneShot):
    """Prints what comes in, and says "world"."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp"),
        PortSpec(PortType.OUTPUT, "out"),
    )

    async def main(self) -> None:
        packet = await self.ports.input.inp.get()
        print(await packet.consume())
        await self.ports.output.out.put(Packet("world"))


graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "inp"))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "out"))

first = graph.add_node(FooComponent1)
second = graph.add_node(FooComponent2)

graph.ports.input.inp >> first.ports.input.inp
first >> second
second.ports.output.out >> graph.ports.output.out

BATCH = {"inputs": {"inp": 5}}
