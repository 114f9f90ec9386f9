"""The defects of the public library in its nets and edges, each with a test that would show it."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from fbdev.comp.packet import Packet
from fbdev.comp.port import PortSpec, PortType
from fbdev.graph.graph_component import GraphComponentFactory
from fbdev.graph.graph_spec import GraphSpec, NodeSpec
from fbdev.graph.net import Edge, Node, NodePort, get_location_uuid, lookup_location_uuid
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import Forward, chain, component, ports, run

INPUT, CONFIG, SIGNAL, OUTPUT, MESSAGE = PortType


async def _idle(self: Any) -> None:
    await asyncio.get_running_loop().create_future()


Passive = component("Passive", _idle, input="inp", output="out")


def net(graph: GraphSpec) -> Node:
    return Node(NodeSpec(GraphComponentFactory.create_component(graph)))


def nested(depth: int) -> GraphSpec:
    """Return a chain of one `Forward` in a node N1, that in a node N2, and so on."""
    graph = chain(Forward)
    for level in range(1, depth + 1):
        graph = chain(GraphComponentFactory.create_component(graph, component_name=f"N{level}"))
    return graph


# ----------------------------------------------------------------------------------- 7: addresses


def test_bug_7_everything_is_found_by_its_address_at_any_depth() -> None:
    top = net(nested(5))
    for node in top.walk():
        assert top.get_child_by_address(node.address) is node
        for port in node.ports.iter_ports():
            assert top.get_child_by_address(port.address) is port
    for edge in top.all_edges():
        assert top.get_child_by_address(edge.address) is edge
    deepest = top.get_child_by_address("TOP->N5->N4->N3->N2->N1->Forward:input.inp")
    assert isinstance(deepest, NodePort) and deepest.id == (INPUT, "inp")


def test_bug_7_an_address_is_relative_to_the_node_that_is_asked() -> None:
    top = net(nested(2))
    outer = top.nodes["N2"]
    inner = outer.nodes["N1"]
    assert outer.get_child_by_address("N2->N1") is outer.get_child_by_address("->N1") is inner
    assert outer.get_child_by_address("N2|edge0") is outer.get_child_by_address("|edge0") is outer.edges["edge0"]
    assert inner.get_child_by_address(":output.out") is inner.ports.output.out
    assert inner.get_child_by_address("") is inner


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("TOP->Nobody", "TOP has no node 'Nobody': there are N1"),
        ("TOP->N1->Forward->X", "TOP->N1->Forward is no net"),
        ("TOP|edge9", "TOP has no edge 'edge9': there are edge0, edge1"),
        ("TOP->N1->Forward|edge0", "TOP->N1->Forward is no net"),
        ("TOP->N1:input.nothing", "no port 'input.nothing': there are input.inp"),
        ("TOP->N1:in.inp", "No port type 'in'"),
        ("N1", "here it begins with 'TOP', or with nothing"),
    ],
)
def test_bug_7_an_address_of_nothing_is_told(address: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        net(nested(1)).get_child_by_address(address)
    assert str(caught.value).startswith(f"There is nothing at the address '{address}': ")
    assert why in str(caught.value)


# ------------------------------------------------------------------------------------- 19: freeing


def test_bug_19_a_net_that_nobody_holds_is_freed_with_what_is_on_its_edges() -> None:
    class Payload:
        pass

    async def main() -> list[weakref.ref[Any]]:
        top = net(nested(2))
        payload = Payload()
        await top.start()
        await top.ports.input.inp.put(Packet(payload))
        edges = list(top.all_edges())
        known = [get_location_uuid(place) for place in (*top.walk(), *edges)]
        assert [lookup_location_uuid(one) for one in known] == [*top.walk(), *edges]
        await top.stop()
        return [weakref.ref(one) for one in (payload, *top.walk(), *edges)]

    refs = run(main())
    gc.collect()
    assert [ref() for ref in refs] == [None] * len(refs)


def test_bug_19_locations_are_stable_and_lead_nowhere_when_the_net_is_gone() -> None:
    top = net(chain(Forward))
    child, edge = top.nodes["Forward"], top.edges["edge0"]
    places = {place.loc_uuid for place in (top, child, edge)}
    assert len(places) == 3 and {len(uuid) for uuid in places} == {32}
    assert child.loc_uuid == get_location_uuid(child) and lookup_location_uuid(child.loc_uuid) is child
    gone = edge.loc_uuid
    del top, child, edge
    gc.collect()
    with pytest.raises(KeyError, match="or it is gone"):
        lookup_location_uuid(gone)


# ------------------------------------------------------------------------- 26 to 29: edges' states


async def filled(maxsize: int | None) -> tuple[Node, Edge, int]:
    """Return a started net, its first edge, and how many packets it took before a put had to wait."""
    top = net(chain(Passive, maxsize=maxsize))
    await top.start()
    taken = 0
    for number in range(20):
        put = asyncio.ensure_future(top.ports.input.inp.put(Packet(number)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        if not put.done():
            put.cancel()
            await asyncio.gather(put, return_exceptions=True)
            break
        taken += 1
    return top, top.edges["edge0"], taken


@pytest.mark.parametrize("maxsize", [1, 3])
def test_bug_26_an_edge_s_states_tell_the_truth(maxsize: int) -> None:
    async def main() -> None:
        fresh = net(chain(Passive, maxsize=maxsize))
        assert not fresh.edges["edge0"].states.running.get()
        top, edge, _ = await filled(maxsize)
        assert str(edge.states) == "StateCollection: running=True, full=True, empty=False"
        head = top.nodes["Passive"].ports.input.inp.inner
        for _ in range(maxsize):
            await head._get()
        assert str(edge.states) == "StateCollection: running=True, full=False, empty=True"
        await top.stop()
        assert not edge.states.running.get()

    run(main())


def test_bug_26_an_edge_s_states_can_be_waited_for() -> None:
    async def main() -> list[str]:
        told: list[str] = []

        async def wait(name: str, value: bool) -> None:
            await edge.states[name].wait(value)
            told.append(f"{name}={value}")

        top = net(chain(Passive, maxsize=1))
        edge = top.edges["edge0"]
        waits = [("running", True), ("full", True), ("empty", False), ("running", False)]
        tasks = [asyncio.ensure_future(wait(name, value)) for name, value in waits[:3]]
        await asyncio.sleep(0)
        await top.start()
        tasks.append(asyncio.ensure_future(wait(*waits[3])))
        await asyncio.sleep(0)
        assert told == ["running=True"]
        await top.ports.input.inp.put(Packet(1))
        await asyncio.gather(*tasks[:3])
        await top.stop()
        await asyncio.gather(*tasks)
        return told

    assert run(main()) == ["running=True", "full=True", "empty=False", "running=False"]


@pytest.mark.parametrize("maxsize", [1, 2, 5])
def test_bug_27_an_edge_takes_exactly_its_maxsize(maxsize: int) -> None:
    async def main() -> int:
        top, edge, taken = await filled(maxsize)
        assert len(edge.packets) == taken
        await top.stop()
        return taken

    assert run(main()) == maxsize


@pytest.mark.parametrize(("maxsize", "text"), [(3, "<Edge TOP|edge0 3/3>"), (None, "<Edge TOP|edge0 20>")])
def test_bug_28_an_edge_has_a_repr(maxsize: int | None, text: str) -> None:
    async def main() -> str:
        top, edge, _ = await filled(maxsize)
        await top.stop()
        return repr(edge)

    assert run(main()) == text


def test_bug_29_a_net_with_free_ended_edges_stops() -> None:
    async def main() -> None:
        graph = chain(Forward)
        graph.add_edge(maxsize=2, id="loose")
        graph.nodes["Forward"] >> graph.add_edge(id="nowhere")
        graph.add_edge(id="fromnowhere") >> graph.nodes["Forward"]
        top = net(graph)
        await top.start()
        for edge in top.all_edges():
            assert "TOP|" in repr(edge) and edge.states.empty.get()
        loose, nowhere, start = (top.edges[name] for name in ("loose", "nowhere", "fromnowhere"))
        assert loose.tail is loose.head is loose.tail_port is loose.head_port is None
        assert not loose.tail_is_connected and not loose.head_is_connected
        assert nowhere.tail is top.nodes["Forward"] and not nowhere.head_is_connected
        assert start.head_port is top.nodes["Forward"].ports.input.inp and not start.tail_is_connected
        await top.stop()

    run(main())


# --------------------------------------------------------------------------------- 30: fan-out


def test_bug_30_fan_out_gives_every_edge_its_own_packet_of_one_payload() -> None:
    payload = object()

    async def main() -> tuple[list[Any], int]:
        graph = GraphSpec(ports(input="inp", output="left right"))
        first = graph.add_node(Forward)
        graph.ports.input.inp >> first
        for name in ("left", "right"):
            first >> graph.add_node(Forward, id=name) >> graph.ports.output[name]
        top = net(graph)
        await top.start()
        out = top.nodes["Forward"].ports.output.out
        assert out.edges == tuple(top.edges[name] for name in ("edge1", "edge3"))
        await top.ports.input.inp.put(Packet(payload))
        packets = [await top.ports.output[name].get() for name in ("left", "right")]
        await top.stop()
        return [await packet.consume() for packet in packets], len({packet.uuid for packet in packets})

    payloads, different = run(main())
    assert payloads == [payload, payload] and different == 2


def test_bug_30_fan_in_takes_in_the_order_of_arrival() -> None:
    async def main() -> list[Any]:
        graph = GraphSpec(ports(input="a b", output="out"))
        join = graph.add_node(Passive)
        graph.ports.input.a >> join
        graph.ports.input.b >> join
        top = net(graph)
        assert top.nodes["Passive"].ports.input.inp.edges == (top.edges["edge0"], top.edges["edge1"])
        for number, name in enumerate("abba"):
            await top.ports.input[name].put(Packet(number))
        head = top.nodes["Passive"].ports.input.inp.inner
        return [await head._get_and_consume() for _ in range(4)]

    assert run(main()) == [0, 1, 2, 3]


# ----------------------------------------------------------------------- 32, 34: messages and ports


def test_bug_32_a_graph_of_one_component_starts_once() -> None:
    async def main() -> int:
        node = BatchExecutor.from_component(Passive)._node
        messages = 0

        async def count() -> None:
            nonlocal messages
            while True:
                await node.await_message("started")
                messages += 1

        counting = asyncio.ensure_future(count())
        await node.start()
        for _ in range(5):
            await asyncio.sleep(0)
        counting.cancel()
        await asyncio.gather(counting, return_exceptions=True)
        await node.stop()
        return messages

    assert run(main()) == 1


def test_bug_34_a_port_knows_its_address_and_its_side() -> None:
    top = net(chain(Forward))
    inp, out = top.ports.input.inp, top.nodes["Forward"].ports.output.out
    assert inp.address == repr(inp) == "TOP:input.inp"
    assert out.address == repr(out) == "TOP->Forward:output.out"
    assert (inp.is_input_port, inp.is_output_port) == (True, False)
    assert (out.is_input_port, out.is_output_port) == (False, True)


def test_bug_34_a_port_can_do_what_its_side_does() -> None:
    top = net(chain(Forward))
    for port in top.ports.iter_ports():
        can = {name for name in ("put", "put_value", "get", "get_and_consume") if hasattr(port, name)}
        assert can == ({"put", "put_value"} if port.is_input_port else {"get", "get_and_consume"})


# ------------------------------------------------------------------------------------ 44: emptiness


def test_bug_44_an_empty_packet_s_dtype_is_a_class() -> None:
    assert isinstance(Packet.get_empty().dtype, type)


def test_bug_45_a_default_goes_through_a_graph_s_port() -> None:
    async def tell(self: Any) -> None:
        await self.ports.output.out.put_value(self.config.limit)

    kind = component("Limited", tell, output="out")
    specs = kind.port_specs.copy()
    specs.add_port(PortSpec(CONFIG, "limit", dtype=int, default=7))
    limited = type("Limited", (kind,), {"port_specs": specs})
    graph = GraphSpec()
    graph.add_node(limited)
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    assert BatchExecutor.from_graph(graph).start() == {"out": 7}
    assert BatchExecutor.from_graph(graph).start(config={"limit": 8}) == {"out": 8}


def test_a_config_port_of_a_graph_that_nothing_takes_inside_is_its_own() -> None:
    graph = chain(Forward)
    graph.add_graph_port(PortSpec(CONFIG, "rate", default=7))
    assert BatchExecutor.from_graph(graph).start(inp=3) == {"out": 3}
    assert BatchExecutor.from_graph(graph).start(inp=3, config={"rate": 8}) == {"out": 3}
