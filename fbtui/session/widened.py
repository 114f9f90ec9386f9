"""Capacities that were raised for a run: the graph with them, and where they are to be written in the source."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fbtui.protocol import Graph, GraphInfo
from fbtui.session.places import edge_at, ends_of
from fbtui.session.sources import texts_of
from fbtui.session.spec import Problem


def widened(graph: GraphInfo, capacities: Mapping[str, int], path: str = "") -> GraphInfo:
    """Return a graph whose edges hold at least what the run lets them hold.

    Args:
        graph: the graph of the source.
        capacities: what edges hold, by place.
        path: before the place of each of its edges.
    """
    edges = tuple(
        dataclasses.replace(edge, capacity=max(edge.capacity, capacities[path + edge.id]))
        if edge.capacity is not None and path + edge.id in capacities
        else edge
        for edge in graph.edges
    )
    nodes = tuple(
        dataclasses.replace(node, graph=widened(node.graph, capacities, f"{path}{node.id}/")) if node.graph else node
        for node in graph.nodes
    )
    return dataclasses.replace(graph, nodes=nodes, edges=edges)


def to_be_written(graph: Graph, capacities: Iterable[tuple[str, int]]) -> Iterator[Problem]:
    """Yield as a remark what to write for each edge that holds more than the source says.

    The line is known if one call of ``add_edge`` alone, in the program's files, gives the edge its id.

    Args:
        graph: the graph of the source as it is now.
        capacities: place of an edge, and what it holds.
    """
    for place, size in capacities:
        edge, _ = edge_at(graph.graph, place)
        if edge is None or edge.capacity is None or edge.capacity >= size:
            continue
        spots = list(_spots(graph, edge.id))
        file, line = spots[0] if len(spots) == 1 else (None, None)
        where = f" in {Path(file).name}:{line}" if file is not None else ", where the graph is made"
        name = ends_of(graph.graph, place)
        told = f"{name} holds {size} in this run alone: write maxsize={size} at the add_edge(...) of it{where}"
        yield Problem(told, file=file, line=line, level="remark")


def _spots(graph: Graph, edge_id: str) -> Iterator[tuple[str, int]]:
    for path, text in texts_of(graph.files).items():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and _names(call, edge_id):
                yield path, call.lineno


def _names(call: ast.Call, edge_id: str) -> bool:
    """Return whether a call makes the edge of an id."""
    given = (word.value for word in call.keywords if word.arg == "id")
    is_its = any(isinstance(value, ast.Constant) and value.value == edge_id for value in given)
    return is_its and isinstance(call.func, ast.Attribute) and call.func.attr == "add_edge"
