"""The command line: what it prints where, and its exit codes."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from fbtui.cli.run import _Headless
from tests.fbtui.driver import EXAMPLES, Driver, drive, program, write
from tests.patience import PATIENCE


def fbtui(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fbtui", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
        cwd=cwd or EXAMPLES.parent,
        stdin=subprocess.DEVNULL,
    )


def answer(*words: object) -> dict[str, Any]:
    done = fbtui("run", *words, "--json")
    data: dict[str, Any] = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1, "exactly one object"
    return {**data, "code": done.returncode}


def test_run_prints_outputs_and_marks_what_nodes_print() -> None:
    done = fbtui("run", EXAMPLES / "hello.py")
    assert (done.returncode, done.stdout) == (0, 'out: "world"\n')
    assert done.stderr.splitlines() == [
        "FooComponent1 │ 5",
        "FooComponent2 │ there",
        "fbtui │ finished after 6 moves",
    ]


def test_an_output_that_gave_nothing_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, program("continue"))
    assert answer(path)["outputs"] == {"out": []}
    done = fbtui("run", path)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == ["fbtui │ out: nothing", "fbtui │ finished after 2 moves"]


def test_run_with_json_gives_the_whole_end() -> None:
    data = answer(EXAMPLES / "hello.py", "--input", "inp=7")
    assert data == {
        "end": "finished",
        "outputs": {"out": ["world"]},
        "moves": 6,
        "error": None,
        "blocked": None,
        "undelivered": [],
        "order": "free",
        "seed": 1,
        "reason": "",
        "code": 0,
    }


@pytest.mark.parametrize(
    ("name", "outputs"),
    [("telegram", {"count": [19]}), ("feedback", {"root": [1.414213562373095, 12.0, 1000.0]})],
)
def test_the_examples_end_as_they_say(name: str, outputs: dict[str, Any]) -> None:
    data = answer(EXAMPLES / f"{name}.py")
    assert (data["code"], data["end"], data["outputs"]) == (0, "finished", outputs)


def test_the_import_example_fills_a_database_and_a_report(tmp_path: Path) -> None:
    import sqlite3

    shutil.copytree(EXAMPLES, tmp_path / "examples")
    data = answer(tmp_path / "examples" / "csv_to_sqlite.py")
    assert data["outputs"] == {"inserted": [309], "rejected": [11]}
    out = tmp_path / "examples" / "out"
    database = sqlite3.connect(out / "orders.sqlite")
    assert database.execute("SELECT count(*) FROM orders").fetchone() == (309,)
    database.close()
    assert len((out / "bad_rows.txt").read_text(encoding="utf-8").splitlines()) == 11


def test_deadlock_is_blocked_until_its_edge_is_longer(tmp_path: Path) -> None:
    data = answer(EXAMPLES / "deadlock.py")
    assert (data["code"], data["end"], data["blocked"]["verdict"]) == (3, "blocked", "artificial deadlock")
    assert data["blocked"]["raise"] == {"edge": "small", "to": 3}
    assert [link["node"] for link in data["blocked"]["chain"]] == ["Sort", "Pair"]
    text = (EXAMPLES / "deadlock.py").read_text(encoding="utf-8")
    longer = write(tmp_path, text.replace("CAPACITY = 2", "CAPACITY = 4"))
    data = answer(longer)
    assert data["code"] == 0
    assert len(data["outputs"]["pair"]) == 4
    assert data["outputs"]["pair"][0] == {"type": "tuple", "repr": "(3, 926)"}


def test_a_failing_component_gives_1_and_its_own_traceback(tmp_path: Path) -> None:
    path = write(tmp_path, program("value / 0"))
    done = fbtui("run", path)
    assert done.returncode == 1
    assert f"{path}:15 in main" in done.stderr and "ZeroDivisionError: division by zero" in done.stderr
    assert "fbtui/target" not in done.stderr and "fbdev/" not in done.stderr
    error = answer(path)["error"]
    assert (error["type"], error["node"], error["line"]) == ("ZeroDivisionError", "Work", 15)


def test_a_class_that_cannot_be_made_shows_the_user_s_lines_and_variables_alone(tmp_path: Path) -> None:
    text = "from fbdev import BaseComponent\n\n\nclass Odd(BaseComponent):\n    size = 3\n\n"
    path = write(tmp_path, text + "    def __init__(self, extra): ...\n")
    done = fbtui("run", path)
    assert done.returncode == 2
    assert f"{path}:4 in <module>" in done.stderr
    assert "<frozen" not in done.stderr and "__qualname__" not in done.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["run", "nowhere.py"], "there is no file nowhere.py"),
        (["draw", "nowhere.py"], "there is no file nowhere.py"),
        (["run", "examples"], "examples is a folder: name a Python file in it"),
        (["run", "examples/hello.py:nothing"], "hello.py has no 'nothing'"),
        (["run", "examples/hello.py", "--input", "inp"], "--input inp: it is written PORT=VALUE"),
        (["run", "examples/hello.py", "--input", "x=1"], "--input: the graph has no input port 'x': there are inp"),
        (["run", "examples/hello.py", "--frobnicate"], "unrecognized arguments: --frobnicate"),
        (["run", "examples/hello.py", "--order", "ask"], "invalid choice: 'ask'"),
        (["run", "examples/hello.py", "--batch", "no.json"], "--batch no.json: No such file or directory"),
        (["run", "examples/hello.py", "--batch", "README.md"], "--batch README.md is not JSON: Expecting value"),
        (["run", "examples/hello.py", "--until", "Nobody"], "--until: there is no place 'Nobody' in the graph"),
        (["run", "examples/hello.py:FooComponent1"], "no value for input 'inp'"),
        (["run", "examples/telegram.py", "--input", "path=@no"], "port 'path': cannot read"),
        (["run"], "the following arguments are required: FILE[:NAME]"),
        (["examples/hello.py"], "the debugger needs a terminal"),
    ],
)
def test_what_cannot_start_is_one_sentence_and_2(words: list[str], sentence: str) -> None:
    done = fbtui(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_inputs_come_from_flags_files_and_batches(tmp_path: Path) -> None:
    path = write(tmp_path, program())
    (tmp_path / "value.json").write_text('{"a": [1, 2]}')
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "batch.json").write_text('{"streams": {"inp": [1, [2], "x"]}}')
    cases: list[tuple[list[str], list[Any]]] = [
        (["--input", "inp=5"], [5]),
        (["--input", "inp=true", "--input", "input.inp=None", "--input", "inp=a=b"], [True, None, "a=b"]),
        (["--input", "inp=(1, 2)"], [{"type": "tuple", "repr": "(1, 2)"}]),
        (["--input", f"inp=@{tmp_path / 'value.json'}"], [{"a": [1, 2]}]),
        (["--input", f"inp=@{tmp_path / 'text.txt'}"], ["hello"]),
        (["--input", "inp=@@at"], ["@at"]),
        (["--batch", str(tmp_path / "batch.json")], [1, [2], "x"]),
    ]
    for words, expected in cases:
        assert answer(path, *words)["outputs"] == {"out": expected}


def test_until_stops_where_it_says() -> None:
    hello = EXAMPLES / "hello.py"
    for until, moves in [
        ("move 3", 3),
        ("FooComponent1.out->FooComponent2.inp", 2),
        ("edge1", 2),
        ("FooComponent2", 3),
    ]:
        data = answer(hello, "--until", until)
        assert (data["code"], data["end"], data["moves"]) == (0, "stopped", moves), until
    assert answer(hello, "--until", "receive edge1")["moves"] == 3
    assert answer(hello, "--until", "move 99")["code"] == 4
    assert answer(EXAMPLES / "deadlock.py", "--until", "blocked")["end"] == "stopped"


def test_a_time_out_kills_and_tells_where(tmp_path: Path) -> None:
    path = write(tmp_path, program("while True: pass"))
    done = fbtui("run", path, "--timeout", "0.1", "--json")  # wherever it is by then
    assert done.returncode == 5
    assert json.loads(done.stdout)["end"] == "timeout"
    text = fbtui("run", path, "--timeout", "5").stderr
    assert "timeout after 2 moves: 5 s were over, busy in Work at work.py:15 in main" in text


def test_the_memory_limit_ends_a_greedy_run(tmp_path: Path) -> None:
    path = write(tmp_path, program("value = bytes(10**10)"))
    data = answer(path, "--limit-memory", "2000")
    assert (data["code"], data["end"], data["error"]["type"]) == (5, "killed", "MemoryError")


def test_ctrl_c_ends_with_130(tmp_path: Path) -> None:
    path = write(tmp_path, program("print('here', flush=True); await asyncio.sleep(1000)"))
    process = subprocess.Popen(
        [sys.executable, "-m", "fbtui", "run", str(path)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "Work │ here\n"
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "interrupted after 2 moves" in rest


def test_words_after_two_dashes_are_the_program_s(tmp_path: Path) -> None:
    path = write(tmp_path, program("value = sys.argv[1:]"))
    assert answer(path)["outputs"] == {"out": [[]]}
    done = fbtui("run", path, "--json", "--", "-x", "--json")
    assert json.loads(done.stdout)["outputs"] == {"out": [["-x", "--json"]]}


def test_escape_codes_of_the_program_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = write(tmp_path, program(r"print('\x1b[2J\x1b]0;title\x07red'); value = '\x1b[31m'"))
    done = fbtui("run", path)
    assert "\x1b" not in done.stdout + done.stderr
    assert "red" in done.stderr


def test_draw_in_every_format() -> None:
    text = fbtui("draw", EXAMPLES / "hello.py").stdout
    assert "│ inp ├─────▶│ inp         out ├" in text
    plain = fbtui("draw", EXAMPLES / "hello.py", "--format", "ascii").stdout
    assert plain.isascii() and "| inp |----->| inp         out |" in plain
    data = json.loads(fbtui("draw", EXAMPLES / "hello.py", "--format", "json").stdout)
    assert [node["id"] for node in data["nodes"]] == ["FooComponent1", "FooComponent2", "GRAPH"]
    svg = fbtui("draw", EXAMPLES / "hello.py", "--format", "svg").stdout
    assert ElementTree.fromstring(svg).tag.endswith("svg") and "FooComponent1" in svg
    compact = fbtui("draw", EXAMPLES / "hello.py", "--compact").stdout
    assert "FooComponent1" in compact and "inp         out" not in compact
    mermaid = fbtui("draw", EXAMPLES / "hello.py", "--format", "mermaid").stdout
    assert (
        mermaid.startswith("flowchart \n")
        and "FooComponent1__C__output.out --> FooComponent2__C__input.inp" in mermaid
    )
    every = fbtui("draw", EXAMPLES / "hello.py", "--all-ports").stdout
    assert "◇ started" in every and "◇ started" not in text


@pytest.mark.parametrize(
    "words",
    [["--help"], ["run", "--help"], ["draw", "--help"], ["diff", "--help"], ["export", "--help"], ["--version"]],
)
def test_help_and_version_need_no_screen(words: list[str]) -> None:
    code = (
        "import sys; from fbtui.cli import main\n"
        f"sys.argv = ['fbtui', *{words!r}]\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "loaded = {'textual', 'rich', 'watchfiles', 'fbdev'} & set(sys.modules); assert not loaded, loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "fbtui" in done.stdout


def test_another_distribution_of_fbdev_is_refused(tmp_path: Path) -> None:
    info = tmp_path / "fbdev-0.0.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: fbdev\nVersion: 0.0.5\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from fbtui.cli import main; main(['draw', 'x.py'])"
    write(tmp_path, program(), "x.py")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "uninstall fbdev first" in done.stderr


RACE = """
from fbdev import Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec

