"""What a port sends is checked against every dtype on its way: its own, and those of the ports where it goes.

So a mistake is told where it is made, at the put, and a packet on an edge is one that the other side accepts.
"""

from __future__ import annotations

from typing import Any

from fbdev.comp.dtype import Check
from fbdev.comp.port import Port
from fbdev.graph.base_node import BaseNode


def check_on_the_way(top: BaseNode) -> None:
    """Have each port of a net check what all the ports ask for that its edges lead to."""
    ports = [port for node in top.walk() for port in node.inner_ports()]
    if any(port.spec.checker is not None for port in ports):
        for port in ports:
            beyond: list[Port] = []
            _find_beyond(port, beyond, {port})
            if beyond:
                port.check_with(_all_of(port, beyond))


def _find_beyond(port: Port, found: list[Port], seen: set[Port]) -> None:
    """Find the ports with a check of their own where packets of a port can go, over the borders of graphs."""
    for head in (edge.head_end for edge in port.targets):
        if head is None or head in seen:
            continue
        known = [(other.spec.dtype, other.spec.data_validator) for other in seen]
        if head.spec.checker is not None and (head.spec.dtype, head.spec.data_validator) not in known:
            found.append(head)
        seen.add(head)
        _find_beyond(head, found, seen)


def _all_of(port: Port, beyond: list[Port]) -> Check:
    own = port.spec.checker
    others = [(other, other.spec.checker) for other in beyond]

    def check(payload: Any) -> str | None:
        problem = None if own is None else own(payload)
        if problem is not None:
            return problem
        for other, check_there in others:
            problem = None if check_there is None else check_there(payload)
            if problem is not None:
                return f"{other} does not take it: {problem}"
        return None

    return check
