"""The texts of the files that a run is made of, and what stands where in them. They are parsed, never run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from fbtui.protocol import SourceFile, digest


def texts_of(files: Iterable[SourceFile]) -> dict[str, str]:
    """Return the text of each file that still is as the run has read it."""
    texts = {}
    for file in files:
        try:
            content = Path(file.path).read_bytes()
        except OSError:
            continue
        if digest(content) == file.digest:
            texts[file.path] = content.decode("utf-8", "replace")
    return texts


@lru_cache(maxsize=8)
def definitions_in(text: str) -> list[ast.stmt]:
    """Return what stands at the top of a module, in order; nothing if Python cannot read it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def definition_at(text: str, line: int) -> ast.stmt | None:
    """Return what stands at the top of a module around a line, its decorators included; None where nothing does."""
    for one in definitions_in(text):
        first = min([one.lineno, *(d.lineno for d in getattr(one, "decorator_list", ()))])
        if first <= line <= (one.end_lineno or one.lineno):
            return one
    return None
