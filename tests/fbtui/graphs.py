"""Graphs to draw: seeded random ones, the hard cases, and the corpus of real pipelines beside this file."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from fbtui.protocol import GRAPH, EdgeInfo, End, GraphInfo, NodeInfo, PortInfo, PortKind

CORPUS = Path(__file__).parent / "corpus"
SIZES = (25, 200, 1000)
KINDS: tuple[PortKind, ...] = ("input", "config", "signal", "output", "message")


class Draft:
    """A graph that grows edge by edge: ports and nodes come into being when they are first named."""

    def __init__(self) -> None:
        self.ports: dict[PortInfo, None] = {}
        self.nodes: dict[str, Draft] = {}
        self.edges: list[EdgeInfo] = []
        self.is_graph = False

    def node(self, name: str) -> Draft:
        return self.nodes.setdefault(name, Draft())

    def port(self, kind: PortKind, name: str) -> None:
        self.ports[PortInfo(kind, name, required=kind == "input")] = None

    def join(self, tail: End, head: End, capacity: int | None = None) -> None:
        for end in (tail, head):
            (self if end.node == GRAPH else self.node(end.node)).port(end.kind, end.port)
        self.is_graph = True
        self.edges.append(EdgeInfo(f"edge{len(self.edges)}", tail, head, capacity))

    def done(self) -> GraphInfo:
        nodes = []
        for name, node in self.nodes.items():
            inner = node.done() if node.is_graph else None
            nodes.append(NodeInfo(name, "C", inner.ports if inner else _sorted(node.ports), graph=inner))
        return GraphInfo(_sorted(self.ports), tuple(nodes), tuple(self.edges))


def _sorted(ports: dict[PortInfo, None]) -> tuple[PortInfo, ...]:
    return tuple(sorted(ports, key=lambda port: KINDS.index(port.kind)))


def parse(text: str) -> GraphInfo:
    """Return the graph of lines as ``A.out -> B.inp``, ``Outer/A.message.done -> Outer/B.config.path``.

    ``GRAPH.x`` is a port of the graph, ``Outer/GRAPH.x`` one of the graph inside ``Outer``. A line with a name alone
    declares a node. ``#`` begins a remark.
    """
    top = Draft()
    for line in text.splitlines():
        words = line.split("#")[0].split(" -> ")
        if not words[0].strip():
            continue
        *outer, tail = words[0].strip().split("/")
        graph = top
        for name in outer:
            graph = graph.node(name)
        if len(words) == 1:
            graph.node(tail)
            continue
        head = words[1].strip().split("/")[-1]
        graph.join(_end(tail, "output"), _end(head, "input"))
    return top.done()


def _end(text: str, usual: PortKind) -> End:
    node, *kind, port = text.split(".")
    if node == GRAPH and not kind:
        usual = "input" if usual == "output" else "output"
    return End(node, kind[0] if kind else usual, port)  # type: ignore[arg-type]


def corpus() -> dict[str, GraphInfo]:
    """Return the graphs of real pipelines, by name."""
    return {path.stem: parse(path.read_text(encoding="utf-8")) for path in sorted(CORPUS.glob("*.txt"))}


def reference(size: int, seed: int = 1) -> GraphInfo:
    """Return a random graph in layers: about 1.5 edges a node, most of them to a near node of the next layer, and
    3 % of them backwards."""
    rng = random.Random(f"{size}/{seed}")
    columns = round(1.4 * size**0.5)
    layers: list[list[str]] = [[] for _ in range(columns)]
    draft = Draft()
    for number in range(size):
        layers[number * columns // size].append(f"N{number}")
        draft.node(f"N{number}")
    spread = max(1.0, size / columns * 0.12)

    def near(column: int, at: float) -> str:
        layer = layers[column]
        return layer[min(len(layer) - 1, max(0, round(at * len(layer) + rng.gauss(0, spread))))]

    for number in range(round(1.5 * size)):
        tail = number if number < size else rng.randrange(size)
        column = tail * columns // size
        at = layers[column].index(f"N{tail}") / len(layers[column])
        if rng.random() < 0.03 and column:
            head = near(max(0, column - rng.choice((1, 2, 3))), at)
        elif column < columns - 1:
            head = near(min(columns - 1, column + rng.choices((1, 2, 3), (7, 2, 1))[0]), at)
        else:
            continue
        out = End(f"N{tail}", "output", rng.choice(("out", "out", "rest")))
        draft.join(out, End(head, "input", rng.choice(("inp", "other", "more"))))
    return draft.done()


def hard_cases() -> dict[str, GraphInfo]:
    """Return what makes layouts slow or ugly, by name."""
    cases = {}
    star = [f"S{i}.out -> Hub.inp" for i in range(150)] + [f"Hub.out -> T{i}.inp" for i in range(150)]
    cases["star of 300"] = parse("\n".join(star))
    cases["bipartite 20x20"] = parse("\n".join(f"A{i}.o -> B{k}.i{i}" for i in range(20) for k in range(20)))
    cases["shuffle 12x4"] = parse("\n".join(f"Map{i}.o{k} -> Reduce{k}.i" for i in range(12) for k in range(4)))
    chain = [f"C{i}.out -> C{i + 1}.inp" for i in range(999)]
    cases["chain of 1000"] = parse("\n".join([*chain, *(f"C{i}.back -> C{i - 7}.again" for i in range(9, 999, 90))]))
    rng = random.Random(7)
    pairs = [(rng.randrange(300), rng.randrange(300)) for _ in range(600)]
    cases["random digraph 300/600"] = parse("\n".join(f"N{a}.o -> N{b}.i" for a, b in pairs))
    cases["self-loops"] = parse("\n".join(f"L{i}.o{k} -> L{i}.i{k}" for i in range(6) for k in range(i + 1)))
    cases["parallel edges"] = parse("\n".join(f"A.o{i % 3} -> B.i{i % 4}" for i in range(12)))
    pieces = [f"P{i}a.out -> P{i}b.inp\nP{i}b.out -> P{i}c.inp" for i in range(12)]
    cases["components"] = parse("\n".join(pieces))
    cases["unconnected nodes"] = parse("\n".join(f"Alone{i}" for i in range(60)))
    names = ["a" * 60, "b" * 60, "宽字符处理节点", "e\u0301te\u0301 combine\u0301", "ＷＩＤＥ"]
    cases["long and wide names"] = parse(
        "\n".join(f"{a}.出力 -> {b}.in\u0301" for a in names for b in names if a < b)
    )
    cases["node of 40 ports"] = parse(
        "\n".join(f"S{i % 5}.o{i} -> Big.i{i}\nBig.o{i} -> T{i % 4}.i{i}" for i in range(20))
    )
    return cases


NAMES = ("A", "parse", "x" * 45, "宽字符", "e\u0301te\u0301", "Tee-off", "n o d e", "Ｗ")


def any_graph(rng: random.Random, most: int = 9, depth: int = 2) -> GraphInfo:
    """Return any graph: cycles, self-loops, parallel edges, fan-in and fan-out, free ports and free edges, several
    pieces, all kinds of ports, graphs in it, names of any width."""
    nodes = []
    for number in range(rng.randint(0 if depth < 2 else 1, most)):
        name = f"{rng.choice(NAMES)}{number}"
        if depth and rng.random() < 0.25:
            inner = any_graph(rng, most // 2, depth - 1)
            nodes.append(NodeInfo(name, "G", inner.ports, graph=inner))
        else:
            nodes.append(NodeInfo(name, "C", _any_ports(rng, 3)))
    own = _any_ports(rng, 2)
    tails = [End(n.id, p.kind, p.name) for n in nodes for p in n.ports if p.kind in {"output", "message"}]
    tails += [End(GRAPH, p.kind, p.name) for p in own if p.kind not in {"output", "message"}]
    heads = [End(n.id, p.kind, p.name) for n in nodes for p in n.ports if p.kind not in {"output", "message"}]
    heads += [End(GRAPH, p.kind, p.name) for p in own if p.kind in {"output", "message"}]
    edges = []
    if tails and heads:
        if rng.random() < 0.2:
            heads = heads[:2]  # a crowd
        for number in range(rng.choice((0, 3, 8, 16, 24))):
            ends = rng.choice(tails), rng.choice(heads)
            free = rng.random()
            tail, head = None if free < 0.02 else ends[0], None if 0.02 <= free < 0.04 else ends[1]
            edges.append(EdgeInfo(f"edge{number}", tail, head, rng.choice((None, None, 1, 8, 1000))))
    return GraphInfo(own, tuple(nodes), tuple(edges))


def _any_ports(rng: random.Random, most: int) -> tuple[PortInfo, ...]:
    ports = [PortInfo("input", f"i{k}", required=True) for k in range(rng.randint(0, most))]
    ports += [PortInfo("config", "路径", required=rng.random() < 0.5)] * rng.randint(0, 1)
    ports += [PortInfo("signal", "go")] * rng.randint(0, 1)
    ports += [PortInfo("output", f"o{k}") for k in range(rng.randint(0, most))]
    return (*ports, *[PortInfo("message", "done")] * rng.randint(0, 1))


EDITS = ("edge less", "edge more", "node less", "node between", "new ports", "new name", "new capacity")


def edited(graph: GraphInfo, rng: random.Random, what: str = "") -> GraphInfo:
    """Return a graph after one edit, one of ``EDITS``."""
    what = what or rng.choice(EDITS)
    nodes, edges = list(graph.nodes), list(graph.edges)
    at = rng.randrange(len(nodes if what in {"node less", "new name"} else edges))
    if what == "edge less":
        edges.pop(at)
    elif what == "edge more":
        edges.append(EdgeInfo(f"more{rng.random()}", edges[at].tail, rng.choice(edges).head))
    elif what == "node less":
        gone = nodes.pop(at).id
        edges = [
            edge for edge in edges if gone not in {end.node for end in (edge.tail, edge.head) if end is not None}
        ]
    elif what == "node between":
        edge = edges.pop(at)
        new = f"New{rng.randrange(10**6)}"
        nodes.append(NodeInfo(new, "C", (PortInfo("input", "inp"), PortInfo("output", "out"))))
        edges.append(EdgeInfo(f"to {new}", edge.tail, End(new, "input", "inp")))
        edges.append(EdgeInfo(f"from {new}", End(new, "output", "out"), edge.head))
    elif what == "new ports":
        plain = [number for number, node in enumerate(nodes) if node.graph is None]
        tail, head, port = rng.choice(plain), rng.choice(plain), f"fresh{rng.randrange(10**6)}"
        nodes[tail] = replace(nodes[tail], ports=(*nodes[tail].ports, PortInfo("output", port)))
        nodes[head] = replace(nodes[head], ports=(PortInfo("input", port, required=True), *nodes[head].ports))
        ends = End(nodes[tail].id, "output", port), End(nodes[head].id, "input", port)
        edges.append(EdgeInfo(port, *ends))
    elif what == "new name":
        return renamed(graph, nodes[at].id, f"{rng.choice(NAMES)}{rng.randrange(10**6)}")
    else:
        edges[at] = replace(edges[at], capacity=rng.choice((1, 8, 1000)))
    return replace(graph, nodes=tuple(nodes), edges=tuple(edges))


def renamed(graph: GraphInfo, old: str, new: str) -> GraphInfo:
    """Return a graph one node of which has another name."""
    nodes = tuple(replace(node, id=new) if node.id == old else node for node in graph.nodes)
    edges = (replace(e, tail=_renamed(e.tail, old, new), head=_renamed(e.head, old, new)) for e in graph.edges)
    return replace(graph, nodes=nodes, edges=tuple(edges))


def _renamed(end: End | None, old: str, new: str) -> End | None:
    return End(new, end.kind, end.port) if end is not None and end.node == old else end
