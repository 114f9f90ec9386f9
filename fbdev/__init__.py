"""A runtime for flow graphs: components exchange packets over bounded edges.

Its parts are loaded when they are first asked for, so that whoever needs one does not wait for the others.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from fbdev.exceptions import BlockedNetError, EndOfInput, LostPacketError, UndeliveredWarning

if TYPE_CHECKING:
    from fbdev import _utils, comp, complib, concurrent, dev_utils, exceptions, graph, runtime
    from fbdev.graph.placing import place
    from fbdev.runtime.stream import Stream

__version__ = "0.1.0"

__all__ = [
    "BlockedNetError",
    "EndOfInput",
    "LostPacketError",
    "Stream",
    "UndeliveredWarning",
    "__version__",
    "_utils",
    "comp",
    "complib",
    "concurrent",
    "dev_utils",
    "exceptions",
    "graph",
    "place",
    "runtime",
]


def __getattr__(name: str) -> Any:
    if name == "Stream":
        return importlib.import_module("fbdev.runtime.stream").Stream
    if name == "place":
        return importlib.import_module("fbdev.graph.placing").place
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
