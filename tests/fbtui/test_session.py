"""The session: stepping, rerunning, and programs that misbehave, each in a real target process."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from fbtui.session import Phase, how_it_ended
from fbtui.trace import Kind
from tests.fbtui.driver import EXAMPLES, Driver, drive, program, write
from tests.patience import PATIENCE


def moves(driver: Driver) -> list[tuple[str, str, str, bool, int]]:
    assert driver.session.paused is not None
    return [(m.node, m.kind, m.port, m.enabled, m.occurrence) for m in driver.session.paused.parked]


def test_a_step_commits_exactly_one_move_and_tells_the_next() -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert ("GRAPH", "send", "inp", True, 1) in moves(driver)
        for step in range(1, 6):
            session.controls.step()
            await driver.paused(step)
            assert session.paused is not None and session.paused.next is not None
        assert session.record.marking.edge("edge1").sent == session.record.marking.edge("edge1").received == 1
        assert [(line.node, line.text) for line in session.record.output] == [
            ("FooComponent1", "5"),
            ("FooComponent2", "there"),
        ]
        session.controls.step()
        await driver.ended()
        assert session.done is not None
        assert (session.done.end, session.done.moves, session.done.outputs) == ("finished", 6, {"out": ["world"]})
        assert "{debug.rerun} runs it again" in session.controls.step()

    drive(EXAMPLES / "hello.py", story)


@pytest.mark.parametrize("order", ["fifo", "canon", "random"])
def test_stepping_and_running_on_give_the_same_log(order: str, tmp_path: Path) -> None:
    async def log(driver: Driver, *, step: bool) -> list[tuple[int, int, int, int]]:
        session = await driver.paused()
        if step:
            while session.phase is not Phase.ENDED:
                before = session.paused.step if session.paused else 0
                session.controls.step()
                await driver.until(
                    lambda s, before=before: (
                        s.phase is Phase.ENDED or (s.phase is Phase.PAUSED and s.paused.step > before)
                    )
                )
        else:
            session.controls.resume()
            await driver.ended()
        assert session.record.trace is not None
        return [(r.kind, r.node, r.edge, r.occurrence) for r in session.record.trace if r.edge >= 0]

    logs = []

    async def stepping(driver: Driver) -> None:
        logs.append(await log(driver, step=True))

    async def running(driver: Driver) -> None:
        logs.append(await log(driver, step=False))

    drive(EXAMPLES / "feedback.py", stepping, order=order, seed=7)
    drive(EXAMPLES / "feedback.py", running, order=order, seed=7)
    assert logs[0] == logs[1]
    assert len(logs[0]) > 100


@pytest.mark.parametrize("name", ["hello", "telegram", "csv_to_sqlite", "feedback"])
def test_a_free_and_a_scheduled_run_agree_on_every_edge(name: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    histories = []

    async def story(driver: Driver) -> None:
        session = driver.session
        await driver.ended()
        assert session.done is not None and session.record.trace is not None and session.done.end == "finished"
        per_edge: dict[tuple[int, int], list[str]] = {}
        for record in session.record.trace:
            if record.edge >= 0 and record.kind == Kind.SEND:
                per_edge.setdefault((record.edge, record.kind), []).append(session.record.trace.text(record))
        histories.append((session.done.moves, session.done.outputs, per_edge))

    for order in ("free", "fifo", "canon"):
        drive(tmp_path / "examples" / f"{name}.py", story, order=order, paused=False)
    if name in {"hello", "telegram"}:  # where two edges meet, the order of arrival is the schedule's
        assert histories[0] == histories[1] == histories[2]
    assert len({moves for moves, _, _ in histories}) == 1


def test_a_parked_move_can_be_chosen_out_of_order_and_one_that_cannot_go_says_why() -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session.paused is not None
        waiting = next(m for m in session.paused.parked if m.node == "FooComponent2")
        session.controls.step(move=waiting.id)
        await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.why)
        assert session.paused.step == 0
        assert "FooComponent2 waits for inp (empty)" in session.paused.why

    drive(EXAMPLES / "hello.py", story)


def test_payloads_open_level_by_level_and_edges_show_what_waits(tmp_path: Path) -> None:
    path = write(tmp_path, program("value = {'n': [value, 2.5], 'who': 'me'}"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step()
        await driver.paused(1)
        on_edge = await session.questions.inspect(edge="edge0")
        assert [(p.type, p.summary) for p in on_edge.packets] == [("int", "5")]
        session.controls.step(2)
        await driver.paused(3)
        (packet,) = (await session.questions.inspect(edge="edge1")).packets
        assert packet.summary == "{'n': [5, 2.5], 'who': 'me'}"
        top = await session.questions.inspect(packet=packet.packet)
        assert [(i.label, i.type, i.opens) for i in top.items] == [
            ("2 items", "dict", True),
            ("'n'", "list", True),
            ("'who'", "str", False),
        ]
        inner = await session.questions.inspect(packet=packet.packet, path=(0,))
        assert [(i.label, i.summary) for i in inner.items] == [("", "[5, 2.5]"), ("0", "5"), ("1", "2.5")][1:]
        node = await session.questions.inspect(node="Work")
        assert node.node is not None and node.node.state == "finished"

    drive(path, story)


def test_a_run_that_is_blocked_says_so_at_once_with_the_way_out() -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        assert session.done is not None and session.done.blocked is not None
        assert session.done.end == "blocked"
        assert session.done.blocked.verdict == "artificial deadlock"
        assert session.done.blocked.raise_ is not None and session.done.blocked.raise_.edge == "small"
        assert (
            "Sort waits to send small (2/2 full) <- Pair waits for large (empty) <- Sort"
            in session.problems[0].title
        )

    drive(EXAMPLES / "deadlock.py", story)


# ------------------------------------------------------------------------------------------ reruns


def test_a_save_reruns_at_the_same_place_and_a_syntax_error_ends_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, program("value += 1"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(3)
        await driver.paused(3)
        write(tmp_path, program("value += 2"))
        await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED and s.paused and s.paused.step == 3)
        assert session.notice == "work.py saved: run again · at the same place, send 1 on Work.out->GRAPH.out"
        assert [p.summary for p in (await session.questions.inspect(edge="edge1")).packets] == ["7"]

        write(tmp_path, program("value += ("))
        await driver.broken()
        assert session.graph is not None and session.graph.run == 2
        assert "SyntaxError" in session.problems[0].title
        assert session.problems[0].line == 15

        write(tmp_path, program("value += 3"))
        await driver.until(lambda s: s.run == 4 and s.phase is Phase.PAUSED and s.paused and s.paused.step == 3)
        assert [p.summary for p in (await session.questions.inspect(edge="edge1")).packets] == ["8"]

    drive(path, story, watch=True)


def test_helpers_are_watched_and_never_come_from_a_bytecode_cache(tmp_path: Path) -> None:
    helper = write(tmp_path, "STEP = 1\n", "helper.py")
    path = write(
        tmp_path, program("import helper; value += helper.STEP").replace("import asyncio", "import helper, asyncio")
    )

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        for run, step in enumerate((2, 3, 4, 5), 2):
            helper.write_text(f"STEP = {step}\n", encoding="utf-8")
            await driver.until(lambda s, run=run: s.run == run and s.phase is Phase.ENDED)
            assert session.done is not None and session.done.outputs == {"out": [5 + step]}

    drive(path, story, watch=True)


def test_a_touch_is_no_change(tmp_path: Path) -> None:
    path = write(tmp_path, program())
    other = write(tmp_path, "x = 1\n", "other.py")

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        path.touch()
        other.write_text("x = 2\n", encoding="utf-8")
        write(tmp_path, program("value = 1"))
        await driver.until(lambda s: s.run == 2 and s.phase is Phase.PAUSED)
        assert session.run == 2

    drive(path, story, watch=True)


def test_missing_inputs_are_named_and_can_be_given(tmp_path: Path) -> None:
    path = write(tmp_path, program().replace("BATCH", "NOTHING"))

    async def story(driver: Driver) -> None:
        session = await driver.until(lambda s: s.phase is Phase.MISSING)
        assert [(p.kind, p.name) for p in session.graph.missing] == [("input", "inp")]
        await session.give((("inp", "6"), ("inp", "'seven'")), (), ())
        await driver.paused()
        session.controls.resume()
        await driver.ended()
        assert session.done.outputs == {"out": [6, "seven"]}

    drive(path, story)


# ------------------------------------------------------------------------------------------ bad programs


def ending(tmp_path: Path, body: str, **spec: object) -> tuple[str, Driver]:
    path = write(tmp_path, program(body))
    kept: list[Driver] = []

    async def story(driver: Driver) -> None:
        await driver.paused()
        driver.session.controls.resume()
        await driver.ended()
        kept.append(driver)

    drive(path, story, **spec)
    assert kept[0].session.done is not None
    return how_it_ended(kept[0].session.done), kept[0]


def test_an_error_of_a_component_has_its_place_and_its_variables(tmp_path: Path) -> None:
    words, driver = ending(tmp_path, "value / (value - 5)")
    assert words == "failed after 2 moves: ZeroDivisionError in Work: division by zero"
    (problem,) = driver.session.problems
    assert (problem.at, Path(problem.file or "").name, problem.line) == (("node", "Work"), "work.py", 15)
    assert "value = 5" in problem.text
    assert "fbdev" not in problem.text.replace("fbdev.comp", "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os._exit(3)", "killed after 2 moves: the target ended by itself with exit code 3"),
        ("os.kill(os.getpid(), 9)", "killed after 2 moves: the target was killed by SIGKILL"),
        (
            "import ctypes; ctypes.string_at(0)",
            "killed after 2 moves: the target was killed by SIGSEGV at work.py:15",
        ),
        ("sys.exit(4)", "failed after 2 moves: SystemExit in Work: 4"),
        ("raise BaseException('odd')", "failed after 2 moves: BaseException in Work: odd"),
        ("raise KeyboardInterrupt", "interrupted after 2 moves"),
        ("input('name? ')", "failed after 2 moves: EOFError in Work"),
        ("await asyncio.Event().wait()", "finished after 2 moves"),
        (
            "class Bad:\n                def __repr__(self): os._exit(9)\n            value = Bad()",
            "finished after 4 moves",
        ),
    ],
)
def test_whatever_a_component_does_is_told_in_a_sentence(tmp_path: Path, body: str, words: str) -> None:
    assert ending(tmp_path, body)[0].startswith(words)


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "time.sleep(1000)",
        "while True:\n                try: time.sleep(1000)\n                except: pass",
    ],
)
def test_an_endless_loop_is_located_and_can_be_stopped(tmp_path: Path, loop: str) -> None:
    path = write(tmp_path, program(loop))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.until(lambda s: s.phase is Phase.RUNNING)
        async with asyncio.timeout(PATIENCE):
            while not ((place := await driver.busy_at()) and session.silence() > 0.3):
                pass
        assert place.startswith("work.py:1") and place.endswith("in main")
        await session.stop()
        await driver.ended()
        assert session.done is not None
        assert session.done.end in {"interrupted", "killed"}
        await session.rerun()
        await driver.until(lambda s: s.run == 2 and s.phase in {Phase.PAUSED, Phase.RUNNING})

    drive(path, story)


def test_a_target_killed_from_outside_is_told_and_the_session_lives(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session._target is not None
        os.kill(session._target.pid, signal.SIGKILL)
        await driver.ended()
        assert session.problems[-1].title == "the target was killed by SIGKILL"
        await session.rerun()
        await driver.until(lambda s: s.run == 2 and s.phase is not Phase.STARTING)

    drive(EXAMPLES / "hello.py", story)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "work.py has no graph: it binds no GraphSpec, and no function returns one"),
        ("import nowhere", "work.py cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("raise SystemExit(1)", "work.py cannot be imported: SystemExit: 1"),
        (
            "from fbdev.graph.graph_spec import GraphSpec\na = GraphSpec(); b = GraphSpec()",
            "work.py has several graphs",
        ),
        (program().replace('"inp": 5', '"imp": 5'), "BATCH: the graph has no input port 'imp': there are inp"),
    ],
)
def test_what_keeps_a_run_from_starting_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)

    async def story(driver: Driver) -> None:
        session = await driver.broken()
        assert session.problems[0].title.startswith(words)

    drive(path, story)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.broken()
        assert "FileNotFoundError" in session.problems[0].title

    drive(tmp_path / "gone.py", story)


def test_nothing_is_left_behind_by_a_session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    async def story(driver: Driver) -> None:
        await driver.paused()
        assert list((tmp_path / "fbtui" / "runs").iterdir())

    drive(EXAMPLES / "hello.py", story)
    assert not list((tmp_path / "fbtui" / "runs").iterdir())


def test_a_save_between_the_reading_and_the_watching_is_seen(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    # At its first import the helper is saved anew, before anybody can watch its folder.
    write(
        library,
        "from pathlib import Path\nSTEP = 1\nme = Path(__file__)\ntext = me.read_text()\n"
        "me.write_text(text.replace('STEP = ' + '1', 'STEP = 2'))\n",
        "helper.py",
    )
    path = write(
        tmp_path,
        program("value += helper.STEP").replace(
            "import asyncio", f"import sys; sys.path.append({str(library)!r}); import helper, asyncio"
        ),
    )

    async def story(driver: Driver) -> None:
        await driver.until(lambda s: s.phase is Phase.PAUSED and s.run == 2)
        driver.session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.outputs == {"out": [7]}

    drive(path, story, watch=True)


def test_files_imported_late_and_files_that_are_not_there_yet_are_watched(tmp_path: Path) -> None:
    path = write(tmp_path, program("import later; value += later.STEP"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.ended()
        assert session.done is not None and session.done.error is not None
        write(tmp_path, "STEP = 1\n", "later.py")
        session = await driver.until(lambda s: s.run == 2 and s.phase is Phase.ENDED)
        assert session.done is not None and session.done.outputs == {"out": [6]}
        write(tmp_path, "STEP = 2\n", "later.py")
        session = await driver.until(lambda s: s.run == 3 and s.phase is Phase.ENDED)
        assert session.done is not None and session.done.outputs == {"out": [7]}

    drive(path, story, watch=True)


def test_a_component_that_ends_the_net_has_stopped_it(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None
        assert how_it_ended(session.done) == "stopped after 2 moves: enough"

    drive(write(tmp_path, program("await self.stop_net(reason='enough')")), story, paused=False)


def test_a_source_that_does_not_load_leaves_the_run_before_on_the_screen(tmp_path: Path) -> None:
    path = write(tmp_path, program())

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(3)
        await driver.paused(3)
        for broken in ("x = (", "x = (("):
            path.write_text(program() + broken, encoding="utf-8")
            await session.again()
            await driver.broken()
            assert (session.record.marking.step, session.shown_run) == (3, 1)
            assert session.controls.back() == "" and session.record.shown.step == 2
        path.write_text(program("value += 1"), encoding="utf-8")
        await session.again()
        session = await driver.paused(3)
        assert (session.shown_run, session.run) == (4, 4) and session.record.cursor is None
        session.controls.resume()
        session = await driver.ended()
        assert session.changes.earlier is not None and session.changes.earlier.run == 1
        assert session.done is not None and session.done.outputs == {"out": [6]}

    drive(path, story)


def test_what_loading_printed_goes_before_the_run_before(tmp_path: Path) -> None:
    path = write(tmp_path, program())

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(3)
        await driver.paused(3)
        path.write_text(program() + "\nprint('loading', flush=True)\n1 / 0\n", encoding="utf-8")
        await session.again()
        session = await driver.broken()
        assert [line.text for line in session.record.printed] == ["loading"]
        assert (session.record.marking.step, session.shown_run) == (0, 2)

    drive(path, story)


def test_what_is_typed_while_a_run_begins_is_done_at_the_place_it_comes_back_to(tmp_path: Path) -> None:
    path = write(tmp_path, program())

    async def story(driver: Driver) -> None:
        session = await driver.until(lambda s: s.run == 1)
        assert session.controls.step() == "" and session.controls.step() == ""
        session = await driver.paused(2)
        begun = asyncio.ensure_future(session.again())
        while session.run < 2:
            await asyncio.sleep(0)
        assert session.phase is Phase.STARTING and session.controls.step() == ""
        assert session.controls.in_turn(session.controls.back) == ""
        await begun
        session = await driver.until(lambda s: s.run == 2 and s.record.cursor is not None)
        assert (session.record.marking.step, session.record.shown.step) == (3, 2)
        path.write_text("x = (", encoding="utf-8")
        begun = asyncio.ensure_future(session.again())
        while session.run < 3:
            await asyncio.sleep(0)
        assert session.controls.step() == ""
        await begun
        await driver.broken()
        path.write_text(program(), encoding="utf-8")
        await session.again()
        session = await driver.until(lambda s: s.run == 4 and s.phase is Phase.PAUSED and not s.is_on_its_way)
        assert session.paused is not None and session.paused.step == session.record.shown.step

    drive(path, story)
