"""A mapping whose items are attributes, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any


class AttrContainer(Mapping[str, Any]):
    """Named things, as attributes and as items. Who owns it changes it by `_set` and `_remove`."""

    def __init__(self, attrs: Mapping[str, Any] | None = None, obj_name: str = "object", dtype: Any = None) -> None:
        self._attrs: dict[str, Any] = dict(attrs or {})
        self._obj_name = obj_name
        self._dtype = dtype

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(str(error.args[0])) from None

    def __getitem__(self, name: str) -> Any:
        if name in self._attrs:
            return self._attrs[name]
        inner = {key[len(name) + 1 :]: value for key, value in self._attrs.items() if key.startswith(name + ".")}
        if inner:
            return AttrContainer(inner, f"{self._obj_name} '{name}'")
        raise KeyError(f"There is no {self._obj_name} '{name}': there are {', '.join(self._attrs) or 'none'}.")

    def _set(self, name: str, value: Any) -> None:
        self._attrs[name] = value

    def _remove(self, name: str) -> None:
        del self._attrs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._attrs)

    def __len__(self) -> int:
        return len(self._attrs)

    def as_list(self) -> list[Any]:
        """Return the things, in order."""
        return list(self._attrs.values())

    def as_readonly_dict(self) -> Mapping[str, Any]:
        """Return a read-only view by name."""
        return MappingProxyType(self._attrs)

    def copy(self) -> AttrContainer:
        """Return a container of the same things."""
        return AttrContainer(self._attrs, self._obj_name, self._dtype)

    def __str__(self) -> str:
        return ", ".join(f"{name}={value}" for name, value in self._attrs.items())
