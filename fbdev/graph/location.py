"""Locations: an identity for each place where a packet can be, a node or an edge of a net.

It is given when it is first asked for. The table holds the places weakly: a net that nobody holds any more is
freed, and its locations lead nowhere.
"""

from __future__ import annotations

import os
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fbdev.graph.base_node import BaseNode
    from fbdev.graph.edge import Edge

LocationUUID = str

_places: weakref.WeakValueDictionary[LocationUUID, BaseNode | Edge] = weakref.WeakValueDictionary()
_uuids: weakref.WeakKeyDictionary[BaseNode | Edge, LocationUUID] = weakref.WeakKeyDictionary()


def get_location_uuid(entity: BaseNode | Edge) -> LocationUUID:
    """Return the identity of a node or an edge: 32 hexadecimal digits, the same at every call."""
    known = _uuids.get(entity)
    if known is None:
        known = _uuids[entity] = os.urandom(16).hex()
        _places[known] = entity
    return known


def lookup_location_uuid(location: LocationUUID) -> BaseNode | Edge:
    """Return the node or edge with an identity.

    Raises:
        KeyError: if nobody has asked for it, or the net is gone.
    """
    found = _places.get(location)
    if found is None:
        raise KeyError(f"There is no location '{location}', or it is gone.")
    return found
