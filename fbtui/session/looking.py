"""What is seen of a run besides what it records: what its nodes did, whether it is silent, and where it is."""

from __future__ import annotations

import asyncio
from abc import ABC
from collections.abc import Mapping

from fbtui.protocol import Graph, NodeState, Paused
from fbtui.session.busy import Busy
from fbtui.session.process import Target
from fbtui.session.record import RunRecord
from fbtui.session.spec import Phase


class Looking(ABC):
    """The part of a session that looks at its target from outside."""

    phase: Phase
    graph: Graph | None
    paused: Paused | None
    record: RunRecord
    started: float
    _target: Target | None

    def states_then(self) -> Mapping[str, NodeState]:
        """Return what each node was doing at the moment of the past that is looked at, by place; nothing of now."""
        return self.record.states_then(self.graph, self.paused if self.phase is Phase.PAUSED else None)

    def silence(self) -> float:
        """Return for how many seconds the target's loop has not come round, or has imported; 0 while it need not."""
        if self.phase is Phase.STARTING and self.record.trace is None:
            return asyncio.get_running_loop().time() - self.started
        return self.record.silence() if self.phase is Phase.RUNNING else 0.0

    def waits_for(self) -> tuple[str, ...]:
        """Return what outside a run that goes on waits for; nothing while it works."""
        return self.record.waits_for() if self.phase is Phase.RUNNING else ()

    async def where(self) -> Busy | None:
        """Find out where in the user's code a busy target is; see `RunRecord.busy`."""
        if self._target is None or not self.record.can_be_asked:
            return None
        record = self.record
        await self._target.ask_where(record.where)
        return record.find_busy(self.graph)
