"""Places of nodes as a file says them: TOML, a table for each node."""

from __future__ import annotations

import tomllib
from typing import Any, Final

from fbdev.graph.placing import Places

KINDS: Final = ("here", "process", "engine")
_OF_ENGINE: Final = ("resources", "address", "on_death", "patience")


def places_of(text: str) -> Places:
    """Return the places that a text says.

    ``[nodes.Train]`` has ``on``: ``"here"``, ``"process"`` (`ProxyNode`) or ``"engine"``, which takes the arguments
    of `OnEngine`, too. ``address``, before the tables, is the cluster of all that do not name another.

    Raises:
        ValueError: if the text says anything else.
    """
    given = tomllib.loads(text)
    address = given.pop("address", None)
    nodes = given.pop("nodes", {})
    if (
        given
        or not isinstance(address, str | None)
        or not isinstance(nodes, dict)
        or not all(isinstance(place, dict) for place in nodes.values())
    ):
        raise ValueError(
            "it has an address, which is a text, and a table [nodes.NAME] for each node, and nothing else"
        )
    return {name: _place(name, dict(place), address) for name, place in nodes.items()}


def _place(name: str, given: dict[str, Any], address: str | None) -> Any:
    kind = given.pop("on", None)
    if kind not in KINDS:
        raise ValueError(f"nodes.{name}: on is one of {', '.join(KINDS)}, not {kind!r}")
    if kind == "engine":
        return _on_engine(name, {"address": address, **given})
    if given:
        raise ValueError(f"nodes.{name}: {', '.join(given)}: only a node on the engine has such a thing")
    if kind == "here":
        return None
    from fbdev.concurrent.remote import ProxyNode  # noqa: PLC0415 - only for those who use it

    return ProxyNode


def _on_engine(name: str, given: dict[str, Any]) -> Any:
    from fbdev.concurrent.engine import OnEngine  # noqa: PLC0415 - only for those who use it

    unknown = [key for key in given if key not in _OF_ENGINE]
    if unknown:
        raise ValueError(f"nodes.{name}: {', '.join(unknown)}: it has {', '.join(_OF_ENGINE)}")
    resources = given.pop("resources", {})
    if not isinstance(resources, dict):
        raise ValueError(f"nodes.{name}: resources is a table, not {resources!r}")  # noqa: TRY004 - it is the text
    try:
        return OnEngine(resources, **given)
    except ValueError as error:
        raise ValueError(f"nodes.{name}: {error}") from None
