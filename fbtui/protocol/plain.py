"""Plain data: dataclasses that cost little to make.

`dataclasses` writes the methods of each class as source text and compiles it, which takes a quarter of a
millisecond. There are many of them, and they are made at every start, of the debugger and of each target; most
starts use few. Here it does so when the first record of a class is made. What compares, hashes and shows a `plain`
record is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import get_annotations
from operator import attrgetter
from typing import Any, Final, TypeVar, dataclass_transform

T = TypeVar("T")
_OWN: Final = {"__dict__", "__weakref__"}
"""What every class has of its own."""
_FIELDS: Final = "__dataclass_fields__"
_WRITTEN: Final = ("__init__", "__eq__", "__repr__")
"""What `dataclasses` writes."""


@dataclass_transform(frozen_default=True)
def plain(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass with slots. That a record is never changed the type checker sees to."""
    made = _late(cls, eq=False, repr=False)
    made.__eq__, made.__hash__, made.__repr__ = _equals, _hash, _show
    made._values = staticmethod(_getter(made.__match_args__))
    return made  # type: ignore[no-any-return]


@dataclass_transform(field_specifiers=(field,))
def slotted(*, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """Make a class a dataclass with slots whose records may change.

    Args:
        eq: whether equal records are those with equal fields; otherwise each is equal to itself alone.
    """
    return lambda cls: _late(cls, eq=eq)


def _late(cls: type[Any], **options: bool) -> Any:
    """Return the class with slots, still without what `dataclasses` writes. It inherits no fields."""
    names = tuple(get_annotations(cls))
    body = {name: value for name, value in vars(cls).items() if name not in names and name not in _OWN}
    body |= {"__slots__": names, "__match_args__": names, "__init__": _begin}
    body |= {"_source": cls, "_options": options, _FIELDS: _Fields()}
    if options["eq"]:
        body["__hash__"] = None
    kind: Any = type(cls)
    return kind(cls.__name__, cls.__bases__, body)


class _Fields:
    """Stands for the fields of a class until somebody asks for them."""

    def __get__(self, record: object, cls: Any) -> Any:
        _complete(cls)
        return getattr(cls, _FIELDS)


def _begin(self: Any, *values: Any, **named: Any) -> None:
    """Make the first record of a class."""
    _complete(type(self))
    self.__init__(*values, **named)


def _complete(cls: Any) -> None:
    written = vars(dataclass(**cls._options)(cls._source))
    for name in (*_WRITTEN, _FIELDS):
        if name in written:
            setattr(cls, name, written[name])


def _getter(names: tuple[str, ...]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda _: ()


def _equals(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self is other or self._values(self) == self._values(other)


def _hash(self: Any) -> int:
    return hash((type(self), self._values(self)))


def _show(self: Any) -> str:
    fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({fields})"
