"""A graph that gets stuck, although every component is right: an edge is too short.

`Sort` sends small numbers one way and large ones the other; `Pair` takes one of each. The input begins with
four small numbers, the edge between them holds two: `Sort` waits for room to send the third, `Pair` waits
for a large number that `Sort` cannot reach. The debugger says so at once, with the chain of who waits for
whom.

What to look at: step with ``s`` until nothing moves. The edge ``2/2`` is full, the other one empty. Give
the edge `small` a capacity of 4 below, save, and the batch runs to its end with four pairs.
"""

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

CAPACITY = 2


class Sort(BaseComponent):
    """Sends numbers below 100 by `small`, the others by `large`."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "number", dtype=int),
        PortSpec(PortType.OUTPUT, "small", dtype=int),
        PortSpec(PortType.OUTPUT, "large", dtype=int),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.sort())

    async def sort(self) -> None:
        async for packet in self.ports.input.number:
            number = await packet.consume()
            port = self.ports.output.small if number < 100 else self.ports.output.large
            await port.put(Packet(number))


class Pair(BaseComponent):
    """Pairs the next large number with the next small one."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "large", dtype=int),
        PortSpec(PortType.INPUT, "small", dtype=int),
        PortSpec(PortType.OUTPUT, "pair", dtype=tuple),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.pair())

    async def pair(self) -> None:
        async for packet in self.ports.input.large:
            large = await packet.consume()
            small = await self.ports.input.small.get_and_consume()
            await self.ports.output.pair.put(Packet((small, large)))


graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "number", dtype=int))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "pair", dtype=tuple))

sort = graph.add_node(Sort)
pair = graph.add_node(Pair)

graph.ports.input.number >> sort.ports.input.number
sort.ports.output.large >> graph.add_edge(id="large") >> pair.ports.input.large
sort.ports.output.small >> graph.add_edge(maxsize=CAPACITY, id="small") >> pair.ports.input.small
pair >> graph.ports.output.pair

BATCH = {"streams": {"number": [3, 1, 4, 15, 926, 535, 897, 932]}}
