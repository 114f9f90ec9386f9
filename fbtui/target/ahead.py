"""Modules that a spare imports ahead of time, because the run before has imported them."""

from __future__ import annotations

import contextlib
import importlib
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Final

IMPORTED: Final[set[str]] = set()
"""The modules at the top that came ahead of time."""


def import_ahead(modules: Iterable[str]) -> None:
    """Import modules; one that cannot be imported is left to the run, which will say what is wrong."""
    before = set(sys.modules)
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    IMPORTED.update(name for name in sys.modules.keys() - before if "." not in name)


def forget_hidden(folder: Path) -> None:
    """Forget the modules that came ahead of time in whose place the program has a file of its own."""
    for name in list(IMPORTED):
        if folder.joinpath(name).with_suffix(".py").is_file() or folder.joinpath(name, "__init__.py").is_file():
            IMPORTED.discard(name)
            for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
                del sys.modules[known]


def names_in(code: types.CodeType) -> set[str]:
    """Return the names in a piece of code, those at the top of what it imports among them."""
    found = {name.partition(".")[0] for name in code.co_names}
    return found.union(*(names_in(one) for one in code.co_consts if isinstance(one, types.CodeType)))
