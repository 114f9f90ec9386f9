"""What goes into a graph: the command line and the module's ``BATCH``, port by port."""

from __future__ import annotations

import contextlib
import json
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fbdev.comp.dtype import describe
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime.stream import Stream
from fbtui.protocol import PortInfo, Start
from fbtui.target.capture import summarize
from fbtui.target.texts import Asking, BadInput, asking, check, dtype_of, parse_value


@dataclass
class Given:
    """The values of a run: by port name."""

    inputs: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    signals: set[str] = field(default_factory=set)

    def as_text(self) -> tuple[tuple[str, str], ...]:
        """Return the values as a form shows them, a name as ``input.inp``."""
        pairs = [(f"input.{name}", value) for name, value in self.inputs.items()]
        pairs += [(f"config.{name}", value) for name, value in self.config.items()]
        shown = [(name, _shown(value)) for name, value in pairs]
        return (*shown, *((f"signal.{name}", "") for name in sorted(self.signals)))


def _shown(value: Any) -> str:
    return f"Stream({summarize(value.values)})" if isinstance(value, Stream) else summarize(value)


def given(graph: GraphSpec, module: types.ModuleType, name: str, is_default: bool, start: Start) -> Given:
    """Return the values of a run: the module's, then a batch file's, then the command line's, port by port.

    Raises:
        BadInput: for a value that no port takes.
    """
    values, specs = Given(), graph.port_specs
    batch = vars(module).get("BATCH") if is_default else vars(module).get("BATCHES", {}).get(name)
    if batch is not None:
        _add_batch(values, specs, batch, "BATCH" if is_default else f"BATCHES['{name}']")
    if start.batch is not None:
        try:
            parsed = json.loads(start.batch)
        except ValueError as error:
            raise BadInput(f"the batch file is not JSON: {error}") from error
        _add_batch(values, specs, parsed, "the batch file")
    _add_command_line(values, graph, start)
    _check(values, graph)
    return values


def own_values(graph: GraphSpec, module: types.ModuleType, name: str, is_default: bool, start: Start) -> Given:
    """Return the values that the module gives; nothing if it is one of those that cannot be given."""
    alone = replace(start, inputs=(), config=(), signals=(), batch=None)
    try:
        return given(graph, module, name, is_default, alone)
    except BadInput:
        return Given()


def _check(values: Given, graph: GraphSpec) -> None:
    """A value that its port would refuse is told before anything runs."""
    for kind, by_name in ((PortType.INPUT, values.inputs), (PortType.CONFIG, values.config)):
        for spec in graph.port_specs.get_all(kind):
            asked = list(asking(graph, spec))
            for place, one in enumerate(_known(by_name[spec.name]) if spec.name in by_name else ()):
                with _as_packet(place):
                    check(spec, asked, one)


@contextlib.contextmanager
def _as_packet(place: int) -> Iterator[None]:
    """Say of a value that is refused here which one it is of those given for its port."""
    try:
        yield
    except BadInput as error:
        error.packet = place
        raise


def _known(value: Any) -> Iterable[Any]:
    """Return what goes in for a value, as far as it is known beforehand: not the items of a stream still to come."""
    if isinstance(value, Stream):
        return value.values if isinstance(value.values, list | tuple) else ()
    return (value,)


def _add_batch(values: Given, specs: PortSpecCollection, batch: Any, where: str) -> None:
    if not isinstance(batch, Mapping):
        raise BadInput(
            f"{where} is {type(batch).__name__}: it is a dict with any of inputs, streams, config, signals"
        )
    unknown = [str(key) for key in batch if key not in {"inputs", "streams", "config", "signals"}]
    if unknown:
        raise BadInput(f"{where} has '{unknown[0]}': it has any of inputs, streams, config, signals")
    for key in ("inputs", "streams", "config"):
        if not isinstance(batch.get(key, {}), Mapping):
            raise BadInput(f"{where}: '{key}' maps port names to values")
    for name, value in batch.get("inputs", {}).items():
        values.inputs[_port(specs, PortType.INPUT, name, where).name] = value
    for name, several in batch.get("streams", {}).items():
        try:
            values.inputs[_port(specs, PortType.INPUT, name, where).name] = Stream(several)
        except TypeError as error:
            raise BadInput(f"{where}: stream '{name}': {error}") from error
    for name, value in batch.get("config", {}).items():
        values.config[_port(specs, PortType.CONFIG, name, where).name] = value
    for name in batch.get("signals", ()):
        values.signals.add(_port(specs, PortType.SIGNAL, name, where).name)


def _add_command_line(values: Given, graph: GraphSpec, start: Start) -> None:
    specs = graph.port_specs
    several: dict[str, list[Any]] = {}
    for name, text in start.inputs:
        spec = _port(specs, PortType.INPUT, name, "--input")
        packets = several.setdefault(spec.name, [])
        with _as_packet(len(packets)):
            packets.append(_parsed(text, graph, spec, start))
    for name, packets in several.items():
        values.inputs[name] = packets[0] if len(packets) == 1 else Stream(packets)
    for name, text in start.config:
        spec = _port(specs, PortType.CONFIG, name, "--config")
        values.config[spec.name] = _parsed(text, graph, spec, start)
    for name in start.signals:
        values.signals.add(_port(specs, PortType.SIGNAL, name, "--signal").name)


def _parsed(text: str, graph: GraphSpec, spec: PortSpec, start: Start) -> Any:
    typed = dtype_of(list(asking(graph, spec)))
    return parse_value(text, spec, Path(start.cwd), None if typed is None else typed.spec.dtype)


def _port(specs: PortSpecCollection, kind: PortType, name: str, where: str) -> PortSpec:
    plain = name.removeprefix(kind.label + ".")
    for spec in specs.get_all(kind):
        if spec.name in {name, plain}:
            found: PortSpec = spec
            return found
    names = ", ".join(spec.name for spec in specs.get_all(kind)) or "none"
    raise BadInput(f"{where}: the graph has no {kind.label} port '{plain}': there are {names}")


def missing(graph: GraphSpec, values: Given) -> tuple[PortInfo, ...]:
    """Return the ports that need a value and have none."""
    specs = graph.port_specs
    lacking = [spec for spec in specs.get_all(PortType.INPUT) if spec.name not in values.inputs]
    lacking += [s for s in specs.get_all(PortType.CONFIG) if s.is_required and s.name not in values.config]
    return tuple(port_info(spec, graph) for spec in lacking)


def port_info(spec: PortSpec, graph: GraphSpec | None = None) -> PortInfo:
    """Return a port as plain data; one of a graph may have its dtype from where its edges lead."""
    asked = [Asking("", spec)] if graph is None else list(asking(graph, spec))
    typed = dtype_of(asked)
    dtype, by = (None, "") if typed is None else (describe(typed.spec.dtype), typed.place)
    default = summarize(spec.default) if spec.has_default else None
    label: Any = spec.port_type.label
    return PortInfo(label, spec.name, dtype, spec.is_required, by, default)
