"""Ports by id, by kind and by name: what collections of descriptions and of running ports share."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final

from fbdev.comp.port_type import PortID, PortType

_LABELS: Final = tuple(kind.label for kind in PortType)


class PortGroup(Mapping[str, Any]):
    """The ports of one kind, by name: ``group.a.b``, ``group["a.b"]`` and ``group["a"]["b"]`` are one port.

    As a mapping it holds the ports themselves under their full names, however deep. Attributes come first: a
    port that is called like a method of a mapping is found under its name. They are plain attributes, because a
    component looks its ports up for every packet.
    """

    __slots__ = ("_PortGroup__label", "_PortGroup__ports", "__dict__")

    def __init__(self, label: str, ports: dict[str, Any]) -> None:
        self.__label = label
        self.__ports = ports
        self.__dict__ = self.__first_parts() if any("." in name for name in ports) else ports

    def __first_parts(self) -> dict[str, Any]:
        """Return the ports by name, those with a dotted name in groups by its first part; the order is kept."""
        parts: dict[str, Any] = {}
        for name, port in self.__ports.items():
            first, _, rest = name.partition(".")
            parts.setdefault(first, {} if rest else port)
            if rest:
                parts[first][rest] = port
        return {
            first: type(self)(f"{self.__label}.{first}", found) if isinstance(found, dict) else found
            for first, found in parts.items()
        }

    def __getitem__(self, name: str) -> Any:
        port = self.__ports.get(name)
        if port is not None:
            return port
        first, _, rest = name.partition(".")
        inner = self.__dict__.get(first)
        if not isinstance(inner, PortGroup):
            raise KeyError(self._missing(name))
        return inner[rest] if rest else inner

    def __iter__(self) -> Iterator[str]:
        return iter(self.__ports)

    def __len__(self) -> int:
        return len(self.__ports)

    def __contains__(self, name: object) -> bool:
        return name in self.__ports or name in self.__dict__

    def as_list(self) -> list[Any]:
        """Return the ports, in order."""
        return list(self.__ports.values())

    def as_readonly_dict(self) -> Mapping[str, Any]:
        """Return a read-only view by full name."""
        return MappingProxyType(self.__ports)

    def __repr__(self) -> str:
        return f"{self.__label}: {', '.join(self.__ports)}"

    def _missing(self, name: str) -> str:
        known = f"there are {', '.join(self.__ports)}" if self.__ports else "there are none"
        return f"There is no {self.__label} port '{name}': {known}."


class HelpfulGroup(PortGroup):
    """Ports that a graph is written with: a wrong name is answered by the right ones."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(self._missing(name), name=name, obj=self)


def outline(group: PortGroup, depth: int) -> Iterator[str]:
    """Yield the names of a group of ports as lines, groups within it indented."""
    for name, inner in vars(group).items():
        nested = isinstance(inner, PortGroup)
        yield f"{'  ' * depth}{name}{':' if nested else ''}"
        if nested:
            yield from outline(inner, depth + 1)


class PortsByKind(Mapping[PortID, Any]):
    """Ports by id ``(kind, name)``, and by kind as attributes: ``input config signal output message``."""

    _group_type: ClassVar[type[PortGroup]] = HelpfulGroup
    input: Any
    """The input ports."""
    config: Any
    """The config ports."""
    signal: Any
    """The signal ports."""
    output: Any
    """The output ports."""
    message: Any
    """The message ports."""

    def __init__(self, ports: Mapping[PortID, Any]) -> None:
        self._ports = ports
        self._regroup()

    def _regroup(self) -> None:
        named: dict[str, dict[str, Any]] = {}
        for (kind, name), port in self._ports.items():
            named.setdefault(kind.label, {})[name] = port
        for label in _LABELS:
            ports = named.get(label)
            setattr(self, label, self._group_type(label, ports) if ports else _no_ports(self._group_type, label))

    def __getitem__(self, port_id: PortID) -> Any:
        try:
            return self._ports[port_id]
        except KeyError:
            known = ", ".join(f"{kind.label}.{name}" for kind, name in self._ports) or "none"
            raise KeyError(f"There is no port {_in_words(port_id)}: there are {known}.") from None

    def __contains__(self, port_id: object) -> bool:
        return port_id in self._ports

    def get(self, port_id: PortID, default: Any = None) -> Any:
        """Return the port with an id, or ``default``."""
        return self._ports.get(port_id, default)

    def __iter__(self) -> Iterator[PortID]:
        return iter(self._ports)

    def __len__(self) -> int:
        return len(self._ports)

    def as_dict(self) -> Mapping[PortID, Any]:
        """Return a read-only view by id."""
        return MappingProxyType(self._ports)

    def get_all(self, port_type: PortType | None = None) -> list[Any]:
        """Return the ports, of one kind or of all, in the order in which they were added."""
        return [port for (kind, _), port in self._ports.items() if port_type in {None, kind}]

    def iter_ports(self) -> Iterator[Any]:
        """Yield every port."""
        return iter(self._ports.values())

    def iter_input_ports(self) -> Iterator[Any]:
        """Yield the ports that a component receives from."""
        return (port for (kind, _), port in self._ports.items() if kind.is_input_port)

    def iter_output_ports(self) -> Iterator[Any]:
        """Yield the ports that a component sends by."""
        return (port for (kind, _), port in self._ports.items() if not kind.is_input_port)

    def __str__(self) -> str:
        kinds = [(label, getattr(self, label)) for label in _LABELS]
        lines = (line for label, group in kinds if group for line in (f"{label}:", *outline(group, 1)))
        return "\n".join(lines)

    __repr__ = __str__


@functools.cache
def _no_ports(group_type: type[PortGroup], label: str) -> PortGroup:
    """Return the group of a kind that has no ports: one for all."""
    return group_type(label, {})


def _in_words(port_id: object) -> str:
    if isinstance(port_id, tuple) and len(port_id) == 2 and isinstance(port_id[0], PortType):
        return f"'{port_id[0].label}.{port_id[1]}'"
    return repr(port_id)
