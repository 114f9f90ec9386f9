"""Graphs as people write them, and the nets that they become."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fbdev.graph import graph_spec, net
from fbdev.graph.graph_component import GraphComponentFactory

if TYPE_CHECKING:
    from fbdev.graph import packet_registry

__all__ = ["GraphComponentFactory", "graph_spec", "net", "packet_registry"]


def __getattr__(name: str) -> Any:
    if name == "packet_registry":  # loaded when a history is first read
        return importlib.import_module("fbdev.graph.packet_registry")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
