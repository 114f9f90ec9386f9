"""What the stages of the diagram promise: calm pictures, painting that touches little, figures that stay good."""

import itertools
import json
import random
import statistics
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbtui.diagram import EdgeLook, NodeLook, Overlay, Painter, Scene, lay_out, overview, to_data, to_svg, to_text
from fbtui.diagram.feedback import forward_sequence
from fbtui.diagram.text import cells, clip, width
from fbtui.protocol import GRAPH
from tests.fbtui.graphs import EDITS, any_graph, corpus, edited, parse, reference, renamed
from tests.fbtui.laws import bends, check_geometry, check_traces, crossings, length, moved

ORACLES = json.loads((Path(__file__).parent / "oracles.json").read_text(encoding="utf-8"))
NESTED = parse(
    "GRAPH.inp -> Outer.inp\nOuter/GRAPH.inp -> Outer/A.inp\nOuter/A.out -> Outer/Deep.inp\n"
    "Outer/Deep/GRAPH.inp -> Outer/Deep/B.inp\nOuter/Deep/B.out -> Outer/Deep/GRAPH.out\n"
    "Outer/Deep.out -> Outer/GRAPH.out\nOuter.out -> Sink.inp"
)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    return lay_out(any_graph(draw(st.randoms(use_true_random=False)), 8), depth=draw(st.integers(0, 2)))


# -- quality


def test_the_reference_graphs_cross_bend_and_reach_no_more_than_the_oracles_let_them() -> None:
    for size in (25, 200, 1000):
        scene, oracle = lay_out(reference(size)), ORACLES[f"reference {size}"]
        assert crossings(scene) <= min(oracle["elk"]["crossings"], 1.1 * oracle["dot"]["crossings"])
        assert bends(scene) <= 1.3
        assert scene.width * scene.height <= oracle["elk"]["area"]
        assert length(scene) <= oracle["elk"]["length"] * (1.2 if size == 25 else 1)


@pytest.mark.parametrize("name", corpus())
def test_a_real_pipeline_can_be_traced_and_is_drawn_about_as_well_as_by_elk(name: str) -> None:
    graph = corpus()[name]
    scene, elk = lay_out(graph), ORACLES[name]["elk"]
    for ascii_only in (False, True):
        check_traces(scene, ascii_only=ascii_only)
    check_geometry(lay_out(graph, depth=9))
    assert crossings(scene) <= 2 * elk["crossings"]
    assert bends(scene) <= 1.3 * elk["bends"]
    assert scene.width * scene.height <= 1.5 * elk["area"]


def test_lines_of_all_real_pipelines_together_cross_less_often_than_in_the_drawings_of_elk() -> None:
    found = sum(crossings(lay_out(graph)) for graph in corpus().values())
    assert found <= 0.95 * sum(ORACLES[name]["elk"]["crossings"] for name in corpus())


def test_parallel_branches_stand_in_the_order_in_which_they_are_declared() -> None:
    graph = corpus()["iot_plant"]
    scene = lay_out(graph)
    sensors = [node.id for node in graph.nodes if node.id.startswith("Sensor")]
    assert len(sensors) > 8 and sorted(sensors, key=lambda name: scene.box[name].y) == sensors


def test_a_net_that_is_drawn_in_the_best_of_several_orders_keeps_the_rows_of_its_edges_into_one_port() -> None:
    for seed in range(60):
        rng = random.Random(seed)
        ends = [(rng.randrange(6), rng.randrange(6)) for _ in range(14)]
        scene = lay_out(parse("\n".join(f"N{a}.out -> N{b}.inp" for a, b in ends)))
        check_geometry(scene)
        check_traces(scene, ascii_only=seed % 2 == 0)


def test_a_circle_begins_where_data_enters_it() -> None:
    graph = corpus()["web_crawler"]
    scene = lay_out(graph)
    order = sorted(graph.nodes, key=lambda node: scene.box[node.id].x)
    assert [node.id for node in order[:2]] == ["Normalize", "Seen"]


def test_few_edges_run_backwards_and_declaration_decides_between_equals() -> None:
    assert forward_sequence([[1], [2], [0]], [[], [], []]) == [0, 1, 2]
    assert forward_sequence([[1, 1], [0], [1]], [[], [], []]) == [2, 0, 1]
    assert forward_sequence([[1], [0, 0]], [[], []]) == [1, 0]


def test_the_road_through_the_first_ports_stays_straight_though_it_forks() -> None:
    forks = [
        f"Fork{i}.a -> Up{i}.inp\n"
        f"Fork{i}.b -> Low{i}.inp\nUp{i}.out -> Fork{i + 1}.inp\nLow{i}.out -> Fork{i + 1}.inp"
        for i in range(5)
    ]
    scene = lay_out(parse("\n".join(forks)))
    assert {scene.box[f"{name}{i}"].y for i in range(5) for name in ("Fork", "Up")} == {0}


