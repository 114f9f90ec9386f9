"""A runtime for flow graphs: components exchange packets over bounded edges.

Its parts are loaded when they are first asked for, so that whoever needs one does not wait for the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fbdev.exceptions import BlockedNetError, EndOfInput, LostPacketError, UndeliveredWarning

if TYPE_CHECKING:
    from fbdev import _utils, comp, complib, concurrent, dev_utils, exceptions, graph, runtime
    from fbdev.comp.base_component import BaseComponent
    from fbdev.comp.packet import Packet
    from fbdev.comp.port_spec import PortSpec, PortSpecCollection, PortType
    from fbdev.complib import func_component
    from fbdev.concurrent.remote import ProxyNode
    from fbdev.graph.graph_component import GraphComponentFactory
    from fbdev.graph.graph_spec import GraphSpec
    from fbdev.graph.placing import place
    from fbdev.runtime.batch_executor import BatchExecutor
    from fbdev.runtime.node_process import NodeProcess
    from fbdev.runtime.stream import Stream

__version__ = "0.1.0"

__all__ = [
    "BaseComponent",
    "BatchExecutor",
    "BlockedNetError",
    "EndOfInput",
    "GraphComponentFactory",
    "GraphSpec",
    "LostPacketError",
    "NodeProcess",
    "Packet",
    "PortSpec",
    "PortSpecCollection",
    "PortType",
    "ProxyNode",
    "Stream",
    "UndeliveredWarning",
    "__version__",
    "_utils",
    "comp",
    "complib",
    "concurrent",
    "dev_utils",
    "exceptions",
    "func_component",
    "graph",
    "place",
    "runtime",
]

_HOMES = {
    "BaseComponent": "comp.base_component",
    "BatchExecutor": "runtime.batch_executor",
    "GraphComponentFactory": "graph.graph_component",
    "GraphSpec": "graph.graph_spec",
    "NodeProcess": "runtime.node_process",
    "Packet": "comp.packet",
    "PortSpec": "comp.port_spec",
    "PortSpecCollection": "comp.port_spec",
    "PortType": "comp.port_spec",
    "ProxyNode": "concurrent.remote",
    "Stream": "runtime.stream",
    "func_component": "complib",
    "place": "graph.placing",
}
"""Where the names live that graphs are written with."""


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
