"""What every port can do, whatever it stands for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Coroutine
from typing import Any

from fbdev.comp.packet import BasePacket, Packet


class BasePort(ABC):
    """What a port does."""

    __slots__ = ()

    @abstractmethod
    async def _put(self, packet: BasePacket) -> None: ...

    @abstractmethod
    async def _get(self) -> BasePacket: ...

    def _put_value(self, value: Any) -> Coroutine[Any, Any, None]:
        return self._put(Packet(value))

    async def _get_and_consume(self) -> Any:
        return await (await self._get()).consume()