def test_boxes_in_a_column_stand_close_where_no_line_asks_for_a_gap() -> None:
    scene = lay_out(corpus()["iot_plant"])
    rows = sorted(placed.y for placed in scene.boxes if placed.box.id.startswith("Sensor"))
    assert max(low - high for high, low in itertools.pairwise(rows)) <= 5


# -- nested graphs


OPENED = [
    "             ┌─ Outer ────────────────────────────────┐",
    "┌─────┐      │            ┌─ A ──────────┐            │      ┌─ Sink ───────┐",
    "│ inp ├─────▶│ inp ├─────▶│ inp      out ├─────▶│ out ├─────▶│ inp          │",
    "└─────┘      │            └──────────────┘            │      └──────────────┘",
    "             └────────────────────────────────────────┘",
]


def test_nested_graphs_open_in_place_with_their_ports_in_the_frame() -> None:
    graph = parse(
        "GRAPH.inp -> Outer.inp\nOuter/GRAPH.inp -> Outer/A.inp\n"
        "Outer/A.out -> Outer/GRAPH.out\nOuter.out -> Sink.inp"
    )
    assert to_text(lay_out(graph, depth=1)).split("\n") == OPENED


def test_boxes_and_edges_inside_a_frame_are_named_by_path() -> None:
    scene = lay_out(NESTED, depth=2)
    assert [placed.box.id for placed in scene.boxes if placed.box.shape in {"node", "frame"}] == [
        "Outer", "Outer/A", "Outer/Deep", "Outer/Deep/B", "Sink",
    ]  # fmt: skip
    assert {"Outer/Deep/edge0", "Outer/edge1", "edge1"} <= scene.edge.keys()
    assert lay_out(NESTED, depth=1).box["Outer/Deep"].box.title == "Deep +"
    assert lay_out(NESTED, opened={"Outer", "Outer/Deep"}) == scene


def test_the_data_of_an_opened_graph_leads_to_the_ports_in_its_frame() -> None:
    data = json.loads(json.dumps(to_data(lay_out(NESTED, depth=1))))
    ports = {f"{n['id']}.{p['name']}": p["at"] for n in data["nodes"] for p in n["ports"]}
    assert all(edge["path"][0] == ports[edge["tail"]] for edge in data["edges"])
    assert all(edge["path"][-1] == ports[edge["head"]] for edge in data["edges"])
    assert f"{GRAPH}.inp" in ports and "Outer/A.out" in ports


# -- calm


@pytest.mark.parametrize("what", EDITS)
def test_an_edit_leaves_nearly_everything_where_it_was(what: str) -> None:
    shares = []
    for seed in range(6):
        graph = reference(200, seed % 2 + 1)
        before = cold(seed % 2 + 1)
        after = lay_out(edited(graph, random.Random(seed), what), previous=before)
        check_geometry(after)
        shares.append(moved(before, after) / 200)
    assert statistics.mean(shares) <= 0.02


@cache
def cold(seed: int) -> Scene:
    return lay_out(reference(200, seed))


def test_a_longer_name_takes_room_from_the_channels_and_is_cut_before_it_moves_what_lies_right_of_it() -> None:
    rows = "\n".join(f"N{i}.out -> N{i + 1}.inp" for i in range(11))
    before = lay_out(parse(rows))
    after = lay_out(parse(rows.replace("N3.", "Three_with_a_long_name.")), previous=before)
    assert max(abs(after.box[f"N{n}"].x - before.box[f"N{n}"].x) for n in range(12) if n != 3) <= 2
    assert after.box["Three_with_a_long_name"].box.title == "Three_wit…name"
    again = lay_out(parse(rows.replace("N3.", "Three_with_a_long_name.")))
    assert again.box["Three_with_a_long_name"].box.title == "Three_with_a_long_name"


def test_a_new_port_with_a_long_name_is_cut_before_it_moves_what_lies_right_of_it() -> None:
    rows = "\n".join(f"N{i}.out -> N{i + 1}.inp" for i in range(11))
    more = f"{rows}\nN3.a_port_with_a_long_name -> N5.another_long_name"
    after = lay_out(parse(more), previous=lay_out(parse(rows)))
    assert max(abs(after.box[f"N{n}"].x - lay_out(parse(rows)).box[f"N{n}"].x) for n in range(12)) <= 2
    texts = [row.text for row in (*after.box["N3"].box.right, *after.box["N5"].box.left)]
    assert texts[::2] == ["out", "inp"] and all("…" in text and width(text) >= 8 for text in texts[1::2])
    check_traces(after, ascii_only=False)


