"""The small pieces of `fbdev._utils` and `fbdev.dev_utils`."""

import asyncio
import importlib
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

import fbdev
from fbdev import _utils
from fbdev._utils import (
    AttrContainer,
    EventCollection,
    EventHandler,
    ReadonlyEvent,
    StateCollection,
    StateHandler,
    TaskManager,
    await_any_event,
    await_multiple_events,
)
from fbdev.dev_utils import get_nb_testing_comp_process, is_in_repl, method_from_py_file
from tests.fbdev.helpers import Forward, component, run


@pytest.mark.parametrize(
    "path",
    [
        "fbdev._utils.misc:is_valid_name",
        "fbdev._utils.attr_container:AttrContainer",
        "fbdev._utils.events:EventHandler",
        "fbdev._utils.states:StateHandler",
        "fbdev._utils.task_manager:TaskManager",
        "fbdev.exceptions:NodeError",
        "fbdev.comp.base_component:BaseComponent",
        "fbdev.runtime:NodeProcess",
        "fbdev.runtime.node_process:NodeProcess",
        "fbdev.runtime.base_runtime:BaseRuntime",
        "fbdev.runtime.batch_executor:BatchExecutor",
        "fbdev.runtime._utils:parse_args_into_port_packets",
        "fbdev.dev_utils:is_in_repl",
    ],
)
def test_the_public_library_s_import_paths_are_there(path: str) -> None:
    module, name = path.split(":")
    assert getattr(importlib.import_module(module), name)


def test_subpackages_are_imported_with_the_package() -> None:
    for name in ("exceptions", "_utils", "comp", "graph", "runtime", "dev_utils"):
        assert getattr(fbdev, name).__name__ == f"fbdev.{name}"
    assert fbdev.__version__


# ---------------------------------------------------------------------------------------- containers


def test_a_container_holds_things_as_items_and_as_attributes() -> None:
    box = AttrContainer({"a": 1, "grp.x": 2, "grp.y": 3}, "box")
    assert (box.a, box["a"], box.grp.x, box["grp.y"], box["grp"]["y"]) == (1, 1, 2, 3, 3)
    assert list(box) == ["a", "grp.x", "grp.y"] and box.as_list() == [1, 2, 3] and len(box) == 3
    assert str(box) == "box: a: 1, grp.x: 2, grp.y: 3"
    with pytest.raises(AttributeError, match=r"There is no 'b' in box: there are a, grp\.x"):
        box.b  # noqa: B018
    with pytest.raises(KeyError, match="no 'b' in box"):
        box["b"]
    with pytest.raises(TypeError):
        box.as_readonly_dict()["a"] = 5  # type: ignore[index]


def test_a_container_changes_by_its_owner_and_its_copy_does_not_follow() -> None:
    box = AttrContainer(obj_name="box", dtype=int)
    box._set("items", 1)
    twin = box.copy()
    box._set("a", 2)
    box._remove("items")
    assert (dict(twin), twin.items, dict(box)) == ({"items": 1}, 1, {"a": 2})
    assert "items" not in box and callable(box.items)
    with pytest.raises(TypeError, match="box 'b' is a int, not 'x'"):
        box._set("b", "x")
    with pytest.raises(KeyError):
        box._remove("b")


# ---------------------------------------------------------------------------------------- states and events


def test_states_are_set_checked_and_waited_for() -> None:
    async def main() -> None:
        light = StateHandler("light", "red", ["red", "green"])
        red, not_red = light.get_state_event("red"), light.get_state_event("red", False)
        toggle, change = light.get_state_toggle_event("red"), light.get_state_changed_event()
        assert light.check("red") and red.is_set() and not not_red.is_set() and not hasattr(red, "set")
        waiting = asyncio.ensure_future(light.wait("green"))
        light.set("red")
        await asyncio.sleep(0)
        assert not waiting.done() and not change.is_set()
        light.set("green")
        assert await waiting and not_red.is_set() and not red.is_set() and change.is_set() and not toggle.is_set()
        light.set("red")
        assert toggle.is_set() and red.is_set()
        assert await light.wait("red") and await light.wait("green", False)
        assert str(light) == "State: light=red"

    run(main())


