"""A program that makes its net itself: parcels come in one by one, and each is answered with its postage.

Run it as it is: ``python examples/service.py 2.0 0.3 7.5``. Debug it: ``fbtui --main examples/service.py -- 2.0``;
the words behind ``--`` are its own. What to look at: nothing feeds the graph but `main`, which puts a parcel
(``GRAPH sends weight``) and waits for its answer (``GRAPH waits for postage``) before it puts the next. A save runs
the whole program again.
"""

import asyncio
import sys

from fbdev import GraphSpec, NodeProcess, PortSpec, PortSpecCollection, PortType, func_component

LIMITS = {0.5: 1.60, 2.0: 2.75, 5.0: 5.49}
"""The postage up to so many kilograms."""


@func_component(loop_execution=True)
def weigh(weight: float) -> float:
    """Refuse what is no weight."""
    if weight <= 0:
        raise ValueError(f"a parcel cannot weigh {weight} kg")
    return weight


@func_component(loop_execution=True)
def price(weight: float) -> float:
    """Look up the postage; heavy parcels cost by the kilogram."""
    for limit, postage in LIMITS.items():
        if weight <= limit:
            return postage
    return round(1.20 * weight, 2)


def build() -> GraphSpec:
    """Return the graph of the service."""
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "weight"), PortSpec(PortType.OUTPUT, "postage")))
    scales, counter = graph.add_node(weigh, "Scales"), graph.add_node(price, "Counter")
    graph.ports.input.weight >> graph.add_edge(2) >> scales.ports.input.weight
    scales.ports.output.out >> graph.add_edge(2) >> counter.ports.input.weight
    counter.ports.output.out >> graph.ports.output.postage
    return graph


async def main(weights: list[float]) -> None:
    """Ask for the postage of each parcel."""
    async with NodeProcess.from_graph(build()) as service:
        await service.astart()
        for weight in weights:
            await service.ports.input.weight.put_value(weight)
            (postage,) = await service.gather_outputs("postage")
            print(f"{weight} kg: {postage:.2f}")


if __name__ == "__main__":
    asyncio.run(main([float(word) for word in sys.argv[1:]] or [2.0, 0.3, 7.5]))
