"""A runtime for flow graphs: components exchange packets over bounded edges."""

from fbdev import _utils, comp, complib, concurrent, dev_utils, exceptions, graph, runtime
from fbdev.exceptions import BlockedNetError, EndOfInput, LostPacketError, UndeliveredWarning
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
    "runtime",
]
