"""The drawing: from its characters alone each edge can be followed to where it leads, and nowhere else."""

import itertools
import json
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fbtui.diagram import EdgeLook, NodeLook, Overlay, Painter, Scene, fill, lay_out, short, to_data, to_text
from fbtui.protocol import GRAPH, EdgeInfo, End, GraphInfo, NodeInfo, PortInfo
from tests.fbtui.graphs import any_graph, hard_cases
from tests.fbtui.laws import check_geometry, check_traces
from tests.fbtui.tracer import cells_of as cells


def knot() -> GraphInfo:
    """Return nine nodes and twenty edges in a tangle."""
    kinds = {"a": "input", "b": "input", "x": "output", "y": "output"}
    ports = tuple(PortInfo(kind, name) for name, kind in kinds.items())  # type: ignore[arg-type]
    ends = [
        (End(f"N{i * 5 % 9}", "output", "xy"[i % 2]), End(f"N{i * 7 % 9}", "input", "ab"[i % 2])) for i in range(20)
    ]
    edges = tuple(EdgeInfo(f"e{i}", *pair) for i, pair in enumerate(ends))
    return GraphInfo((), tuple(NodeInfo(f"N{i}", "C", ports) for i in range(9)), edges)


LOOP = GraphInfo(
    (),
    (NodeInfo("A", "C", (PortInfo("input", "i"), PortInfo("output", "o"))),),
    (EdgeInfo("e0", End("A", "output", "o"), End("A", "input", "i")),),
)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """The scene of any graph, its nested graphs opened to any depth."""
    graph = any_graph(draw(st.randoms(use_true_random=False)), 8)
    zoom = draw(st.sampled_from(("full", "compact")))
    return lay_out(graph, all_ports=draw(st.booleans()), zoom=zoom, depth=draw(st.integers(0, 3)))


@settings(max_examples=200, deadline=None)
@given(scenes(), st.booleans())
@example(lay_out(LOOP), False)
@example(lay_out(LOOP), True)
def test_a_blind_tracer_finds_every_edge_and_no_other(scene: Scene, ascii_only: bool) -> None:
    check_traces(scene, ascii_only=ascii_only)
    check_geometry(scene)


@pytest.mark.parametrize("name", hard_cases())
def test_hard_cases_can_be_traced(name: str) -> None:
    scene = lay_out(hard_cases()[name])
    check_geometry(scene)
    for ascii_only in (False, True):
        check_traces(scene, ascii_only=ascii_only)


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_paths_run_along_their_lines_and_labels_lie_on_them(scene: Scene) -> None:
    rows = [cells(line) for line in to_text(scene).split("\n")]
    for placed in scene.edges:
        found = placed.cells()
        assert all(abs(ax - bx) + abs(ay - by) == 1 for (ax, ay), (bx, by) in itertools.pairwise(found))
        assert rows[found[-1][1]][found[-1][0]] == "▶"
        x, y, width = placed.label
        assert rows[y][x : x + width] == ["─"] * width, "a label hides nothing but its own line"


def test_the_examples_main_road_is_drawn_straight() -> None:
    chain = GraphInfo(
        (PortInfo("input", "inp", required=True), PortInfo("output", "out")),
        tuple(
            NodeInfo(name, "C", (PortInfo("input", "inp"), PortInfo("output", "out")))
            for name in ("First", "Second")
        ),
        (
            EdgeInfo("e0", End(GRAPH, "input", "inp"), End("First", "input", "inp")),
            EdgeInfo("e1", End("First", "output", "out"), End("Second", "input", "inp")),
            EdgeInfo("e2", End("Second", "output", "out"), End(GRAPH, "output", "out")),
        ),
    )
    assert to_text(lay_out(chain)).split("\n") == [
        "┌─────┐      ┌─ First ──────┐      ┌─ Second ─────┐      ┌─────┐",
        "│ inp ├─────▶│ inp      out ├─────▶│ inp      out ├─────▶│ out │",
        "└─────┘      └──────────────┘      └──────────────┘      └─────┘",
    ]


def test_the_same_graph_gives_the_same_bytes_under_any_hash_seed() -> None:
    code = "from tests.fbtui.test_diagram import *; print(to_text(lay_out(knot())))"
    pictures = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "123"
    }
    assert len(pictures) == 1


def test_the_data_of_a_picture_names_cells_that_are_there() -> None:
    data = json.loads(json.dumps(to_data(lay_out(LOOP))))
    rows = to_text(lay_out(LOOP)).split("\n")
    (node, border), (edge,) = data["nodes"], data["edges"]
    assert (node["id"], border["id"], edge["tail"], edge["head"]) == ("A", GRAPH, "A.o", "A.i")
    x, y, width, height = node["box"]
    assert (rows[y][x], rows[y + height - 1][x + width - 1]) == ("┌", "┘")
    at = {port["name"]: port["at"] for port in node["ports"]}
    assert rows[at["o"][1]][at["o"][0]] == "├"
    assert (edge["path"][0], edge["path"][-1]) == (at["o"], at["i"])


def test_the_overlay_changes_known_cells_and_a_viewport_is_a_part_of_the_whole() -> None:
    painter = Painter(lay_out(LOOP))
    overlay = Overlay({"e0": EdgeLook("3/8", "warm", "next", packet_at=2)}, {"A": NodeLook("waiting", 12)})
    whole = ["".join(text for text, _ in row) for row in painter.lines(overlay)]
    assert any("3/8▶" in row for row in whole)
    assert any("└─ waiting" in row and " 12 ┘" in row for row in whole)
    styles = {style for row in painter.lines(overlay) for _, style in row}
    assert {"label.warm", "edge.next", "packet", "state.waiting", "title"} <= styles
    part = painter.lines(overlay, left=3, top=1, width=9, height=2)
    assert ["".join(text for text, _ in row) for row in part] == [row[3:12] for row in whole[1:3]]


@pytest.mark.parametrize(
    "word", ["starting", "ready", "running", "waiting", "blocked", "finished", "failed", "stopped"]
)
def test_a_compact_box_has_room_for_the_word_of_its_state(word: str) -> None:
    painter = Painter(lay_out(LOOP, zoom="compact"))
    lines = painter.lines(Overlay({}, {"A": NodeLook(word, 12)}))
    assert any(f"└─ {word} " in "".join(text for text, _ in row) for row in lines)


def test_a_share_that_does_not_fit_leaves_the_word_whole() -> None:
    painter = Painter(lay_out(LOOP, zoom="compact"))
    for note, shown in (("busy 87%", "busy 87%"), ("blocked 100%", "blocked")):
        lines = painter.lines(Overlay({}, {"A": NodeLook(note.split()[0], 12, note=note)}))
        assert any(f"└─ {shown} " in "".join(text for text, _ in row) for row in lines)


def test_counts_are_short() -> None:
    assert [short(n) for n in (0, 999, 1000, 1200, 25_999, 3_000_000)] == ["0", "999", "1k", "1.2k", "25k", "3M"]
    assert [fill(0, 8), fill(3, 8), fill(10_000, None), fill(3, 8, ascii_only=True)] == ["", "3/8", "10k", "3:8"]
    assert fill(1200, 123_456) == "1.2k"
