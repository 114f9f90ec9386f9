"""`OnEngine`: a node whose component runs on another machine, or could."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from fbdev.comp.packet import BasePacket
from fbdev.concurrent.engine.stand_in import EngineStandIn
from fbdev.concurrent.remote import ProxyNode
from fbdev.concurrent.stand_in import StandIn, stand_in_for
from fbdev.graph.base_node import BaseNode
from fbdev.graph.elements import NodeSpec

OnDeath = Literal["fail", "restart"]

PATIENCE: Final = 60.0
"""Seconds that a node waits for a machine by default."""


class EngineNode(ProxyNode):
    """A node whose component runs in a process of the engine. `OnEngine` says what its arguments are."""

    def __init__(
        self,
        node_spec: NodeSpec,
        parent_net: BaseNode | None = None,
        *,
        resources: Mapping[str, float] | None = None,
        address: str | None = None,
        on_death: OnDeath = "fail",
        patience: float = PATIENCE,
    ) -> None:
        self.resources = dict(resources or {})
        self.cluster_address = address
        self.restarts = on_death == "restart"
        self.patience = patience
        super().__init__(node_spec, parent_net)

    def _make_component(self) -> StandIn:
        return stand_in_for(self.component_type, EngineStandIn)()

    def packets_there(self) -> list[BasePacket]:
        """Return the packets that its component has received and not acknowledged, or was about to receive."""
        assert isinstance(self._component, EngineStandIn)
        return self._component.packets_there()


class OnEngine:
    """Where a node runs: on the engine, Ray. ``graph.add_node(Train, node_type=OnEngine(resources={"cpus": 4}))``.

    The engine is imported when such a node starts; it is the extra ``fbtui[ray]``. What `ProxyNode` says holds here,
    too: ports and edges are in this process, and every packet passes them. Payloads above 100 kB go by the engine's
    object store; where only nodes on the engine receive them, this process never has them.

    Args:
        resources: what the machine must have free: ``cpus``, ``gpus``, ``memory`` in bytes, or a name of the
            cluster's own. They count in a cluster that was joined; on a local one this machine has to do.
        address: a running cluster to be joined; None for a local one that starts and ends with the run.
        on_death: what happens when the process of the node dies. ``"fail"``: an error that names the node, the place
            and the packets that were there. ``"restart"``: the component starts anew elsewhere, at most
            three times, and gets again what it had received since it last sent something: at least once.
        patience: seconds that the node may wait for a machine with these resources.

    Raises:
        ValueError: if an argument is none of these.
    """

    node_type: Final = EngineNode

    def __init__(
        self,
        resources: Mapping[str, float] | None = None,
        *,
        address: str | None = None,
        on_death: OnDeath = "fail",
        patience: float = PATIENCE,
    ) -> None:
        for name, amount in (resources or {}).items():
            if isinstance(amount, bool) or not isinstance(amount, int | float) or amount < 0:
                raise ValueError(f"a node asks for a number of {name} from 0 on, not {amount!r}.")
        if on_death not in get_args(OnDeath):
            raise ValueError(f"on_death is 'fail' or 'restart', not {on_death!r}.")
        given = {"resources": dict(resources or {}), "address": address, "on_death": on_death, "patience": patience}
        self.node_args: Mapping[str, Any] = {name: value for name, value in given.items() if value}

    def __repr__(self) -> str:
        return f"OnEngine({', '.join(f'{name}={value!r}' for name, value in self.node_args.items())})"
