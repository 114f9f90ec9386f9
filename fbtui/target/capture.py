"""Payloads as short text, without running a line of the user's code.

Only exact types of Python's own are asked for their text; of any other object the instance dict, the slots or
the fields of a dataclass are read past its class's own attribute access. Every walk is bounded in items, in depth
and in length, whatever the value is.
"""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import math
import pathlib
import re
import types
import uuid
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import islice
from typing import Any, Final

from fbdev.comp.packet import CONSUMED, EmptyPayload, Packet
from fbdev.comp.port import InputPort, OutputPort
from fbdev.concurrent.store import Stored

SUMMARY: Final = 200
"""Characters of a summary."""
ITEMS: Final = 8
"""Items of a container that a summary looks at."""
DEPTH: Final = 4
OPENED: Final = 500
"""Items that one opened level shows."""
LONG: Final = 1000
"""Bits of an integer whose digits nobody reads."""
WRITTEN: Final = 14_000
"""Bits of an integer that Python writes out in digits without complaint."""
TEXT: Final = 2000
"""Characters of a long text."""

PLAIN: Final = frozenset({
    datetime.date, datetime.datetime, datetime.time, datetime.timedelta, decimal.Decimal, fractions.Fraction,
    pathlib.PosixPath, pathlib.PurePosixPath, uuid.UUID, range, complex, type(None), bool, float, type(Ellipsis),
    re.Pattern,
})  # fmt: skip
LIBRARIES: Final = frozenset({"numpy", "pandas", "polars", "torch"})
"""Whose arrays and frames are asked for their shape, and nothing else."""
OF_PANDAS: Final = frozenset({"Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType"})
"""What stands in the cells of its frames besides numpy's and Python's own; its text is short, and made in C."""
_ARGS: Final[Any] = BaseException.__dict__["args"]
_BRACKETS: Final[dict[type, Sequence[str]]] = {list: "[]", tuple: "()", set: "{}", frozenset: ("frozenset({", "})")}


def type_name(value: Any) -> str:
    """Return the name of a value's type."""
    kind = type(value)
    name: str = type.__getattribute__(kind, "__name__") if kind is not Stored else value.type_name
    return name


def summarize(value: Any, limit: int = SUMMARY) -> str:
    """Return a value as one line of at most ``limit`` characters."""
    pieces: list[str] = []
    room = limit
    for piece in _pieces(value, DEPTH):
        pieces.append(piece)
        room -= len(piece)
        if room < 0:
            break
    text = "".join(pieces)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _pieces(value: Any, depth: int, above: tuple[int, ...] = ()) -> Iterator[str]:
    """Yield the pieces of a summary; ``above`` are the ids of the values that it is in."""
    kind = type(value)
    if kind in PLAIN:
        yield repr(value)
    elif kind is Stored:  # its payload is elsewhere, and was described there
        yield value.text
    elif kind is int:
        yield str(value) if value.bit_length() < LONG else f"<int of {value.bit_length()} bits>"
    elif kind in {str, bytes, bytearray}:
        yield _quoted(value)
    elif id(value) in above:
        yield f"↺ {type_name(value)}"
    elif kind in _BRACKETS:
        opening, closing = _BRACKETS[kind]
        yield from _sequence(value, opening, closing, depth, (*above, id(value)))
    elif kind is dict:
        yield from _mapping(value, depth, (*above, id(value)))
    elif isinstance_of(value, Enum):
        yield f"{type_name(value)}.{enum_name(value)}"
    elif isinstance_of(value, type):
        yield f"<class {type.__getattribute__(value, '__name__')}>"
    elif isinstance_of(value, Packet):
        yield from _packet(value, depth, (*above, id(value)))
    elif is_scalar(value):
        yield from _scalar(value, depth)
    else:
        yield from _object(value, depth, (*above, id(value)))


def _is_of_runtime(value: Any) -> bool:
    """Return whether a value is a part of the runtime, whose insides tell a person nothing in one line."""
    module = type.__getattribute__(type(value), "__module__")
    return type(module) is str and module.partition(".")[0] == "fbdev" and not isinstance_of(value, BaseException)


