"""Why a net is blocked: who waits for whom, followed to its cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from fbdev.comp.port import Port
from fbdev.comp.port_spec import PortType
from fbdev.exceptions import BlockedNetError
from fbdev.graph.net import BaseNode, Edge, Node

Verdict = Literal["deadlock", "artificial deadlock", "starved", "unconnected", "inside"]


@dataclass(frozen=True)
class Wait:
    """A node that waits: to send by a port, to receive from it, or for something that is no port."""

    node: BaseNode
    waits: Literal["send", "receive", "inside"]
    port: Port | None = None
    edge: Edge | None = None

    @property
    def name(self) -> str:
        """The node's place in the graph's own names: ``Outer/A``, ``GRAPH`` for the outside."""
        return place_of(self.node)

    def __str__(self) -> str:
        if self.port is None:
            if self.node.finished:
                return f"{self.name} has ended and takes nothing more{_advice(self.node)}"
            if self.node.is_net:
                return f"{self.name} takes nothing: its port leads nowhere inside"
            if _is_graph_elsewhere(self.node):
                return f"{self.name} waits inside, in its own process"
            begins = "" if self.node.has_started else "has not started: it "
            return f"{self.name} {begins}waits inside, for something that is no port"
        if self.waits == "receive":
            nothing = "nothing leads there" if self.edge is None else "empty"
            return f"{self.name} waits for {self.port.name} ({nothing})"
        if self.edge is None:
            return f"{self.name} waits to send {self.port.name} (nobody takes it)"
        return f"{self.name} waits to send {self.port.name} ({len(self.edge.packets)}/{self.edge.capacity} full)"


@dataclass(frozen=True)
class Explanation:
    """The verdict, the chain of who waits for whom, and for an artificial deadlock the edge to lengthen."""

    verdict: Verdict
    chain: tuple[Wait, ...]
    text: str
    lengthen: Edge | None = None

    def as_error(self) -> BlockedNetError:
        """Return it as the error that a run raises."""
        return BlockedNetError(
            f"{self.verdict}: {self.text}", verdict=self.verdict, chain=self.chain, lengthen=self.lengthen
        )


def place_of(node: BaseNode) -> str:
    """Return a node's path from the top graph, ``GRAPH`` for the top itself."""
    names: list[str] = []
    while node.parent_net is not None:
        names.append(node.id)
        node = node.parent_net
    return "/".join(reversed(names)) or "GRAPH"


def waits_of(top: BaseNode) -> list[Wait]:
    """Return the puts and gets that wait in the ports of a net, those first that an instrument holds back."""
    found = [wait_at(port, waits) for port, waits in top.hub.held()]
    for node in top.walk():
        for outer in node.ports.iter_ports():
            port: Port = outer.inner
            if port.putters:
                found.append(wait_at(port, "send"))
            if port.getters:
                found.append(wait_at(port, "receive"))
    return found


def wait_at(port: Port, waits: Literal["send", "receive"]) -> Wait:
    """Return the wait of a port's node, with the edge that holds it up."""
    if waits == "send":
        edge = next((edge for edge in port.targets if not edge.has_room()), None)
    else:
        edge = port.sources[0] if port.sources else None
    return Wait(port.node, waits, port, edge)


def is_standing(port: Port, waits: str) -> bool:
    """Return whether a wait is the get that a config port always has pending: its node does not wait for it."""
    return waits == "receive" and port.port_type is PortType.CONFIG and port.node.states.started.get()


def why_blocked(top: BaseNode, waits: Iterable[Wait], *, missing: Iterable[Port] = ()) -> Explanation | None:
    """Return why a net at rest is blocked, None if it has finished.

    What waits for a node that an error has ended, while the net was to go on without it, is not blocked by that.

    Args:
        top: the top node.
        waits: the puts and gets that wait.
        missing: the outputs that are awaited and have not come.
    """
    every = [wait for wait in waits if wait.port is None or not is_standing(wait.port, wait.waits)]
    sends = (wait for wait in every if wait.waits == "send" and not _leads_to_failure(wait, every))
    start = next(sends, None)
    start = start or next((wait_at(port, "receive") for port in missing), None)
    start = start or _not_taken(top, every) or _never_began(every) or _stuck_before_start(top, every)
    return None if start is None else _explain(start, every)


