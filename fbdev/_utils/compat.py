"""Small functions that the public library offered: kept for code written against it, and for `fbdev.dev_utils`."""

from __future__ import annotations

import ast
import asyncio
import re
import socket
import sys
import traceback
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any


def is_mutually_exclusive(*args: Any, at_least_one: bool = False) -> bool:
    """Return whether at most one of the values (with ``at_least_one``: exactly one) is not None."""
    given = sum(value is not None for value in args)
    return given == 1 if at_least_one else given <= 1


def is_in_event_loop() -> bool:
    """Return whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def get_git_root_directory() -> Path | None:
    """Return the folder of the git repository that the working folder is in, None if it is in none."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), None)


def root_dir(module: ModuleType) -> Path:
    """Return the folder of a module's file.

    Raises:
        ValueError: if the module has no file.
    """
    if module.__file__ is None:
        raise ValueError(f"Module '{module.__name__}' has no file.")
    return Path(module.__file__).parent


def extract_top_level_docstring(file_path: str | Path) -> str | None:
    """Return the docstring of a Python file, None if it has none."""
    return ast.get_docstring(ast.parse(Path(file_path).read_text(encoding="utf-8")))


def get_module_path_hierarchy(path: str | Path) -> list[tuple[str, Path]]:
    """Return a file or folder in a package and the packages around it, innermost first; ``[]`` outside of one."""
    at = Path(path)
    found = [(at.stem, at)] if at.is_file() else []
    folder = at.parent if at.is_file() else at
    while (folder / "__init__.py").is_file():
        found.append((folder.name, folder))
        folder = folder.parent
    return found if found and (found[-1][1] / "__init__.py").is_file() else []


def find_module_root(path: str | Path) -> Path | None:
    """Return the folder of the outermost package that a file or folder is in, None if it is in none."""
    hierarchy = get_module_path_hierarchy(path)
    return hierarchy[-1][1] if hierarchy else None


def get_function_from_py_file(
    file_path: str | Path, func_name: str | None = None, args: Sequence[str] = (), is_async: bool = False
) -> Callable[..., Any]:
    """Return a function whose body is the text of a file: it may return, and await if ``is_async``.

    A file in a package may use relative imports, and tracebacks point into it.

    Args:
        file_path: the file.
        func_name: what the function is called, by default like the file.
        args: the names of its parameters.
        is_async: whether it is a coroutine function.

    Raises:
        ValueError: if there is no such file.
    """
    path = Path(file_path)
    if not path.is_file():
        raise ValueError(f"Not a file: {file_path}")
    name = func_name if func_name is not None else re.sub(r"\W", "_", path.stem)
    head = f"{'async ' if is_async else ''}def {name}({', '.join(args)}): pass"
    module = ast.parse(head)
    text = ast.parse(path.read_text(encoding="utf-8"), str(path))
    function = module.body[0]
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
    function.body = text.body or function.body
    names = [part for part, _ in reversed(get_module_path_hierarchy(path))]
    scope: dict[str, Any] = {
        "__name__": ".".join(names) or path.stem,
        "__package__": ".".join(names[:-1]),
        "__file__": str(path),
    }
    exec(compile(module, str(path), "exec"), scope)
    made: Callable[..., Any] = scope[name]
    return made


class SingletonMeta(type):
    """The metaclass of a class that has one instance: whoever makes one gets the first."""

    _instances: dict[type, Any] = {}  # noqa: RUF012 - one table for all such classes is the point

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]


def abstractproperty(func: Callable[[Any], Any]) -> property:
    """Return a read-only property that a subclass must define."""
    return property(abstractmethod(func))


def find_available_port() -> int:
    """Return the number of a TCP port that nobody listened on at this moment."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        number: int = probe.getsockname()[1]
        return number


def get_caller_module(level: int = 0) -> str:
    """Return the name of the module whose code runs ``level`` calls above this function; 1 is the caller's own."""
    name: str = sys._getframe(level).f_globals["__name__"]
    return name


def get_traceback_str(e: BaseException) -> str:
    """Return an exception as text, its traceback and its causes included."""
    return "".join(traceback.format_exception(e)).rstrip("\n")
