"""Which ports a function has: what its parameters and its annotations say."""

from __future__ import annotations

import builtins
import inspect
import types
import typing
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import suppress
from typing import Any, Final, ForwardRef, NamedTuple

from fbdev.comp.port_spec import PortID, PortSpec, PortSpecCollection, PortType
from fbdev.complib.calls import name_of, underlying
from fbdev.exceptions import ComponentExecutionError

_GIVING: Final = (Generator, Iterator, Iterable, AsyncGenerator, AsyncIterator, AsyncIterable)
_EMPTY: Final = inspect.Parameter.empty
_UNNAMED: Final = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


class Signature(NamedTuple):
    """The ports of a function.

    ``parameters`` are its parameters and the ports that feed them, ``keywords`` those that want to be named;
    ``outputs`` the names of the ports that a result goes to, which is one value for each if it ``spreads``; a
    generator ``yields`` such results.
    """

    name: str
    parameters: tuple[tuple[str, PortID], ...]
    keywords: frozenset[str]
    outputs: tuple[str, ...]
    spreads: bool
    yields: bool
    port_specs: PortSpecCollection

    def arguments(self, values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """Return positional and keyword arguments for a call, from values by parameter."""
        if not self.keywords:
            return [values[name] for name, _ in self.parameters], {}
        args = [values[name] for name, _ in self.parameters if name not in self.keywords]
        return args, {name: values[name] for name in self.keywords}

    def payloads(self, result: Any) -> Iterable[tuple[str, Any]]:
        """Return what a result gives to which output.

        Raises:
            ComponentExecutionError: if there are several outputs and it does not fit them.
        """
        if not self.spreads:
            return [(name, result) for name in self.outputs]
        names = ", ".join(self.outputs)
        if isinstance(result, Mapping):
            unknown = [str(name) for name in result if name not in self.outputs]
            if unknown:
                raise ComponentExecutionError(
                    f"{self.name} returned a value for {', '.join(unknown)}: its outputs are {names}."
                )
            return result.items()
        if not isinstance(result, tuple | list):
            raise ComponentExecutionError(
                f"{self.name} returned a value of type {type(result).__name__}: its outputs ({names})"
                " want a tuple with a value for each, or a dict by name."
            )
        if len(result) != len(self.outputs):
            values = f"{len(result)} value{'' if len(result) == 1 else 's'}"
            raise ComponentExecutionError(
                f"{self.name} returned {values} for {len(self.outputs)} outputs ({names})."
            )
        return zip(self.outputs, result, strict=True)


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return the ports of a function.

    Raises:
        TypeError: if a parameter cannot be a port, or the function does not tell its parameters.
        ValueError: if two ports would have one name.
    """
    name = name_of(function)
    try:
        told = inspect.signature(function)
    except ValueError as error:
        raise TypeError(f"{name} does not tell its parameters: wrap it in a function of your own.") from error
    plain = underlying(function)
    parameters = told.parameters.values()
    inputs = [_input(name, one, _resolved(one.annotation, plain)) for one in parameters]
    yields = inspect.isgeneratorfunction(plain) or inspect.isasyncgenfunction(plain)
    annotation = _resolved(told.return_annotation, plain)
    outputs, spreads = _outputs(name, _given_by(annotation) if yields else annotation)
    return Signature(
        name,
        tuple((one.name, spec.id) for one, spec in zip(parameters, inputs, strict=True)),
        frozenset(one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY),
        tuple(spec.name for spec in outputs),
        spreads,
        yields,
        PortSpecCollection(*inputs, *outputs),
    )


# -- annotations


class _Names(dict[str, Any]):
    """The names that a function sees; one that is not known, as an import for type checkers, stands for itself."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__({**vars(builtins), **getattr(function, "__globals__", {})})
        if inspect.isfunction(function):
            for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
                with suppress(ValueError):  # a cell that is empty yet, as the function's own name
                    self[name] = cell.cell_contents

    def __missing__(self, name: str) -> ForwardRef:
        return ForwardRef(name)


def _resolved(annotation: Any, function: Callable[..., Any]) -> Any:
    """Return an annotation that is a string as what it says, as far as that is known."""
    if not isinstance(annotation, str):
        return annotation
    try:
        value = eval(annotation, {}, _Names(function))
    except Exception:  # whatever the expression raises: it stays a string, which is not checked
        return annotation
    return value.__forward_arg__ if isinstance(value, ForwardRef) else value


def _given_by(annotation: Any) -> Any:
    """Return what a generator yields, by its annotation."""
    origin = typing.get_origin(annotation) or annotation
    if origin in _GIVING:
        return next(iter(typing.get_args(annotation)), _EMPTY)
    return annotation


# -- ports


def _input(function: str, parameter: inspect.Parameter, annotation: Any) -> PortSpec:
    place = f"{function}: parameter '{parameter.name}'"
    if parameter.kind in _UNNAMED:
        stars = _UNNAMED[parameter.kind]
        raise TypeError(f"{function}: {stars}{parameter.name} cannot be a port: name each parameter.")
    has_default = parameter.default is not _EMPTY
    if not isinstance(annotation, PortSpec):
        dtype = None if annotation is _EMPTY else annotation
        if has_default:
            return PortSpec(PortType.CONFIG, parameter.name, dtype, default=parameter.default)
        return PortSpec(PortType.INPUT, parameter.name, dtype)
    if not annotation.is_input_port:
        raise TypeError(f"{place} is annotated with {annotation.port_type}: it is to be received from.")
    if has_default and annotation.port_type is not PortType.CONFIG:
        raise TypeError(f"{place} has a default value: only a config port can have one.")
    settings = annotation._settings()
    if has_default:
        settings |= {"default": parameter.default, "is_optional": False}
    return PortSpec(annotation.port_type, annotation.name or parameter.name, **settings)


def _outputs(function: str, annotation: Any) -> tuple[list[PortSpec], bool]:
    """Return the outputs, and whether a result is spread over them."""
    if annotation is None or annotation is types.NoneType:
        return [], False
    several = _several(annotation)
    if several is None:
        return [_output(function, annotation, "out")], False
    specs = [_output(function, one, f"out{place}") for place, one in enumerate(several)]
    if len({spec.name for spec in specs}) < len(specs):
        raise ValueError(f"{function}: two outputs have one name ({', '.join(spec.name for spec in specs)}).")
    return specs, True


def _several(annotation: Any) -> tuple[Any, ...] | None:
    """Return the annotations of several outputs; None for a single one."""
    if isinstance(annotation, tuple | list):
        return tuple(annotation)
    args = typing.get_args(annotation)
    if typing.get_origin(annotation) is not tuple or Ellipsis in args:
        return None
    return args


def _output(function: str, annotation: Any, name: str) -> PortSpec:
    if not isinstance(annotation, PortSpec):
        if isinstance(annotation, ForwardRef):
            annotation = annotation.__forward_arg__
        return PortSpec(PortType.OUTPUT, name, None if annotation is _EMPTY else annotation)
    if annotation.is_input_port:
        raise TypeError(f"{function} returns to a port of type {annotation.port_type}: it is to be sent by.")
    return PortSpec(annotation.port_type, annotation.name or name, **annotation._settings())
