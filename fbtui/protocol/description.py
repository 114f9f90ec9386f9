"""The graph as plain data: what the target tells of it and what the diagram draws."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

GRAPH: Final = "GRAPH"
"""The place that stands for the top graph's own border: external puts and gets happen there."""

PortKind = Literal["input", "config", "signal", "output", "message"]


@dataclass(frozen=True, slots=True)
class PortInfo:
    """A port of a node or of a graph: its kind, its name and, for people, its dtype."""

    kind: PortKind
    name: str
    dtype: str | None = None
    required: bool = False
    """True for an input, and for a config port with neither default nor optional: it needs a value."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of an edge: a port of a node, or of the enclosing graph (``node == "GRAPH"``)."""

    node: str
    kind: PortKind
    port: str


@dataclass(frozen=True, slots=True)
class EdgeInfo:
    """An edge between two ports; ``tail`` or ``head`` is None while that end is free."""

    id: str
    tail: End | None
    head: End | None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """A node of a graph. ``id`` is its own name inside that graph, not the path."""

    id: str
    component: str
    ports: tuple[PortInfo, ...]
    file: str | None = None
    line: int | None = None
    graph: GraphInfo | None = None


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """A graph as plain data: its own ports, its nodes and its edges, each in order of declaration."""

    ports: tuple[PortInfo, ...]
    nodes: tuple[NodeInfo, ...]
    edges: tuple[EdgeInfo, ...]


@dataclass(frozen=True, slots=True)
class FindingInfo:
    """Something that is, or may be, wrong with a graph, at a place in it."""

    code: str
    level: Literal["error", "warning", "note"]
    place: str
    sentence: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A local file that a run was made of: its absolute path, and the digest of what was read (empty: nothing)."""

    path: str
    digest: str


def digest(content: bytes) -> str:
    """Return the digest by which contents of files are compared."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()
