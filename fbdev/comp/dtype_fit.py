"""Whether what one port sends can be what another takes, judged by their dtypes before anything runs."""

from __future__ import annotations

import inspect
import types
import typing
from enum import IntEnum
from typing import Any, Final

from fbdev.comp.dtype import resolved

_NARROWER: Final[dict[type, tuple[type, ...]]] = {float: (int, bool), complex: (float, int, bool)}
"""Numbers that pass for those of a wider kind."""


class Fit(IntEnum):
    """How much of what is sent is taken."""

    NEVER = 0
    SOMETIMES = 1
    ALWAYS = 2


def fit(sent: Any, taken: Any) -> Fit:
    """Return whether payloads of the dtype ``sent`` pass the check of the dtype ``taken``.

    Where that cannot be known, as without a dtype, for a Protocol, or where a class raises when it is compared, the
    answer is ``ALWAYS``: no news.
    """
    try:
        return _fit(resolved(sent), resolved(taken))
    except Exception:  # the classes may have metaclasses of the user's
        return Fit.ALWAYS


def _fit(sent: Any, taken: Any) -> Fit:
    if _is_open(sent) or _is_open(taken) or sent == taken:
        return Fit.ALWAYS
    fits = [max(_one_fits(one, other) for other in alternatives(taken)) for one in alternatives(sent)]
    if min(fits) != max(fits):
        return Fit.SOMETIMES
    return min(fits[0], Fit.SOMETIMES) if typing.get_origin(taken) is typing.Literal else fits[0]


def _is_open(dtype: Any) -> bool:
    return dtype is None or dtype is Any or dtype is object or isinstance(dtype, str | typing.TypeVar)


def alternatives(dtype: Any) -> list[Any]:
    """Return the members of a union, the types of the values of a Literal, or the one annotation that it is."""
    origin, args = typing.get_origin(dtype), typing.get_args(dtype)
    if origin in {typing.Union, types.UnionType}:
        return [inner for arg in args for inner in alternatives(resolved(arg))]
    if origin is typing.Annotated:
        return alternatives(resolved(args[0]))
    return [type(value) for value in args] if origin is typing.Literal else [dtype]


def _one_fits(sent: Any, taken: Any) -> Fit:
    sent_class, taken_class = _class_of(sent), _class_of(taken)
    if _is_open(sent) or _is_open(taken) or sent_class is None or taken_class is None:
        return Fit.ALWAYS
    return min(_classes_fit(sent_class, taken_class), _items_fit(sent, taken))


def _class_of(dtype: Any) -> type | None:
    """Return the class that an annotation comes down to, None where there is none to go by."""
    origin = typing.get_origin(dtype)
    found = origin if origin is not None else getattr(dtype, "__supertype__", dtype)
    if typing.is_typeddict(found):
        return dict
    return found if isinstance(found, type) and not getattr(found, "_is_protocol", False) else None


def _classes_fit(sent: type, taken: type) -> Fit:
    if issubclass(sent, taken) or sent in _NARROWER.get(taken, ()):
        return Fit.ALWAYS
    abstract = inspect.isabstract(sent) or inspect.isabstract(taken)
    return Fit.SOMETIMES if issubclass(taken, sent) or abstract else Fit.NEVER


def _items_fit(sent: Any, taken: Any) -> Fit:
    """Compare the arguments of two generics of one class; what those of different ones mean nobody knows."""
    ours, theirs = typing.get_args(sent), typing.get_args(taken)
    if typing.get_origin(sent) is not typing.get_origin(taken) or len(ours) != len(theirs):
        return Fit.ALWAYS
    pairs = [(one, other) for one, other in zip(ours, theirs, strict=True) if one is not ... and other is not ...]
    return min((fit(one, other) for one, other in pairs), default=Fit.ALWAYS)
