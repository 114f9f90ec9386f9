"""What goes into a graph: the command line and the module's ``BATCH``, port by port."""

from __future__ import annotations

import ast
import json
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fbdev.comp.dtype import describe
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
from fbdev.runtime.stream import Stream
from fbtui.protocol import PortInfo, Start
from fbtui.target.capture import summarize


class BadInput(Exception):  # noqa: N818 - a sentence for the person
    """A value that cannot be given; the sentence says which, and why."""


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


def given(specs: PortSpecCollection, module: types.ModuleType, graph: str, is_default: bool, start: Start) -> Given:
    """Return the values of a run: the module's, then a batch file's, then the command line's, port by port.

    Raises:
        BadInput: for a value that no port takes.
    """
    values = Given()
    batch = vars(module).get("BATCH") if is_default else vars(module).get("BATCHES", {}).get(graph)
    if batch is not None:
        _add_batch(values, specs, batch, "BATCH" if is_default else f"BATCHES['{graph}']")
    if start.batch is not None:
        try:
            parsed = json.loads(start.batch)
        except ValueError as error:
            raise BadInput(f"the batch file is not JSON: {error}") from error
        _add_batch(values, specs, parsed, "the batch file")
    _add_command_line(values, specs, start)
    _check(values, specs)
    return values


def _check(values: Given, specs: PortSpecCollection) -> None:
    """A value that its port would refuse is told before anything runs."""
    for kind, by_name in ((PortType.INPUT, values.inputs), (PortType.CONFIG, values.config)):
        for spec in specs.get_all(kind):
            if spec.checker is None or spec.name not in by_name:
                continue
            value = by_name[spec.name]
            for one in _known(value):
                problem = spec.checker(one)
                if problem is not None:
                    raise BadInput(f"{kind.label} '{spec.name}', {summarize(one, 60)}: {problem}")


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


def _add_command_line(values: Given, specs: PortSpecCollection, start: Start) -> None:
    several: dict[str, list[Any]] = {}
    for name, text in start.inputs:
        spec = _port(specs, PortType.INPUT, name, "--input")
        several.setdefault(spec.name, []).append(parse_value(text, spec, Path(start.cwd)))
    for name, packets in several.items():
        values.inputs[name] = packets[0] if len(packets) == 1 else Stream(packets)
    for name, text in start.config:
        spec = _port(specs, PortType.CONFIG, name, "--config")
        values.config[spec.name] = parse_value(text, spec, Path(start.cwd))
    for name in start.signals:
        values.signals.add(_port(specs, PortType.SIGNAL, name, "--signal").name)


def _port(specs: PortSpecCollection, kind: PortType, name: str, where: str) -> PortSpec:
    plain = name.removeprefix(kind.label + ".")
    for spec in specs.get_all(kind):
        if spec.name in {name, plain}:
            found: PortSpec = spec
            return found
    names = ", ".join(spec.name for spec in specs.get_all(kind)) or "none"
    raise BadInput(f"{where}: the graph has no {kind.label} port '{plain}': there are {names}")


def parse_value(text: str, spec: PortSpec, cwd: Path) -> Any:
    """Return the value that a text stands for: JSON, else a Python literal, else the text itself.

    ``@PATH`` is the content of a file (bytes if the port's dtype is bytes, parsed if it is a ``.json``), ``@@x`` the
    text ``@x``. For a port whose dtype is str a text is taken as it stands.

    Raises:
        BadInput: if the file cannot be read.
    """
    if text.startswith("@@"):
        text = text[1:]
    elif text.startswith("@"):
        return _content(cwd / text[1:], spec)
    if spec.dtype is str:
        return text
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _content(path: Path, spec: PortSpec) -> Any:
    try:
        if spec.dtype is bytes:
            return path.read_bytes()
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" and spec.dtype is not str else text
    except OSError as error:
        raise BadInput(f"port '{spec.name}': cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadInput(f"port '{spec.name}': {path}: {error}") from error


def missing(specs: PortSpecCollection, values: Given) -> tuple[PortInfo, ...]:
    """Return the ports that need a value and have none."""
    lacking = [spec for spec in specs.get_all(PortType.INPUT) if spec.name not in values.inputs]
    lacking += [s for s in specs.get_all(PortType.CONFIG) if s.is_required and s.name not in values.config]
    return tuple(port_info(spec) for spec in lacking)


def port_info(spec: PortSpec) -> PortInfo:
    """Return a port as plain data."""
    dtype = describe(spec.dtype) if spec.dtype is not None else None
    return PortInfo(spec.port_type.label, spec.name, dtype, spec.is_required)  # type: ignore[arg-type]  # a label