def test_a_node_that_is_renamed_stays_and_so_do_its_lines() -> None:
    graph = reference(200)
    before = lay_out(graph)
    for node in graph.nodes[::20]:
        after = lay_out(renamed(graph, node.id, "Other"), previous=before)
        here, there = before.box[node.id], after.box["Other"]
        assert (here.x, here.y) == (there.x, there.y)
        assert {edge.edge.id: edge.path for edge in after.edges} == {
            edge.edge.id: edge.path for edge in before.edges
        }


def test_a_new_node_finds_its_place_in_a_large_picture_and_makes_room_in_a_small_one() -> None:
    chain = [f"N{i}.out -> N{i + 1}.inp" for i in range(9)]
    between = [*chain[:4], "N4.out -> New.inp", "New.out -> N5.inp", *chain[5:]]
    after = lay_out(parse("\n".join(between)), previous=lay_out(parse("\n".join(chain))))
    assert all(edge.path[0][0] <= edge.path[-1][0] for edge in after.edges)
    graph = reference(200)
    before = lay_out(graph)
    for seed in range(8):
        after = lay_out(edited(graph, random.Random(seed), "node between"), previous=before)
        assert moved(before, after) <= 4


def test_a_new_edge_finds_free_rows_and_bends_hardly_any_other() -> None:
    graph, before = reference(200), cold(1)
    bent = []
    for seed in range(12):
        after = lay_out(edited(graph, random.Random(seed), "new ports"), previous=before)
        bent.append(sum(len(after.edge[edge.edge.id].path) > len(edge.path) for edge in before.edges))
    assert statistics.mean(bent) <= 2


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_a_picture_that_keeps_calm_can_be_traced(rng: random.Random, ascii_only: bool) -> None:
    before = lay_out(any_graph(rng, 8), depth=rng.randint(0, 2))
    scene = lay_out(any_graph(rng, 8), depth=rng.randint(0, 2), previous=before)
    check_geometry(scene)
    check_traces(scene, ascii_only=ascii_only)


def test_the_same_graph_again_stays_where_it_is() -> None:
    scene = lay_out(reference(60))
    assert moved(scene, lay_out(reference(60), previous=scene)) == 0


# -- folding

CHAIN = [f"S{i}.out -> S{i + 1}.inp" for i in range(19)]
FOLDED = """\
       ┌─ S0 ─────────┐      ┌─ S1 ─────────┐      ┌─ S2 ─────────┐      ┌─ S3 ─────────┐
       │          out ├─────▶│ inp      out ├─────▶│ inp      out ├─────▶│ inp      out ├─╮
       └──────────────┘      └──────────────┘      └──────────────┘      └──────────────┘ │
 ╭────────────────────────────────────────────────────────────────────────────────────────╯
 │     ┌─ S4 ─────────┐      ┌─ S5 ─────────┐      ┌─ S6 ─────────┐      ┌─ S7 ─────────┐
 ╰────▶│ inp      out ├─────▶│ inp      out ├─────▶│ inp      out ├─────▶│ inp          │
       └──────────────┘      └──────────────┘      └──────────────┘      └──────────────┘"""


def test_a_long_chain_is_folded_into_rows_that_fit_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = lay_out(parse("\n".join(CHAIN)))
    assert scene.width <= 160 and scene.height <= 24
    monkeypatch.setattr("fbtui.diagram.fold.SCREEN", 100)
    monkeypatch.setattr("fbtui.diagram.fold.LONG", 100)
    folded = to_text(lay_out(parse("\n".join(CHAIN[:7])))).split("\n")
    assert [row for row in folded if row.strip(" │")] == FOLDED.split("\n")


def test_a_row_ends_where_few_lines_pass() -> None:
    forks = [f"F{i}.a -> U{i}.inp\nF{i}.b -> L{i}.inp\nU{i}.out -> F{i + 1}.inp" for i in range(12)]
    scene = lay_out(parse("\n".join(forks)))
    first = [box.box.id for box in scene.boxes if box.x == min(box.x for box in scene.boxes)]
    assert len(first) > 2 and all(name.startswith("F") for name in first)


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_a_folded_picture_can_be_traced_before_and_after_an_edit(rng: random.Random, ascii_only: bool) -> None:
    count = rng.randint(14, 30)
    jumps = [(rng.randrange(count), rng.randrange(count)) for _ in range(rng.randint(0, 4))]
    lines = [*(f"S{i}.out -> S{i + 1}.inp" for i in range(count)), *(f"S{a}.skip -> S{b}.more" for a, b in jumps)]
    graph = parse("\n".join(lines))
    before = lay_out(graph)
    for scene in (before, lay_out(edited(graph, rng), previous=before)):
        check_geometry(scene)
        check_traces(scene, ascii_only=ascii_only)