def enum_name(value: Any) -> str:
    """Return the name of a member of an enumeration; its value for a combination without one."""
    name = object.__getattribute__(value, "_name_")
    return name if type(name) is str else summarize(object.__getattribute__(value, "_value_"), 40)


def _packet(packet: Packet, depth: int, above: tuple[int, ...]) -> Iterator[str]:
    """A packet that a component holds: its number in the run, if it has been sent or taken, and what it carries."""
    state, data = inside_packet(packet)
    number = _slot(packet, "tag")
    yield f"packet #{number}" if type(number) is int else "packet, not sent yet"
    if state == "not consumed":
        yield " "
        yield from _pieces(data, depth - 1, above) if depth else "…"
    else:
        yield f", {state}"


def inside_packet(packet: Packet) -> tuple[str, Any]:
    """Return in a word whether a packet was consumed, and what it carries."""
    if _slot(packet, "_at") is CONSUMED:
        return "consumed", None
    is_empty = isinstance_of(_slot(packet, "_data"), EmptyPayload)
    return ("empty", None) if is_empty else ("not consumed", _slot(packet, "_data"))


def _slot(packet: Packet, name: str) -> Any:
    try:
        return object.__getattribute__(packet, name)
    except AttributeError:  # a subclass that has not called our constructor
        return None


def is_scalar(value: Any) -> bool:
    """Return whether a value is one of numpy's own numbers, dates and texts, or one of `OF_PANDAS`."""
    kind = type(value)
    kinds = type.__getattribute__(kind, "__mro__")
    return _is_of_pandas(kind) or any(one.__module__ == "numpy" and one.__name__ == "generic" for one in kinds)


def _is_of_pandas(kind: type) -> bool:
    name, module = (type.__getattribute__(kind, word) for word in ("__name__", "__module__"))
    return name in OF_PANDAS and str(module).partition(".")[0] == "pandas"


def _scalar(value: Any, depth: int) -> Iterator[str]:
    if _is_of_pandas(type(value)):
        yield str(value)
        return
    item = of_library(value, "item")
    plain = item() if item is not None else value
    if depth and plain is not value and not is_scalar(plain):
        yield from _pieces(plain, depth - 1)
    else:
        yield f"{type_name(value)}()"


def _quoted(value: str | bytes | bytearray) -> str:
    if len(value) <= SUMMARY:
        return repr(value)
    return f"{value[: SUMMARY - 40]!r}… ({len(value)} {'characters' if isinstance(value, str) else 'bytes'})"


def _sequence(value: Any, opening: str, closing: str, depth: int, above: tuple[int, ...]) -> Iterator[str]:
    yield opening
    if depth == 0 and value:
        yield "…"
    else:
        for number, item in enumerate(_first(value, ITEMS)):
            if number:
                yield ", "
            yield from _pieces(item, depth - 1, above)
        if len(value) > ITEMS:
            yield f", … {len(value)} items"
        elif type(value) is tuple and len(value) == 1:
            yield ","
    yield closing


def _mapping(value: dict[Any, Any], depth: int, above: tuple[int, ...]) -> Iterator[str]:
    yield "{"
    if depth == 0 and value:
        yield "…"
    else:
        for number, (key, item) in enumerate(_first(value.items(), ITEMS)):
            if number:
                yield ", "
            yield from _pieces(key, depth - 1, above)
            yield ": "
            yield from _pieces(item, depth - 1, above)
        if len(value) > ITEMS:
            yield f", … {len(value)} items"
    yield "}"


def _first(items: Any, count: int) -> list[Any]:
    try:
        return list(islice(items, count))
    except RuntimeError:  # another thread changes it while we look
        return []


def _object(value: Any, depth: int, above: tuple[int, ...]) -> Iterator[str]:
    shape = _array_shape(value)
    if shape is not None:
        yield shape
        return
    if _is_of_runtime(value):
        yield type_name(value)
        yield f" {value.name}" if type(value) in {InputPort, OutputPort} else ""
        return
    held = _as_builtin(value)
    if held is not None and not of_class(value, "_fields"):
        yield f"{type_name(value)}("
        yield from _pieces(held, depth, above)
        yield ")"
        return
    fields = list(islice(fields_of(value), ITEMS + 1))
    yield f"{type_name(value)}("
    if depth == 0 and fields:
        yield "…"
    else:
        for number, (name, item) in enumerate(fields[:ITEMS]):
            yield f"{', ' if number else ''}{'' if name.isdigit() else f'{name}='}"
            yield from _pieces(item, depth - 1, above)
        if len(fields) > ITEMS:
            yield ", …"
    yield ")"


