"""Places of nodes as a file says them: TOML, a table for each node."""

from __future__ import annotations

import tomllib
from typing import Any, Final

from fbdev.graph.placing import Places

KINDS: Final = ("here", "process", "engine")


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
        from fbdev.concurrent.engine import OnEngine  # noqa: PLC0415 - only for those who use it

        try:
            return OnEngine(given.pop("resources", None), **{"address": address, **given})
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"nodes.{name}: {error}") from None
    if given:
        raise ValueError(f"nodes.{name}: {', '.join(given)}: only a node on the engine has such a thing")
    if kind == "here":
        return None
    from fbdev.concurrent.remote import ProxyNode  # noqa: PLC0415 - only for those who use it

    return ProxyNode
