"""How the cluster is left: the engine ends a process that touches it meanwhile. No engine is needed for that."""

import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from fbdev.concurrent.engine import cluster
from tests.patience import PATIENCE


class Lies:
    """What the engine gives for something in its store."""


class Engine:
    """Stands for the engine, and does something while it is being left."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = meanwhile
        self.times_left = 0

    def is_initialized(self) -> bool:
        return False

    def init(self, **_: Any) -> None:
        pass

    def shutdown(self) -> None:
        self.times_left += 1
        self._meanwhile()


def use(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> Engine:
    engine = Engine(meanwhile)
    monkeypatch.setattr(cluster, "engine", lambda: engine)
    return engine


def test_what_is_let_go_of_while_the_cluster_is_left_lives_until_it_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    lies = [Lies()]
    kept = [cluster.Reference(lies[0])]
    ref = weakref.ref(lies.pop())
    seen: list[bool] = []

    def meanwhile() -> None:
        kept.clear()
        seen.append(ref() is not None)

    use(monkeypatch, meanwhile)
    with cluster.joined(None):
        pass
    assert seen == [True] and ref() is None


def test_what_an_error_holds_in_a_ring_is_let_go_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[weakref.ref[Lies]] = []
    seen: list[bool] = []
    use(monkeypatch, lambda: seen.append(found[0]() is None))

    def fails() -> None:
        lies = Lies()
        found.append(weakref.ref(lies))
        error = RuntimeError("its frame holds it")
        raise error

    with cluster.joined(None):
        with pytest.raises(RuntimeError):
            fails()
    assert seen == [True]


def test_the_end_of_the_process_waits_for_the_last_to_leave_and_then_nobody_leaves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "AT_EXIT", PATIENCE)
    monkeypatch.setattr(cluster, "_is_exiting", False)
    engine = use(monkeypatch, lambda: None)
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with cluster.joined(None):
            inside.set()
            leave.wait()

    thread = threading.Thread(target=stay)
    thread.start()
    inside.wait()
    threading.Timer(0.01, leave.set).start()
    cluster._wait_for_the_last()
    assert engine.times_left == 1
    thread.join()
    with cluster.joined(None):
        pass
    assert engine.times_left == 1
