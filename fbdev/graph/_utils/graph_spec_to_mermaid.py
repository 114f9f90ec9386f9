"""Hands on `graph_to_mermaid`."""

from fbdev.graph.mermaid import graph_to_mermaid

__all__ = ["graph_to_mermaid"]
