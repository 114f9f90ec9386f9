"""Components that work in executions: once after the start, at each signal, or again and again."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.line import Execution
from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType


class ExecComponent(BaseComponent):
    """A component whose work is `_execute`: one execution is one firing.

    Before each execution the config values that have arrived are taken, after it the message ``executed`` is sent;
    an edge there that is full holds the component up. It ends when nobody can signal it any more, or when an input
    that it asks for has ended.
    """

    execute_after_start: ClassVar[bool] = True
    """Execute once after the start, without a signal."""
    loop_execution: ClassVar[bool] = False
    """Execute again and again, without signals."""

    port_specs = PortSpecCollection(
        PortSpec(PortType.SIGNAL, "execute"),
        PortSpec(PortType.MESSAGE, "executed"),
    )

    async def _post_start(self) -> None:
        self.task_manager.create_task(self._run(), line=Execution)

    async def _run(self) -> None:
        signalled = self.execute_after_start
        while True:
            if not (self.loop_execution or signalled):
                await self.await_signal("execute")
            signalled = False
            await self.update_config()
            await self._execute()
            await self.send_message("executed", wait_until_sent=True)
            self.end_firing()

    @abstractmethod
    async def _execute(self) -> None:
        """Do the work of one execution: override this."""

    @property
    def advice(self) -> str:
        """That it runs once, if nobody signals it."""
        once = not self.loop_execution and not self.ports.signal.execute.sources
        return "it runs once: add loop_execution=True" if once else ""