def _as_builtin(value: Any) -> Any:
    """Return what an instance of a subclass of Python's own containers holds, read past the subclass; else None."""
    for base in (dict, list, tuple, set, frozenset, collections.deque, str, bytes, int, float):
        if isinstance_of(value, base):
            return list(collections.deque.__iter__(value)) if base is collections.deque else _plain(value, base)
    return None


def isinstance_of(value: Any, base: type) -> bool:
    """Return whether a value's class derives from another, whatever it says of itself."""
    return base in type.__getattribute__(type(value), "__mro__")


def _plain(value: Any, base: type) -> Any:
    """Return the first items of a container, or the value itself, as an instance of the base class."""
    if base is dict:
        return dict(_first(dict.items(value), OPENED))
    if base in {list, tuple, set, frozenset}:
        return base(_first(base.__iter__(value), OPENED))
    return base.__getnewargs__(value)[0] if base is not float else float.__float__(value)  # type: ignore[attr-defined]


def _array_shape(value: Any) -> str | None:
    """Arrays and frames of the libraries that people have: their shape is what a person asks for first."""
    if type(value) is array.array:
        return f"array {value.typecode} {len(value)}"
    try:
        shape = of_library(value, "shape")
        dtype = of_library(value, "dtype")
        described = "" if dtype is None else f" {dtype}"
        return None if shape is None else f"{type_name(value)}{described} {'x'.join(map(str, shape)) or 'scalar'}"
    except Exception:
        return None


def of_library(value: Any, name: str) -> Any:
    """Return an attribute that a class of one of `LIBRARIES` gives to a value; None for any other."""
    for kind in type.__getattribute__(type(value), "__mro__"):
        if name in kind.__dict__:
            is_known = kind.__module__.partition(".")[0] in LIBRARIES
            return kind.__dict__[name].__get__(value, type(value)) if is_known else None
    return None


def fields_of(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an object holds, by the names under which its instance holds it."""
    if isinstance_of(value, BaseException):
        yield from ((str(number), item) for number, item in enumerate(_ARGS.__get__(value)))
        return
    named = of_class(value, "_fields")
    if type(named) is tuple and isinstance_of(value, tuple):
        yield from zip(map(str, named), tuple.__iter__(value), strict=False)
        return
    declared: dict[str, Any] | None = of_class(value, "__dataclass_fields__")
    if declared:
        for name in declared:
            try:
                yield name, object.__getattribute__(value, name)
            except AttributeError:
                continue
        return
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        held = {}
    if type(held) is dict:
        yield from _first(held.items(), OPENED)
    for kind in type.__getattribute__(type(value), "__mro__"):
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            descriptor = kind.__dict__.get(name)
            if isinstance(descriptor, types.MemberDescriptorType):
                try:
                    yield name, descriptor.__get__(value)
                except AttributeError:
                    continue


def of_class(value: Any, name: str) -> Any:
    """Return an attribute of a value's class, past every ``__getattr__``; None if there is none."""
    for kind in type.__getattribute__(type(value), "__mro__"):
        if name in kind.__dict__:
            return kind.__dict__[name]
    return None


def is_mutable(value: Any) -> bool:
    """Return whether a value may look different later."""
    return type(value) not in PLAIN and type(value) not in {int, str, bytes, frozenset}


def to_json(value: Any, depth: int = 20) -> Any:
    """Return a value as JSON can hold it; what it cannot hold as ``{"type", "repr"}``."""
    kind = type(value)
    if value is None or kind in {bool, str} or (kind is float and math.isfinite(value)):
        return value
    if kind is int and value.bit_length() < WRITTEN:
        return value
    if depth and kind is list:
        return [to_json(item, depth - 1) for item in value]
    if depth and kind is dict and all(type(key) is str for key in value):
        return {key: to_json(item, depth - 1) for key, item in value.items()}
    return {"type": type_name(value), "repr": summarize(value, TEXT)}
