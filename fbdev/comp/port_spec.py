"""What a port is, before any net runs: its kind, its name, what it accepts."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import cached_property
from typing import Any, Final

from fbdev.comp.dtype import Check, check_for, is_annotation
from fbdev.comp.port_group import PortGroup, PortsByKind
from fbdev.comp.port_type import PortID, PortType, is_valid_name, rule_of_names

__all__ = ["PortGroup", "PortID", "PortSpec", "PortSpecCollection", "PortType", "PortsByKind", "is_valid_name"]


class _Missing(Enum):
    """Stands for no default; as a member of an Enum it is the same object in every copy."""

    DEFAULT = "no default"


_MISSING: Final = _Missing.DEFAULT


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
        ValueError: if the dtype is no annotation.
        TypeError: if the kind is no `PortType`, or the validator no function.
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
        if not isinstance(port_type, PortType):
            raise TypeError(f"Port '{name}': {port_type!r} is no PortType.")
        if dtype is not None and not is_annotation(dtype):
            raise ValueError(f"Port '{name}': the dtype is a class or another annotation, not {dtype!r}.")
        if data_validator is not None and not callable(data_validator):
            raise TypeError(f"Port '{name}': the data_validator is a function, not {data_validator!r}.")
        if port_type is PortType.SIGNAL and (dtype is not None or data_validator is not None):
            raise RuntimeError("Ports of type PortType.SIGNAL carry no data: no dtype and no data_validator.")
        if port_type is not PortType.CONFIG and is_optional:
            raise RuntimeError("Only ports of type PortType.CONFIG can be optional.")
        if port_type is not PortType.CONFIG and default is not _MISSING:
            raise RuntimeError("Only ports of type PortType.CONFIG can have a default value.")
        if is_optional and default is not _MISSING:
            raise RuntimeError(f"Config port '{name}' cannot be optional and have a default value.")
        self._port_type = port_type
        self._name: Any = name
        self._dtype = dtype
        self._data_validator = data_validator
        self._is_optional = is_optional
        self._default = default

    @property
    def name(self) -> str:
        """The full, dotted name."""
        name: str = self._name
        return name

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

    @cached_property
    def checker(self) -> Check | None:
        """A function that says what is wrong with a payload (None: nothing); None if all are accepted."""
        return check_for(self._dtype, self._data_validator)

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


class PortSpecCollection(PortsByKind):
    """The ports of a component or a graph, in order.

    Raises:
        ValueError: for a name that is no name, or is there already, or is both a port and a group of ports.
    """

    def __init__(self, *port_specs: PortSpec) -> None:
        self._ports: dict[PortID, PortSpec] = {}
        self._readonly = False
        for spec in port_specs:
            self._add(spec)
        self._regroup()

    def _change(self) -> None:
        if self._readonly:
            raise RuntimeError("This PortSpecCollection is readonly: change a copy() of it.")

    def add_port(self, port_spec: PortSpec) -> None:
        """Add a port at the end."""
        self._change()
        self._add(port_spec)
        self._regroup()

    def _add(self, port_spec: PortSpec) -> None:
        if not isinstance(port_spec, PortSpec):
            raise TypeError(f"A PortSpecCollection holds PortSpecs, not {type(port_spec).__name__}.")
        name = port_spec.name
        if not is_valid_name(name):
            raise ValueError(f"Invalid port name {name!r}: {rule_of_names(name)}.")
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
        del self._ports[self[port_spec.id].id]
        self._regroup()

    def clear_all_ports(self) -> None:
        """Remove every port."""
        self._change()
        self._ports.clear()
        self._regroup()

    def update(self, other: PortSpecCollection) -> None:
        """Add all ports of another collection, or none.

        Raises:
            ValueError: if one of them is there already.
        """
        self._change()
        both = PortSpecCollection(*self.iter_ports(), *other.iter_ports())
        self._ports.update(both.as_dict())
        self._regroup()

    def copy(self) -> PortSpecCollection:
        """Return a collection of copies that can be changed."""
        return PortSpecCollection(*(spec.copy() for spec in self.iter_ports()))

    def make_readonly(self) -> None:
        """Refuse every change from now on."""
        self._readonly = True
