"""Names under which another program finds a class or a function: ``package.module:Name``."""

from __future__ import annotations

import builtins
import importlib
import sys
from types import ModuleType
from typing import Any

from fbdev._utils.errors import words_of


def import_path(thing: Any) -> str:
    """Return the name of a class or function, without a module for a builtin.

    Raises:
        ValueError: if nothing leads to it from the top of the module that it says it is from.
    """
    module = sys.modules.get(getattr(thing, "__module__", None) or "")
    name = None if module is None else _name_in(module, thing)
    if module is None or name is None:
        shown = getattr(thing, "__qualname__", None) or repr(thing)
        raise ValueError(
            f"{shown} cannot be imported by its name: bind it at the top of a module"
            " (what a factory has made needs set_module() there, too)"
        )
    return name if module is builtins else f"{module.__name__}:{name}"


def _name_in(module: ModuleType, thing: Any) -> str | None:
    name = getattr(thing, "__qualname__", "")
    if _lookup(module, name) is thing:
        return name
    return next((name for name, bound in vars(module).items() if bound is thing), None)


def _lookup(module: ModuleType, name: str) -> Any:
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def import_thing(path: str) -> Any:
    """Return what a name leads to.

    Raises:
        ValueError: if it leads nowhere; the cause is what the import raised.
    """
    module_name, colon, name = path.rpartition(":")
    try:
        module = importlib.import_module(module_name) if colon else builtins
    except Exception as error:  # a module may raise anything while it is imported
        raise ValueError(f"'{path}' cannot be imported: {words_of(error, str)}") from error
    found = _lookup(module, name)
    if found is None:
        raise ValueError(f"'{path}' cannot be imported: {module.__name__} has no '{name}'")
    return found