# -- painting


def looks(scene: Scene, rng: random.Random) -> Overlay:
    edges = {
        placed.edge.id: EdgeLook(
            rng.choice(("", "3", "3/8")),
            rng.choice(("", "warm", "hot")),
            rng.choice(("", "", "last", "next", "stuck", "path", "hot")),
            rng.choice((None, None, 0, -2)),
            rng.choice((0.0, 0.4, 1.0)),
            rng.choice(("", "", "◉")),
            rng.choice(("", "5", "'a longer text'", "漢字漢字", "─▶│")),
            rng.choice((None, None, -3, -500)),
        )
        for placed in scene.edges
        if rng.random() < 0.5
    }
    nodes = {
        b.box.id: NodeLook(rng.choice(("", "running")), rng.randint(0, 2000), note=rng.choice(("", "busy 40%")))
        for b in scene.boxes
    }
    chosen = [("edge", e.edge.id) for e in scene.edges] + [("node", b.box.id) for b in scene.boxes]
    return Overlay(edges, nodes, rng.choice([None, *chosen]))


@settings(max_examples=50, deadline=None)
@given(scenes(), st.randoms(use_true_random=False), st.booleans())
def test_rows_that_are_not_named_as_changed_look_the_same(scene: Scene, rng: random.Random, plain: bool) -> None:
    painter = Painter(scene, ascii_only=plain)
    before, after = looks(scene, rng), looks(scene, rng)
    changed = painter.changed(before, after)
    rows = list(zip(painter.lines(before), painter.lines(after), strict=True))
    assert {y for y, (old, new) in enumerate(rows) if old != new} <= changed


@settings(max_examples=50, deadline=None)
@given(scenes(), st.randoms(use_true_random=False), st.data())
def test_a_viewport_is_a_part_of_the_whole(scene: Scene, rng: random.Random, data: st.DataObject) -> None:
    painter, overlay = Painter(scene), looks(scene, rng)
    left, top = data.draw(st.integers(0, scene.width - 1)), data.draw(st.integers(0, scene.height - 1))
    whole = [cells("".join(text for text, _ in row)) for row in painter.lines(overlay)]
    part = painter.lines(overlay, left=left, top=top, width=7, height=3)
    for row, wanted in zip(part, whole[top : top + 3], strict=True):
        found, expected = cells("".join(text for text, _ in row)), wanted[left : left + 7]
        assert len(found) == len(expected)
        assert found[1:-1] == expected[1:-1]


@settings(max_examples=60, deadline=None)
@given(scenes())
def test_what_is_at_a_cell_is_what_is_drawn_there(scene: Scene) -> None:
    for placed in scene.boxes:
        if placed.box.shape != "tag":
            assert scene.at(placed.x, placed.y) == ("node", placed.box.id)
    for edge in scene.edges:
        kind, name = scene.at(*edge.path[-1]) or ("", "")
        assert kind == "edge"
        assert edge.path[-1] in scene.edge[name].cells()


def test_marks_and_bars_stand_in_the_room_that_is_kept_for_them() -> None:
    painter = Painter(lay_out(parse("A.out -> B.inp")))
    overlay = Overlay({"edge0": EdgeLook("3", "warm", level=0.6, mark="◉")}, {"A": NodeLook(mark="◉")})
    rows = ["".join(text for text, _ in row) for row in painter.lines(overlay)]
    assert "├─◉─▅3▶│" in rows[1]
    assert rows[0].startswith("┌─ A ─────────◉┐")


def grid(text: str) -> list[str]:
    """Return a row of a picture as cells, the second one of a wide character empty."""
    return [cell for one in text for cell in ([one] if one in "─│┼" else cells(one) if width(one) else [])]


