"""What is read out of a trace afterwards: where a packet comes from, and how the run was spent."""

from pathlib import Path

import pytest

from fbtui.trace import Deed, Kind, Places, TraceReader, TraceWriter
from fbtui.trace.journey import WINDOW, Journeys
from fbtui.trace.shares import PORTION, Load, Shares
from fbtui.ui.trail import moves_in_words

NODES = ("GRAPH", "Read", "Join", "Outer", "Outer/Deep")
EDGES = ("in", "read_join", "join_deep", "Outer/deep_out")


KINDS = {"send": Kind.SEND, "take": Kind.RECEIVE, "cross": Kind.CROSS, "leave": Kind.CROSS, "again": Kind.SEND}
"""The rest is what the person does."""


class Script:
    """Writes moves as ``send NODE EDGE PACKET``, and reads them back."""

    def __init__(self, folder: Path) -> None:
        self._writer = TraceWriter(folder)
        self._writer.name(Places(NODES, EDGES))
        self.trace = TraceReader(folder)
        self._step = 0

    def play(self, *moves: str) -> TraceReader:
        for move in moves:
            word, node, edge, packet = move.split()
            kind = KINDS.get(word, Kind.ACT)
            self._step += word in {"send", "take"}
            deed = {"drop": Deed.DROPPED, "inject": Deed.INJECTED, "leave": 1}.get(word, 0)
            place = EDGES.index(edge)
            where = NODES.index(node)
            self._writer.record(kind, node=where, edge=place, packet=int(packet), step=self._step, detail=int(deed))
        self.trace.refresh()
        return self.trace

    def order(self, word: str) -> None:
        self._writer.record(Kind.ORDER, step=self._step, data=word.encode())

    def made(self, packet: int, *parents: int) -> None:
        data = " ".join(map(str, parents)).encode()
        self._writer.record(Kind.MADE, packet=packet, step=self._step, data=data)

    def end(self, node: str) -> TraceReader:
        self._writer.record(Kind.NODE, node=NODES.index(node), step=self._step, data=b"finished")
        self.trace.refresh()
        return self.trace


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


def test_in_a_free_run_a_packet_is_made_of_all_that_its_node_received_for_it(script: Script) -> None:
    script.order("free")
    trace = script.play(
        "send GRAPH in 1", "take Read in 1", "send Read read_join 2", "send Read read_join 3",
        "take Join read_join 2", "take Join read_join 3", "send Join join_deep 4",
        "send GRAPH in 5", "take Read in 5", "send Read read_join 6",
    )  # fmt: skip
    journey = Journeys(trace).at(len(trace)).journey(4)
    assert journey.ancestors == (1, 2, 3)
    assert journey.edges == ("in", "read_join", "join_deep") and journey.own == ("join_deep",)
    assert (journey.edge, journey.node) == ("join_deep", None)
    assert Journeys(trace).at(len(trace)).journey(6).ancestors == (5,), "what came before the last send is over"


def test_the_journey_follows_a_packet_into_a_nested_graph_and_to_where_it_is_taken(script: Script) -> None:
    script.order("free")
    trace = script.play("send Join join_deep 1", "leave Outer join_deep 1", "cross Outer Outer/deep_out 1")
    journeys = Journeys(trace).at(4)
    assert journeys.journey(1).edge == "Outer/deep_out" and journeys.journey(1).own == (
        "join_deep",
        "Outer/deep_out",
    )
    script.play("take Outer/Deep Outer/deep_out 1")
    taken = journeys.at(5).journey(1)
    assert (taken.edge, taken.node) == (None, "Outer/Deep")
    assert journeys.at(2).journey(1).edge == "join_deep", "the past is as it was"


def test_a_packet_that_is_passed_on_keeps_its_way_and_gets_no_parents(script: Script) -> None:
    script.order("free")
    trace = script.play("send GRAPH in 1", "take Read in 1", "send Read read_join 1")
    journey = Journeys(trace).at(4).journey(1)
    assert journey.ancestors == () and journey.own == ("in", "read_join")


def test_of_a_packet_about_to_be_sent_it_is_known_what_it_is_made_of(script: Script) -> None:
    script.order("fifo")
    script.play("send GRAPH in 1", "take Read in 1")
    script.made(2, 1)
    trace = script.play()
    assert Journeys(trace).at(len(trace)).journey(2).ancestors == (1,)


