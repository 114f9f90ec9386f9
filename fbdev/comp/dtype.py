"""Checks a payload against a port's dtype, which may be any annotation, and its validator.

The check looks at the outer type, and at no more than the first items of a generic container: it stands on the
path of every packet.
"""

from __future__ import annotations

import builtins
import itertools
import numbers
import types
import typing
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

Check = Callable[[Any], str | None]
"""Takes a payload and returns what is wrong with it, None if nothing is."""

Test = Callable[[Any], bool]

_FUNCTIONS: Final = types.FunctionType | types.BuiltinFunctionType | types.MethodType

LOOKED_AT: Final = 8
"""Items of a generic container that are checked."""

_NUMBERS: Final[dict[type, type]] = {int: numbers.Integral, float: numbers.Real, complex: numbers.Complex}
_KNOWN_CONTAINERS: Final = {"builtins", "collections", "collections.abc"}
"""Modules whose generic classes say by their arguments what their items are; of others nobody knows."""


def is_annotation(dtype: Any) -> bool:
    """Return whether an object can be a dtype: a class, or whatever else may stand behind a colon."""
    if isinstance(dtype, type | str) or typing.get_origin(dtype) is not None:
        return True
    is_from_typing = type(dtype).__module__ in {"typing", "types", "typing_extensions"}
    return is_from_typing and not isinstance(dtype, _FUNCTIONS | types.ModuleType)


def describe(dtype: Any) -> str:
    """Return an annotation as people write it."""
    if dtype is None:
        return "anything"
    return dtype.__name__ if isinstance(dtype, type) and not typing.get_args(dtype) else str(dtype)


def check_for(dtype: Any, validator: Callable[[Any], bool] | None) -> Check | None:
    """Return the check of a port with this dtype and validator, None if everything passes."""
    test = None if dtype is None else _test(dtype)
    if test is None and validator is None:
        return None

    def check(payload: Any) -> str | None:
        if test is not None and not test(payload):
            return f"expected {describe(dtype)}, got {describe(type(payload))}"
        if validator is not None and not validator(payload):
            return f"its data_validator refuses a payload of type {describe(type(payload))}"
        return None

    return check


def resolved(dtype: Any) -> Any:
    """Return what an annotation that is a string stands for; the string itself if nobody knows.

    It can name the builtins, and what the module ``typing`` has.
    """
    if not isinstance(dtype, str):
        return dtype
    try:
        return eval(dtype, {**vars(typing), **vars(builtins)})  # an annotation, as `typing.get_type_hints` reads it
    except Exception:  # whatever the expression may raise
        return dtype


def _test(dtype: Any) -> Test | None:
    """Return a test for an annotation; None where there is nothing to test, as for ``Any``."""
    dtype = resolved(dtype)
    origin, args = typing.get_origin(dtype), typing.get_args(dtype)
    if origin in {typing.Union, types.UnionType}:
        return _any_of([_test(arg) for arg in args])
    if origin is typing.Literal:
        return lambda payload: payload in args
    if origin in {typing.Annotated, typing.Final, typing.ClassVar, typing.Required, typing.NotRequired}:
        return _test(args[0])
    if isinstance(origin, type):
        return _container(origin, args)
    if dtype is None or dtype is type(None):
        return lambda payload: payload is None
    if typing.is_typeddict(dtype):
        return lambda payload: isinstance(payload, dict)
    if hasattr(dtype, "__supertype__"):
        return _test(dtype.__supertype__)
    return _instance(dtype) if isinstance(dtype, type) else None


def _any_of(tests: list[Test | None]) -> Test | None:
    real = [test for test in tests if test is not None]
    return (lambda payload: any(test(payload) for test in real)) if len(real) == len(tests) else None


def _instance(dtype: type) -> Test | None:
    """A number of a wider kind passes for a narrower one's port: an int for a float, numpy's for Python's."""
    if dtype is bool:
        return lambda payload: isinstance(payload, bool) or _is_numpy_bool(payload)
    wanted: Any = (dtype, _NUMBERS[dtype]) if dtype in _NUMBERS else dtype
    try:
        isinstance(None, wanted)
    except TypeError:  # a Protocol that is not runtime checkable
        return None
    return lambda payload: isinstance(payload, wanted)


def _is_numpy_bool(payload: Any) -> bool:
    return type(payload).__module__ == "numpy" and type(payload).__name__ in {"bool", "bool_"}


def _container(origin: type, args: tuple[Any, ...]) -> Test | None:
    outer = _instance(origin)
    if outer is None or not args or origin.__module__ not in _KNOWN_CONTAINERS:
        return outer
    if issubclass(origin, tuple) and args[-1] is not Ellipsis:
        fixed = [_test(arg) for arg in args]
        return lambda payload: (
            outer(payload)
            and len(payload) == len(fixed)
            and all(test is None or test(item) for test, item in zip(fixed, payload, strict=True))
        )
    if issubclass(origin, Mapping) and len(args) == 2:
        key, value = _test(args[0]), _test(args[1])
        return lambda payload: outer(payload) and _first_pass(payload, key) and _first_pass(payload.values(), value)
    if issubclass(origin, Collection):
        item = _test(args[0])
        return lambda payload: outer(payload) and _first_pass(payload, item)
    return outer


def _first_pass(items: Any, test: Test | None) -> bool:
    return test is None or all(test(item) for item in itertools.islice(items, LOOKED_AT))