@settings(max_examples=80, deadline=None)
@given(scenes(), st.sampled_from(["5", "漢字 and more", "┼▶╮", "x" * 90]), st.booleans())
def test_values_stand_on_plain_line_of_their_own_edge_and_nothing_else_changes(
    scene: Scene, value: str, ascii_only: bool
) -> None:
    painter = Painter(scene, ascii_only=ascii_only)
    overlay = Overlay({placed.edge.id: EdgeLook(value=value) for placed in scene.edges})
    owners: dict[tuple[int, int], set[str]] = {}
    for placed in scene.edges:
        for cell in placed.cells():
            owners.setdefault(cell, set()).add(placed.edge.id)
    for y, (plain, row) in enumerate(zip(painter.lines(), painter.lines(overlay), strict=True)):
        bare, x = grid("".join(text for text, _ in plain)), 0
        for text, style in row:
            found = grid(text)
            if style == "value.newest":
                assert text[0] == "=" and not set(text) & set("─│┼▶╭╮╰╯")
                assert len({frozenset(owners[x + i, y]) for i in range(len(found))}) == len(owners[x, y]) == 1
                assert set(bare[x - 1 : x + len(found)]) == {"-" if ascii_only else "─"}
            else:
                assert found == bare[x : x + len(found)]
            x += len(found)


def test_a_value_gives_way_to_what_waits_and_to_a_mark() -> None:
    painter = Painter(lay_out(parse("A.out -> B.inp")))

    def row(look: EdgeLook) -> str:
        return "".join(text for text, _ in painter.lines(Overlay({"edge0": look}))[1])

    assert "├───=5▶│" in row(EdgeLook(value="5"))
    assert "├─=ab…▶│" in row(EdgeLook(value="'abcdef'"))
    assert "├────3▶│" in row(EdgeLook("3", value="'abcdef'"))
    assert "├─◉=12▶│" in row(EdgeLook(value="12", mark="◉"))
    assert "├──3/8▶│" in row(EdgeLook("3/8", value="5"))


def test_the_packet_that_is_looked_at_is_seen_beside_the_next_one() -> None:
    painter = Painter(lay_out(parse("A.out -> B.inp")))
    overlay = Overlay({"edge0": EdgeLook(role="path", packet_at=-2, chosen_at=-4)})
    row = painter.lines(overlay)[1]
    assert "├──◎─●▶│" in "".join(text for text, _ in row)
    assert {"edge.path", "packet", "chosen"} <= {style for _, style in row}
    inside = Overlay({}, {"A": NodeLook(mark="●"), "B": NodeLook(mark="◉")})
    assert {("●", "packet"), ("◉", "mark")} <= {run for run in painter.lines(inside)[0] if run[1] != "box"}


def test_a_count_that_does_not_fit_is_not_cut() -> None:
    painter = Painter(lay_out(parse("A.out -> B.inp")))
    rows = painter.lines(Overlay({"edge0": EdgeLook("123456")}))
    assert "├────…▶│" in "".join(text for text, _ in rows[1])


# -- other forms


@settings(max_examples=40, deadline=None)
@given(scenes(), st.integers(1, 60), st.integers(1, 20), st.booleans())
def test_an_overview_fits_and_finds_the_cells_of_boxes(scene: Scene, across: int, down: int, plain: bool) -> None:
    seen = overview(scene, across, down, ascii_only=plain)
    assert len(seen.rows) <= down and all(len(row) <= across for row in seen.rows)
    for placed in (box for box in scene.boxes if box.box.shape != "tag"):
        x, y = seen.cell(placed.x, placed.y)
        assert seen.rows[y][x] != " "
        assert seen.cell(*seen.spot(x, y)) == (x, y)


@settings(max_examples=20, deadline=None)
@given(scenes())
def test_svg_is_well_formed_and_has_every_box_and_edge(scene: Scene) -> None:
    root = ElementTree.fromstring(to_svg(scene))
    paths = [item for item in root.iter() if item.tag.endswith("path") and item.get("class") == "edge"]
    boxes = [item for item in root.iter() if item.tag.endswith("rect")]
    assert len(paths) == len(scene.edges)
    assert len(boxes) == sum(placed.box.shape != "tag" for placed in scene.boxes)


def test_in_an_svg_no_text_lies_on_another_one() -> None:
    root = ElementTree.fromstring(to_svg(lay_out(NESTED, depth=2)))
    texts = [item for item in root.iter() if item.tag.endswith("text")]
    at = [(item.get("text-anchor"), float(item.get("x", "")), float(item.get("y", ""))) for item in texts]
    rows = sorted({y for _, _, y in at})
    assert all(low - high >= 13 for high, low in itertools.pairwise(rows)), "a row of 13 pixels has one line of text"
    assert len(set(at)) == len(at) > 10


def test_text_is_measured_in_cells() -> None:
    assert [width(text) for text in ("abc", "宽字", "e\u0301", "a\x1bb")] == [3, 4, 1, 3]
    assert cells("a─▶\x07") == ["a", "�", "�", "␇"]
    assert clip("short", 8) == "short"
    assert clip("a" * 30 + "z", 10) == "aaaaaa…aaz"
    assert width(clip("宽" * 30, 11)) == 11
