"""How the process of a node finds its class."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fbdev.comp.base_component import BaseComponent
from fbdev.concurrent.remote import RemoteNodeError
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import batch, run
from tests.fbdev.remote_components import alone, around

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.usefixtures("nothing_is_left")


# --------------------------------------------------------------------- how the class is found


def test_a_class_that_cannot_be_found_is_told_before_a_process_starts() -> None:
    class Local(BaseComponent):
        pass

    node = alone(Local)
    with pytest.raises(RemoteNodeError, match=f"cannot find the class Local in the module '{__name__}'"):
        run(node.start())
    assert node.pid is None


def test_set_module_says_where_a_class_is_found() -> None:
    same = type("Double", (there.Double,), {})
    same.set_module("tests.fbdev.remote_components")
    bound_to_another_name = there.Renamed
    for kind in (same, bound_to_another_name):
        assert batch(around(kind), 2) == {"out": 4}
    sentence = "its process cannot import 'Unfindable' from the module 'tests.fbdev.no_such_module'"
    with pytest.raises(RemoteNodeError, match=sentence):
        batch(around(there.Unfindable), 1)


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


WORK = """
import os, sys
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.concurrent.remote import ProxyNode
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor

class Value:
    def __init__(self, number):
        self.number = number

class Work(BaseComponent):
    port_specs = PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out"))
    async def _post_start(self):
        self.task_manager.create_task(self.main())
    async def main(self):
        value = await self.ports.input.inp.get_and_consume()
        await self.ports.output.out.put(Packet(Value(value.number + 1)))

def run():
    graph = GraphSpec(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
    graph.ports.input.inp >> graph.add_node(Work, node_type=ProxyNode) >> graph.ports.output.out
    print(BatchExecutor.from_graph(graph).start(Value(1))["out"].number)
"""


def python(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    return subprocess.run(
        [sys.executable, *map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_classes_of_a_script_are_found(tmp_path: Path) -> None:
    write(tmp_path, "script.py", WORK + 'if __name__ == "__main__":\n    run()\n')
    (tmp_path / "package").mkdir()
    write(tmp_path / "package", "__init__.py", "")
    write(tmp_path / "package", "values.py", WORK.partition("class Work")[0])
    relative = WORK.replace("class Value:", "from .values import Value as Base\nclass Value(Base):")
    write(tmp_path / "package", "script.py", relative + 'if __name__ == "__main__":\n    run()\n')
    for words in (["script.py"], ["-m", "script"], ["-m", "package.script"]):
        done = python(*words, cwd=tmp_path)
        assert (done.stdout, done.stderr, done.returncode) == ("2\n", "", 0)


def test_a_script_that_starts_its_net_whenever_it_is_imported_is_told_so(tmp_path: Path) -> None:
    write(tmp_path, "script.py", WORK + "run()\n")
    done = python("script.py", cwd=tmp_path)
    assert done.returncode == 1
    assert "put the start under 'if __name__ == \"__main__\":'" in done.stderr


def test_a_class_of_an_interactive_session_cannot_be_found(tmp_path: Path) -> None:
    done = python("-c", WORK + "run()\n", cwd=tmp_path)
    assert "TOP->Work: a process of its own cannot find the class Work, which an interactive" in done.stderr


def test_a_module_from_a_file_that_is_not_on_the_path_or_hidden_there(tmp_path: Path) -> None:
    write(tmp_path, "queue.py", WORK)
    load = """
import importlib.util, sys
import queue as hiding
spec = importlib.util.spec_from_file_location("queue", sys.argv[1])
module = sys.modules["queue"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
module.run()
"""
    done = python("-P", "-c", load, tmp_path / "queue.py", cwd=ROOT)
    assert (done.stdout, done.stderr) == ("2\n", "")


def test_a_module_that_cannot_be_imported_there(tmp_path: Path) -> None:
    write(tmp_path, "work.py", WORK + "if 'script.py' not in sys.argv[0] or os.environ.get('SECOND'): 1 / 0\n")
    write(tmp_path, "script.py", "import os, work; os.environ['SECOND'] = '1'; work.run()\n")
    done = python("script.py", cwd=tmp_path)
    assert (
        "TOP->Work: its process cannot import 'Work' from the module 'work':"
        " ZeroDivisionError: division by zero" in done.stderr
    )


def test_a_function_is_called_before_the_import_if_asked_for(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("fbdev.concurrent.preparation", "tests.fbdev.remote_components:prepare")
    assert batch(around(there.Double), 1) == {"out": 2}
    assert capsys.readouterr().out == "prepared\n"
