"""Loads the user's module from source, and finds the graph in it.

Local files are compiled at every run and never taken from a bytecode cache: the caches' stamp has whole seconds, so
a quick second edit of the same size would run the old code. Local is what does not lie where Python or its packages
are installed.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import inspect
import sys
import sysconfig
import types
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import fbdev.concurrent
from fbdev.comp.base_component import BaseComponent
from fbdev.concurrent import store
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime.base_runtime import graph_of
from fbtui.protocol import SourceFile, digest
from fbtui.target.ahead import IMPORTED, forget_hidden, names_in
from fbtui.target.capture import summarize

_OWN: Final = Path(__file__).resolve().parents[2]


class NoGraph(Exception):  # noqa: N818 - it is an answer for the person: which graphs there are
    """The graph that was asked for is not there, or several are: ``names`` lists what may be asked for."""

    def __init__(self, sentence: str, names: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.names = names


_INSTALLED: Final = tuple(
    Path(path).resolve()
    for path in {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    if path
)
"""Where Python and its packages are: looked up once, while the target is a spare."""


class _SourceLoader(importlib.machinery.SourceFileLoader):
    """Compiles at every import, and remembers which file it was."""

    seen: typing.ClassVar[dict[str, str]] = {}
    """The digest of each file by its path; empty if it could not be read."""
    listeners: typing.ClassVar[list[Callable[[], None]]] = []
    reads_history: typing.ClassVar[bool] = False
    names: typing.ClassVar[set[str]] = set()
    """All names in their code."""

    @classmethod
    def tell(cls) -> None:
        """There is one more file."""
        for listener in cls.listeners:
            listener()

    def get_code(self, fullname: str) -> types.CodeType:
        path = self.get_filename(fullname)
        place = str(Path(path).resolve())
        self.seen[place] = ""
        content = self.get_data(path)
        self.seen[place] = digest(content)
        _SourceLoader.reads_history |= b"packet_registry" in content
        self.tell()
        code: types.CodeType = self.source_to_code(content, path)
        self.names.update(names_in(code))
        return code


def from_source() -> None:
    """Have local files compiled at every import from now on."""
    sys.dont_write_bytecode = True
    sys.path_hooks.insert(0, _hook)
    sys.path_importer_cache.clear()


def prepare_node() -> None:
    """Have the process of a node read its sources, and describe payloads, as the target does."""
    from_source()
    store.summary = summarize


def _hook(folder: str) -> importlib.machinery.FileFinder:
    place = Path(folder).resolve()
    if not place.is_dir() or not _is_local(place) or place.is_relative_to(_OWN / "fbdev"):
        raise ImportError(folder)
    extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
    return importlib.machinery.FileFinder(folder, extensions, (_SourceLoader, [".py"]))


def _is_local(path: Path) -> bool:
    return not any(path.is_relative_to(place) for place in _INSTALLED)


class Loader:
    """Loads one module and what it imports.

    Args:
        path: the file, absolute.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notices: list[str] = []
        self._before = set(sys.modules)
        _SourceLoader.seen[str(path)] = ""

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """The local files that were read so far, the module's own first."""
        return tuple(SourceFile(path, seen) for path, seen in _SourceLoader.seen.items())

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of these files."""
        return tuple(_SourceLoader.seen)

    @property
    def reads_history(self) -> bool:
        """Whether one of these files speaks of the history of packets: only then the runtime has to keep one."""
        return _SourceLoader.reads_history

    def expect(self, module: str) -> None:
        """Count the file of a module that was not found as one of the program's: it may still be written."""
        path = module_name(self.path)[1].joinpath(*module.split(".")).with_suffix(".py")
        if str(path) not in _SourceLoader.seen:
            _SourceLoader.seen[str(path)] = ""
            _SourceLoader.tell()

    def tell_of_more(self, tell: Callable[[], None]) -> None:
        """Have a function called whenever one more file has been read."""
        _SourceLoader.listeners.append(tell)

    @property
    def modules(self) -> tuple[str, ...]:
        """The third-party modules that were imported: a spare may import them ahead of time.

        Those that came ahead of time count if the program names them.
        """
        fresh = {name for name in sys.modules.keys() - self._before if "." not in name}
        return tuple(sorted(filter(self._is_third_party, fresh | (IMPORTED & _SourceLoader.names))))

    @staticmethod
    def _is_third_party(name: str) -> bool:
        file = getattr(sys.modules.get(name), "__file__", None)
        return name not in sys.stdlib_module_names and bool(file) and not _is_local(Path(file or ""))

    def load(self) -> types.ModuleType:
        """Run the module and return it. What it raises is raised."""
        name, root = module_name(self.path)
        self._read_from(root)
        if "." in name:
            importlib.import_module(name.rpartition(".")[0])
        elif name in sys.stdlib_module_names:
            self.notices.append(f"{self.path.name} hides Python's own module '{name}'")
        return self.run(self._module(name))

    def program(self) -> types.ModuleType:
        """Return the file as the program that this process is, its code not run yet.

        One that lies in a package can import from there: it is run as ``python -m package.module`` would.
        """
        self._read_from(self.path.parent)
        module = self._module("__main__")
        name, root = module_name(self.path)
        spec = importlib.util.spec_from_file_location(name, self.path)
        module.__spec__ = None  # as of every script: other modules tell by it where to find it again
        if spec is not None and spec.parent:
            sys.path.insert(1, str(root))
            module.__package__, module.__spec__ = spec.parent, spec
        return module

    def _read_from(self, root: Path) -> None:
        sys.path[0:0] = [str(root)]
        forget_hidden(root)
        from_source()
        fbdev.concurrent.preparation = f"{__name__}:{prepare_node.__name__}"

    def _module(self, name: str) -> types.ModuleType:
        is_package = self.path.name == "__init__.py" and name != "__main__"
        spec = importlib.util.spec_from_file_location(
            name,
            self.path,
            loader=_SourceLoader(name, str(self.path)),
            submodule_search_locations=[str(self.path.parent)] if is_package else None,
        )
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        return module

    @staticmethod
    def run(module: types.ModuleType) -> types.ModuleType:
        """Run the code of a module, and return the module. What it raises is raised."""
        loader: Any = module.__loader__
        loader.exec_module(module)
        return module


