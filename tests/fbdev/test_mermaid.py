"""Graphs as mermaid flowcharts, to the letter; the seed page's own text is in test_seed_page."""

import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fbdev.comp.port import PortType
from fbdev.graph._utils.graph_spec_to_mermaid import graph_to_mermaid
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.mermaid import PlainMarkdown
from tests.fbdev.helpers import Forward, chain, component, ports

INPUT, CONFIG, SIGNAL, OUTPUT, MESSAGE = PortType
STYLES = """\
    classDef input fill:#13543e;
    classDef output fill:#0d1b59;
    classDef subgraph_zone fill:#000;
"""


async def _nothing(self: Any) -> None:
    pass


Every = component(
    "Every",
    _nothing,
    input="inp grp.deep",
    config="limit",
    signal="go",
    output="out",
    message="told started stopped",
)


def plain(*names: str) -> GraphSpec:
    """Return a graph of `Every`s, connected in a row."""
    graph = GraphSpec(ports(input="inp"), inherit_base_component_ports=False)
    nodes = [graph.add_node(Every, id=name) for name in names]
    graph.ports.input.inp >> nodes[0].ports.input.inp
    for left, right in itertools.pairwise(nodes):
        left.ports.output.out >> graph.add_edge(5) >> right.ports.input.grp.deep
    return graph


def test_shapes_arrows_and_classes() -> None:
    graph = plain("Every", "Every2", "Other")
    assert graph.to_mermaid("LR") == (
        """\
flowchart LR
    subgraph Every["Every[]"]
        Every__C__input.inp[inp]
        Every__C__input.grp.deep[grp.deep]
        Every__C__config.limit[(limit)]
        Every__C__signal.go>go]
        Every__C__output.out[out]
        Every__C__message.told[[told]]
        Every__C__message.started[[started]]
        Every__C__message.stopped[[stopped]]
    end
    subgraph Every2["Every[...2]"]
        Every2__C__input.inp[inp]
        Every2__C__input.grp.deep[grp.deep]
        Every2__C__config.limit[(limit)]
        Every2__C__signal.go>go]
        Every2__C__output.out[out]
        Every2__C__message.told[[told]]
        Every2__C__message.started[[started]]
        Every2__C__message.stopped[[stopped]]
    end
    subgraph Other["Every[Other]"]
        Other__C__input.inp[inp]
        Other__C__input.grp.deep[grp.deep]
        Other__C__config.limit[(limit)]
        Other__C__signal.go>go]
        Other__C__output.out[out]
        Other__C__message.told[[told]]
        Other__C__message.started[[started]]
        Other__C__message.stopped[[stopped]]
    end
    GRAPH__C__input.inp[inp]
    GRAPH__C__input.inp -.-> Every__C__input.inp
    Every__C__output.out -->|5| Every2__C__input.grp.deep
    Every2__C__output.out -->|5| Other__C__input.grp.deep
"""
        + STYLES
        + """\
    class Every__C__input.inp,Every__C__input.grp.deep,Every2__C__input.inp,Every2__C__input.grp.deep,\
Other__C__input.inp,Other__C__input.grp.deep,GRAPH__C__input.inp input;
    class Every__C__config.limit,Every2__C__config.limit,Other__C__config.limit config;
    class Every__C__signal.go,Every2__C__signal.go,Other__C__signal.go signal;
    class Every__C__output.out,Every2__C__output.out,Other__C__output.out output;
    class Every__C__message.told,Every__C__message.started,Every__C__message.stopped,Every2__C__message.told,\
Every2__C__message.started,Every2__C__message.stopped,Other__C__message.told,Other__C__message.started,\
Other__C__message.stopped message;"""
    )


def test_unconnected_ports_can_be_hidden() -> None:
    graph = GraphSpec(ports(input="inp", signal="free"), inherit_base_component_ports=False)
    graph.ports.input.inp >> graph.add_edge(1) >> graph.add_node(Every).ports.input.inp
    assert graph.to_mermaid(hide_unconnected_ports=True) == (
        """\
flowchart \n\
    subgraph Every["Every[]"]
        Every__C__input.inp[inp]
    end
    GRAPH__C__input.inp[inp]
    GRAPH__C__signal.free>free]
    GRAPH__C__input.inp -.->|1| Every__C__input.inp
"""
        + STYLES
        + """\
    class Every__C__input.inp,GRAPH__C__input.inp input;
    class GRAPH__C__signal.free signal;"""
    )


def shown(graph: GraphSpec, **options: Any) -> list[str]:
    lines = graph_to_mermaid(graph, **options).splitlines()
    return [line.strip() for line in lines if "__C__" in line and ">" not in line and "class" not in line]


