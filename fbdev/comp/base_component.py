"""The base class of every component."""

from __future__ import annotations

import asyncio
import collections
import inspect
import sys
from abc import ABC
from collections.abc import Coroutine, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from fbdev._utils.attr_container import AttrContainer
from fbdev.comp.hub import Hub
from fbdev.comp.interrupt import Interruptible
from fbdev.comp.line import current_line, quietly
from fbdev.comp.packet import BasePacket, Packet
from fbdev.comp.port import PortCollection
from fbdev.comp.port_spec import PortID, PortSpec, PortSpecCollection, PortType
from fbdev.comp.standing_get import StandingGet
from fbdev.task_manager import TaskManager

if TYPE_CHECKING:
    from fbdev.graph.net import BaseNode


def _inherited(own: PortSpecCollection | None, bases: tuple[type, ...]) -> PortSpecCollection:
    """Return a class's own ports, then those of its bases that it does not define anew."""
    found: dict[PortID, PortSpec] = {spec.id: spec for spec in (own.iter_ports() if own is not None else ())}
    for base in bases:
        inherited = getattr(base, "port_specs", None)
        for spec in inherited.iter_ports() if isinstance(inherited, PortSpecCollection) else ():
            found.setdefault(spec.id, spec)
    ports = PortSpecCollection(*(spec.copy() for spec in found.values()))
    ports.make_readonly()
    return ports


def _base_ports() -> PortSpecCollection:
    ports = PortSpecCollection(PortSpec(PortType.MESSAGE, "started"), PortSpec(PortType.MESSAGE, "stopped"))
    ports.make_readonly()
    return ports


class _SetByInit:
    """Stands for an attribute that `BaseComponent.__init__` sets, until it does."""

    def __get__(self, component: BaseComponent | None, owner: type[BaseComponent]) -> _SetByInit:
        if component is None:
            return self
        raise RuntimeError(f"{owner.__name__}.__init__ does not call super().__init__().")


_NO_CONFIG: Final = AttrContainer(obj_name="config value")
"""What all components without a config port share: nothing can be set there."""