def test_what_is_no_state_is_refused() -> None:
    with pytest.raises(ValueError, match="one of 1, 2, not 3"):
        StateHandler("s", 3, [1, 2])
    with pytest.raises(ValueError, match="not unique"):
        StateHandler("s", 1, [1, 1])
    for act in (StateHandler.set, StateHandler.check, StateHandler.get_state_event):
        with pytest.raises(ValueError, match="one of True, False, not 'on'"):
            act(StateHandler("s", True), "on")


def test_a_collection_shows_states_and_keeps_what_sets_them() -> None:
    states = StateCollection(started=False)
    states._add_state(StateHandler("level", 1, [1, 2]), readonly=False)
    states._started.set(True)
    states.level.set(2)
    assert states.started.get() and not hasattr(states.started, "set")
    assert str(states) == "StateCollection: started=True, level=2"
    assert list(states) == ["_started", "started", "_level", "level"]


def test_an_event_sets_each_subscription_once_and_calls_back_each_time() -> None:
    event = EventHandler("done")
    first, calls = event.subscribe(), []
    event.register_callback(lambda: calls.append("called"))
    event._trigger()
    second = event.subscribe()
    assert first.is_set() and not second.is_set()
    event._trigger()
    assert second.is_set() and calls == ["called", "called"]
    assert EventCollection("done").done.name == "done"


def test_waiting_for_all_events_and_for_any() -> None:
    async def main() -> None:
        one, two = asyncio.Event(), asyncio.Event()
        both = asyncio.ensure_future(await_multiple_events(one, ReadonlyEvent(two)))
        one.set()
        await await_any_event(one, two)
        assert not both.done()
        two.set()
        await both
        with pytest.raises(ValueError, match="at least one"):
            await await_any_event()

    run(main())


# ---------------------------------------------------------------------------------------- the rest


@pytest.mark.parametrize("name", fbdev.__all__)
def test_the_names_that_a_graph_is_written_with_can_be_imported_from_the_top(name: str) -> None:
    assert getattr(fbdev, name) is not None
    assert name in dir(fbdev)


def test_small_functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _utils.is_mutually_exclusive() and _utils.is_mutually_exclusive(None, 0)
    assert not _utils.is_mutually_exclusive(1, 2) and not _utils.is_mutually_exclusive(None, at_least_one=True)
    assert _utils.is_in_event_loop() is False and run(_in_loop()) is True
    assert _utils.root_dir(fbdev) == Path(fbdev.__file__).parent
    assert _utils.get_caller_module(1) == __name__
    assert _utils.get_traceback_str(ValueError("x")) == "ValueError: x"
    assert 0 < _utils.find_available_port() < 65536
    inside = tmp_path / "pkg" / "sub"
    inside.mkdir(parents=True)
    for folder in (inside, inside.parent):
        (folder / "__init__.py").touch()
    module = inside / "mod.py"
    module.write_text('"""Says so."""\n')
    assert _utils.extract_top_level_docstring(module) == "Says so."
    assert _utils.find_module_root(module) == inside.parent and _utils.find_module_root(tmp_path) is None
    assert [name for name, _ in _utils.get_module_path_hierarchy(module)] == ["mod", "sub", "pkg"]
    monkeypatch.chdir(inside)
    assert _utils.get_git_root_directory() is None
    (tmp_path / ".git").mkdir()
    assert _utils.get_git_root_directory() == tmp_path


async def _in_loop() -> bool:
    return _utils.is_in_event_loop()


def test_metaclass_and_property() -> None:
    class Only(metaclass=_utils.SingletonMeta):
        def __init__(self, value: int) -> None:
            self.value = value

    assert Only(1) is Only(2) and Only(3).value == 1
    assert _utils.abstractproperty(lambda self: 1).__isabstractmethod__


