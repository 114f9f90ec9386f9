"""Draws graphs in characters: model, ranks, order, places, routes, scene, paint. Pure functions of plain data."""

from fbtui.diagram.counts import fill, short
from fbtui.diagram.export import to_data, to_text
from fbtui.diagram.layout import lay_out
from fbtui.diagram.paint import EdgeLook, NodeLook, Overlay, Painter, Run
from fbtui.diagram.scene import PlacedBox, PlacedEdge, Scene

__all__ = [
    "EdgeLook",
    "NodeLook",
    "Overlay",
    "Painter",
    "PlacedBox",
    "PlacedEdge",
    "Run",
    "Scene",
    "fill",
    "lay_out",
    "short",
    "to_data",
    "to_text",
]
