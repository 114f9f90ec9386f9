"""The value that a text from the command line or the form stands for, and whether a port takes a value."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from fbdev.comp.dtype import check_for, describe, resolved
from fbdev.comp.dtype_fit import Fit, alternatives, fit
from fbdev.comp.port_spec import PortSpec
from fbdev.graph.elements import GRAPH_ID
from fbdev.graph.graph_spec import GraphSpec
from fbtui.target.capture import summarize

_BEGINS: Final = tuple("{[('\"")
"""What begins like this was meant as a value; a text that does is written in quotes."""
_SHOWN: Final = 60
"""Characters of a value in a sentence."""


class BadInput(Exception):  # noqa: N818 - a sentence for the person
    """A value that cannot be given; the sentence says which, and why.

    ``port`` is its port, as ``input.inp``, ``packet`` which one it is of those given for the port, from 0.
    """

    def __init__(self, sentence: str, port: str = "") -> None:
        super().__init__(sentence)
        self.port = port
        self.packet = 0


class Asking(NamedTuple):
    """A port that looks at what is given for a port of the graph: that one itself, or one where its edges lead."""

    place: str
    """Empty for the graph's own port."""
    spec: PortSpec


def asking(graph: GraphSpec, spec: PortSpec, path: str = "") -> Iterator[Asking]:
    """Yield the ports that a value for a port of a graph has to suit: the runtime checks all of them at its put."""
    if not path:
        yield Asking("", spec)
    for edge in graph.edges_at((GRAPH_ID, spec.id)):
        head = edge.head_port
        if head is None or head.is_graph_port:
            continue
        node = graph.nodes[head.end[0]]
        yield Asking(f"{path}{node.id}.{head.name}", head)
        if node.subgraph is not None:
            yield from asking(node.subgraph, node.subgraph.port_specs[head.id], f"{path}{node.id}/")


def dtype_of(asked: list[Asking]) -> Asking | None:
    """Return the first of the ports that has a dtype, the graph's own before those behind it."""
    return next((one for one in asked if one.spec.dtype is not None), None)


def check(spec: PortSpec, asked: list[Asking], value: Any) -> None:
    """Have a look at a value before anything runs.

    Raises:
        BadInput: if one of the ports would refuse it.
    """
    whose = f"{spec.port_type.label} {spec.name}"
    shown = summarize(value, _SHOWN)
    for place, one in asked:
        test = check_for(one.dtype, None)
        if test is not None and test(value) is not None:
            behind = f", for {place}" if place else ""
            sentence = f"{whose} takes {describe(one.dtype)}{behind}, not {type(value).__name__}: {shown}"
            raise BadInput(sentence, spec.id_str)
        if one.data_validator is not None and not one.data_validator(value):
            raise BadInput(f"{whose}: the data_validator of {place or whose} refuses {shown}", spec.id_str)


def parse_value(text: str, spec: PortSpec, cwd: Path, dtype: Any) -> Any:
    """Return the value that a text stands for: JSON, else a Python literal, else the text itself.

    ``@PATH`` is the content of a file (bytes if the dtype is bytes, parsed if it is a ``.json``), ``@@x`` the text
    ``@x``. Where a str is asked for a text is taken as it stands.

    Args:
        text: what was written.
        spec: the port that it is for.
        cwd: where paths begin.
        dtype: what is asked for.

    Raises:
        BadInput: if the file cannot be read, or the text begins like a value and is none.
    """
    if text.startswith("@@"):
        text = text[1:]
    elif text.startswith("@"):
        return _content(cwd / text[1:], spec, dtype)
    if dtype is str:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        if not text.lstrip().startswith(_BEGINS) or str in alternatives(resolved(dtype)):
            return text
        shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        way_out = f"a text is written in quotes: {json.dumps(shown, ensure_ascii=False)}"
        if fit(str, dtype) is Fit.NEVER:
            way_out = f"it takes {describe(dtype)}, in which a text stands in quotes"
        sentence = f"{spec.port_type.label} {spec.name}: {shown} is neither JSON nor a Python literal: "
        sentence += f"{_why_no_literal(text, error)}; {way_out}"
        raise BadInput(sentence, spec.id_str) from None


def _why_no_literal(text: str, error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return error.msg
    try:
        parts = list(ast.walk(ast.parse(text.strip(), mode="eval")))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return "Python cannot read it"
    name = next((part.id for part in parts if isinstance(part, ast.Name)), None)
    return f"{name} is a name, which stands for nothing here" if name is not None else "it is an expression"


def _content(path: Path, spec: PortSpec, dtype: Any) -> Any:
    try:
        if dtype is bytes:
            return path.read_bytes()
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" and dtype is not str else text
    except OSError as error:
        raise BadInput(f"port '{spec.name}': cannot read {path}: {error.strerror}", spec.id_str) from error
    except ValueError as error:
        raise BadInput(f"port '{spec.name}': {path}: {error}", spec.id_str) from error