def test_kinds_of_ports_can_be_hidden_where_nothing_is_connected() -> None:
    graph = plain("A", "B")
    graph.nodes["A"].ports.message.told >> graph.nodes["B"].ports.config.limit
    assert shown(graph, hide_port_types=[MESSAGE, CONFIG, SIGNAL]) == [
        "A__C__input.inp[inp]",
        "A__C__input.grp.deep[grp.deep]",
        "A__C__output.out[out]",
        "A__C__message.told[[told]]",
        "B__C__input.inp[inp]",
        "B__C__input.grp.deep[grp.deep]",
        "B__C__config.limit[(limit)]",
        "B__C__output.out[out]",
        "GRAPH__C__input.inp[inp]",
    ]


def nested(depth: int, expose: bool = True) -> GraphSpec:
    """Return a chain of one `Forward`, wrapped ``depth`` times in nodes called N1 (the innermost), N2, ..."""
    graph = chain(Forward)
    for level in range(1, depth + 1):
        graph = chain(GraphComponentFactory.create_component(graph, expose, f"N{level}"), maxsize=level)
    return graph


def test_a_graph_in_a_graph_is_drawn_inside() -> None:
    graph = GraphSpec(ports(input="inp"), inherit_base_component_ports=False)
    graph.ports.input.inp >> graph.add_node(GraphComponentFactory.create_component(chain(Forward)), id="Outer")
    assert graph.to_mermaid(hide_unconnected_ports=True) == (
        """\
flowchart \n\
    subgraph Outer["GraphComponent[Outer]"]
        Outer__C__input.inp[inp]
        Outer__C__output.out[out]
        subgraph Outer__PROP__children[" "]
            subgraph Outer__D__Forward["Forward[]"]
                Outer__D__Forward__C__input.inp[inp]
                Outer__D__Forward__C__output.out[out]
            end
        end
    end
    GRAPH__C__input.inp[inp]
    GRAPH__C__input.inp -.-> Outer__C__input.inp
    Outer__C__input.inp -.-> Outer__D__Forward__C__input.inp
    Outer__D__Forward__C__output.out -.-> Outer__C__output.out
"""
        + STYLES
        + """\
    class Outer__C__input.inp,Outer__D__Forward__C__input.inp,GRAPH__C__input.inp input;
    class Outer__C__output.out,Outer__D__Forward__C__output.out output;
    class Outer__PROP__children subgraph_zone;"""
    )


def test_five_graphs_in_each_other() -> None:
    lines = nested(5).to_mermaid().splitlines()
    inner = "N5__D__N4__D__N3__D__N2__D__N1__D__Forward"
    assert f'{"    " * 11}subgraph {inner}["Forward[]"]' in lines
    arrows = [line.strip() for line in lines if "-.->" in line or "-->" in line]
    assert arrows[0] == "GRAPH__C__input.inp -.->|5| N5__C__input.inp"
    assert arrows[-2] == f"N5__D__N4__D__N3__D__N2__D__N1__C__input.inp -.-> {inner}__C__input.inp"
    assert len(arrows) == 12


def test_a_graph_that_is_not_exposed_is_closed() -> None:
    text = nested(2, expose=False).to_mermaid()
    assert "__D__" not in text and "__PROP__" not in text.replace("subgraph_zone", "")


def test_fan_out_and_fan_in_are_lines_of_their_own() -> None:
    graph = GraphSpec(inherit_base_component_ports=False)
    a, b, c = (graph.add_node(Forward, id=name) for name in "ABC")
    a >> b >> c
    a >> graph.add_edge(2) >> c
    assert [line.strip() for line in graph.to_mermaid().splitlines() if "-->" in line] == [
        "A__C__output.out --> B__C__input.inp",
        "B__C__output.out --> C__C__input.inp",
        "A__C__output.out -->|2| C__C__input.inp",
    ]


def test_edges_with_a_free_end_are_not_drawn() -> None:
    graph = chain(Forward)
    graph.nodes["Forward"] >> graph.add_edge()
    assert graph.to_mermaid() == chain(Forward).to_mermaid()


def test_edges_at_the_graph_s_own_ports_come_first() -> None:
    graph = GraphSpec(ports(input="inp"), inherit_base_component_ports=False)
    a, b = graph.add_node(Forward, id="A"), graph.add_node(Forward, id="B")
    a >> b
    graph.ports.input.inp >> a
    assert [line.strip() for line in graph.to_mermaid().splitlines() if "->" in line] == [
        "GRAPH__C__input.inp -.-> A__C__input.inp",
        "A__C__output.out --> B__C__input.inp",
    ]


def test_the_text_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from tests.fbdev.test_mermaid import nested, plain; print(nested(3).to_mermaid(), plain('A').to_mermaid())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(texts) == 1 and "flowchart" in texts.pop()


def test_markdown_for_a_notebook() -> None:
    graph = chain(Forward)
    shown = graph.display_mermaid("TB", hide_unconnected_ports=True, hide_port_types=[MESSAGE])
    text = graph.to_mermaid("TB", True, [MESSAGE])
    assert shown.data == f"```mermaid\n{text}\n```"
    plain = PlainMarkdown(shown.data)
    assert plain.data == str(plain) == plain._repr_markdown_() == shown.data
