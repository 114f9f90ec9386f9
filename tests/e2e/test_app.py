"""The real command in a real terminal: open, step, edit and rerun, error and recover, quit."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal, save
from tests.fbtui.driver import EXAMPLES, program
from tests.patience import PATIENCE

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed: no terminal to try it in"),
]
COMMAND = [sys.executable, "-m", "fbtui"]


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    with Terminal(140, 40) as opened:
        yield opened


def open_app(terminal: Terminal, path: Path, *options: str) -> None:
    terminal.run(*COMMAND, str(path), *options)
    terminal.wait_for(re.compile("· (paused at step|finished)").search)


def longest_line(screen: str) -> int:
    """Return the length of the longest line of several words that PrintLines printed; 0 if there is none."""
    printed = [line.partition("PrintLines │ ")[2] for line in screen.splitlines() if "PrintLines │" in line]
    lines = [re.sub(r"\s*[▁-▏█]?\s*$", "", line) for line in printed]  # a scroll bar may stand at the right
    return max((len(line) for line in lines if " " in line), default=0)


def is_alive(process: int) -> bool:
    """Return whether a process runs; one that is dead and not fetched yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def at_step(step: int) -> Callable[[str], object]:
    return re.compile(rf"paused at step {step}\b").search


def test_open_step_and_quit_with_the_terminal_restored(terminal: Terminal) -> None:
    terminal.run("echo", "before")
    terminal.wait_for("\nbefore")
    before = terminal.wait_for_prompt()
    open_app(terminal, EXAMPLES / "hello.py")
    terminal.wait_for("┌─ FooComponent1 ─┐", re.compile("├●─+▶│ inp").search, "▶ GRAPH sends inp  #1 5")
    for step in range(1, 4):
        terminal.press("s")
        terminal.wait_for(at_step(step))
    terminal.wait_for("FooComponent1 │ 5", "└─ finished ─", "●1▶│ inp")
    terminal.press("s", "s", "s")
    terminal.wait_for("finished after 6 moves")
    terminal.wait_for_flags({"alternate_on": "1"})
    terminal.press("C-q")
    terminal.wait_until_restored()
    assert terminal.wait_for_prompt().startswith(before.rstrip())


