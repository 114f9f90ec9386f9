"""Components to build on, functions as components, and a small standard library.

The standard library is imported by its modules: `ends` (a source from an iterable, a sink into a list), `transform`
(map, filter, batch), `routing` (merge, zip, split), `timing` (delay, rate limit), `process` (terminal commands).
"""

from fbdev.complib.exec_component import ExecComponent
from fbdev.complib.func_component_factory import FunctionComponentFactory, func_component

__all__ = ["ExecComponent", "FunctionComponentFactory", "func_component"]
