"""How quick the application is, on a terminal of 160x50 that is a pty: first frame, keys, idleness, memory.

Printed beside the goals: the first frame beside that of a bare Textual app, in turns; a key (``s``) to the frame
that shows its step, in graphs of 200 and of 1000 nodes; a key and a pause while a free run goes at full speed;
what an idle debugger takes of a core; and what the process of the screen holds over a long free run, of its own and
with the pages of the trace that it has mapped. Run it by ``make bench``, or by itself with ``--soak 600``.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.perf.bench_recording import ENDLESS  # noqa: E402 - found beside its package
from tests.perf.terminal import Terminal  # noqa: E402

FBTUI = (sys.executable, "-m", "fbtui")
HELLO = str(ROOT / "examples" / "hello.py")
FRAME = b"\x1b[1;1H"
"""Where drawing begins; also where Textual puts the cursor behind every frame."""
GOAL_RATIO, GOAL_FREE, GOAL_PAUSE, GOAL_IDLE, GOAL_GROWTH = 1.5, 20, 100, 1.0, 1.0
GOALS = {200: 16, 1000: 33}
"""Milliseconds from a key to its frame, by nodes."""

ROOM, RECORD, PER_PACKET, PAUSE = 8e8, 40, 22, 0.01
"""Bytes of the trace that a long run may use, bytes of a record, records of a packet, seconds between two bursts."""

BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("hello")

Bare().run()
"""
ROWS = """
from fbdev.graph.graph_spec import GraphSpec
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType

ROWS, COLUMNS = {rows}, {columns}

class Component(BaseComponent):
    async def _post_start(self):
        self.task_manager.create_task(self.main())

class Deal(Component):
    port_specs = PortSpecCollection(*(PortSpec(PortType.OUTPUT, f"out{{i}}") for i in range(ROWS)))
    async def main(self):
        number = 0
        while True:
            await self.ports.output[f"out{{number % ROWS}}"].put(Packet(number))
            number += 1

class PassOn(Component):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def main(self):
        while True:
            await self.ports.output.out.put(await self.ports.input.inp.get())

class Gather(Component):
    port_specs = PortSpecCollection(*(PortSpec(PortType.INPUT, f"inp{{i}}") for i in range(ROWS)))
    async def main(self):
        while True:
            for row in range(ROWS):
                packet = await self.ports.input[f"inp{{row}}"].get()
                await packet.consume()

graph = GraphSpec(PortSpecCollection())
deal, gather = graph.add_node(Deal), graph.add_node(Gather)
for row in range(ROWS):
    nodes = [graph.add_node(PassOn) for _ in range(COLUMNS)]
    deal.ports.output[f"out{{row}}"] >> nodes[0].ports.input.inp
    for left, right in zip(nodes, nodes[1:]):
        left.ports.output.out >> right.ports.input.inp
    nodes[-1].ports.output.out >> gather.ports.input[f"inp{{row}}"]
"""
SHAPES = {200: (9, 22), 1000: (38, 26)}
"""Rows and columns, by nodes."""


@contextmanager
def debugger(*arguments: str) -> Iterator[Terminal]:
    """Give a debugger on a terminal, and end it."""
    terminal = Terminal([*FBTUI, *arguments, "--no-watch", "--no-motion"])
    try:
        yield terminal
    finally:
        terminal.close()


def told(what: str, taken: list[float], goal: float) -> None:
    """Print what a key took, in milliseconds."""
    median, worst = statistics.median(taken) * 1000, sorted(taken)[int(len(taken) * 0.95)] * 1000
    least = min(taken) * 1000
    print(f"{what:46} {median:7.1f} ms (least {least:.1f}, 95 % below {worst:.1f}; goal {goal:g})", flush=True)


def first_frames(runs: int, folder: Path) -> None:
    """Print what passes from the start of a program to its first frame."""
    bare = folder / "bare.py"
    bare.write_text(BARE, encoding="utf-8")
    commands = {"a bare Textual app": [sys.executable, str(bare)], "fbtui": [*FBTUI, HELLO, "--no-watch"]}
    frames: dict[str, list[float]] = {name: [] for name in commands}
    graphs = []
    for _ in range(runs + 1):
        for name, command in commands.items():
            terminal = Terminal(command)
            frames[name].append(terminal.until(FRAME))
            if name == "fbtui":
                graphs.append(terminal.until(b"paused at step 0"))
            terminal.close()
    for taken in (*frames.values(), graphs):
        del taken[0]  # the files come from the disk for the first time
    theirs, ours = (statistics.median(taken) * 1000 for taken in frames.values())
    ratio = f"{ours / theirs:.2f} times (goal {GOAL_RATIO})"
    print(f"first frame: a bare Textual app {theirs:.0f} ms, fbtui {ours:.0f} ms, {ratio}", flush=True)
    print(f"             the graph, paused at step 0: {statistics.median(graphs) * 1000:.0f} ms", flush=True)


