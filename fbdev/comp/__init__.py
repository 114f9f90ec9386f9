"""Components, their ports, and the packets that they exchange."""

from fbdev.comp import port
from fbdev.comp.base_component import BaseComponent
from fbdev.comp.packet import Packet

__all__ = ["BaseComponent", "Packet", "port"]
