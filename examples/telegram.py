"""The classic exercise of flow-based programming: set a text anew to lines of a given width.

`ReadLines` sends the lines of a file, `SplitWords` the words of each line, `FillLines` puts as many words
on a line as fit, `PrintLines` prints the result. No component knows the others, and none of them holds the
text: the edges are short (`capacity` 4), so a fast reader is held back by a slow printer.

What to look at: the edge into `FillLines` fills up while a line grows. Change `WIDTH` below, save, and see
the run start anew with the new width. The last, unfinished line comes out because `FillLines` is told when
its input has ended: its loop over the port simply ends.
"""

from pathlib import Path

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

WIDTH = 44
TEXT = Path(__file__).parent / "data" / "telegram.txt"


class Worker(BaseComponent):
    """A component that runs `work` once, until its inputs have ended."""

    async def work(self) -> None:
        raise NotImplementedError

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.work())


class ReadLines(Worker):
    """Sends the lines of each file whose path comes in."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "path", dtype=str),
        PortSpec(PortType.OUTPUT, "line", dtype=str),
    )

    async def work(self) -> None:
        async for packet in self.ports.input.path:
            for line in Path(await packet.consume()).read_text(encoding="utf-8").splitlines():
                await self.ports.output.line.put(Packet(line))


class SplitWords(Worker):
    """Sends the words of each line, one packet a word."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "line", dtype=str),
        PortSpec(PortType.OUTPUT, "word", dtype=str),
    )

    async def work(self) -> None:
        async for packet in self.ports.input.line:
            for word in (await packet.consume()).split():
                await self.ports.output.word.put(Packet(word))


class FillLines(Worker):
    """Puts words on a line as long as they fit `width`; a longer word has a line of its own."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "word", dtype=str),
        PortSpec(PortType.CONFIG, "width", dtype=int, default=60),
        PortSpec(PortType.OUTPUT, "line", dtype=str),
    )

    async def work(self) -> None:
        line = ""
        async for packet in self.ports.input.word:
            word = await packet.consume()
            longer = f"{line} {word}".lstrip()
            if line and len(longer) > self.config.width:
                await self.ports.output.line.put(Packet(line))
                longer = word
            line = longer
        if line:
            await self.ports.output.line.put(Packet(line))


class PrintLines(Worker):
    """Prints each line, and at the end sends how many there were."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "line", dtype=str),
        PortSpec(PortType.OUTPUT, "count", dtype=int),
    )

    async def work(self) -> None:
        count = 0
        async for packet in self.ports.input.line:
            print(await packet.consume())
            count += 1
        await self.ports.output.count.put(Packet(count))


graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "path", dtype=str))
graph.add_graph_port(PortSpec(PortType.CONFIG, "width", dtype=int))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "count", dtype=int))

read = graph.add_node(ReadLines)
split = graph.add_node(SplitWords)
fill = graph.add_node(FillLines)
show = graph.add_node(PrintLines)

graph.ports.input.path >> read.ports.input.path
graph.ports.config.width >> fill.ports.config.width
read >> graph.add_edge(maxsize=4) >> split
split >> graph.add_edge(maxsize=4) >> fill.ports.input.word
fill >> graph.add_edge(maxsize=4) >> show
show >> graph.ports.output.count

BATCH = {"inputs": {"path": str(TEXT)}, "config": {"width": WIDTH}}
