"""Draws graphs in characters: model, ranks, order, places, routes, scene, paint. Pure functions of plain data."""

from fbtui.diagram.export import to_data, to_text
from fbtui.diagram.paint import EdgeLook, NodeLook, Overlay, Painter, Run, fill, short
from fbtui.diagram.scene import PlacedBox, PlacedEdge, Scene, lay_out

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
