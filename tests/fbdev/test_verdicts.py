"""What a blocked net is said to wait for, in odd nets: ended nodes, graphs, processes."""

import asyncio
from typing import Any

import pytest

from fbdev import BlockedNetError, Stream
from fbdev.comp.base_component import BaseComponent
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor
from tests.fbdev import remote_components as there
from tests.fbdev.helpers import Failing, Forward, Idle, chain, component, ports, run
from tests.fbdev.long_runs import inside


async def _take_one(self: Any) -> None:
    await self.ports.input.inp.get()


async def _stop_itself(self: Any) -> None:
    await self.ports.input.inp.get()
    await self.stop()


TakesOne = component("TakesOne", _take_one, input="inp", output="out")
StopsItself = component("StopsItself", _stop_itself, input="inp", output="out")


class HasNoTask(BaseComponent):
    port_specs = ports(input="inp", output="out")


class NeverStarts(BaseComponent):
    port_specs = ports(input="inp", output="out")

    async def _post_start(self) -> None:
        await asyncio.Event().wait()


def hollow(*, enters: bool, leaves: bool) -> type[BaseComponent]:
    """Return a graph that its input does not lead into, or nothing leads out of."""
    graph = GraphSpec(ports(input="inp", output="out"))
    node = graph.add_node(Forward)
    if enters:
        graph.ports.input.inp >> node
    if leaves:
        node >> graph.ports.output.out
    return GraphComponentFactory.create_component(graph, component_name="Hollow")


def verdict(graph: GraphSpec, *args: Any, on_error: Any = "stop") -> str:
    """Return why a batch is blocked."""
    with pytest.raises(BlockedNetError) as caught:
        run(BatchExecutor.from_graph(graph, on_error=on_error).astart(*args))
    return str(caught.value)


FULL = "GRAPH waits to send inp (1/1 full) <- "
EMPTY = "GRAPH waits for out (empty) <- "


@pytest.mark.parametrize("kind", [TakesOne, StopsItself, HasNoTask])
def test_a_node_that_has_ended_is_never_said_to_wait(kind: Any) -> None:
    name = kind.__name__
    assert verdict(chain(kind, maxsize=1), Stream(range(5))) == f"starved: {FULL}{name}, which has ended"
    assert verdict(chain(kind), Stream(range(5))) == f"starved: {name} has ended and takes nothing more"
    assert verdict(chain(kind), 1) == f"starved: {EMPTY}{name}, which sends nothing more"


@pytest.mark.parametrize("maxsize", [1, None])
def test_input_that_nobody_takes_inside_a_graph_is_no_less_blocked(maxsize: int | None) -> None:
    taken = chain(inside(TakesOne, 2), maxsize=maxsize)
    ended = "GraphComponent/GraphComponent/TakesOne has ended and takes nothing more"
    assert verdict(taken, Stream(range(5))) == f"starved: {ended}"
    waits = "GraphComponent/Idle waits inside, for something that is no port"
    assert verdict(chain(inside(Idle, 1)), Stream(range(5))) == f"inside: {waits}"


def test_who_has_ended_first_is_found_inside_graphs() -> None:
    graph = chain(inside(TakesOne, 2), Forward)
    first = "GraphComponent/GraphComponent/TakesOne, which sends nothing more"
    assert verdict(graph, 1) == f"starved: {EMPTY}Forward <- {first}"


def test_a_node_that_an_error_has_ended_is_said_to_have_failed() -> None:
    graph = chain(inside(Failing, 1), Forward)
    failed = "GraphComponent/Failing, which an error has ended"
    assert verdict(graph, 1, on_error="continue") == f"starved: {EMPTY}Forward <- {failed}"


def test_a_node_that_never_starts_is_said_to_wait_in_its_start() -> None:
    waits = "NeverStarts has not started: it waits inside, for something that is no port"
    assert verdict(chain(NeverStarts), 1) == f"inside: {EMPTY}{waits}"
    assert verdict(chain(NeverStarts), Stream([])) == f"inside: {waits}"
    assert verdict(chain(inside(NeverStarts, 1)), Stream([])) == f"inside: GraphComponent/{waits}"


def test_a_graph_that_leads_nowhere_inside_is_said_to_do_so() -> None:
    closed, open_out, open_in = hollow(enters=False, leaves=False), hollow(enters=False, leaves=True), True
    assert verdict(chain(closed, maxsize=1), Stream(range(5))) == (
        f"unconnected: {FULL}Hollow.inp, which leads nowhere inside"
    )
    assert verdict(chain(closed), 1) == f"unconnected: {EMPTY}Hollow.out, to which nothing leads inside"
    assert verdict(chain(closed), Stream([1])) == "unconnected: Hollow takes nothing: its port leads nowhere inside"
    assert verdict(chain(open_out), 1) == f"unconnected: {EMPTY}Hollow/Forward waits for inp (nothing leads there)"
    out = hollow(enters=open_in, leaves=False)
    assert verdict(chain(out), 1) == "unconnected: Hollow/Forward waits to send out (nobody takes it)"


def test_nodes_in_processes_of_their_own() -> None:
    took_one = there.around(there.TakeOne, maxsize=1)
    assert verdict(took_one, Stream(range(5))) == f"starved: {FULL}TakeOne, which has ended"
    in_graph = there.around(there.Told)
    assert verdict(in_graph, "wait_inside") == f"inside: {EMPTY}Told waits inside, in its own process"
