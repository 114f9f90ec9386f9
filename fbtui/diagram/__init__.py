"""Draws graphs in characters: model, ranks, order, places, routes, scene, paint. Pure functions of plain data."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from fbtui.diagram.counts import fill, short
from fbtui.diagram.looks import CHOSEN, PACKET, EdgeLook, NodeLook, Overlay
from fbtui.diagram.overview import Overview, overview
from fbtui.diagram.paint import Painter, Run
from fbtui.diagram.scene import PlacedBox, PlacedEdge, Scene, inside

if TYPE_CHECKING:
    from fbtui.diagram.export import to_data, to_text
    from fbtui.diagram.layout import lay_out
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

_LATER: Final = {"lay_out": "layout", "to_data": "export", "to_text": "export", "to_svg": "svg"}
"""What is imported when it is asked for: there is nothing to lay out before a program is loaded."""


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
