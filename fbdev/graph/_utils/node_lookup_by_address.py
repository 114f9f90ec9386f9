"""Hands on `node_lookup_by_address`."""

from fbdev.graph.address import node_lookup_by_address

__all__ = ["node_lookup_by_address"]
