"""What is found wrong with a graph before it runs, as problems that lead to their places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from fbtui.protocol import GRAPH, Graph, GraphInfo, edge_name, edges_in, nodes_in
from fbtui.session.places import port_names
from fbtui.session.spec import Problem

LEVELS: Final[dict[str, Literal["error", "remark"]]] = {"error": "error"}
"""What cannot work is an error; a warning or a note may be meant so, and is a remark."""
TOLD: Final = 100
"""Findings that are told: of a graph with more the command line lists all."""


def problems_of_findings(graph: Graph) -> Iterator[Problem]:
    """Yield the findings of a graph, errors first."""
    if not graph.findings:
        return
    at = _places(graph.graph)
    found = sorted(graph.findings, key=lambda one: one.level != "error")
    for finding in found[:TOLD]:
        inner = finding.place.replace(f"/{GRAPH}.", ".")  # the port of a graph within is that of its node
        title = f"{finding.place}: {finding.sentence}"
        yield Problem(title, at=at.get(inner), level=LEVELS.get(finding.level, "remark"))
    if len(found) > TOLD:
        yield Problem(f"{len(found) - TOLD} more findings: 'fbtui check' lists them all", level="remark")


def _places(graph: GraphInfo) -> dict[str, tuple[str, str]]:
    """Return what can be selected, by the names that findings have for it."""
    places: dict[str, tuple[str, str]] = {}
    for path, edge in edges_in(graph):
        places[edge_name(edge, path)] = places[path + edge.id] = ("edge", path + edge.id)
    for place, name in port_names(graph).items():
        places[name] = places[place] = ("port", place)
    return places | {node: ("node", node) for node, _ in nodes_in(graph)}
