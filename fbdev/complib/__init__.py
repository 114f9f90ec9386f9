"""Components to build on, functions as components, and a small standard library."""

from fbdev.complib.exec_component import ExecComponent
from fbdev.complib.func_component_factory import FunctionComponentFactory, func_component

__all__ = ["ExecComponent", "FunctionComponentFactory", "func_component"]