def test_what_is_recorded_of_what_a_packet_was_made_of_counts_and_no_guess(script: Script) -> None:
    script.order("fifo")
    script.play("send GRAPH in 1", "send GRAPH in 2", "take Read in 1", "take Read in 2")
    script.made(3, 2)
    trace = script.play("send Read read_join 3", "send Read read_join 4")
    journeys = Journeys(trace).at(len(trace))
    assert (journeys.journey(3).ancestors, journeys.journey(4).ancestors) == ((2,), ())


def test_what_a_person_dropped_is_nowhere_and_what_was_injected_comes_from_nowhere(script: Script) -> None:
    trace = script.play("send Read read_join 1", "drop GRAPH read_join 1", "inject GRAPH join_deep 2")
    journeys = Journeys(trace).at(3)
    assert (journeys.journey(1).edge, journeys.journey(1).node) == (None, None)
    assert journeys.journey(2).edge == "join_deep" and journeys.journey(2).ancestors == ()


def test_only_so_much_of_a_long_run_is_looked_at(script: Script) -> None:
    script.play("send GRAPH in 1")
    script.play(*(f"send Read read_join {number}" for number in range(2, 3 * WINDOW)))
    trace = script.play("send Join join_deep 9")
    journeys = Journeys(trace).at(len(trace))
    assert journeys.journey(1).edges == () and journeys.journey(3 * WINDOW - 1).own == ("read_join",)


# -- how the run was spent


def test_who_waits_for_whom_is_told_in_shares_of_the_moves(script: Script) -> None:
    trace = script.play(
        "send Read read_join 1", "send Read read_join 2",  # the edge is full from move 2 on
        "take Join read_join 1", "send Join join_deep 3", "take Outer/Deep join_deep 3", "send Read read_join 4",
    )  # fmt: skip
    load = Load(trace, {"read_join": 2}).at(len(trace))
    nodes = load.nodes()
    assert not load.is_behind
    assert nodes["Read"].blocked == pytest.approx(1 / 6), "from move 2, its last one, until there was room at 3"
    assert nodes["Outer/Deep"].waiting == pytest.approx((4 + 1) / 6), "for its first packet, and now for the next"
    assert nodes["Outer"] == nodes["Outer/Deep"]
    assert sum((nodes["Join"].busy, nodes["Join"].waiting, nodes["Join"].blocked)) == pytest.approx(1)
    assert nodes["Join"].most[0] == "ready"
    assert load.edges() == {"read_join": pytest.approx(1 / 6)}


def test_a_node_that_has_ended_waits_no_longer_and_one_stuck_behind_a_full_edge_is_blocked(script: Script) -> None:
    script.play("send GRAPH in 1", "take Outer/Deep in 1")
    script.end("Outer/Deep")
    trace = script.play("send Read read_join 2", *(f"send Join join_deep {n}" for n in range(3, 8)))
    nodes = Load(trace, {"read_join": 1}).at(len(trace)).nodes()
    assert nodes["Outer/Deep"] == Shares(0.5, 0.5, 0.0, "ready")
    assert nodes["Read"].blocked == pytest.approx(5 / 8)
    assert nodes["Read"].most == ("blocked", pytest.approx(5 / 8))


def test_a_long_run_is_taken_in_by_portions_and_the_past_anew(script: Script) -> None:
    pair = ("send Read read_join 1", "take Join read_join 1")
    trace = script.play(*(pair * PORTION))
    load, rounds = Load(trace, {}), 1
    while load.at(len(trace)).is_behind:
        rounds += 1
    assert rounds == 2 and set(load.nodes()) == {"Read", "Join"}
    assert load.at(2).nodes()["Join"] == Shares(0.5, 0.5, work="ready")
    assert set(load.at(1).nodes()) == {"Read"} and not load.is_behind


def test_a_send_over_several_edges_is_one_move(script: Script) -> None:
    script.play("send Read read_join 1", "send Read join_deep 2")
    script.play("take Join read_join 1", "take Outer/Deep join_deep 2")
    trace = script.play("send Read read_join 3", "again Read join_deep 3")
    shares = Load(trace, {"read_join": 1, "join_deep": 1}).at(len(trace)).nodes()["Read"]
    assert shares.blocked == pytest.approx(2 / 5), "until both had room, at move 4, since its last move, 2"


def test_moves_are_counted_as_people_do() -> None:
    assert [moves_in_words(count) for count in (0, 1, 2.0, 5 / 7, 1234)] == [
        "0 moves", "1 move", "2 moves", "0.7 moves", "1234 moves",
    ]  # fmt: skip
