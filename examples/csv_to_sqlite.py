"""A small but real import: 320 orders from a CSV file into a SQLite database, the bad rows into a report.

`ReadRows` sends the rows, `Parse` turns texts into values, `Validate` checks them against the price list,
`Batch` gathers fifty good rows, `Insert` writes each batch in one transaction. Rows that fail in either
stage go to `Report`, which takes from two edges.

What to look at: `Batch` takes fifty packets and sends one, so watch the counts on either side of it. The
last batch is smaller: it comes when `Validate` has ended. Break a row in ``data/orders.csv`` and run again
with ``r``.

Every run makes ``out/orders.sqlite`` and ``out/bad_rows.txt`` anew beside this file, and so does every save: where a
run must not be repeated without a word of yours, ``--no-rerun`` waits for ``r``.
"""

import csv
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

HERE = Path(__file__).parent
ARTICLES = {
    "barometer", "compass", "lantern", "map of the coast", "rope, 20 m", "sextant", "tent", "whistle",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A row of the file as it stands there, with its line number."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Order:
    """A row that was understood."""

    row: Row
    number: int
    day: date
    customer: str
    article: str
    quantity: int
    price: float


@dataclass(frozen=True)
class Rejected:
    """A row that was not, and why."""

    row: Row
    reason: str


class Stage(BaseComponent):
    """A component that runs `work` until its inputs have ended."""

    async def work(self) -> None:
        raise NotImplementedError

    async def _post_start(self) -> None:
        self.task_manager.create_task(self.work())

    async def payloads(self) -> AsyncIterator:
        """Yield the payload of each packet that comes in."""
        async for packet in self.ports.input.inp:
            yield await packet.consume()


class ReadRows(Stage):
    """Sends the rows of each CSV file whose path comes in, without the header."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=str),
        PortSpec(PortType.OUTPUT, "row", dtype=Row),
    )

    async def work(self) -> None:
        async for path in self.payloads():
            with Path(path).open(newline="", encoding="utf-8") as file:
                reader = csv.reader(file)
                next(reader)
                for cells in reader:
                    await self.ports.output.row.put(Packet(Row(reader.line_num, tuple(cells))))


class Parse(Stage):
    """Turns the cells of a row into the values of an order."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=Row),
        PortSpec(PortType.OUTPUT, "order", dtype=Order),
        PortSpec(PortType.OUTPUT, "bad", dtype=Rejected),
    )

    async def work(self) -> None:
        async for row in self.payloads():
            try:
                order = self.parse(row)
            except ValueError as error:
                await self.ports.output.bad.put(Packet(Rejected(row, str(error))))
            else:
                await self.ports.output.order.put(Packet(order))

    @staticmethod
    def parse(row: Row) -> Order:
        if len(row.cells) != 6:
            raise ValueError(f"{len(row.cells)} cells instead of 6")
        number, day, customer, article, quantity, price = row.cells
        return Order(row, int(number), date.fromisoformat(day), customer, article, int(quantity), float(price))


class Validate(Stage):
    """Lets an order pass if it makes sense."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=Order),
        PortSpec(PortType.OUTPUT, "good", dtype=Order),
        PortSpec(PortType.OUTPUT, "bad", dtype=Rejected),
    )

    async def work(self) -> None:
        async for order in self.payloads():
            if reason := self.fault(order):
                await self.ports.output.bad.put(Packet(Rejected(order.row, reason)))
            else:
                await self.ports.output.good.put(Packet(order))

    @staticmethod
    def fault(order: Order) -> str | None:
        if not order.customer:
            return "no customer"
        if order.article not in ARTICLES:
            return f"no article {order.article!r} on the price list"
        if order.quantity < 1:
            return f"a quantity of {order.quantity}"
        return None


class Batch(Stage):
    """Gathers orders into lists of `size`; the last list may be shorter."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=Order),
        PortSpec(PortType.CONFIG, "size", dtype=int, default=50),
        PortSpec(PortType.OUTPUT, "batch", dtype=list),
    )

    async def work(self) -> None:
        batch: list[Order] = []
        async for order in self.payloads():
            batch.append(order)
            if len(batch) == self.config.size:
                await self.ports.output.batch.put(Packet(batch))
                batch = []
        if batch:
            await self.ports.output.batch.put(Packet(batch))


