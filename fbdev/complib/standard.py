"""What the components of the standard library have in common, and how they are parametrised.

Each is made by a factory: ``BatchFactory.create_component(size=50)`` returns a component class. What is code or
shape (a function, an iterable, the names of ports) is fixed there. What is a value is a config port, and the
argument of that name its default: it can be wired and changed while the net runs. Left out, the port is mandatory.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType


class StandardFactory(BaseComponent):
    """A component that does its `_work` once, until its inputs have ended; a subclass adds `create_component`."""

    is_factory = True

    async def _post_start(self) -> None:
        self.task_manager.create_task(self._work())

    @abstractmethod
    async def _work(self) -> None:
        """Do all the work."""

    @classmethod
    def _make(
        cls,
        component_name: str | None,
        made_with: Mapping[str, Any],
        *,
        values: Mapping[str, Any] | None = None,
        ports: Iterable[PortSpec] = (),
        **attrs: Any,
    ) -> type[BaseComponent]:
        """Return a component class.

        Args:
            component_name: its name, by default the factory's without "Factory".
            made_with: the arguments that make it again.
            values: defaults for config ports; None for a port without one.
            ports: ports that depend on the arguments.
            attrs: class attributes.

        Raises:
            ValueError: if a config port does not accept its default.
        """
        given = {name: value for name, value in (values or {}).items() if value is not None}
        specs = [_with_default(cls, cls.port_specs.config[name], value) for name, value in given.items()]
        attrs |= {"made_with": dict(made_with), "port_specs": PortSpecCollection(*ports, *specs)}
        return cls._create_component_class(component_name, attrs)


def _with_default(factory: type[BaseComponent], spec: PortSpec, value: Any) -> PortSpec:
    problem = spec.checker(value) if spec.checker is not None else None
    if problem is not None:
        wanted = getattr(spec.data_validator, "__name__", "accepted by its data_validator").replace("_", " ")
        raise ValueError(f"{factory.__name__}: {spec.name}={value!r}: {problem}; it has to be {wanted}.")
    return PortSpec(spec.port_type, spec.name, **spec._settings() | {"default": value})


def named_ports(port_type: PortType, names: Iterable[str]) -> list[PortSpec]:
    """Return ports with these names.

    Raises:
        ValueError: if there is none.
    """
    specs = [PortSpec(port_type, name) for name in names]
    if not specs:
        raise ValueError(f"Name at least one {port_type.label} port.")
    return specs
