"""A till with a planted bug: the bill says 46.30, but what is in the basket costs 40.50.

`ReadBasket` sends each item of a basket on two edges: `LookUp` finds its price, and `Bill` joins item and price
to a line of the bill, which `Total` adds up and prints.

Find the bug with the debugger: the tutorial, docs/tutorial.md, does it step by step. By yourself: let it run to
the end, look at what **Output** says about honey, and ask for the packet where the price comes from.
"""

from pathlib import Path

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

BASKET = Path(__file__).parent / "data" / "basket.txt"
PRICES = {"coffee": 4.50, "bread": 3.20, "tea": 2.80, "honey": 6.50, "apples": 0.60}


class Worker(BaseComponent):
    """A component that runs `work` once, until its inputs have ended."""

    async def work(self) -> None:
        raise NotImplementedError

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.work())


class ReadBasket(Worker):
    """Sends the items of a basket: how many, and of what."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "path", dtype=str),
        PortSpec(PortType.OUTPUT, "item", dtype=tuple),
    )

    async def work(self) -> None:
        async for packet in self.ports.input.path:
            for line in Path(await packet.consume()).read_text(encoding="utf-8").splitlines():
                count, product = line.split()
                await self.ports.output.item.put_value((int(count), product))


class LookUp(Worker):
    """Sends the price of each item."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "item", dtype=tuple),
        PortSpec(PortType.OUTPUT, "price", dtype=float),
    )

    async def work(self) -> None:
        async for packet in self.ports.input.item:
            _, product = await packet.consume()
            if product in PRICES:
                await self.ports.output.price.put_value(PRICES[product])


class Bill(Worker):
    """Joins each item with its price to a line of the bill."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "item", dtype=tuple),
        PortSpec(PortType.INPUT, "price", dtype=float),
        PortSpec(PortType.OUTPUT, "line", dtype=tuple),
    )

    async def work(self) -> None:
        async for packet in self.ports.input.item:
            count, product = await packet.consume()
            price = await self.ports.input.price.get_and_consume()
            await self.ports.output.line.put_value((f"{count} {product}", count * price))


class Total(Worker):
    """Prints the bill, and at the end sends the sum."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "line", dtype=tuple),
        PortSpec(PortType.OUTPUT, "sum", dtype=float),
    )

    async def work(self) -> None:
        total = 0.0
        async for packet in self.ports.input.line:
            what, amount = await packet.consume()
            print(f"{what:10} {amount:6.2f}")
            total += amount
        print(f"{'total':10} {total:6.2f}")
        await self.ports.output.sum.put_value(round(total, 2))


graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "path", dtype=str))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "sum", dtype=float))

read = graph.add_node(ReadBasket)
look_up = graph.add_node(LookUp)
bill = graph.add_node(Bill)
total = graph.add_node(Total)

graph.ports.input.path >> read >> graph.add_edge(maxsize=4) >> look_up
read.ports.output.item >> graph.add_edge(maxsize=4) >> bill.ports.input.item
look_up >> graph.add_edge(maxsize=4) >> bill.ports.input.price
bill >> graph.add_edge(maxsize=4) >> total >> graph.ports.output.sum

BATCH = {"inputs": {"path": str(BASKET)}}
