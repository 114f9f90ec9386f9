"""Help for writing components in notebooks and in a Python prompt."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from fbdev._utils.compat import get_function_from_py_file
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet
from fbdev.comp.port_spec import PortID, PortType

Method = TypeVar("Method", bound=Callable[..., Any])


def is_in_repl() -> bool:
    """Return whether the code runs in a prompt or a notebook, rather than in a program."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive)


def method_from_py_file(file_path: str | Path) -> Callable[[Method], Method]:
    """Return a decorator that lets a method run the text of a file first, and then itself.

    The text knows the method's parameters by their names, and may await if the method is a coroutine function. What
    it returns is dropped. A file in a package may use relative imports, and tracebacks point into it.

    Raises:
        ValueError: if there is no such file.
    """

    def decorate(method: Method) -> Method:
        signature = inspect.signature(method)
        is_async = inspect.iscoroutinefunction(method)
        text = get_function_from_py_file(file_path, method.__name__, list(signature.parameters), is_async)

        def arguments(*args: Any, **kwargs: Any) -> dict[str, Any]:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            return bound.arguments

        @functools.wraps(method)
        def run(*args: Any, **kwargs: Any) -> Any:
            text(**arguments(*args, **kwargs))
            return method(*args, **kwargs)

        @functools.wraps(method)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            await text(**arguments(*args, **kwargs))
            return await method(*args, **kwargs)

        return run_async if is_async else run  # type: ignore[return-value]  # it has the method's signature

    return decorate


def get_nb_testing_comp_process(
    component_type: type[BaseComponent],
    configs: Mapping[str, Any] | None = None,
    signals: Iterable[str] = (),
    **inputs: Any,
) -> BaseComponent:
    """Return a component, not started, that finds the same packets at its ports again and again.

    It needs a running event loop, as a notebook has. What it sends is taken and dropped, until it is stopped.

    Args:
        component_type: its class.
        configs: the value that each config port always has.
        signals: the signal ports that are always signalled.
        inputs: the value that each input port always has.

    Raises:
        ValueError: for a port that the component does not have.
    """
    component = component_type()
    makers: dict[PortID, Callable[[], Packet]] = {}
    for kind, values in ((PortType.CONFIG, configs or {}), (PortType.INPUT, inputs)):
        makers |= {(kind, name): functools.partial(Packet, value) for name, value in values.items()}
    makers |= {(PortType.SIGNAL, name): Packet.get_empty for name in signals}
    unknown = [f"{kind.label}.{name}" for kind, name in makers if (kind, name) not in component.ports]
    if unknown:
        raise ValueError(f"{component_type.__name__} has no port {', '.join(unknown)}.")
    for port_id, make in makers.items():
        component.task_manager.create_task(_feed(component.ports[port_id], make))
    for port in component.ports.iter_output_ports():
        component.task_manager.create_task(_drain(port))
    return component


async def _feed(port: Any, make: Callable[[], Packet]) -> None:
    while True:
        await port._put(make())


async def _drain(port: Any) -> None:
    while True:
        await port._get()
