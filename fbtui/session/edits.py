"""What a save has changed: nodes, edges, components, helpers, inputs. The sources are parsed, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from fbtui.protocol import Graph, GraphInfo, NodeInfo, edge_names, edges_in, nodes_in
from fbtui.protocol.plain import plain
from fbtui.session.sources import definition_at, definitions_in

Mark = Literal["~", "+", "-"]
Sources = Mapping[str, str]
"""The text of each local file by its path."""


@plain
class Edit:
    """Something that is otherwise: ``~`` changed, ``+`` new, ``-`` gone. ``at`` is a node or an edge of the new
    graph: ``("node", place)``; None for anything else."""

    mark: Mark
    what: str
    at: tuple[Literal["node", "edge"], str] | None = None


def edits(before: Graph, after: Graph, old: Sources, new: Sources) -> list[Edit]:
    """Return what is otherwise in a graph and its sources than it was before."""
    nodes = list(_nodes(before, after, old, new))
    components = {edit.what.rpartition(" ")[2] for edit in nodes}
    code = [edit for edit in _code(old, new) if edit.what.rpartition(" ")[2] not in components]
    files = _files({file.path for file in before.files}, {file.path for file in after.files})
    return [*nodes, *_edges(before.graph, after.graph), *_ports(before, after), *files, *code]


def _differ(before: str | None, after: str | None) -> bool:
    """Return whether two definitions differ; of one that is not known nobody can tell."""
    return before is not None and after is not None and before != after


def _files(before: set[str], after: set[str]) -> Iterator[Edit]:
    yield from (Edit("+", f"file {Path(path).name}") for path in sorted(after - before))
    yield from (Edit("-", f"file {Path(path).name}") for path in sorted(before - after))


def _nodes(before: Graph, after: Graph, old: Sources, new: Sources) -> Iterator[Edit]:
    was, now = dict(nodes_in(before.graph)), dict(nodes_in(after.graph))
    for place, node in now.items():
        if place not in was:
            yield Edit("+", f"node {place}", ("node", place))
        elif was[place].component != node.component:
            yield Edit("~", f"{place} was a {was[place].component}, is a {node.component}", ("node", place))
        elif was[place].ports != node.ports:
            yield Edit("~", f"the ports of {node.component}", ("node", place))
        elif node.graph is None and _differ(_body(was[place], old), _body(node, new)):
            yield Edit("~", f"the code of {node.component}", ("node", place))
    yield from (Edit("-", f"node {place}") for place in was if place not in now)


def _edges(before: GraphInfo, after: GraphInfo) -> Iterator[Edit]:
    old, new = edge_names(before), edge_names(after)
    was = {old[path + edge.id]: edge for path, edge in edges_in(before)}
    for path, edge in edges_in(after):
        place = path + edge.id
        name = new[place]
        if name not in was:
            yield Edit("+", f"edge {name}", ("edge", place))
        elif was[name].capacity != edge.capacity:
            held = [("any number" if c is None else str(c)) for c in (was[name].capacity, edge.capacity)]
            yield Edit("~", f"edge {name} held {held[0]}, holds {held[1]}", ("edge", place))
    yield from (Edit("-", f"edge {name}") for name in was if name not in new.values())


def _ports(before: Graph, after: Graph) -> Iterator[Edit]:
    if before.graph.ports != after.graph.ports:
        yield Edit("~", "the ports of the graph")
    if before.given != after.given:
        yield Edit("~", "the inputs")


def _code(old: Sources, new: Sources) -> Iterator[Edit]:
    for path in sorted(new.keys() & old.keys()):
        name = Path(path).name
        was, now = _definitions(old[path]), _definitions(new[path])
        for helper in dict.fromkeys((*now, *was)):
            if was.get(helper) != now.get(helper):
                mark: Mark = "~" if helper in was and helper in now else "+" if helper in now else "-"
                yield Edit(mark, f"{name}: {helper or 'code outside of functions and classes'}")


def _body(node: NodeInfo, sources: Sources) -> str | None:
    """Return the definition of a node's component, without comments; None where it cannot be found."""
    text = sources.get(node.file or "")
    if text is None or node.line is None:
        return None
    definition = definition_at(text, node.line)
    return None if definition is None else ast.dump(definition)


def _definitions(text: str) -> dict[str, str]:
    """Return the functions and classes of a module by name; what stands outside of them has no name."""
    found: dict[str, str] = {}
    for one in definitions_in(text):
        name = one.name if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ""
        found[name] = found.get(name, "") + ast.dump(one)
    return found