class Insert(Stage):
    """Writes each batch into the database in one transaction; at the end sends the number of rows there."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=list),
        PortSpec(PortType.CONFIG, "database", dtype=str),
        PortSpec(PortType.OUTPUT, "inserted", dtype=int),
    )

    async def work(self) -> None:
        path = Path(self.config.database)
        path.parent.mkdir(exist_ok=True)
        path.unlink(missing_ok=True)
        database = sqlite3.connect(path)
        try:
            database.execute(
                "CREATE TABLE orders (number INTEGER PRIMARY KEY, day TEXT, customer TEXT, article TEXT,"
                " quantity INTEGER, price REAL)"
            )
            async for batch in self.payloads():
                self.insert(database, batch)
            (count,) = database.execute("SELECT count(*) FROM orders").fetchone()
        finally:
            database.close()
        await self.ports.output.inserted.put(Packet(count))

    @staticmethod
    def insert(database: sqlite3.Connection, batch: list[Order]) -> None:
        with database:
            database.executemany(
                "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)",
                [(o.number, o.day.isoformat(), o.customer, o.article, o.quantity, o.price) for o in batch],
            )
        print(f"inserted {len(batch)} orders, {batch[0].number} to {batch[-1].number}")


class Report(Stage):
    """Writes a line for each rejected row; at the end sends how many there were."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.INPUT, "inp", dtype=Rejected),
        PortSpec(PortType.CONFIG, "report", dtype=str),
        PortSpec(PortType.OUTPUT, "rejected", dtype=int),
    )

    async def work(self) -> None:
        path = Path(self.config.report)
        path.parent.mkdir(exist_ok=True)
        count = 0
        with path.open("w", encoding="utf-8") as file:
            async for bad in self.payloads():
                file.write(f"line {bad.row.line}: {bad.reason}: {','.join(bad.row.cells)}\n")
                count += 1
        await self.ports.output.rejected.put(Packet(count))


graph = GraphSpec(PortSpecCollection())
graph.add_graph_port(PortSpec(PortType.INPUT, "path", dtype=str))
graph.add_graph_port(PortSpec(PortType.CONFIG, "database", dtype=str))
graph.add_graph_port(PortSpec(PortType.CONFIG, "report", dtype=str))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "inserted", dtype=int))
graph.add_graph_port(PortSpec(PortType.OUTPUT, "rejected", dtype=int))

read, parse, validate, batch, insert, report = (
    graph.add_node(component) for component in (ReadRows, Parse, Validate, Batch, Insert, Report)
)

graph.ports.input.path >> read.ports.input.inp
read >> graph.add_edge(maxsize=8) >> parse.ports.input.inp
parse.ports.output.order >> graph.add_edge(maxsize=8) >> validate.ports.input.inp
parse.ports.output.bad >> report.ports.input.inp
validate.ports.output.good >> graph.add_edge(maxsize=8) >> batch.ports.input.inp
validate.ports.output.bad >> report.ports.input.inp
batch >> graph.add_edge(maxsize=2) >> insert.ports.input.inp
graph.ports.config.database >> insert.ports.config.database
graph.ports.config.report >> report.ports.config.report
insert >> graph.ports.output.inserted
report >> graph.ports.output.rejected

BATCH = {
    "inputs": {"path": str(HERE / "data" / "orders.csv")},
    "config": {
        "database": str(HERE / "out" / "orders.sqlite"),
        "report": str(HERE / "out" / "bad_rows.txt"),
    },
}
