"""The process of a node on the engine, as the net sees it: an actor, and the bytes that go there and come back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from fbdev.concurrent.engine import cluster
from fbdev.concurrent.engine.worker import CHUNK, GROUPS, Worker
from fbdev.concurrent.store import Parts, Store, Stored
from fbdev.exceptions import RemoteNodeError

AHEAD: Final = 2
"""Questions for bytes that are out at once."""

_OPTIONS: Final = {"cpus": "num_cpus", "gpus": "num_gpus", "memory": "memory"}


class StoreHere(Store):
    """The store as the net sees it: it holds references, and fetches only what somebody here receives."""

    def put(self, parts: Parts) -> Any:
        """Put a payload into the store."""
        return cluster.Reference(cluster.engine().put(parts))

    def arrived(self, stored: Stored, lies: Any) -> Any:
        """Return a payload that has been fetched for somebody here, or what stands for it."""
        if isinstance(lies, Parts):
            return lies.payload()
        stored.lies = lies
        return stored


class EngineProcess:
    """An actor on the engine that runs a node. Made on a running loop, which is not held up.

    Args:
        theirs: the end of a socket pair where the node's messages are read and written.
        address: where the cluster runs; None for a local one.
        resources: what the node asks for: ``cpus``, ``gpus``, ``memory`` in bytes, or names of the cluster's own.
        patience: seconds that it may wait for a machine that has these.
        store: what its big payloads go by.
        is_received_here: says of a port's name whether somebody here receives what it sends.
    """

    def __init__(
        self,
        theirs: socket.socket,
        address: str | None,
        resources: Mapping[str, float],
        patience: float,
        store: Store,
        is_received_here: Callable[[str], bool],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._theirs = theirs
        self._address = address
        self._resources = resources
        self._patience = patience
        self._store = store
        self._is_received_here = is_received_here
        self._actor: Any = None
        self._unwanted = threading.Event()
        self.pid: int | None = None
        """The process id on its machine; None before there is one."""
        self.host = ""
        self.ended: asyncio.Future[str] = self._loop.create_future()
        """Done when the actor has ended: how it did."""
        threading.Thread(target=self._run, name="fbdev_node_on_engine", daemon=True).start()

    @property
    def where(self) -> str:
        """Where it runs, in the words of an error."""
        return f"on the engine's machine {self.host}, process {self.pid}" if self.pid else "on the engine"

    def kill(self) -> None:
        """End it, whatever it does."""
        self._unwanted.set()
        if not self.ended.done():
            self.ended.set_result("was stopped")
        self._close()  # the threads see it

    # -- in the threads

    def _run(self) -> None:
        words = "has ended"
        try:
            with cluster.joined(self._address) as ray:
                try:
                    self._serve(ray)
                except ray.exceptions.RayActorError:
                    self._tell("has died")
                finally:
                    if self._actor is not None:
                        ray.kill(self._actor)
        except Exception as error:  # whatever it is, somebody waits to hear of it
            words = f"could not be started: {error}"
        self._theirs.close()
        self._tell(words)

    def _serve(self, ray: Any) -> None:
        if self._unwanted.is_set():
            return
        self._actor = actor = self._place(ray)
        self.host, self.pid = self._found(ray, actor)
        feeder = threading.Thread(target=self._feed, args=(actor,), name="fbdev_node_feed", daemon=True)
        feeder.start()
        try:
            self._listen(ray, actor)
        finally:
            self._close()
            feeder.join()

    def _place(self, ray: Any) -> Any:
        options: dict[str, Any] = {"num_cpus": 0}
        for name, amount in self._asked(ray).items():
            if name in _OPTIONS:
                options[_OPTIONS[name]] = amount
            else:
                options.setdefault("resources", {})[name] = amount
        kind = ray.remote(concurrency_groups=GROUPS)(Worker)
        return kind.options(max_restarts=0, scheduling_strategy="SPREAD", **options).remote()

    def _asked(self, ray: Any) -> Mapping[str, float]:
        """Return what it asks for; on a local cluster this machine is all there is, whatever it asks for."""
        there = ray.cluster_resources()
        if cluster.is_local():
            return {"gpus": min(self._resources.get("gpus", 0), there.get("GPU", 0))}
        for name, amount in self._resources.items():
            most = max((node["Resources"].get(_called(name), 0) for node in ray.nodes() if node["Alive"]), default=0)
            if amount > most:
                raise RemoteNodeError(f"no machine of the cluster has {name}={amount:g}: the most is {most:g}")
        return self._resources

    def _found(self, ray: Any, actor: Any) -> tuple[str, int]:
        try:
            found: tuple[str, int] = ray.get(actor.who.remote(), timeout=self._patience)
        except ray.exceptions.GetTimeoutError:
            asked = ", ".join(f"{name}={amount:g}" for name, amount in self._resources.items())
            raise RemoteNodeError(
                f"no machine of the cluster has had room for it ({asked or 'a process'}) in {self._patience:g} s"
            ) from None
        except ray.exceptions.RayError as error:
            raise RemoteNodeError(str(error).strip().splitlines()[-1]) from error
        return found

    def _feed(self, actor: Any) -> None:
        """Pass on what the net says."""
        feed = actor.feed.options(concurrency_group="feed")
        with contextlib.suppress(OSError):
            while data := self._theirs.recv(CHUNK):
                feed.remote(data, {stored.key: stored.lies.lies for stored, _ in self._store.going()})
        feed.remote(b"", {})

    def _listen(self, ray: Any, actor: Any) -> None:
        """Pass on what the node says, and take over the payloads that it has sent."""
        listen = actor.listen.options(concurrency_group="listen")
        give = actor.give.options(concurrency_group="give")
        asked = deque(listen.remote() for _ in range(AHEAD))
        while True:
            data, keys = ray.get(asked.popleft())
            if not data or self._unwanted.is_set():
                return
            asked.append(listen.remote())
            for key, port in keys:
                lies = give.remote(key)
                here = self._is_received_here(port)
                self._store.comes(key, ray.get(lies) if here else cluster.Reference(lies))
            try:
                self._theirs.sendall(data)
            except OSError:  # nobody hears it any more
                return

    def _close(self) -> None:
        with contextlib.suppress(OSError):
            self._theirs.shutdown(socket.SHUT_RDWR)

    def _tell(self, words: str) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            self._loop.call_soon_threadsafe(self._told, words)

    def _told(self, words: str) -> None:
        if not self.ended.done():
            self.ended.set_result(words)


def _called(name: str) -> str:
    return {"cpus": "CPU", "gpus": "GPU"}.get(name, name)
