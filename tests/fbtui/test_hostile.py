"""Code that misbehaves: each case is told in a sentence while the session lives."""

import asyncio
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fbtui.protocol import Done
from fbtui.protocol.characters import clean
from fbtui.session import Phase, Session, how_it_ended, strays
from fbtui.session.strays import MARK, kill_strays, marks_of
from fbtui.session.words import death_of
from tests.fbtui.driver import Driver, drive, program, write
from tests.patience import PATIENCE


def ends(path: Path, **spec: Any) -> tuple[Done, list[str]]:
    """Return how a run ends that goes on to its end, and what it has printed."""
    found: list[tuple[Done, list[str]]] = []

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None
        found.append((session.done, [line.text for line in session.record.output]))

    drive(path, story, paused=False, **spec)
    return found[0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("os.abort()", "killed after 2 moves: the target was killed by SIGABRT at work.py:15 in main"),
        (
            "deep = lambda n: deep(n + 1)\n            deep(0)",
            "failed after 2 moves: RecursionError in Work: maximum recursion depth exceeded",
        ),
        ("os.close(1); os.close(2); print('still')", "finished after 4 moves"),
        ("os.closerange(0, 4096); print('still')", "finished after 4 moves"),
        ("[os.close(each) for each in range(3, 200) if os.path.exists(f'/dev/fd/{each}')]", "failed after 2 moves"),
        ("os.chdir('/'); value = os.getcwd()", "finished after 4 moves"),
        ("import threading; threading.Thread(target=time.sleep, args=(60,)).start()", "finished after 4 moves"),
        ("[asyncio.ensure_future(asyncio.Event().wait()) for _ in range(20_000)]", "finished after 4 moves"),
        ("asyncio.get_running_loop().stop()", "failed after 2 moves: RuntimeError"),
        ("value = [b'x' * 60_000_000, 'y' * 60_000_000]", "finished after 4 moves"),
        (
            "value = 'y' * 100_000_000",
            "finished after 4 moves: its outputs are too large to be told, and are cut",
        ),
        (
            "os._exit(3)",
            "killed after 2 moves: the target ended by itself with exit code 3, without an end of the run "
            "at work.py:15 in main",
        ),
        ("os.fork()", "finished after 4 moves"),
        ("if os.fork() == 0: raise ValueError('in the child')", "finished after 4 moves"),
        ("value = os.waitpid(os.fork() or os._exit(3), 0)[1]", "finished after 4 moves"),
        ("import threading; value = [threading.Lock(), open('/dev/null'), (_ for _ in '')]", "finished after 4"),
        ("import shutil; shutil.rmtree(os.getcwd())", "finished after 4 moves"),
        ("import atexit; atexit.register(time.sleep, 60)", "finished after 4 moves"),
        ("asyncio.run(asyncio.sleep(0))", "failed after 2 moves: RuntimeError in Work: asyncio.run() cannot be"),
        ("sys.stdout.close(); sys.stderr = None; print('x')", "finished after 4 moves"),
        ("value = []; value.append(value)", "finished after 4 moves"),
        ("value = input('name? ')", "failed after 2 moves: EOFError in Work: input() has no keyboard here: give"),
        ("for _ in range(100_000): value = [value]", "finished after 4 moves"),
    ],
)
def test_the_end_is_told(tmp_path: Path, body: str, words: str) -> None:
    done, _ = ends(write(tmp_path, program(body)))
    assert how_it_ended(done).startswith(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("raise ValueError('no')", "E in Work: (its __str__ raised ValueError)"),
        ("sys.exit(3)", "E in Work: (its __str__ raised SystemExit)"),
        ("return 'x' * 100_000_000", f"E in Work: {'x' * 10_000}… (100000000 characters)"),
    ],
)
def test_an_error_that_cannot_tell_of_itself_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    body = f"class E(Exception):\n                def __str__(self): {text}\n            raise E"
    path = write(tmp_path, program(body))

    async def story(driver: Driver) -> None:
        problem = (await driver.ended()).problems[0]
        assert (problem.title, problem.file, problem.line) == (words, str(path), 17)

    drive(path, story, paused=False)


