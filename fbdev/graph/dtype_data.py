"""Annotations as data that JSON can hold.

A class is its importable name, ``int`` or ``package.module:Name``; ``None`` stands for its type. Then there are
``{"any_of": [...]}`` for a union, ``{"literal": [...]}``, ``{"of": "list", "args": ["int"]}`` for a generic, and
``{"text": "..."}`` for an annotation that is a string.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Any, Final

from fbdev.graph.importing import import_path, import_thing

_NOTHING: Final = "None"
_AND_SO_ON: Final = "..."


def dtype_to_data(dtype: Any) -> Any:
    """Return an annotation as data.

    Raises:
        ValueError: if something in it has no importable name.
    """
    origin, args = typing.get_origin(dtype), typing.get_args(dtype)
    if isinstance(dtype, str):
        return {"text": dtype}
    if dtype is None or dtype is type(None):
        return _NOTHING
    if dtype is ...:
        return _AND_SO_ON
    if isinstance(dtype, list):
        return [dtype_to_data(inner) for inner in dtype]
    if origin is typing.Literal and all(type(value) in {int, str, bool} for value in args):
        return {"literal": list(args)}
    if origin in {typing.Union, types.UnionType}:
        return {"any_of": [dtype_to_data(arg) for arg in args]}
    if isinstance(origin, type) and args:
        return {"of": import_path(origin), "args": [dtype_to_data(arg) for arg in args]}
    return import_path(dtype)


def dtype_from_data(data: Any) -> Any:
    """Return the annotation.

    Raises:
        ValueError: if the data is none, or a name in it leads nowhere.
    """
    match data:
        case "None":
            return type(None)
        case "...":
            return ...
        case str():
            return import_thing(data)
        case list():
            return [dtype_from_data(inner) for inner in data]
        case {"text": str(text)}:
            return text
        case {"literal": [*values]}:
            return typing.Literal[tuple(values)]
        case {"any_of": [*alternatives]}:
            return typing.Union[tuple(dtype_from_data(one) for one in alternatives)]  # noqa: UP007 - not known here
        case {"of": str(origin), "args": [*args]}:
            return import_thing(origin)[_arguments(args)]
    raise ValueError(f"{dict(data) if isinstance(data, Mapping) else data!r} is no annotation")


def _arguments(args: list[Any]) -> Any:
    found = tuple(map(dtype_from_data, args))
    return found[0] if len(found) == 1 else found
