"""Runtimes: what starts a graph, feeds it and ends it."""

from fbdev.runtime.base_runtime import BaseRuntime
from fbdev.runtime.batch_executor import BatchExecutor
from fbdev.runtime.net_loop import NetLoop
from fbdev.runtime.node_process import NodeProcess
from fbdev.runtime.stream import Stream

__all__ = ["BaseRuntime", "BatchExecutor", "NetLoop", "NodeProcess", "Stream"]