def test_what_a_forked_process_prints_is_kept_and_one_that_goes_on_is_told(tmp_path: Path) -> None:
    begins = "child = os.fork()\n            if not child: print('of the child'); "
    _, printed = ends(write(tmp_path, program(f"{begins}os._exit(0)\n            os.waitpid(child, 0)")))
    assert printed == ["of the child"]
    _, printed = ends(write(tmp_path, program(f"{begins}\n            if child: os.waitpid(child, 0)")))
    assert printed == [
        "of the child",
        "a forked process went on with the run and was ended: end it with os._exit()",
    ]


def test_bytes_can_be_printed_in_any_pieces(tmp_path: Path) -> None:
    text = "'\u00e9\u20ac\\n'.encode() + b'\\xff\\n'"
    body = f"[sys.stdout.buffer.write(bytes([byte])) for byte in {text}]"
    _, printed = ends(write(tmp_path, program(body)))
    assert printed == ["\u00e9\u20ac", "\\xff"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("import re; re.match('(a+)+b', 'a' * 60)", "work.py:15 in main"),
        ("while True:\n                try: time.sleep(60)\n                except: pass", "work.py:16 in main"),
        (
            "class E(Exception):\n                def __str__(self):\n                    while True: pass\n"
            "            raise E",
            "work.py:17 in __str__",
        ),
        (
            "async def bomb():\n                while True: asyncio.ensure_future(bomb()); await asyncio.sleep(0)\n"
            "            await bomb()",
            "work.py:16 in bomb",
        ),
    ],
)
def test_what_does_not_end_when_asked_is_killed_and_the_place_is_told(tmp_path: Path, body: str, place: str) -> None:
    """What hangs in C, eats the interrupt, hangs while its error is told, or starts tasks faster than they end."""

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        async with asyncio.timeout(PATIENCE):
            while not (session.silence() > 0.2 and (await driver.busy_at()) == place):
                pass
        assert await session.stop() == ""
        session = await driver.ended()
        assert session.done is not None and session.done.end in {"killed", "interrupted"}
        if session.done.end == "killed":
            assert session.done.reason.startswith("it did not end when asked and was killed, busy at work.py:1")
        await session.rerun(anew=True)
        await driver.paused()

    drive(write(tmp_path, program(body)), story)


def test_a_memory_limit_ends_the_run_and_says_so(tmp_path: Path) -> None:
    done, _ = ends(write(tmp_path, program("value = bytearray(5_000_000_000)")), memory_limit=1 << 30)
    assert (done.end, done.error.type if done.error else "") == ("killed", "MemoryError")


def test_a_burst_of_output_is_kept_whole(tmp_path: Path) -> None:
    _, printed = ends(write(tmp_path, program("print('\\n'.join(['x' * 99] * 100_000))")))
    assert len(printed) == 100_000 and set(map(len, printed)) == {99}


def test_payloads_that_resist_are_looked_at_without_running_their_code(tmp_path: Path) -> None:
    classes = (
        "class Hang:\n                def __repr__(self):\n                    while True: pass\n"
        "                __str__ = __len__ = __eq__ = __hash__ = __iter__ = __copy__ = __deepcopy__ = __repr__\n"
        "            value = Hang()"
    )
    path = write(tmp_path, program(classes))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.step(3)
        await driver.paused(3)
        value = await session.questions.inspect(packet=2)
        assert value.items[0].summary == "Hang()"
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.outputs == {"out": [{"type": "Hang", "repr": "Hang()"}]}

    drive(path, story)