def test_bug_24_a_method_runs_the_text_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "textpkg"
    package.mkdir()
    (package / "__init__.py").write_text("factor = 10\n")
    (package / "body.py").write_text(
        "from . import factor\nself.log.append(a * factor + k)\nif a == 0:\n    return\n"
    )
    (package / "waits.py").write_text("import asyncio\n\nawait asyncio.sleep(0)\n1 / a\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    class Thing:
        def __init__(self) -> None:
            self.log: list[Any] = []

        @method_from_py_file(package / "body.py")
        def plain(self, a: int, k: int = 5) -> str:
            """Say what the method does."""
            self.log.append("itself")
            return "returned"

        @method_from_py_file(str(package / "waits.py"))
        async def waits(self, a: int) -> str:
            return "waited"

    thing = Thing()
    assert thing.plain(2) == "returned" and thing.plain(0, k=1) == "returned"
    assert thing.log == [25, "itself", 1, "itself"]
    assert thing.plain.__doc__ == "Say what the method does."
    assert run(thing.waits(1)) == "waited"
    with pytest.raises(ZeroDivisionError) as caught:
        run(thing.waits(0))
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.lineno) == (str(package / "waits.py"), 4)
    with pytest.raises(ValueError, match=r"Not a file: nothing\.py"):
        method_from_py_file("nothing.py")(lambda self: None)
    sys.modules.pop("textpkg", None)


def test_bug_49_a_component_for_a_notebook_gets_real_signals_without_end() -> None:
    got: list[Any] = []

    async def main(self: Any) -> None:
        for _ in range(3):
            await self.await_signal("go")
            value = await self.ports.input.inp.get_and_consume()
            got.append((value, self.config.by))
            await self.ports.output.out.put_value(value)
            await self.send_message("said")
        got.append("end")

    kind = component("Tried", main, input="inp", config="by", signal="go", output="out", message="said")

    async def use() -> None:
        tried = get_nb_testing_comp_process(kind, {"by": 2}, {"go"}, inp=1)
        await tried.start()
        while "end" not in got:
            await asyncio.sleep(0)
        await tried.stop()
        with pytest.raises(ValueError, match=r"Forward has no port input\.other"):
            get_nb_testing_comp_process(Forward, other=1)

    run(use())
    assert got == [(1, 2)] * 3 + ["end"]


def test_no_prompt_here() -> None:
    assert is_in_repl() is False


# ---------------------------------------------------------------------------------------- task managers


def test_exec_coros_returns_what_its_coroutines_return() -> None:
    async def main() -> None:
        manager = TaskManager("host")

        async def give(value: int) -> int:
            await asyncio.sleep(0)
            return value

        assert await manager.exec_coros(give(1)) == 1
        assert await manager.exec_coros(give(1), give(2)) == [1, 2]
        assert await manager.exec_coros() == []
        assert await manager.exec_coros(give(1), give(2), sequentially=True) == [1, 2]
        assert manager.get_task_coro_qualnames() == {}

    run(main())


def test_an_error_is_recorded_and_told_with_its_source_and_text() -> None:
    async def main() -> None:
        manager = TaskManager("host")
        told: list[Any] = []
        manager.subscribe(lambda *failure: told.append(failure))
        error = ValueError("mine")
        task = manager.create_task(_raise(error))
        await manager.wait_for_exceptions()
        assert manager.exception_occured() and manager.get_exceptions() == told
        ((failed, exceptions, sources, texts),) = told
        assert (failed, exceptions, sources) == (task, (error,), ("host",))
        assert texts[0].startswith("Traceback") and texts[0].endswith("ValueError: mine")

    run(main())


async def _raise(error: BaseException) -> None:
    raise error


def test_tasks_are_counted_cancelled_and_destroyed() -> None:
    async def main() -> None:
        manager = TaskManager("host")
        forever = asyncio.Event().wait
        one, two, three = (manager.create_task(forever()) for _ in range(3))
        assert manager.get_task_coro_qualnames() == {"Event.wait": 3}
        await asyncio.sleep(0)
        await manager.cancel_wait(one)
        assert manager.is_cancelled(one) and not manager.is_cancelled(two)
        with pytest.raises(ValueError, match="no running task"):
            manager.cancel(one)
        manager.cancel(two)
        with pytest.raises(ValueError, match="cancelled already"):
            manager.cancel(two)
        await manager.stop()
        assert three.cancelled() and not manager.exception_occured()

    run(main())


def test_a_task_that_does_not_end_is_left_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("fbdev.task_manager.PATIENCE", 0)

    async def main() -> None:
        release = asyncio.Event()

        async def stubborn() -> None:
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    continue

        manager = TaskManager("host")
        task = manager.create_task(stubborn())
        await asyncio.sleep(0)
        await manager.destroy()
        assert "stubborn was cancelled 5 times and goes on" in caplog.text
        release.set()
        await asyncio.wait([task])

    run(main())
