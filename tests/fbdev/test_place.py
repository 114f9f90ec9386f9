"""Places of nodes, said from outside the graph; no engine is needed for that."""

import sys
from typing import Any

import pytest

from fbdev import place
from fbdev.concurrent.engine import EngineNode, OnEngine
from fbdev.concurrent.places_file import places_of
from fbdev.concurrent.remote import ProxyNode, RemoteNodeError
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.graph.net import Node
from fbdev.runtime import BatchExecutor
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import ports, run
from tests.fbdev.remote_components import around


def nested() -> GraphSpec:
    """Return a graph with a graph in it: Double beside Outer, which holds a PassOn."""
    outer = GraphComponentFactory.create_component(around(there.PassOn, node_type=Node), component_name="Outer")
    graph = GraphSpec(ports(input="inp", output="out"))
    graph.ports.input.inp >> graph.add_node(there.Double) >> graph.add_node(outer) >> graph.ports.output.out
    return graph


@pytest.mark.parametrize("address", ["Outer/PassOn", "TOP->Outer->PassOn"])
def test_a_node_is_placed_by_its_address_and_the_graph_stays(address: str) -> None:
    graph = nested()
    placed = place(graph, {"Double": ProxyNode, address: ProxyNode})
    inner = placed.nodes["Outer"].subgraph
    assert inner is not None
    assert placed.nodes["Double"].node_type is ProxyNode and inner.nodes["PassOn"].node_type is ProxyNode
    assert graph.nodes["Double"].node_type is Node and "Outer" in graph.nodes
    assert run(BatchExecutor.from_graph(placed).astart(4)) == run(BatchExecutor.from_graph(graph).astart(4))
    assert place(placed, {"Double": None}).nodes["Double"].node_type is Node


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ({"Treble": ProxyNode}, "the graph has no node 'Treble': its nodes are Double, Outer"),
        ({"Outer/X": ProxyNode}, "Outer has no node 'X': its nodes are PassOn"),
        ({"Double/X": ProxyNode}, "Double is no graph"),
        ({"Outer": ProxyNode, "Outer/PassOn": ProxyNode}, "Outer runs elsewhere as a whole"),
    ],
)
def test_a_place_for_no_node_is_told(places: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        place(nested(), places)


def test_a_placement_is_data_of_the_graph() -> None:
    graph = around(there.Double, node_type=OnEngine({"cpus": 2}, on_death="restart"))
    again = GraphSpec.from_dict(graph.to_dict()).nodes["Double"]
    assert again.node_type is EngineNode
    assert again.node_args == graph.nodes["Double"].node_args
    assert again.node_args["resources"] == {"cpus": 2}


def test_a_file_says_places() -> None:
    text = """
    address = "10.0.0.1:6379"
    [nodes.Train]
    on = "engine"
    resources = { cpus = 4, gpus = 1 }
    on_death = "restart"
    [nodes."Outer/Load"]
    on = "process"
    [nodes.Show]
    on = "here"
    """
    found: Any = places_of(text)
    assert (found["Outer/Load"], found["Show"]) == (ProxyNode, None)
    wanted = OnEngine({"cpus": 4, "gpus": 1}, address="10.0.0.1:6379", on_death="restart")
    assert found["Train"].node_args == wanted.node_args


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[nodes.A]\non = 'moon'", "nodes.A: on is one of here, process, engine, not 'moon'"),
        ("[nodes.A]\non = 'process'\ncpus = 4", "nodes.A: cpus: only a node on the engine has such a thing"),
        ("[nodes.A]\non = 'engine'\ncpus = 4", "nodes.A: cpus: it has resources, address, on_death, patience"),
        ("[nodes.A]\non = 'engine'\nresources = { cpus = -1 }", "nodes.A: a node asks for a number of cpus"),
        ("[nodes.A]\non = 'engine'\nresources = 4", "nodes.A: resources is a table, not 4"),
        ("[nodes.A]\non = 'engine'\non_death = 'weep'", "on_death is 'fail' or 'restart', not 'weep'"),
        ("[places.A]\non = 'here'", "a table"),
        ("nodes = ", "Invalid value"),
    ],
)
def test_a_file_that_says_something_else_is_told(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        places_of(text)


def test_a_missing_engine_is_told_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RemoteNodeError) as caught:
        run(BatchExecutor.from_graph(around(there.Double, node_type=OnEngine())).astart(1))
    assert str(caught.value) == (
        "TOP->Double (Double), on the engine, could not be started: nodes on other machines need Ray,"
        " which is not installed: pip install 'fbtui[ray]'"
    )


def test_a_graph_that_is_to_begin_again_is_refused() -> None:
    kind = GraphComponentFactory.create_component(around(there.PassOn, node_type=Node), component_name="Outer")
    kind.set_module(__name__)
    globals()["Outer"] = kind
    with pytest.raises(RemoteNodeError, match="is a graph, which cannot begin again where it was"):
        run(BatchExecutor.from_graph(around(kind, node_type=OnEngine(on_death="restart"))).astart(1))
