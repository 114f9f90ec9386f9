"""Plain data: frozen dataclasses that cost little to make.

`dataclasses` writes the methods of each class as source text and compiles it, which takes half a millisecond. There
are many of them, and they are made at every start, of the debugger and of each target. Here only ``__init__`` is
made so; what compares, hashes and shows a record is the same for all. That a record is never changed the type
checker sees to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def plain(cls: type[T]) -> type[T]:
    """Make a class a frozen dataclass with slots."""
    made: Any = dataclass(eq=False, repr=False, slots=True)(cls)
    made.__eq__, made.__hash__, made.__repr__ = _equals, _hash, _show
    made._values = staticmethod(_getter(made.__match_args__))
    return made  # type: ignore[no-any-return]


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