def why_nothing_comes(port: Port) -> Explanation:
    """Return why a get would wait for ever at a port whose edges have ended."""
    return _explain(wait_at(port, "receive"), [])


def _not_taken(top: BaseNode, waits: list[Wait]) -> Wait | None:
    """An input that nobody took: blame the node at the end of its edge."""
    for port in top.ports.get_all(PortType.INPUT):
        for end in _where_packets_wait(port.inner):
            wait = _wait_of(end.node, waits) or Wait(end.node, "inside")
            if not _leads_to_failure(wait, waits):
                return wait
    return None


def _where_packets_wait(port: Port) -> Iterator[Port]:
    """Yield the ports at the ends of the edges that lead on from a port, over borders too, and hold packets."""
    for edge in port.targets:
        end = edge.head_end
        if end is not None and end.targets:
            yield from _where_packets_wait(end)
        if end is not None and edge.packets:
            yield end


def _leads_to_failure(wait: Wait, waits: list[Wait]) -> bool:
    """Return whether a wait has its cause in a node that an error has ended."""
    last = _explain(wait, waits).chain[-1]
    end = _end_of(last)
    return _has_failed(last.node if end is None else end.node)


def _has_failed(node: BaseNode) -> bool:
    return isinstance(node, Node) and node.failed


def _is_graph_elsewhere(node: BaseNode) -> bool:
    """Return whether a node is a graph that runs in a process of its own: what waits in there is not known here."""
    return node.spec.contains_graph and not node.is_net


def _never_began(waits: list[Wait]) -> Wait | None:
    """A ring of edges none of which ever carried a packet, holding a node that has taken input."""
    for wait in waits:
        if wait.waits == "receive" and not wait.node.is_top_node:
            took = any(edge.carried > len(edge.packets) for edge in _edges_into(wait.node))
            if took and _in_fresh_ring(wait.node, wait, waits):
                return wait
    return None


def _edges_into(node: BaseNode) -> Iterator[Edge]:
    for port in node.ports.iter_input_ports():
        yield from port.inner.sources


def _in_fresh_ring(node: BaseNode, wait: Wait, waits: list[Wait]) -> bool:
    seen: set[BaseNode] = set()
    while wait.edge is not None and wait.edge.carried == 0 and wait.edge.tail_end is not None:
        feeder = wait.edge.tail_end.node
        if feeder is node:
            return True
        following = next((w for w in waits if w.node is feeder and w.waits == "receive"), None)
        if following is None or feeder in seen:
            return False
        seen.add(feeder)
        wait = following
    return False


def _stuck_before_start(top: BaseNode, waits: list[Wait]) -> Wait | None:
    """A node whose start waits: for a config value, as a rule."""
    for node in top.walk():
        starts = node.begun and not (node.has_started or node.has_stopped or _has_failed(node))
        if starts and not (node.is_net and any(not child.has_started for child in node.nodes.values())):
            return _wait_of(node, waits) or Wait(node, "inside")
    return None


def _explain(start: Wait, waits: list[Wait]) -> Explanation:
    chain = [start]
    seen = {(start.node, start.port)}
    while True:
        last = chain[-1]
        end = _end_of(last)
        if end is None:
            if last.waits == "inside":
                verdict: Verdict = "unconnected" if last.node.is_net else "inside"
                return Explanation("starved" if last.node.finished else verdict, tuple(chain), _text(chain, None))
            return Explanation("unconnected", tuple(chain), _text(chain, None))
        following = None if end.node.is_top_node else _wait_of(end.node, waits)
        if following is None:
            return _at_the_end(chain, end)
        if (following.node, following.port) in seen:
            ring = chain[next(i for i, w in enumerate(chain) if w.node is following.node) :]
            return _ring(chain, ring, following)
        seen.add((following.node, following.port))
        chain.append(following)


def _end_of(wait: Wait) -> Port | None:
    """Return the port of the node that would have to move first, None if no edge leads to one."""
    if wait.edge is None:
        return None
    end = wait.edge.head_end if wait.waits == "send" else wait.edge.tail_end
    return None if end is None else _beyond_borders(end, wait.waits)