def steps(folder: Path, size: int, presses: int) -> None:
    """Print what passes from a key to the frame that shows its step."""
    rows, columns = SHAPES[size]
    program = folder / f"rows{size}.py"
    program.write_text(ROWS.format(rows=rows, columns=columns), encoding="utf-8")
    with debugger(str(program)) as terminal:
        terminal.until(b"paused at step 0")
        terminal.watch(1.5)
        taken = []
        for step in range(1, presses + 1):
            taken.append(terminal.press(b"s", b"paused at step %d" % step))
            terminal.watch(0.15)
    told(f"a step in {rows * columns + 2} nodes", taken[3:], GOALS[size])


def keys_in_free_run(terminal: Terminal, rounds: int) -> None:
    """Print what passes from a key that changes the tab to its frame, while a run goes on at full speed."""
    taken = []
    for _ in range(rounds):
        for _ in ("timeline", "problems", "changes"):
            terminal.send(b"T")
            terminal.watch(0.3)
        taken.append(terminal.press(b"T", b"No breakpoints"))
        terminal.watch(0.3)
        terminal.send(b"T")
        terminal.watch(0.3)
    told("a key in a free run at full speed", taken, GOAL_FREE)


def idle(what: str, terminal: Terminal, seconds: float) -> None:
    """Print what share of a core is used while nothing happens, by the debugger and by the program."""
    before = terminal.processor_seconds()
    terminal.watch(seconds)
    share = (terminal.processor_seconds() - before) / seconds * 100
    print(f"{'idle, ' + what:46} {share:7.2f} % of a core (goal {GOAL_IDLE:g})", flush=True)


def steady(seconds: float) -> str:
    """Return a program whose trace has room for so many seconds, and which prints a line at times."""
    packets = int(ROOM / RECORD / PER_PACKET / seconds * PAUSE)
    breath = f"""
            if number % {max(1, packets)} == 0:
                print(number)
                await asyncio.sleep({PAUSE})"""
    last = "put(Packet(number := number + 1))"
    return "import asyncio" + ENDLESS.replace(last, last + breath)


def soak(terminal: Terminal, seconds: float) -> None:
    """Print what the process of the screen holds as time passes."""
    held = [terminal.resident()]
    parts = 8
    for _ in range(parts):
        terminal.watch(seconds / parts)
        held.append(terminal.resident())
    growth = held[-1][0] - held[parts // 2][0]
    for index, what in enumerate(("of its own", "with what is mapped")):
        print(f"memory over {seconds:g} s of a free run, {what}: {' '.join(f'{one[index]:.0f}' for one in held)} MB")
    print(f"{'of its own, in the second half':46} {growth:+7.2f} MB (goal {GOAL_GROWTH:g})", flush=True)


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runs", type=int, default=9, help="starts of each program")
    options.add_argument("--presses", type=int, default=40, help="steps in each graph")
    options.add_argument("--idle", type=float, default=5, help="seconds of idleness")
    options.add_argument("--soak", type=float, default=20, help="seconds of the long run")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first_frames(given.runs, folder)
        for size in SHAPES:
            steps(folder, size, given.presses)
        with debugger(HELLO) as terminal:
            terminal.until(b"paused at step 0")
            terminal.watch(2)
            idle("paused", terminal, given.idle)
            terminal.press(b"c", b"ended")
            terminal.watch(2)
            idle("ended", terminal, given.idle)
        endless = folder / "endless.py"
        endless.write_text(ENDLESS, encoding="utf-8")
        with debugger(str(endless), "--order", "free", "--go") as terminal:
            terminal.until(b"running")
            terminal.watch(2)
            keys_in_free_run(terminal, given.presses // 4)
            told("a pause of a free run at full speed", [terminal.press(b" ", b"paused at step")], GOAL_PAUSE)
        endless.write_text(steady(given.soak), encoding="utf-8")
        with debugger(str(endless), "--order", "free", "--go") as terminal:
            terminal.until(b"running")
            soak(terminal, given.soak)


if __name__ == "__main__":
    main()
