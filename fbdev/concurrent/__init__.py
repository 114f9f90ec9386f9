"""Nodes in processes of their own. Nothing of it is loaded before it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

preparation: str | None = None
"""A function, as ``module:name``, that the process of a node calls before it imports the component."""

__all__ = ["preparation", "remote", "subprocess_node_launcher"]


def __getattr__(name: str) -> Any:
    if name in {"remote", "subprocess_node_launcher"}:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