def _beyond_borders(end: Port, waits: Literal["send", "receive", "inside"]) -> Port:
    """Go on over the borders of graphs, to the edge that holds a send or a receive up there."""
    while end.sources and end.targets:
        if waits == "send":
            beyond = next((edge for edge in end.targets if not edge.has_room()), end.targets[0]).head_end
        else:
            beyond = end.sources[0].tail_end
        if beyond is None:
            break
        end = beyond
    return end


def _wait_of(node: BaseNode, waits: list[Wait]) -> Wait | None:
    return next((wait for wait in waits if wait.node is node), None)


def _at_the_end(chain: list[Wait], end: Port) -> Explanation:
    """Explain a chain whose last wait is for a node that waits at no port: by the port where that one is joined."""
    blamed, last = end.node, chain[-1]
    if blamed.is_net and not blamed.is_top_node:
        nothing = "which leads nowhere inside" if last.waits == "send" else "to which nothing leads inside"
        nowhere = f"{place_of(blamed)}.{end.name}, {nothing}"
        return Explanation("unconnected", tuple(chain), _text(chain, nowhere))
    if blamed.is_top_node and _is_graph_elsewhere(last.node):
        return _inside(chain[:-1], last.node)
    begins = blamed.begun and not blamed.has_started
    if blamed.finished or blamed.is_top_node or blamed.has_stopped or not (blamed.tasks or begins):
        return Explanation("starved", tuple(chain), _text(chain, _ended(blamed, last)))
    return _inside(chain, blamed)


def _inside(chain: list[Wait], node: BaseNode) -> Explanation:
    whole = [*chain, Wait(node, "inside")]
    return Explanation("inside", tuple(whole), _text(whole, None))


def _ended(node: BaseNode, last: Wait) -> str:
    """Say which node has ended, and by whose end."""
    nodes = _ended_one_after_the_other(node)
    first = nodes[-1]
    if _has_failed(first):
        end = ", which an error has ended"
    else:
        end = ", which sends nothing more" if last.waits == "receive" else ", which has ended"
    return " <- ".join(map(place_of, nodes)) + end + _advice(first)


def _advice(node: BaseNode) -> str:
    return f" ({node.advice})" if node.advice else ""


def _ended_one_after_the_other(node: BaseNode) -> list[BaseNode]:
    """Return a node and those whose end was the cause of its own, back to the one that ended first."""
    nodes = [node]
    while nodes[-1].finished:
        tails = (edge.tail_end for edge in _edges_into(nodes[-1]) if edge.ended and edge.tail_end is not None)
        ended = (_beyond_borders(tail, "receive").node for tail in tails)
        feeder = next((one for one in ended if not one.is_top_node and one not in nodes), None)
        if feeder is None:
            break
        nodes.append(feeder)
    return nodes


def _ring(chain: list[Wait], ring: list[Wait], again: Wait) -> Explanation:
    full = [wait.edge for wait in ring if wait.waits == "send" and wait.edge is not None]
    text = _text(chain, again.name)
    if not full:
        return Explanation("deadlock", tuple(chain), text)
    smallest = min(full, key=lambda edge: edge.capacity or 0)
    hint = f"; give the edge {edge_name(smallest)} a capacity above {smallest.capacity}"
    return Explanation("artificial deadlock", tuple(chain), text + hint, smallest)


def edge_place(edge: Edge) -> str:
    """Return an edge's id with the path of the graph that it is in: ``edge0``, ``Outer/edge0``."""
    outer = place_of(edge.net)
    return edge.id if outer == "GRAPH" else f"{outer}/{edge.id}"


def edge_name(edge: Edge) -> str:
    """Return an edge by its ends, ``A.out->B.inp``; with its id if there are several between them."""
    same = sum((one.tail_end, one.head_end) == (edge.tail_end, edge.head_end) for one in edge.net.edges.values())
    ends = (end for end in (edge.tail_end, edge.head_end) if end is not None)
    name = "->".join(f"{place_of(end.node)}.{end.spec.name}" for end in ends)
    return name if same == 1 else f"{name} ({edge.id})"


def _text(chain: list[Wait], end: str | None) -> str:
    return " <- ".join([*map(str, chain), *([end] if end else [])])
