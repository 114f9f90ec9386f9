"""Functions as components."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import aclosing
from types import GeneratorType
from typing import Any, ClassVar, overload

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port_spec import PortType
from fbdev.complib.calls import call, component_name_of, refuse_thread_if_async
from fbdev.complib.exec_component import ExecComponent
from fbdev.complib.signature import Signature, signature_of

Function = Callable[..., Any]
_END = object()


class FunctionComponentFactory(ExecComponent):
    """Makes a component class of a function: one call is one execution.

    A parameter without a default is an input, one with a default a config port; annotations are the dtypes, and a
    `PortSpec` as an annotation is the port itself. What is returned goes to the output ``out``; nothing for
    ``-> None``; to ``out0``, ``out1``, ... for a tuple of annotations, where a tuple, a list or a dict by name (then
    some may be left out) gives the values. A generator, asynchronous or not, sends a packet for each yield. A value
    that is a `Packet` is sent as it is.
    """

    is_factory = True
    thread: ClassVar[bool] = False
    """Call the function in a worker thread: it may block."""
    function: ClassVar[Function]
    """The function."""
    signature: ClassVar[Signature]

    async def _post_start(self) -> None:
        parameters = self.signature.parameters
        self._received = [(name, self.ports[port]) for name, port in parameters if port[0] is not PortType.CONFIG]
        self._configured = [(name, port[1]) for name, port in parameters if port[0] is PortType.CONFIG]
        self._outlets = {spec.name: self.ports[spec.id] for spec in self.signature.port_specs.iter_output_ports()}
        await super()._post_start()

    async def _execute(self) -> None:
        args, kwargs = self.signature.arguments(await self._values())
        result = await call(self.function, *args, in_thread=self.thread, **kwargs)
        if self.signature.yields and inspect.isasyncgen(result):
            async with aclosing(result):
                async for item in result:
                    await self._emit(item)
        elif self.signature.yields and inspect.isgenerator(result):
            await self._emit_all(result)
        else:
            await self._emit(result)

    async def _values(self) -> dict[str, Any]:
        """Receive the inputs one by one; config values are those of the moment when all are there."""
        values = {name: await port.get_and_consume() for name, port in self._received}
        for name, port in self._configured:
            values[name] = self.config[port]
        return values

    async def _emit_all(self, generator: GeneratorType[Any, Any, Any]) -> None:
        try:
            while (item := await call(next, generator, _END, in_thread=self.thread)) is not _END:
                await self._emit(item)
        finally:
            if not generator.gi_running:  # a thread may still be in it: then it ends with that call
                generator.close()

    async def _emit(self, result: Any) -> None:
        for name, payload in self.signature.payloads(result):
            packet = payload if isinstance(payload, BasePacket) else Packet(payload)
            await self._outlets[name].put(packet)

    @classmethod
    def get_component(
        cls,
        func: Function,
        component_name: str | None = None,
        component_options: Mapping[str, Any] | None = None,
    ) -> type[BaseComponent]:
        """Return a component class that calls a function.

        Args:
            func: synchronous or asynchronous, a generator or not.
            component_name: the name of the class, by default the function's.
            component_options: class attributes, as ``loop_execution`` and ``thread``.

        Raises:
            TypeError: if a parameter or a result cannot be a port.
            ValueError: if the name is none.
        """
        options = dict(component_options or {})
        signature = signature_of(func)
        if options.get("thread", cls.thread):
            refuse_thread_if_async(func)
        name = component_name_of(func, component_name)
        attrs = {
            "__doc__": func.__doc__,
            "__module__": getattr(func, "__module__", cls.__module__),
            "__qualname__": name,
            "function": staticmethod(func),
            "signature": signature,
            "port_specs": signature.port_specs,
        }
        return cls._create_component_class(name, attrs | options)

    @classmethod
    def create_component(cls, *args: Any, **kwargs: Any) -> type[BaseComponent]:
        """Do what `get_component` does, under the name that all factories have."""
        return cls.get_component(*args, **kwargs)


@overload
def func_component(name: Function, /) -> type[BaseComponent]: ...
@overload
def func_component(
    name: str | None = None, **component_options: Any
) -> Callable[[Function], type[BaseComponent]]: ...
def func_component(
    name: Function | str | None = None, **component_options: Any
) -> type[BaseComponent] | Callable[[Function], type[BaseComponent]]:
    """Make a component class of the function below: ``@func_component``, or with a name and options in parentheses.

    Args:
        name: the name of the class, by default the function's.
        component_options: class attributes. ``loop_execution=True`` calls the function again and again, each time
            with the next packets; without it the function is called once, and then at each signal ``execute``.
            ``thread=True`` calls it in a worker thread.

    Raises:
        TypeError: if a parameter or a result cannot be a port.
    """

    def decorate(function: Function) -> type[BaseComponent]:
        named = None if callable(name) else name
        component = FunctionComponentFactory.get_component(function, named, component_options)
        component.__qualname__ = getattr(function, "__qualname__", component.__qualname__)
        return component

    return decorate(name) if callable(name) else decorate