@pytest.mark.parametrize("handler", ["signal.SIG_IGN", "lambda *_: None"])
def test_who_handles_the_interrupt_itself_is_killed(tmp_path: Path, handler: str) -> None:
    body = f"import signal; signal.signal(signal.SIGINT, {handler})\n            while True: pass"

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        await driver.until(lambda s: s.phase is Phase.RUNNING)
        async with asyncio.timeout(PATIENCE):
            while session.silence() < 0.2:
                await asyncio.sleep(0.01)
        await session.stop()
        session = await driver.ended()
        assert session.done is not None and session.done.end == "killed"

    drive(write(tmp_path, program(body)), story)


@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("end", ["pass", "os._exit(0)", "os.abort()"])
def test_grandchildren_do_not_outlive_the_run(tmp_path: Path, end: str, session: bool) -> None:
    pid = tmp_path / "pid"
    start = f"import subprocess; child = subprocess.Popen(['sleep', '600'], start_new_session={session})"
    body = f"{start}; open({str(pid)!r}, 'w').write(str(child.pid)); {end}"

    async def gone(number: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while _state(number) != "Z":
                await asyncio.sleep(0.01)

    async def story(driver: Driver) -> None:
        await driver.ended()
        await gone(int(pid.read_text()))

    drive(write(tmp_path, program(body)), story, paused=False)


def test_a_process_that_shows_no_environment_yet_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["sleep", "600"]) as child:
        looks = iter([([], True), ([child.pid], False), ([], False)])
        monkeypatch.setattr(strays, "_marked", lambda _: next(looks))
        strays.kill_strays("1-")
        assert child.wait() == -signal.SIGKILL


def _state(number: int) -> str:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"


@pytest.mark.parametrize(
    "text",
    [
        "import asyncio\nasyncio.run(asyncio.sleep(0))\n",
        "import asyncio\nloop = asyncio.new_event_loop()\nasyncio.set_event_loop(loop)\nloop.close()\n",
        "import asyncio\nlock = asyncio.Lock()\nqueue = asyncio.Queue()\nold = asyncio.get_event_loop()\n",
    ],
)
def test_a_module_may_use_loops_of_its_own_at_import(tmp_path: Path, text: str) -> None:
    done, _ = ends(write(tmp_path, text + program()))
    assert how_it_ended(done) == "finished after 4 moves"


def test_escape_codes_and_markup_are_data_wherever_they_come_from(tmp_path: Path) -> None:
    nasty = "\\x1b]0;owned\\x07\\x1b[2J[bold red]x[/]"

    def is_clean(session: Session) -> bool:
        texts = [line.text for line in session.record.output] + [problem.title for problem in session.problems]
        return all(clean(text).isprintable() for text in texts)

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        assert session.done is not None and session.done.end == "failed"
        assert "\x1b" in session.record.output[0].text and is_clean(session)

    body = f"print('{nasty}'); raise ValueError('{nasty}')"
    drive(write(tmp_path, program(body)), story, paused=False)


