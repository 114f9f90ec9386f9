"""What a runtime needs to turn the arguments of a call into packets, and outputs into a result."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from typing import Any

from fbdev._utils.errors import add_note
from fbdev.comp.packet import Packet
from fbdev.comp.port_spec import PortID, PortsByKind, PortSpec, PortSpecCollection, PortType
from fbdev.runtime.stream import Stream

Coros = list[Coroutine[Any, Any, None]]


def named(specs: list[PortSpec], values: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return values by full port name; a name may be written with ``__`` for its dots, as keywords need."""
    names = {spec.name: spec.name for spec in specs} | {spec.name.replace(".", "__"): spec.name for spec in specs}
    unexpected = [name for name in values if name not in names]
    if unexpected:
        known = ", ".join(spec.name for spec in specs) or "none"
        raise ValueError(f"Unexpected {what} {', '.join(map(repr, unexpected))}: there are {known}.")
    return {names[name]: value for name, value in values.items()}


def parse_args_into_port_packets(
    port_specs: PortSpecCollection,
    config_vals: Mapping[str, Any] | None = None,
    signals: Iterable[str] = (),
    *args: Any,
    **kwargs: Any,
) -> tuple[dict[str, Any], dict[str, Any], set[str]]:
    """Return the values of input ports, those of config ports, and the signals to send, all by port name.

    Positional arguments fill the input ports in the order of declaration, keywords by name.

    Raises:
        ValueError: for a value that is missing, unexpected or given twice, or a signal that is unknown.
    """
    specs = port_specs.get_all(PortType.INPUT)
    if len(args) > len(specs):
        raise ValueError(f"{len(args)} values for {len(specs)} input ports.")
    by_place = {spec.name: value for spec, value in zip(specs, args, strict=False)}
    by_name = named(specs, kwargs, "inputs")
    twice = by_place.keys() & by_name.keys()
    if twice:
        raise ValueError(f"Input {', '.join(map(repr, sorted(twice)))} is given twice.")
    inputs = by_place | by_name
    missing = [spec.name for spec in specs if spec.name not in inputs]
    if missing:
        raise ValueError(f"No value for input {', '.join(map(repr, missing))}.")
    config_specs = port_specs.get_all(PortType.CONFIG)
    configs = named(config_specs, config_vals or {}, "config")
    absent = [spec.name for spec in config_specs if spec.is_required and spec.name not in configs]
    if absent:
        raise ValueError(f"No value for config {', '.join(map(repr, absent))}.")
    wanted = named(port_specs.get_all(PortType.SIGNAL), dict.fromkeys(signals), "signals")
    return inputs, configs, set(wanted)


async def packets_of(value: Any) -> AsyncIterator[Packet]:
    """Yield the packets that a value given for an input stands for: one, or each of a `Stream`."""
    if isinstance(value, Stream):
        async for item in value:
            yield Packet(item)
    else:
        yield Packet(value)


async def feed(port: Any, value: Any, *, close: bool = False) -> None:
    """Put what was given for an input port, and say that nothing more comes if ``close``."""
    try:
        async for packet in packets_of(value):
            await port.put(packet)
    except Exception as error:
        add_note(error, f"while {port.address} was fed")
        raise
    if close:
        port.inner.end()


def port_named(ports: PortsByKind, which: Any) -> Any:
    """Return the output or message port that a caller means.

    Args:
        ports: the ports of a node.
        which: an id, a name (an output's; ``message.started`` for another kind), or a port.

    Raises:
        ValueError: if it is no such port of the node.
    """
    port_id: Any = getattr(which, "id", which)
    if isinstance(which, str):
        kind, _, name = which.partition(".")
        ids = ((PortType.OUTPUT, which), (PortType.OUTPUT, name), (PortType.MESSAGE, name))
        port_id = next((one for one in ids if one in ports and (one[1] == which or one[0].label == kind)), which)
    port = ports.get(port_id)
    if port is None:
        known = ", ".join(port.spec.id_str for port in ports.iter_output_ports())
        raise ValueError(f"{which!r} is no output port of the node, which has {known or 'none'}.")
    if port.is_input_port:
        raise ValueError(f"{port!r} is not an output port: nothing comes out of it.")
    return port


async def _receive(port: Any, into: dict[str, Any]) -> None:
    into[port.name] = await port.get_and_consume()


def setup_packet_senders_and_receivers(
    ports: PortsByKind,
    input_vals: Mapping[str, Any],
    config_vals: Mapping[str, Any],
    ports_to_get: Iterable[PortID],
    *args: Any,
    **kwargs: Any,
) -> tuple[dict[str, Any], dict[str, Any], Coros, Coros, Coros, Coros]:
    """Return what feeds and empties a node's ports from outside, one packet each.

    Two dicts that are filled while the last two of the four lists of coroutines run: the payloads by output
    and by message port; then the coroutines that send inputs, send config values, receive outputs and receive
    messages. Further arguments are accepted and have no meaning.
    """
    outputs: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    wanted = list(ports_to_get)
    return (
        outputs,
        messages,
        [feed(ports.input[name], value) for name, value in input_vals.items()],
        [feed(ports.config[name], value) for name, value in config_vals.items()],
        [_receive(ports[kind, name], outputs) for kind, name in wanted if kind is PortType.OUTPUT],
        [_receive(ports[kind, name], messages) for kind, name in wanted if kind is PortType.MESSAGE],
    )
