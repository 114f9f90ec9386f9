"""Graphs as people write them, and the nets that they become."""

from fbdev.graph import graph_spec, net, packet_registry
from fbdev.graph.graph_component import GraphComponentFactory

__all__ = ["GraphComponentFactory", "graph_spec", "net", "packet_registry"]