class Pass(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        async for packet in self.ports.input.inp:
            await self.ports.output.out.put(Packet(await packet.consume()))

graph = GraphSpec(PortSpecCollection(*(PortSpec(PortType.INPUT, n) for n in "ab"), PortSpec(PortType.OUTPUT, "out")))
merge = graph.add_node(Pass, "Merge")
graph.ports.input.a >> graph.add_node(Pass, "A") >> merge
graph.ports.input.b >> graph.add_node(Pass, "B") >> merge
merge >> graph.ports.output.out
BATCH = {"streams": {"a": [1, 2], "b": [10, 20]}}
"""


def test_check_finds_what_depends_on_the_schedule(tmp_path: Path) -> None:
    path = write(tmp_path, RACE)
    result = fbtui("check", str(path), "--seeds", "6", "--json")
    data = json.loads(result.stdout)
    assert result.returncode == 4
    assert [one["edge"] for one in data["sensitive"]] == ["Merge.out->GRAPH.out"]
    assert {run["end"] for run in data["runs"]} == {"finished"}
    assert fbtui("check", str(path)).returncode == 0


def test_check_finds_what_is_wrong_with_the_graph_itself(tmp_path: Path) -> None:
    path = write(tmp_path, RACE.replace("merge >> graph.ports.output.out\n", ""))
    result = fbtui("check", str(path), "--json")
    assert result.returncode == 4
    found = [(one["code"], one["level"], one["place"]) for one in json.loads(result.stdout)["findings"]]
    assert found == [("free-port", "warning", "Merge.out"), ("free-port", "warning", "GRAPH.out")]


def test_check_finds_a_deadlock_with_its_seed(tmp_path: Path) -> None:
    result = fbtui("check", str(EXAMPLES / "deadlock.py"), "--seeds", "2")
    assert result.returncode == 4
    assert "under seed 1: artificial deadlock: Sort waits to send small (2/2 full)" in result.stdout
    assert fbtui("check", str(EXAMPLES / "telegram.py"), "--seeds", "2").returncode == 0


def test_a_breakpoint_of_the_command_line_is_told_and_a_log_point_logs(tmp_path: Path) -> None:
    path = write(tmp_path, program())
    result = fbtui("run", str(path), "--break", "Work.out if value == 5", "--break", "GRAPH.inp log {n}:{value}")
    assert result.returncode == 0
    assert "step 2, breakpoint Work.out: Work sends out #2 5" in result.stderr and "1:5" in result.stderr
    result = fbtui("run", str(path), "--break", "Work if (")
    assert (result.returncode, result.stderr) == (2, "fbtui: --break: 'if (': '(' was never closed\n")
    result = fbtui("run", str(path), "--break", "Wrok.out")
    assert result.returncode == 2 and result.stderr.startswith("fbtui: --break: there is no place 'Wrok.out'")


@pytest.mark.parametrize("name", ["json", "queue", "random", "selectors", "platform", "argparse", "fbdev"])
def test_a_file_in_the_working_folder_with_the_name_of_a_module_of_ours_is_no_harm(
    tmp_path: Path, name: str
) -> None:
    write(tmp_path, "raise ValueError('not to be imported')", f"{name}.py")
    (tmp_path / "program").mkdir()
    command = (Path(sys.executable).with_name("fbtui"), "run", write(tmp_path / "program", program()))
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (0, "out: 5\n"), done.stderr


@pytest.mark.parametrize("command", ["run", "draw", "check"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#!/nowhere/python\n", "python cannot be run: No such file or directory"),
        (
            "#!/bin/sh\necho it has no fbtui >&2\nexit 1\n",
            "python (it needs Python 3.11 and fbtui): it has no fbtui",
        ),
    ],
)
def test_a_python_that_runs_nothing_is_told_in_a_sentence(
    tmp_path: Path, command: str, text: str, words: str
) -> None:
    python = write(tmp_path, text, "python")
    python.chmod(0o700)
    done = fbtui(command, "--python", python, write(tmp_path, program()))
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and done.stderr.endswith(f"{words}\n"), done.stderr


def test_another_python_runs_the_program(tmp_path: Path) -> None:
    python = write(tmp_path, f'#!/bin/sh\nOTHER=yes exec {sys.executable} "$@"\n', "python")
    python.chmod(0o700)
    done = fbtui("run", "--python", python, write(tmp_path, program("value = os.environ['OTHER']")))
    assert done.stdout == 'out: "yes"\n', done.stderr


def test_a_module_that_is_missing_is_told_with_the_python_that_looked_for_it(tmp_path: Path) -> None:
    done = fbtui("run", write(tmp_path, "import no_such_module"))
    assert f"No module named 'no_such_module' (Python is {sys.executable}; --python runs on another)" in done.stderr


@pytest.mark.parametrize("word", ["interrupted", "timeout"])
def test_a_run_that_has_ended_by_itself_is_not_told_as_interrupted(tmp_path: Path, word: str) -> None:
    async def story(driver: Driver) -> None:
        session = await driver.ended()
        headless = _Headless(session, None, None)
        headless._give_up(word)
        done = headless.done()
        assert done is not None and done.end == "finished"

    drive(write(tmp_path, program()), story, paused=False)