class BaseComponent(ABC):
    """A component: it receives packets by its input ports and sends packets by its output ports.

    A subclass describes its ports in ``port_specs`` and starts its work in `_post_start`, as a rule by
    ``self.task_manager.create_task(self.main())``. The ports of its base classes are inherited, unless the
    class is made with ``inherit_ports=False``.
    """

    is_factory: ClassVar[bool] = False
    parent_factory: ClassVar[type[BaseComponent] | None] = None
    """The factory that made the class, None for one that was written."""
    made_with: ClassVar[Mapping[str, Any] | None] = None
    """The keyword arguments with which that factory's `create_component` makes the class again, if it says so."""
    port_specs: ClassVar[PortSpecCollection] = _base_ports()
    ports: PortCollection
    """The ports: ``self.ports.input.inp.get()``, ``self.ports.output.out.put(packet)``."""
    if not TYPE_CHECKING:
        ports = _SetByInit()

    def __init_subclass__(cls, inherit_ports: bool = True, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = cls.__dict__.get("port_specs")
        if own is not None and not inherit_ports:
            cls.port_specs = _inherited(own, ())
        else:
            cls.port_specs = _inherited(own, cls.__bases__)
        if not cls.is_factory and "__init__" in cls.__dict__:
            names = list(inspect.signature(cls.__init__).parameters)
            if len(names) > 1:
                raise RuntimeError(
                    f"Invalid signature in {cls.__qualname__}.__init__: a component takes no arguments but self"
                    f" (here: {', '.join(names[1:])}); give it config ports, or make it a factory."
                )

    def __init__(self) -> None:
        if self.is_factory:
            raise RuntimeError(f"{type(self).__name__} is a factory: use what its create_component() returns.")
        hub = Hub()
        self.ports = PortCollection(self.port_specs, hub)
        self._config_view = AttrContainer(obj_name="config value") if self.port_specs.config else _NO_CONFIG
        self._task_manager = TaskManager(self, hub=hub)
        self._standing: list[StandingGet] = []
        self._unreached: list[Any] = []
        self._starting: Interruptible | None = None
        self._begun = False
        self._started = False
        self._stopping = False
        self._stopped = False
        self._unsent: dict[str, collections.deque[BasePacket]] = {}
        self._node: BaseNode | None = None

    def _bind(self, node: BaseNode) -> None:
        """Become the component of a node of a net."""
        self._node = node
        self._task_manager = TaskManager(self, node=node, hub=node.hub)
        for port in self.ports.iter_ports():
            port.bind(node)

    # -- what a component works with

    @property
    def config(self) -> AttrContainer:
        """The values of the config ports, as attributes; None for an optional one that has none."""
        return self._config_view

    @property
    def task_manager(self) -> TaskManager:
        """Owns the component's tasks: a task that fails stops the net, the others end with it."""
        return self._task_manager

    @property
    def started(self) -> bool:
        """True once `start` has returned; it stays True."""
        return self._started

    @property
    def stopped(self) -> bool:
        """True once `stop` has returned."""
        return self._stopped

    # -- life

    async def start(self) -> None:
        """Wait for the config values, then begin.

        Raises:
            RuntimeError: if it was started or stopped before, or is stopped meanwhile.
        """
        if self._stopping:
            raise RuntimeError(f"{type(self).__name__} has been stopped: it cannot be started again.")
        if self._begun:
            raise RuntimeError(f"{type(self).__name__} has already been started.")
        self._begun = True
        stretch = self._starting = Interruptible()
        try:
            with stretch:
                await self._begin()
                return
            raise stretch.error
        finally:
            self._starting = None

    async def _begin(self) -> None:
        with quietly(self._node):
            await self._initial_config()
        await self._tell_life("started")
        await self._post_start()
        self._follow_config()
        self._started = True

    async def stop(self) -> None:
        """End every task. It may be called by one of them, which goes on.

        Raises:
            RuntimeError: if it was stopped before.
        """
        if self._stopping:
            raise RuntimeError(f"{type(self).__name__} has already been stopped.")
        await self._end()

    async def _end(self) -> None:
        """Do what `stop` does, in whatever state it is."""
        first, self._stopping = not self._stopping, True
        try:
            if self._starting is not None:
                await self._starting.end(RuntimeError(f"{self} was stopped while it was starting."))
            if first:
                await self._pre_stop()
        finally:
            for request in self._standing:
                request.close()
            await self._task_manager.destroy()
            if not self._stopped:
                self._stopped = True
                await self._tell_life("stopped")

    async def _tell_life(self, name: str) -> None:
        """Send the message ``started`` or ``stopped``, unless it comes from the inside of a graph."""
        port = self.ports.get((PortType.MESSAGE, name))
        if port is not None and not port.sources and (name == "started" or port.can_put()):
            await self.send_message(name)

    async def stop_net(self, *, result: Any = None, reason: str = "") -> None:
        """End the whole net. It does not return: the task that calls it ends with the net.

        Args:
            result: what the runtime's `start` or `await_stop` returns instead of what has come out so far.
            reason: why, in words; the runtime keeps it as ``stop_reason``.

        Raises:
            RuntimeError: if the component is in no net.
        """
        if self._node is None:
            raise RuntimeError(f"{type(self).__name__} is in no net that it could stop.")
        self._node.ask_to_stop(result, reason)
        await asyncio.get_running_loop().create_future()

    async def _post_start(self) -> None:
        """Begin the work: override this."""

    async def _pre_stop(self) -> None:
        """Prepare for the end, while the tasks still run: override this."""

    # -- config

    async def _initial_config(self) -> None:
        """Set the defaults, then wait for each port that needs a value or is going to get one."""
        awaited = []
        for port in self.ports.get_all(PortType.CONFIG):
            spec = port.spec
            self.set_config(spec.name, spec.default if spec.has_default else None)
            if spec.is_required or port.announced:
                awaited.append(port)
        if len(awaited) == 1:
            await self._receive_config(awaited[0])
        elif awaited:
            await asyncio.gather(*map(self._receive_config, awaited))

    async def _receive_config(self, port: Any) -> None:
        self.set_config(port.name, await port.get_and_consume())

    def _follow_config(self) -> None:
        """From now on take what comes to the config ports: to those that an edge leads to, or the outside."""
        for port in self.ports.get_all(PortType.CONFIG):
            if port.targets:
                continue
            if port.sources or self._node is None or self._node.is_top_node:
                took = partial(self._config_arrived, port.name)
                self._standing.append(StandingGet(port, took, self._config_failed))
                self._standing[-1].begin()
            else:
                self._unreached.append(port)

    def _config_arrived(self, name: str, value: Any) -> None:
        old = self._config_view[name]
        self.set_config(name, value)
        work = self.on_config_changed(name, old, value)
        if work is not None:
            self._task_manager.create_task(work)

    def _config_failed(self, error: BaseException) -> None:
        self._task_manager.submit_exception(None, (error,), (), ())

    def on_config_changed(self, name: str, old: Any, new: Any) -> Coroutine[Any, Any, None] | None:
        """React to a config value that came while the component runs: override this, with ``async def`` or not.

        It is called for every value that comes, at once, when `config` holds it already; a coroutine is run as a
        task of the component. The values that the start waits for are not told.
        """
        return None

    async def update_config(self) -> None:
        """Take the config values that have arrived, the newest last; nothing is waited for."""
        for request in self._standing:
            request.take()
        for port in self._unreached:
            while port.can_get() or port.putters:
                with quietly(self._node):
                    value = await port.get_and_consume()
                self._config_arrived(port.name, value)

    def set_config(self, name: str, value: Any) -> None:
        """Set the value of a config port.

        Raises:
            ValueError: if there is no such port.
        """
        if (PortType.CONFIG, name) not in self.port_specs:
            raise ValueError(f"{type(self).__name__} has no config port '{name}'.")
        self._config_view._set(name, value)

    # -- messages and signals

    async def await_signal(self, name: str) -> None:
        """Wait for a signal on the signal port ``name``."""
        await self.ports.signal[name].get_and_consume()

    async def send_message(self, name: str, wait_until_sent: bool = False) -> None:
        """Send an empty packet by the message port ``name``.

        Where there is no room it waits in the background, behind those sent before, unless ``wait_until_sent``.
        """
        port = self.ports.message[name]
        packet: BasePacket = Packet.get_empty()
        if wait_until_sent or (port.can_put() and not self._unsent.get(name)):
            await port.put(packet)
            return
        unsent = self._unsent.setdefault(name, collections.deque())
        unsent.append(packet)
        if len(unsent) == 1:
            self._task_manager.create_task(self._send_unsent(port, unsent))

    @staticmethod
    async def _send_unsent(port: Any, unsent: collections.deque[BasePacket]) -> None:
        while unsent:
            await port.put(unsent[0])
            unsent.popleft()

    # -- firings

    def end_firing(self) -> None:
        """End the firing of the calling task: what it has received so far is no parent of what it sends next."""
        line = current_line.get()
        if line is not None and self._node is not None:
            line.conclude(self._node.hub)

    # -- advice

    @property
    def advice(self) -> str:
        """What its author should know if a net is blocked at it: a few words, empty for nothing."""
        return ""

    # -- factories

    @classmethod
    def create_component(cls, *args: Any, **kwargs: Any) -> type[BaseComponent]:
        """Return a component class made from arguments: a factory overrides this."""
        raise TypeError(f"{cls.__name__} does not say how to create a component.")

    @classmethod
    def _create_component_class(
        cls,
        component_name: str | None = None,
        class_attrs: Mapping[str, Any] | None = None,
        init_args: tuple[Any, ...] = (),
        init_kwargs: Mapping[str, Any] | None = None,
    ) -> type[BaseComponent]:
        """Return a subclass that is no factory; its instances are made with the given arguments."""
        kwargs = dict(init_kwargs or {})

        def __init__(self: BaseComponent) -> None:  # noqa: N807 - it becomes the class's own
            cls.__init__(self, *init_args, **kwargs)

        attrs = {
            "is_factory": False,
            "parent_factory": cls,
            "__module__": cls.__module__,
            **(class_attrs or {}),
        }
        name = component_name or cls.__name__.removesuffix("Factory")
        made: type[BaseComponent] = type(cls)(name, (cls,), {**attrs, "__init__": __init__})  # type: ignore[misc]
        return made

    @classmethod
    def set_module(cls, path: str | None = None) -> None:
        """Say in which module the class is found, by default the caller's: it can be pickled by reference."""
        cls.__module__ = path if path is not None else sys._getframe(1).f_globals["__name__"]

    def __str__(self) -> str:
        return f"{self._node.address}({type(self).__name__})" if self._node is not None else type(self).__name__
