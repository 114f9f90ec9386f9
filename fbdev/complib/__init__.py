"""Components to build on, functions as components, and a small standard library.

The standard library: `ends` (a source from an iterable, a sink into a list), `transform` (map, filter, batch),
`routing` (merge, zip, split), `timing` (delay, rate limit), `process` (terminal commands).
"""

from fbdev.complib.ends import FromIterableFactory, IntoListFactory
from fbdev.complib.exec_component import ExecComponent
from fbdev.complib.func_component_factory import FunctionComponentFactory, func_component
from fbdev.complib.process import CommandFactory
from fbdev.complib.routing import MergeFactory, SplitFactory, ZipFactory
from fbdev.complib.timing import DelayFactory, RateLimitFactory
from fbdev.complib.transform import BatchFactory, FilterFactory, MapFactory

__all__ = [
    "BatchFactory",
    "CommandFactory",
    "DelayFactory",
    "ExecComponent",
    "FilterFactory",
    "FromIterableFactory",
    "FunctionComponentFactory",
    "IntoListFactory",
    "MapFactory",
    "MergeFactory",
    "RateLimitFactory",
    "SplitFactory",
    "ZipFactory",
    "func_component",
]
