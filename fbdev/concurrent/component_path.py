"""Where a component class is found by a process that has not made it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from fbdev.comp.base_component import BaseComponent
from fbdev.exceptions import RemoteNodeError

_MAIN: Final = "__main__"
_MAIN_AGAIN: Final = "__mp_main__"
"""The name of a program's main module in a process that only wants its classes, as `multiprocessing` has it."""

_is_loading = False


class ComponentPath(NamedTuple):
    """A class by its module and its name in there. The file is where this process has the module from."""

    module: str
    name: str
    file: str | None


def path_of(kind: type[BaseComponent]) -> ComponentPath:
    """Return where a class is found.

    Raises:
        RemoteNodeError: if another process could not find it.
    """
    if _is_loading:
        raise RemoteNodeError(
            "a net is started by a module that the process of a node only imports:"
            " put the start under 'if __name__ == \"__main__\":'"
        )
    module = sys.modules.get(kind.__module__)
    if module is None:
        return ComponentPath(kind.__module__, kind.__qualname__, None)
    name = _name_in(module, kind)
    if name is None:
        raise RemoteNodeError(
            f"a process of its own cannot find the class {kind.__name__} in the module '{kind.__module__}':"
            f" bind it to a name at the top of a module, and call {kind.__name__}.set_module() there"
        )
    file = getattr(module, "__file__", None)
    if module.__name__ != _MAIN:
        return ComponentPath(module.__name__, name, file)
    if file is None:
        raise RemoteNodeError(
            f"a process of its own cannot find the class {kind.__name__}, which an interactive session has defined:"
            " put it into a module"
        )
    package = module.__spec__.parent if module.__spec__ is not None else ""
    again = f"{package}.{_MAIN_AGAIN}" if package else _MAIN_AGAIN
    sys.modules.setdefault(again, module)  # what the child pickles of it is found here
    return ComponentPath(again, name, file)


def _name_in(module: ModuleType, kind: type) -> str | None:
    """Return the name of a class in its module: its own one, even if that is another object by now, or any."""
    found: Any = module
    for part in kind.__qualname__.split("."):
        found = getattr(found, part, None)
    bound = kind.__qualname__ if found is not None else None
    return bound if found is kind else next((name for name, value in vars(module).items() if value is kind), bound)


def component_at(path: ComponentPath) -> type[BaseComponent]:
    """Return the class at a path, its module being imported.

    Raises:
        Exception: whatever the import of its module raises.
        AttributeError: if it is not there.
    """
    global _is_loading  # noqa: PLW0603 - a process imports one component
    _is_loading = True
    found: Any = _module_at(path)
    _is_loading = False
    for part in path.name.split("."):
        found = getattr(found, part)
    kind: type[BaseComponent] = found
    return kind


def _module_at(path: ComponentPath) -> ModuleType:
    if path.module.rpartition(".")[2] == _MAIN_AGAIN:
        module = sys.modules[_MAIN] = _from_file(path)
        return module
    try:
        module = importlib.import_module(path.module)
    except ModuleNotFoundError as error:
        if path.file is None or error.name is None or not f"{path.module}.".startswith(f"{error.name}."):
            raise
        return _from_file(path)
    same = path.file is None or _is_same(path.file, getattr(module, "__file__", None))
    return module if same else _from_file(path)


def _is_same(file: str, other: str | None) -> bool:
    return other is not None and Path(file).resolve() == Path(other).resolve()


def _from_file(path: ComponentPath) -> ModuleType:
    """Return the module of a file that is not on the path, or hidden there by another of the same name."""
    spec = importlib.util.spec_from_file_location(path.module, path.file)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named '{path.module}'", name=path.module)
    module = sys.modules[path.module] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
