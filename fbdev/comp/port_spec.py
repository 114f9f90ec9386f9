"""What a port is, before any net runs: its kind, its name, what it accepts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from keyword import iskeyword
from types import MappingProxyType
from typing import Any, Final

from fbdev.comp.dtype import Check, check_for

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_MISSING: Final = object()


def is_valid_name(name: object) -> bool:
    """Return whether a name may be a port's or a node's: identifiers joined by dots, none of them a keyword."""
    return (
        isinstance(name, str)
        and _NAME.fullmatch(name) is not None
        and not any(iskeyword(part) for part in name.split("."))
    )


class PortType(Enum):
    """The five kinds of ports. The order of definition is the order in which they are shown."""

    INPUT = ("input", True)
    CONFIG = ("config", True)
    SIGNAL = ("signal", True)
    OUTPUT = ("output", False)
    MESSAGE = ("message", False)

    @property
    def label(self) -> str:
        """The kind as a word: the attribute of a collection that holds the ports of this kind."""
        return self.value[0]

    @property
    def is_input_port(self) -> bool:
        """True for a kind that a component receives from."""
        return self.value[1]

    @classmethod
    def get(cls, label: str) -> PortType:
        """Return the kind with this label.

        Raises:
            ValueError: if there is none.
        """
        for kind in cls:
            if kind.label == label:
                return kind
        raise ValueError(f"No port type '{label}': it is one of {', '.join(kind.label for kind in cls)}.")


PortID = tuple[PortType, str]


class PortSpec:
    """The description of one port.

    Args:
        port_type: the kind.
        name: identifiers joined by dots; a dot puts the port into a group.
        dtype: any annotation. Every packet put on the port is checked against it.
        data_validator: called with each payload; a false answer refuses the packet.
        is_optional: for a config port: a start need not wait for it.
        default: for a config port: its value until another one arrives.

    Raises:
        RuntimeError: if a signal port has a dtype or a validator, or a port that is no config port is
            optional or has a default, or a port is both.
    """

    def __init__(
        self,
        port_type: PortType,
        name: str | None = None,
        dtype: Any = None,
        data_validator: Callable[[Any], bool] | None = None,
        is_optional: bool = False,
        default: Any = _MISSING,
    ) -> None:
        if port_type is PortType.SIGNAL and (dtype is not None or data_validator is not None):
            raise RuntimeError("Ports of type PortType.SIGNAL carry no data: no dtype and no data_validator.")
        if port_type is not PortType.CONFIG and is_optional:
            raise RuntimeError("Only ports of type PortType.CONFIG can be optional.")
        if port_type is not PortType.CONFIG and default is not _MISSING:
            raise RuntimeError("Only ports of type PortType.CONFIG can have a default value.")
        if is_optional and default is not _MISSING:
            raise RuntimeError(f"Config port '{name}' cannot be optional and have a default value.")
        self._port_type = port_type
        self._name = name
        self._dtype = dtype
        self._data_validator = data_validator
        self._is_optional = is_optional
        self._default = default
        self._check = check_for(dtype, data_validator)

    @property
    def name(self) -> str:
        """The full, dotted name."""
        return self._name  # type: ignore[return-value]  # None only before it is added to a collection

    @property
    def id(self) -> PortID:
        """Kind and name: unique within a collection."""
        return self._port_type, self.name

    @property
    def id_str(self) -> str:
        """Kind and name as text: ``input.inp``."""
        return f"{self._port_type.label}.{self._name}"

    @property
    def port_type(self) -> PortType:
        """The kind."""
        return self._port_type

    @property
    def is_input_port(self) -> bool:
        """True for an input, config or signal port."""
        return self._port_type.is_input_port

    @property
    def is_output_port(self) -> bool:
        """True for an output or message port."""
        return not self._port_type.is_input_port

    @property
    def dtype(self) -> Any:
        """The annotation that payloads are checked against, None for none."""
        return self._dtype

    @property
    def data_validator(self) -> Callable[[Any], bool] | None:
        """The function that payloads are checked with, None for none."""
        return self._data_validator

    @property
    def has_dtype(self) -> bool:
        """True if there is a dtype."""
        return self._dtype is not None

    @property
    def has_data_validator(self) -> bool:
        """True if there is a validator."""
        return self._data_validator is not None

    @property
    def is_optional(self) -> bool:
        """True for a config port that a start need not wait for."""
        return self._is_optional

    @property
    def has_default(self) -> bool:
        """True for a config port with a default value."""
        return self._default is not _MISSING

    @property
    def default(self) -> Any:
        """The default value.

        Raises:
            RuntimeError: if there is none.
        """
        if self._default is _MISSING:
            raise RuntimeError(f"Port {self.id_str} has no default value.")
        return self._default

    @property
    def is_required(self) -> bool:
        """True for an input, and for a config port with neither default nor optional: it needs a value."""
        if self._port_type is PortType.CONFIG:
            return not self._is_optional and not self.has_default
        return self._port_type is PortType.INPUT

    @property
    def checker(self) -> Check | None:
        """A function that says what is wrong with a payload (None: nothing); None if all are accepted."""
        return self._check

    def _settings(self) -> dict[str, Any]:
        return {
            "dtype": self._dtype,
            "data_validator": self._data_validator,
            "is_optional": self._is_optional,
            "default": self._default,
        }

    def copy(self) -> PortSpec:
        """Return an equal description that belongs to nothing."""
        return PortSpec(self._port_type, self._name, **self._settings())

    def __repr__(self) -> str:
        return self.id_str


class PortGroup(Mapping[str, Any]):
    """The ports of one kind, by name: ``group.a.b``, ``group["a.b"]`` and ``group["a"]["b"]`` are one port.

    As a mapping it holds the ports themselves under their full names, however deep. Attributes come first: a
    port that is called like a method of a mapping is found under its name.
    """

    __slots__ = ("_PortGroup__label", "_PortGroup__ports", "__dict__")

    def __init__(self, label: str, ports: Mapping[str, Any]) -> None:
        self.__label = label
        self.__ports = dict(ports)
        groups: dict[str, dict[str, Any]] = {}
        for name, port in ports.items():
            first, _, rest = name.partition(".")
            if rest:
                groups.setdefault(first, {})[rest] = port
            else:
                self.__dict__[first] = port
        for first, inside in groups.items():
            self.__dict__[first] = PortGroup(f"{label}.{first}", inside)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"There is no {self.__label} port '{name}'{self.__known()}.")

    def __getitem__(self, name: str) -> Any:
        port = self.__ports.get(name)
        if port is not None:
            return port
        first, _, rest = name.partition(".")
        inner = self.__dict__.get(first)
        if not isinstance(inner, PortGroup):
            raise KeyError(f"There is no {self.__label} port '{name}'{self.__known()}.")
        return inner[rest] if rest else inner

    def __iter__(self) -> Iterator[str]:
        return iter(self.__ports)

    def __len__(self) -> int:
        return len(self.__ports)

    def __contains__(self, name: object) -> bool:
        return name in self.__ports or name in self.__dict__

    def __repr__(self) -> str:
        return f"{self.__label}: {', '.join(self.__ports)}"

    def __known(self) -> str:
        names = ", ".join(self.__ports)
        return f": there are {names}" if names else ": there are none"


def outline(group: PortGroup, depth: int) -> Iterator[str]:
    """Yield the names of a group of ports as lines, groups within it indented."""
    for name, inner in vars(group).items():
        nested = isinstance(inner, PortGroup)
        yield f"{'  ' * depth}{name}{':' if nested else ''}"
        if nested:
            yield from outline(inner, depth + 1)


class PortsByKind(Mapping[PortID, Any]):
    """Ports by id ``(kind, name)``, and by kind as attributes: ``input config signal output message``."""

    def __init__(self, ports: Mapping[PortID, Any]) -> None:
        self._ports = ports
        self._groups: dict[str, PortGroup] = {}

    def _group(self, kind: PortType) -> PortGroup:
        group = self._groups.get(kind.label)
        if group is None:
            named = {name: port for (of, name), port in self._ports.items() if of is kind}
            group = self._groups[kind.label] = PortGroup(kind.label, named)
        return group

    @property
    def input(self) -> Any:
        """The input ports."""
        return self._groups.get("input") or self._group(PortType.INPUT)

    @property
    def config(self) -> Any:
        """The config ports."""
        return self._groups.get("config") or self._group(PortType.CONFIG)

    @property
    def signal(self) -> Any:
        """The signal ports."""
        return self._groups.get("signal") or self._group(PortType.SIGNAL)

    @property
    def output(self) -> Any:
        """The output ports."""
        return self._groups.get("output") or self._group(PortType.OUTPUT)

    @property
    def message(self) -> Any:
        """The message ports."""
        return self._groups.get("message") or self._group(PortType.MESSAGE)

    def __getitem__(self, port_id: PortID) -> Any:
        return self._ports[port_id]

    def __iter__(self) -> Iterator[PortID]:
        return iter(self._ports)

    def __len__(self) -> int:
        return len(self._ports)

    def as_dict(self) -> Mapping[PortID, Any]:
        """Return a read-only view by id."""
        return MappingProxyType(dict(self._ports))

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
        kinds = [(kind, self._group(kind)) for kind in PortType]
        lines = (line for kind, group in kinds if group for line in (f"{kind.label}:", *outline(group, 1)))
        return "\n".join(lines)

    __repr__ = __str__


class PortSpecCollection(PortsByKind):
    """The ports of a component or a graph, in order.

    Raises:
        ValueError: for a name that is no name, or is there already, or is both a port and a group of ports.
    """

    def __init__(self, *port_specs: PortSpec) -> None:
        super().__init__({})
        self._ports: dict[PortID, PortSpec]
        self._readonly = False
        for spec in port_specs:
            self.add_port(spec)

    def _change(self) -> None:
        if self._readonly:
            raise RuntimeError("This PortSpecCollection is readonly: change a copy() of it.")
        self._groups.clear()

    def add_port(self, port_spec: PortSpec) -> None:
        """Add a port at the end."""
        self._change()
        if not isinstance(port_spec, PortSpec):
            raise TypeError(f"A PortSpecCollection holds PortSpecs, not {type(port_spec).__name__}.")
        name = port_spec.name
        if not is_valid_name(name):
            raise ValueError(f"Invalid port name {name!r}: identifiers joined by dots, none of them a keyword.")
        if port_spec.id in self._ports:
            raise ValueError(f"There is a port '{port_spec.id_str}' already.")
        for kind, other in self._ports:
            if kind is port_spec.port_type and (other.startswith(name + ".") or name.startswith(other + ".")):
                raise ValueError(
                    f"'{name}' and '{other}' cannot both be {kind.label} ports: one is inside the other."
                )
        self._ports[port_spec.id] = port_spec

    def remove_port(self, port_spec: PortSpec) -> None:
        """Remove a port, found by its id.

        Raises:
            KeyError: if it is not there.
        """
        self._change()
        del self._ports[port_spec.id]

    def clear_all_ports(self) -> None:
        """Remove every port."""
        self._change()
        self._ports.clear()

    def update(self, other: PortSpecCollection) -> None:
        """Add all ports of another collection.

        Raises:
            ValueError: if one of them is there already.
        """
        for spec in other.iter_ports():
            self.add_port(spec)

    def copy(self) -> PortSpecCollection:
        """Return a collection of copies that can be changed."""
        return PortSpecCollection(*(spec.copy() for spec in self.iter_ports()))

    def make_readonly(self) -> None:
        """Refuse every change from now on."""
        self._readonly = True
