"""Graphs as mermaid flowcharts. The order of the lines depends on nothing but the order of declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from fbdev.comp.port_spec import PortSpec, PortType
from fbdev.graph.elements import GRAPH_ID

if TYPE_CHECKING:
    from fbdev.graph.elements import EdgeSpec, End, NodePortSpec, NodeSpec
    from fbdev.graph.graph_spec import GraphSpec

_SHAPES: Final = {
    PortType.INPUT: ("[", "]"),
    PortType.OUTPUT: ("[", "]"),
    PortType.CONFIG: ("[(", ")]"),
    PortType.SIGNAL: (">", "]"),
    PortType.MESSAGE: ("[[", "]]"),
}
_INDENT: Final = "    "
_PATH: Final = "__D__"
_PORT: Final = "__C__"


class _Chart:
    def __init__(self, hide_unconnected: bool, hidden: set[PortType]) -> None:
        self.hide_unconnected = hide_unconnected
        self.hidden = hidden
        self.classes: dict[str, list[str]] = {}

    def port(self, owner: str, spec: PortSpec) -> str:
        address = f"{owner}{_PORT}{spec.id_str}"
        self.classes.setdefault(spec.port_type.label, []).append(address)
        opening, closing = _SHAPES[spec.port_type]
        return f"{address}{opening}{spec.name}{closing}"

    def shows(self, port: NodePortSpec, inside: GraphSpec | None) -> bool:
        if port.edges:
            return True
        if port.port_type in self.hidden:
            return False
        return not self.hide_unconnected or (inside is not None and bool(inside.edges_at((GRAPH_ID, port.id))))

    def node(self, node: NodeSpec, address: str, indent: str) -> Iterator[str]:
        inside = node.subgraph if node.contains_graph else None
        yield f'{indent}subgraph {address}["{node.rich_id}"]'
        for port in node.ports.iter_ports():
            if self.shows(port, inside):
                yield indent + _INDENT + self.port(address, port)
        if inside is not None:
            zone = f"{address}__PROP__children"
            self.classes.setdefault("subgraph_zone", []).append(zone)
            yield f'{indent}{_INDENT}subgraph {zone}[" "]'
            for child in inside.nodes.values():
                yield from self.node(child, f"{address}{_PATH}{child.id}", indent + 2 * _INDENT)
            yield f"{indent}{_INDENT}end"
        yield f"{indent}end"


def _edge_lines(graph: GraphSpec, path: str) -> tuple[list[str], list[str]]:
    """Return the edges at the graph's own ports, and the inner ones, those of opened subgraphs last."""

    def address(end: End) -> str:
        node_id, (kind, name) = end
        owner = (path or GRAPH_ID) if node_id == GRAPH_ID else f"{path}{_PATH}{node_id}" if path else node_id
        return f"{owner}{_PORT}{kind.label}.{name}"

    outer: list[str] = []
    inner: list[str] = []
    for edge in graph.edges.values():
        tail, head = edge.ends
        if tail is not None and head is not None:
            touches = edge.tail_is_graph or edge.head_is_graph
            (outer if touches else inner).append(f"{address(tail)} {_arrow(edge, touches)} {address(head)}")
    for node in graph.nodes.values():
        if node.contains_graph and node.subgraph is not None:
            inside = _edge_lines(node.subgraph, f"{path}{_PATH}{node.id}" if path else node.id)
            inner += inside[0] + inside[1]
    return outer, inner


def _arrow(edge: EdgeSpec, touches_border: bool) -> str:
    line = "-.->" if touches_border else "-->"
    return line if edge.maxsize is None else f"{line}|{edge.maxsize}|"


def graph_to_mermaid(
    graph: GraphSpec,
    orientation: str = "",
    hide_unconnected_ports: bool = False,
    hide_port_types: Iterable[PortType] = (),
) -> str:
    """Return a graph as the text of a mermaid flowchart.

    Args:
        graph: the graph; nodes that show their inside are drawn with it.
        orientation: mermaid's word for the direction, as ``LR``.
        hide_unconnected_ports: leave out ports of nodes that no edge touches, inside or outside.
        hide_port_types: leave out unconnected ports of these kinds. The graph's own ports are always drawn.
    """
    chart = _Chart(hide_unconnected_ports, set(hide_port_types))
    lines = [f"flowchart {orientation}"]
    for node in graph.nodes.values():
        lines += chart.node(node, node.id, _INDENT)
    lines += [_INDENT + chart.port(GRAPH_ID, spec) for spec in graph.port_specs.iter_ports()]
    outer, inner = _edge_lines(graph, "")
    lines += [_INDENT + line for line in outer + inner]
    lines += [
        f"{_INDENT}classDef input fill:#13543e;",
        f"{_INDENT}classDef output fill:#0d1b59;",
        f"{_INDENT}classDef subgraph_zone fill:#000;",
    ]
    lines += [f"{_INDENT}class {','.join(names)} {label};" for label, names in chart.classes.items()]
    return "\n".join(lines)


class PlainMarkdown:
    """Markdown for a notebook, where IPython's own class is not installed."""

    def __init__(self, data: str) -> None:
        self.data = data

    def _repr_markdown_(self) -> str:
        return self.data

    def __str__(self) -> str:
        return self.data


def as_markdown(mermaid: str) -> Any:
    """Return a flowchart as a Markdown object: IPython's if it is installed."""
    text = f"```mermaid\n{mermaid}\n```"
    try:
        from IPython.display import Markdown  # type: ignore[import-not-found]  # noqa: PLC0415 - optional, and slow
    except ImportError:
        return PlainMarkdown(text)
    return Markdown(text)
