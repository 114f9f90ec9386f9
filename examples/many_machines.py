"""One graph, and three ways to run it: in one process, in processes of its nodes, on an engine for many machines.

`Split` cuts a number of samples into tasks, two `Estimate` nodes work on them in turn, and `Average` joins what they
found to an estimate of pi. The graph says nothing of where its nodes run; that is said from outside:

    fbtui examples/many_machines.py
    fbtui examples/many_machines.py --place examples/data/processes.toml
    fbtui examples/many_machines.py --place examples/data/engine.toml

The third needs an extra, `pip install 'fbtui[ray]'`. Look at what each run prints and carries: it is the same,
packet by packet, and a step is a step wherever the node is that makes it. docs/many-machines.md tells more.
"""

import random

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

TASKS = 3
"""Tasks for each of the two estimating nodes."""


class Worker(BaseComponent):
    """A component that runs `work` once."""

    async def work(self) -> None:
        raise NotImplementedError

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.work())


class Split(Worker):
    """Sends tasks, each a seed and a number of samples, to the left and to the right in turn."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "samples", dtype=int),
        PortSpec(PortType.OUTPUT, "left", dtype=tuple),
        PortSpec(PortType.OUTPUT, "right", dtype=tuple),
    )

    async def work(self) -> None:
        async for packet in self.ports.input.samples:
            samples = await packet.consume() // (2 * TASKS)
            for seed in range(TASKS):
                await self.ports.output.left.put_value((2 * seed, samples))
                await self.ports.output.right.put_value((2 * seed + 1, samples))


class Estimate(Worker):
    """Counts how many random points of a square are inside its circle: this is the heavy part."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "task", dtype=tuple),
        PortSpec(PortType.OUTPUT, "inside", dtype=tuple),
    )

    async def work(self) -> None:
        async for packet in self.ports.input.task:
            seed, samples = await packet.consume()
            draw = random.Random(seed).random
            inside = sum(draw() ** 2 + draw() ** 2 < 1 for _ in range(samples))
            print(f"task {seed}: {inside} of {samples}")
            await self.ports.output.inside.put_value((inside, samples))


class Average(Worker):
    """Joins the counts of both sides, pair by pair, to a better and better estimate."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "left", dtype=tuple),
        PortSpec(PortType.INPUT, "right", dtype=tuple),
        PortSpec(PortType.OUTPUT, "pi", dtype=float),
    )

    async def work(self) -> None:
        inside = samples = 0
        async for left in self.ports.input.left:
            right = await self.ports.input.right.get()
            for count, of in (await left.consume(), await right.consume()):
                inside += count
                samples += of
            await self.ports.output.pi.put_value(4 * inside / samples)


graph = GraphSpec(
    PortSpecCollection(
        PortSpec(PortType.INPUT, "samples", dtype=int),
        PortSpec(PortType.OUTPUT, "pi", dtype=float),
    )
)
split, average = graph.add_node(Split), graph.add_node(Average)
left, right = graph.add_node(Estimate, id="Left"), graph.add_node(Estimate, id="Right")
graph.ports.input.samples >> split.ports.input.samples
for side, node in (("left", left), ("right", right)):
    split.ports.output[side] >> graph.add_edge(maxsize=2) >> node.ports.input.task
    node.ports.output.inside >> graph.add_edge(maxsize=2) >> average.ports.input[side]
average.ports.output.pi >> graph.ports.output.pi

BATCH = {"inputs": {"samples": 60_000}}
