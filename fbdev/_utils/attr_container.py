"""A mapping whose items are attributes, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any


class AttrContainer(Mapping[str, Any]):
    """Named things, as attributes and as items: ``c.a``, ``c["a"]``; a dot in a name puts it into a group.

    Who owns it changes it by `_set` and `_remove`. Attributes come first: a thing that is called like a method of a
    mapping is found under its name.

    Args:
        attrs: the things by name.
        obj_name: what the container is called in errors.
        dtype: the class that every thing must be of.

    Raises:
        TypeError: if a thing is of another class.
    """

    def __init__(
        self, attrs: Mapping[str, Any] | None = None, obj_name: str = "AttrContainer", dtype: type | None = None
    ) -> None:
        self.__attrs: dict[str, Any] = {}
        self.__obj_name = obj_name
        self.__dtype = dtype
        for name, value in (attrs or {}).items():
            self._set(name, value)

    def _set(self, name: str, value: Any) -> None:
        if self.__dtype is not None and not isinstance(value, self.__dtype):
            raise TypeError(f"{self.__obj_name} '{name}' is a {self.__dtype.__name__}, not {value!r}.")
        self.__attrs[name] = value
        if "." not in name:
            self.__dict__[name] = value

    def _remove(self, name: str) -> None:
        if name not in self.__attrs:
            raise self.__missing(name)
        del self.__attrs[name]
        self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:  # a group, or nothing at all
        if name.startswith(("__", "_AttrContainer__")):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def __getitem__(self, name: str) -> Any:
        if name in self.__attrs:
            return self.__attrs[name]
        inner = {key[len(name) + 1 :]: value for key, value in self.__attrs.items() if key.startswith(f"{name}.")}
        if not inner:
            raise self.__missing(name)
        return AttrContainer(inner, f"{self.__obj_name} '{name}'", self.__dtype)

    def __missing(self, name: str) -> KeyError:
        return KeyError(f"There is no '{name}' in {self.__obj_name}: there are {', '.join(self) or 'none'}.")

    def __iter__(self) -> Iterator[str]:
        return iter(self.__attrs)

    def __len__(self) -> int:
        return len(self.__attrs)

    def as_list(self) -> list[Any]:
        """Return the things, in order."""
        return list(self.__attrs.values())

    def as_readonly_dict(self) -> Mapping[str, Any]:
        """Return a read-only view by name."""
        return MappingProxyType(self.__attrs)

    def copy(self) -> AttrContainer:
        """Return a container of the same things."""
        return AttrContainer(self.__attrs, self.__obj_name, self.__dtype)

    def __str__(self) -> str:
        return f"{self.__obj_name}: {', '.join(f'{name}: {value}' for name, value in self.__attrs.items())}"

    __repr__ = __str__
