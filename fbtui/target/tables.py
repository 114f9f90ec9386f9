"""Arrays and data frames of any library, opened: known by what their class has, never imported.

What has ``shape`` and ``dtype`` is an array, what has ``shape`` and ``columns`` a frame. Opening one runs code of
its class, so it is done only when a person asks; see `fbtui.target.inspector`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fbtui.target.capture import is_scalar, of_class, summarize
from fbtui.target.parts import Children, Part, stretches

COLUMNS: Final = 6
"""Cells that the line of a row shows."""
CELL: Final = 12
"""Characters of a cell there."""


def is_array(value: Any) -> bool:
    """Return whether a value's class has what arrays have."""
    return not is_scalar(value) and _has(value, "shape", "dtype", "__getitem__")


def is_frame(value: Any) -> bool:
    """Return whether a value's class has what data frames have."""
    return _has(value, "shape", "columns")


def _has(value: Any, *names: str) -> bool:
    return all(of_class(value, name) is not None for name in names)


def _listed(values: Any) -> list[Any]:
    """Return a short run of cells as Python's own values where the library can tell them."""
    for name in ("tolist", "to_list"):
        method = getattr(values, name, None)
        if method is not None:
            return list(method())
    return list(values)


def array_children(value: Any) -> Children:
    """Return the cells of an array of one dimension, the rows of one of more; those of a series with its labels."""
    shape = tuple(value.shape)
    if not shape:
        return [("", value[()])]
    cells = getattr(value, "iloc", value)
    labels = getattr(value, "index", None) if cells is not value else None

    def items(start: int, stop: int) -> Children:
        if len(shape) == 1:
            names = map(str, range(start, stop)) if labels is None else _names(labels[start:stop])
            return list(zip(names, _listed(cells[start:stop]), strict=True))
        if len(shape) == 2:
            return _rows(value, start, stop, shape[1])
        return [(str(number), value[number]) for number in range(start, stop)]

    return stretches(0, shape[0], items)


def _rows(value: Any, start: int, stop: int, width: int) -> Children:
    """Return some rows of an array of two dimensions, their cells one below the other."""
    cells = [[summarize(cell, CELL) for cell in row] for row in _listed(value[start:stop, :COLUMNS])]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    more = f" … {width} columns" if width > COLUMNS else ""

    def row(number: int, texts: list[str]) -> Part:
        shown = " ".join(text.rjust(size) for text, size in zip(texts, widths, strict=True))
        return Part("", shown + more, lambda: array_children(value[number]))

    return [(str(number), row(number, texts)) for number, texts in enumerate(cells, start)]


def frame_children(value: Any) -> Children:
    """Return the columns of a frame with their dtypes, then its rows by their labels."""
    height, width = value.shape
    names = _names(value.columns)
    kinds = _names(getattr(value, "dtypes", [""] * width))
    told = [f"{name} {kind}".strip() for name, kind in zip(names[:COLUMNS], kinds, strict=False)]
    more = f", … {width} columns" if width > COLUMNS else ""

    def columns(start: int, stop: int) -> Children:
        return [(name, Part(kind, "")) for name, kind in zip(names[start:stop], kinds[start:stop], strict=True)]

    def rows(start: int, stop: int) -> Children:
        return _frame_rows(value, names, start, stop)

    head = Part("", ", ".join(told) + more, lambda: stretches(0, width, columns))
    return [("columns", head), *stretches(0, height, rows)]


def _frame_rows(value: Any, names: list[str], start: int, stop: int) -> Children:
    index = getattr(value, "index", None)
    labels = _names(index[start:stop]) if index is not None else list(map(str, range(start, stop)))
    columns = [_column(value, start, stop, number) for number in range(min(COLUMNS, len(names)))]
    more = f", … {len(names)} columns" if len(names) > COLUMNS else ""

    def row(place: int) -> Part:
        cells = (f"{name}={summarize(column[place], CELL)}" for name, column in zip(names, columns, strict=False))
        return Part("", ", ".join(cells) + more, lambda: stretches(0, len(names), cells_of(start + place)))

    def cells_of(number: int) -> Any:
        return lambda first, behind: [
            (names[column], _column(value, number, number + 1, column)[0]) for column in range(first, behind)
        ]

    return [(label, row(place)) for place, label in enumerate(labels)]


def _column(frame: Any, start: int, stop: int, number: int) -> list[Any]:
    """Return some cells of one column, so that each keeps the type of its column."""
    return _listed(getattr(frame, "iloc", frame)[start:stop, number])


def _names(values: Iterable[Any]) -> list[str]:
    """Return labels as people read them: Python's own values as they are written, of others what they say."""
    return [str(value) if type(value) is str or not _plain(value) else summarize(value, 60) for value in values]


def _plain(value: Any) -> bool:
    return type(value).__module__ == "builtins" or is_scalar(value)