def test_an_edit_of_telegram_runs_again_with_the_new_width(terminal: Terminal, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    path = tmp_path / "examples" / "telegram.py"
    open_app(terminal, path, "--go")
    terminal.wait_for("finished after", lambda screen: 30 < longest_line(screen) <= 44)
    save(path, path.read_text(encoding="utf-8").replace("WIDTH = 44", "WIDTH = 30"))
    terminal.wait_for(
        "run 2 · finished",
        "first difference to run 1: packet 1 on GRAPH.width->FillLines.width",
        lambda screen: 0 < longest_line(screen) <= 30,
    )


def test_an_error_and_a_syntax_error_are_told_and_the_next_good_save_goes_on(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "work.py"
    path.write_text(program("value += 1"), encoding="utf-8")
    open_app(terminal, path)
    terminal.press("s", "s", "s")
    terminal.wait_for(at_step(3))
    save(path, program("value += ("))
    terminal.wait_for("cannot start: see Problems", "SyntaxError", "┌─ Work ─")  # the last good picture stands
    save(path, program("value / 0"))
    terminal.wait_for("ZeroDivisionError in Work: division by zero", "work.py:15")
    save(path, program("value += 2"))
    terminal.wait_for("run 4 · paused at step 3", "#2 7", lambda screen: "ZeroDivisionError" not in screen)


def test_an_endless_loop_is_told_and_left_while_the_debugger_lives(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text(program("while True: pass"), encoding="utf-8")
    open_app(terminal, path)
    terminal.press("c")
    terminal.wait_for("busy in Work at work.py:15 in main")
    terminal.press(".")
    terminal.wait_for("interrupted after 2 moves")
    save(path, program())
    terminal.wait_for("run 2 · finished", "the same as run 1 up to step 2")
    terminal.press("r")
    terminal.wait_for("run 3 · paused at step 0")


def test_a_target_killed_from_outside_is_told_in_a_sentence(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    pid = tmp_path / "pid"
    path.write_text(program().replace("graph = G", f"open({str(pid)!r}, 'w').write(str(os.getpid()))\ngraph = G", 1))
    open_app(terminal, path)
    os.kill(int(pid.read_text()), signal.SIGKILL)
    terminal.wait_for("the target was killed by SIGKILL")
    terminal.press("r")
    terminal.wait_for("run 2 · paused at step 0")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_debugger_with_the_terminal_restored_and_no_process_left(
    terminal: Terminal, tmp_path: Path, number: signal.Signals
) -> None:
    path, pid = tmp_path / "work.py", tmp_path / "pid"
    body = f"open({str(pid)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')\n            while True: pass"
    path.write_text(program(body), encoding="utf-8")
    open_app(terminal, path)
    terminal.press("c")
    terminal.wait_for(lambda _: pid.exists() and " " in pid.read_text())
    target, debugger = map(int, pid.read_text().split())
    os.kill(debugger, number)
    terminal.wait_until_restored()
    terminal.wait_for_prompt()
    terminal.wait_for(lambda _: not is_alive(target))


def test_a_window_that_is_closed_leaves_no_process(terminal: Terminal, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    path = tmp_path / "work.py"
    body = f"open({str(pid)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')"
    path.write_text(program(body), encoding="utf-8")
    open_app(terminal, path)
    terminal.press("c")
    terminal.wait_for(lambda _: pid.exists() and " " in pid.read_text())
    processes = [int(number) for number in pid.read_text().split()]
    terminal.close()
    deadline = time.monotonic() + PATIENCE
    while any(map(is_alive, processes)):
        assert time.monotonic() < deadline, "the debugger goes on without a window"
        time.sleep(0.02)


def test_a_debugger_that_is_killed_leaves_no_process(terminal: Terminal, tmp_path: Path) -> None:
    path, pid = tmp_path / "work.py", tmp_path / "pid"
    body = f"open({str(pid)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')\n            while True: pass"
    path.write_text(program(body), encoding="utf-8")
    open_app(terminal, path)
    terminal.press("c")
    terminal.wait_for(lambda _: pid.exists() and " " in pid.read_text())
    target, debugger = map(int, pid.read_text().split())
    os.kill(debugger, signal.SIGKILL)
    terminal.wait_for("it was killed by SIGKILL; the terminal is as it was")
    terminal.wait_until_restored()
    terminal.wait_for(lambda _: not is_alive(target))


def test_the_guard_that_is_killed_takes_the_debugger_along(terminal: Terminal, tmp_path: Path) -> None:
    path, pid = tmp_path / "work.py", tmp_path / "pid"
    path.write_text(program(f"open({str(pid)!r}, 'w').write(f'{{os.getpid()}} {{os.getppid()}}')"), encoding="utf-8")
    open_app(terminal, path)
    terminal.press("c")
    terminal.wait_for(lambda _: pid.exists() and " " in pid.read_text())
    _, debugger = map(int, pid.read_text().split())
    guard = int(Path(f"/proc/{debugger}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(guard, signal.SIGKILL)
    terminal.wait_for(lambda _: not is_alive(debugger))
    terminal.wait_until_restored()


def test_ctrl_z_gives_the_shell_back_and_fg_the_debugger(terminal: Terminal) -> None:
    open_app(terminal, EXAMPLES / "hello.py")
    terminal.press("s")
    terminal.wait_for(at_step(1))
    terminal.press("C-z")
    terminal.wait_for("Stopped")
    terminal.wait_until_restored()
    terminal.run("echo", "in", "between")
    terminal.wait_for("\nin between")
    terminal.run("fg")
    terminal.wait_for(at_step(1))
    terminal.press("s")
    terminal.wait_for(at_step(2))
    terminal.wait_for_flags({"alternate_on": "1", "mouse_any_flag": "1"})
    terminal.press("C-q")
    terminal.wait_until_restored()
    terminal.wait_for("\nin between")


def test_a_mistake_of_ours_writes_a_report_and_keeps_the_recording(terminal: Terminal, tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text(BROKEN, encoding="utf-8")
    terminal.run("export", f"XDG_STATE_HOME={tmp_path / 'state'}")
    terminal.run(sys.executable, script, EXAMPLES / "hello.py")
    terminal.wait_for(at_step(0))
    terminal.press("s")
    terminal.wait_for(at_step(1))
    terminal.press("z")
    terminal.wait_for("fbtui: a mistake of fbtui's own: ZeroDivisionError: division by zero", ".fbtrace")
    terminal.wait_until_restored()
    assert "Traceback" not in terminal.wait_for_prompt()
    reports = tmp_path / "state" / "fbtui" / "reports"
    (report,), (recording,) = reports.glob("*.txt"), reports.glob("*.fbtrace")
    assert "in action_fit" in report.read_text() and "textual: 8.2" in report.read_text()
    result = subprocess.run([*COMMAND, "export", recording, "--to", "json"], capture_output=True, check=True)
    assert result.stdout.count(b'"send"') == 1


BROKEN = """
import sys
from fbtui.cli import main
from fbtui.ui import app

def action_fit(self):
    1 / 0

app.DebuggerApp.action_fit = action_fit
main(sys.argv[1:])
"""


def test_missing_inputs_are_asked_for_in_a_form(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text(program().replace("BATCH", "NOTHING"), encoding="utf-8")
    terminal.run(*COMMAND, str(path))
    terminal.wait_for("What goes into the graph", "needed")
    terminal.press("4", "2", "Enter")
    terminal.wait_for(at_step(0), "#1 42")


@pytest.mark.parametrize("size", [(80, 24), (220, 60)])
def test_any_size_of_terminal_and_any_key_are_survived(
    terminal: Terminal, size: tuple[int, int], tmp_path: Path
) -> None:
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    open_app(terminal, tmp_path / "examples" / "csv_to_sqlite.py")
    terminal.resize(*size)
    terminal.press("x", "Z", "9", "Tab", "Down", "Left", "Escape", "F5", "?")
    terminal.wait_for("Here, in ")
    terminal.press("Escape")
    screen = terminal.wait_for("finished after 1926 moves", lambda screen: "Here, in" not in screen)
    assert len(screen.splitlines()) <= size[1] and "Traceback" not in screen


def test_a_missing_file_is_a_sentence_and_no_screen(terminal: Terminal) -> None:
    terminal.run(*COMMAND, "nowhere.py")
    terminal.wait_for("there is no file nowhere.py")
    assert "Traceback" not in terminal.wait_for_prompt()
    terminal.wait_until_restored()


def test_a_recording_is_opened_and_walked_through(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run(*COMMAND, "run", str(EXAMPLES / "hello.py"), "--record", str(tmp_path / "run.fbtrace"))
    terminal.wait_for("finished after 6 moves")
    terminal.run(*COMMAND, "open", str(tmp_path / "run.fbtrace"))
    terminal.wait_for("recording run.fbtrace · finished after 6 moves")
    terminal.press("b", "b")
    terminal.wait_for("looking back at step 4 of 6")
    terminal.press("s")
    terminal.wait_for("looking back at step 5 of 6")
    terminal.press("c")
    terminal.wait_for("this is a recording")
    terminal.press("C-q")
    terminal.wait_until_restored()
