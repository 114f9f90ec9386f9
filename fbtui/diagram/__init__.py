"""Draws graphs in characters: model, ranks, order, places, routes, scene, paint. Pure functions of plain data."""

from fbtui.diagram.counts import fill, short
from fbtui.diagram.export import to_data, to_text
from fbtui.diagram.layout import lay_out
from fbtui.diagram.looks import CHOSEN, PACKET, EdgeLook, NodeLook, Overlay
from fbtui.diagram.overview import Overview, overview
from fbtui.diagram.paint import Painter, Run
from fbtui.diagram.scene import PlacedBox, PlacedEdge, Scene, inside
from fbtui.diagram.svg import to_svg

__all__ = [
    "CHOSEN",
    "PACKET",
    "EdgeLook",
    "NodeLook",
    "Overlay",
    "Overview",
    "Painter",
    "PlacedBox",
    "PlacedEdge",
    "Run",
    "Scene",
    "fill",
    "inside",
    "lay_out",
    "overview",
    "short",
    "to_data",
    "to_svg",
    "to_text",
]
