"""The page that the project started from, cell by cell, with its own imports and its own BatchExecutor."""

import ast
import asyncio
import re
import sys
import types
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent / "data" / "seed_page.txt").read_text(encoding="utf-8")


def cells() -> list[str]:
    found = []
    for cell in re.split(r"^In \[None\]:\n", PAGE, flags=re.MULTILINE)[1:]:
        code = re.split(r"\n---\n|\n```mermaid|\n\n5\nthere", cell.strip("\n"))[0]  # what follows was printed
        if "nbdev" not in code and "show_doc" not in code:  # the page's own tool of documentation
            found.append(code)
    return found


def run_page() -> types.ModuleType:
    module = types.ModuleType("seed_page")
    sys.modules["seed_page"] = module
    for cell in cells():
        code = compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        coroutine = eval(code, module.__dict__)  # a cell may await at its top level
        if coroutine is not None:
            asyncio.run(coroutine)
    return module


def test_every_cell_runs_and_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    run_page()
    assert capsys.readouterr().out.splitlines() == ["5", "there", "{'out': 'world'}"]


def test_the_mermaid_text_is_the_page_s_to_the_letter() -> None:
    graph = run_page().graph
    shown = PAGE[PAGE.index("```mermaid") : PAGE.index("\n```\n") + 4]
    assert graph.display_mermaid(hide_unconnected_ports=True).data == shown


def test_our_own_executor_gives_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    from fbdev.runtime import BatchExecutor

    graph = run_page().graph
    capsys.readouterr()
    assert BatchExecutor.from_graph(graph).start(5) == {"out": "world"}
    assert capsys.readouterr().out == "5\nthere\n"
