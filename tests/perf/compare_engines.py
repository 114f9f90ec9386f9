"""The same three graphs with their nodes as Ray actors and as Dask actors, on a local cluster of two workers.

Both engines are wanted here, and numpy, in an environment of their own:

    python3 -m venv engines && engines/bin/pip install ray distributed numpy
    engines/bin/python tests/perf/compare_engines.py ray dask

Each packet passes the coordinator between two nodes, as it does in fbdev, where every move passes a gate; a big one
passes as a reference where the engine has such a thing.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

SMALL = 3000
WINDOW = 16
"""Packets under way at once in the chain, as with edges of this capacity."""
ROUNDS = 300
HEAVY = 24
LOOPS = 2_000_000
BIG = 20
AT_ONCE = 2
BIG_BYTES = 50_000_000


class Stage:
    """A node of each of the graphs. Both engines make an actor of it."""

    def pid(self) -> int:
        return os.getpid()

    def step(self, value: int) -> int:
        return value + 1

    def heavy(self, value: int) -> int:
        for number in range(LOOPS):
            value = (value * 31 + number) % 1_000_003
        return value

    def make(self, number: int) -> Any:
        import numpy as np

        return np.full(BIG_BYTES // 8, number, dtype=np.int64)

    def scale(self, array: Any) -> Any:
        return array * 2

    def last(self, array: Any) -> int:
        return int(array[-1])

    def hang(self) -> None:
        time.sleep(60)


class OnRay:
    async def start(self) -> None:
        import ray

        self.ray = ray
        ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False, logging_level="error")
        self.kind = ray.remote(num_cpus=0)(Stage)

    async def actor(self) -> Any:
        actor = self.kind.remote()
        await actor.pid.remote()
        return actor

    async def call(self, actor: Any, name: str, *values: Any) -> Any:
        return await getattr(actor, name).remote(*values)

    async def big(self, makes: Any, scales: Any, reads: Any, number: int) -> int:
        array = makes.make.remote(number)
        scaled = scales.scale.remote(array)
        return await reads.last.remote(scaled)

    async def stop(self) -> None:
        self.ray.shutdown()


class OnDask:
    """An actor's result goes to the caller. A `Future` or an actor handed to another actor instead did not work:
    awaited there, on the worker, it never came; so arrays go by way of the coordinator."""

    async def start(self) -> None:
        from distributed import Client, LocalCluster

        self.cluster = await LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, asynchronous=True, silence_logs=50
        )
        self.client = await Client(self.cluster, asynchronous=True, direct_to_workers=True)
        self.made = 0

    async def actor(self) -> Any:
        workers = sorted(nanny.worker_address for nanny in self.cluster.workers.values())
        self.made += 1
        place = [workers[self.made % len(workers)]]
        return await self.client.submit(Stage, actor=True, pure=False, workers=place)

    async def call(self, actor: Any, name: str, *values: Any) -> Any:
        return await getattr(actor, name)(*values)

    async def big(self, makes: Any, scales: Any, reads: Any, number: int) -> int:
        array = await makes.make(number)
        return await reads.last(await scales.scale(array))

    async def stop(self) -> None:
        await self.client.close()
        await self.cluster.close()


async def in_window(count: int, width: int, run: Callable[[int], Awaitable[Any]]) -> float:
    """Run one packet after the other, so many at once; returns the seconds it took."""
    room = asyncio.Semaphore(width)

    async def one(number: int) -> None:
        async with room:
            await run(number)

    began = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(count)))
    return time.perf_counter() - began


async def heavy_here(number: int) -> None:
    Stage().heavy(number)


async def measure(engine: Any, name: str) -> None:
    began = time.perf_counter()
    await engine.start()
    up = time.perf_counter()
    actors = [await engine.actor() for _ in range(4)]
    tell(name, "cluster up", f"{up - began:.2f} s")
    tell(name, "four nodes up", f"{time.perf_counter() - up:.2f} s")

    async def chain(number: int) -> None:
        for actor in actors[:3]:
            number = await engine.call(actor, "step", number)

    await in_window(100, WINDOW, chain)
    tell(name, "chain of three nodes", f"{SMALL / await in_window(SMALL, WINDOW, chain):.0f} packets/s")
    seconds = await in_window(ROUNDS, 1, lambda number: engine.call(actors[0], "step", number))
    tell(name, "one call, there and back", f"{1000 * seconds / ROUNDS:.2f} ms")

    here = min([await in_window(1, 1, heavy_here) for _ in range(3)])
    seconds = await in_window(HEAVY, 4, lambda number: engine.call(actors[number % 4], "heavy", number))
    tell(name, "fan-out to four heavy nodes", f"{HEAVY * here / seconds:.2f} times one core")

    await engine.big(*actors[:3], 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = await in_window(BIG, AT_ONCE, lambda number: engine.big(*actors[:3], number))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    tell(name, "50 MB arrays over two hops", f"{2 * BIG * BIG_BYTES / seconds / 1e6:.0f} MB/s")
    tell(name, "coordinator grew by", f"{grown} MB")
    await die(engine, name, actors[3])
    began = time.perf_counter()
    await engine.stop()
    tell(name, "cluster down", f"{time.perf_counter() - began:.2f} s")


async def die(engine: Any, name: str, actor: Any) -> None:
    """Kill the worker of a node in the middle of a call."""
    pid = await engine.call(actor, "pid")
    call = asyncio.ensure_future(engine.call(actor, "hang"))
    await asyncio.sleep(0.5)
    os.kill(pid, signal.SIGKILL)
    began = time.perf_counter()
    await asyncio.wait([call], timeout=20)
    seconds = time.perf_counter() - began
    if not call.done():
        tell(name, "worker killed in a call", "nothing within 20 s")
        call.cancel()
        return
    error = call.exception()
    tell(name, "worker killed in a call", f"{type(error).__name__} after {seconds:.2f} s")


def tell(engine: str, what: str, value: str) -> None:
    print(f"{engine:5} {what:30} {value}", flush=True)


def weight(name: str) -> None:
    """Tell what an engine's own distributions weigh, installed, and how long it takes to import."""
    found, waiting = set(), {"ray": ["ray"], "dask": ["distributed"]}[name]
    while waiting:
        dist = importlib.metadata.distribution(waiting.pop())
        if dist.name not in found:
            found.add(dist.name)
            needs = [need for need in dist.requires or () if "extra ==" not in need]
            waiting += [n for need in needs if (n := "".join(re_name(need))) and is_here(n)]
    size = sum(
        Path(str(file.locate())).stat().st_size
        for one in found
        for file in importlib.metadata.distribution(one).files or ()
        if Path(str(file.locate())).exists()
    )
    module = {"ray": "ray", "dask": "distributed"}[name]
    took = min(
        float(subprocess.check_output([sys.executable, "-c", TIMED.format(module)], text=True)) for _ in range(3)
    )
    main = importlib.metadata.distribution(module)
    tell(name, "version", f"{main.version}, for Python {main.metadata['Requires-Python']}")
    tell(name, "installed", f"{size / 1e6:.0f} MB in {len(found)} distributions")
    tell(name, "import", f"{took:.2f} s")


TIMED = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def re_name(need: str) -> list[str]:
    import re

    return re.findall(r"^[\w.-]+", need)


def is_here(name: str) -> bool:
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


if __name__ == "__main__":
    if len(sys.argv) == 2:
        weight(sys.argv[1])
        asyncio.run(measure({"ray": OnRay, "dask": OnDask}[sys.argv[1]](), sys.argv[1]))
    else:
        for engine in sys.argv[1:]:
            subprocess.run([sys.executable, __file__, engine], check=True)
