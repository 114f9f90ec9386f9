"""Nodes on an engine for many machines, Ray. The engine is imported when the first such node starts."""

from fbdev.concurrent.engine.node import EngineNode, OnEngine

__all__ = ["EngineNode", "OnEngine"]