def test_nothing_of_a_run_is_left_after_the_session(tmp_path: Path) -> None:
    pids: list[int] = []

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        assert session._target is not None
        pids.append(session._target.pid)

    drive(write(tmp_path, program("while True: pass")), story)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def test_a_breakpoint_of_the_code_stands_there_and_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path, program("found = value * 2; breakpoint(); value = found"))

    async def story(driver: Driver) -> None:
        session = await driver.paused()
        session.controls.resume()
        session = await driver.until(lambda s: s.phase is Phase.PAUSED and s.paused.step == 2)
        assert session.paused is not None
        assert session.paused.why.startswith("breakpoint() at work.py:15 in main: found = value * 2")
        assert session.paused.standing == "Work"
        value = await session.questions.inspect(node="Work")
        assert {item.label: item.summary for item in value.items}["found"] == "10"
        value = await session.questions.inspect(node="Work", expression="found + 1")
        assert value.items[0].summary == "11"
        session.controls.step()
        await driver.paused(3)
        assert session.paused.standing == ""
        session.controls.resume()
        session = await driver.ended()
        assert session.done is not None and session.done.outputs == {"out": [10]}

    drive(path, story)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            "self.ports.output.out.put(Packet(1))",
            "Work: work.py:15: coroutine ",
        ),
        (
            "t = asyncio.ensure_future(asyncio.wait_for(asyncio.Event().wait(), 0)); await asyncio.wait([t]); del t",
            "Work: Task exception was never retrieved: TimeoutError",
        ),
        (
            "t = asyncio.ensure_future(self.lost()); await asyncio.wait([t]); del t",
            "Work: work.py:18: Task exception was never retrieved: ZeroDivisionError",
        ),
    ],
)
def test_mistakes_told_in_passing_are_problems(tmp_path: Path, body: str, words: str) -> None:
    source = program(f"{body}; import gc; gc.collect()")
    path = write(tmp_path, source.replace("\ngraph = ", "    async def lost(self):\n        1 / 0\n\ngraph = ", 1))

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        (title,) = (problem.title for problem in session.problems if problem.level == "warning")
        assert title.startswith(words)

    drive(path, story, paused=False)


def test_who_waits_for_ever_for_what_is_no_packet_is_told_with_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, program("await asyncio.Event().wait()"))

    async def story(driver: Driver) -> None:
        session = await driver.ended()
        (problem,) = session.problems
        words = "Work: it waits at work.py:15 for something that is no packet, and never comes: "
        assert problem.title.startswith(words) and problem.line == 15

    drive(path, story, paused=False, until="rest")


def test_a_program_that_is_interrupted_or_never_loads_says_where(tmp_path: Path) -> None:
    async def story(driver: Driver) -> None:
        session = driver.session
        await driver.until(lambda s: s.record.can_be_asked)
        async with asyncio.timeout(20):
            while not (session.silence() > 0.2 and (await driver.busy_at()) == "work.py:1 in <module>"):
                pass
        await session.stop()
        session = await driver.ended()
        assert session.done is not None and how_it_ended(session.done) == "interrupted after 0 moves: at work.py:1"

    drive(write(tmp_path, "while True: pass\n" + program()), story, paused=False)


def test_only_processes_with_the_very_mark_are_strays() -> None:
    env = {MARK: f"{marks_of(os.getpid())}99-"}
    stray, other = (
        subprocess.Popen(["sleep", "600"], env=env | more, start_new_session=True) for more in ({}, {MARK: "x"})
    )
    kill_strays(f"{marks_of(os.getpid())}9-")
    assert stray.poll() is None
    kill_strays(marks_of(os.getpid()))
    assert stray.wait(10) == -signal.SIGKILL
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_killed_target_was_busy_where_the_program_was_seen_last(tmp_path: Path) -> None:
    """The last stack may be one of the loop between two steps of the program."""
    stack = 'Stack (most recent call first):\n  File "{}", line {} in {}\n'
    (tmp_path / "where.txt").write_text(
        stack.format(tmp_path / "work.py", 7, "early")
        + stack.format(tmp_path / "work.py", 16, "bomb")
        + stack.format("/usr/lib/python3.11/asyncio/base_events.py", 1893, "_run_once"),
        encoding="utf-8",
    )
    told = death_of(-9, tmp_path, tmp_path / "work.py", asked=True)
    assert told.title == "it did not end when asked and was killed, busy at work.py:16 in bomb"
    assert (told.file, told.line) == (str(tmp_path / "work.py"), 16)


def test_the_place_where_a_run_was_killed_can_be_opened(tmp_path: Path) -> None:
    path = write(tmp_path, program("os.kill(os.getpid(), 11)"))

    async def story(driver: Driver) -> None:
        (problem,) = (await driver.ended()).problems
        assert problem.title == "the target was killed by SIGSEGV at work.py:15 in main"
        assert (problem.file, problem.line) == (str(path), 15)

    drive(path, story, paused=False)