def module_name(path: Path) -> tuple[str, Path]:
    """Return under which name a file is imported, and the folder that goes on the path.

    A file inside a package has its dotted name, with the folder above the package on the path.
    """
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or path.stem, folder


# ------------------------------------------------------------------------------------ which graph


def _graphs(module: types.ModuleType) -> dict[str, GraphSpec]:
    """Return the graphs bound in a module, each object once, under its first name."""
    found: dict[str, GraphSpec] = {}
    for name, value in vars(module).items():
        if isinstance(value, GraphSpec) and not any(value is other for other in found.values()):
            found[name] = value
    return found


def _contained(graph: GraphSpec) -> list[GraphSpec]:
    inside = [node.subgraph for node in graph.nodes.values() if node.subgraph is not None]
    return [*inside, *(deeper for one in inside for deeper in _contained(one))]


def _same_nodes(one: GraphSpec, other: GraphSpec) -> bool:
    """A graph component holds a copy of its graph: it is known by its nodes."""
    return [(n.id, n.component_type) for n in one.nodes.values()] == [
        (n.id, n.component_type) for n in other.nodes.values()
    ]


def _outermost(graphs: dict[str, GraphSpec]) -> dict[str, GraphSpec]:
    inner = [deeper for graph in graphs.values() for deeper in _contained(graph)]
    return {name: graph for name, graph in graphs.items() if not any(_same_nodes(graph, deeper) for deeper in inner)}


def _builders(module: types.ModuleType) -> dict[str, Callable[[], GraphSpec]]:
    """Return the functions annotated to return a GraphSpec that need no arguments."""
    return {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and _returns_graph(value) and not _required(value)
    }


def _returns_graph(function: types.FunctionType) -> bool:
    hint = function.__annotations__.get("return")
    return hint is GraphSpec or (isinstance(hint, str) and hint.strip("'\"").rpartition(".")[2] == "GraphSpec")


def _required(function: Callable[..., Any]) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in parameters if p.default is p.empty and p.kind not in kinds]


def find_graph(module: types.ModuleType, name: str | None) -> tuple[str, GraphSpec, bool]:
    """Return the graph that is meant: its name, the graph, and whether it is the module's default one.

    Raises:
        NoGraph: if it is not there, or nobody can tell which one is meant.
    """
    default = _default(module)
    if name is not None:
        return name, _named(module, name), name == default
    if default is None:
        names = (*_graphs(module), *_builders(module))
        if names:
            raise NoGraph(f"{_file(module)} has several graphs, and none is called 'graph'", names)
        raise NoGraph(
            f"{_file(module)} has no graph: it binds no GraphSpec, and no function returns one; "
            "if it makes one when it runs as a program, --main debugs that"
        )
    return default, _named(module, default), True


def choices(module: types.ModuleType) -> tuple[str, ...]:
    """Return by name what of a module can be run: graphs, functions that return one, its own components."""
    components = (
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, BaseComponent) and _is_own(name, value, module)
    )
    return tuple(dict.fromkeys((*_graphs(module), *_builders(module), *components)))


def _is_own(name: str, kind: type[BaseComponent], module: types.ModuleType) -> bool:
    is_whole = not (kind.is_factory or inspect.isabstract(kind))
    return is_whole and kind.__module__ == module.__name__ and kind.__name__ == name and len(kind.port_specs) > 0


def _default(module: types.ModuleType) -> str | None:
    graphs = _graphs(module)
    if isinstance(vars(module).get("graph"), GraphSpec):
        return "graph"
    for candidates in (graphs, _outermost(graphs), {} if graphs else _builders(module)):
        if len(candidates) == 1:
            return next(iter(candidates))
    return None


def _named(module: types.ModuleType, name: str) -> GraphSpec:
    missing = object()
    value: Any = vars(module).get(name, missing)
    if isinstance(value, GraphSpec):
        return value
    if isinstance(value, type) and issubclass(value, BaseComponent):
        return graph_of(value)
    if callable(value) and not isinstance(value, type):
        if needed := _required(value):
            raise NoGraph(f"the function '{name}' needs arguments ({', '.join(needed)}): it cannot be called")
        value = value()
        if isinstance(value, GraphSpec):
            return value
        raise NoGraph(f"the function '{name}' returned {type(value).__name__}, not a GraphSpec")
    names = (*_graphs(module), *_builders(module))
    if value is missing:
        raise NoGraph(f"{_file(module)} has no '{name}'", names)
    raise NoGraph(f"'{name}' is no graph, no component and no function, but {type(value).__name__}", names)


def _file(module: types.ModuleType) -> str:
    return Path(module.__file__ or module.__name__).name
