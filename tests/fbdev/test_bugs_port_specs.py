"""The defects of the public library in its port specs, each with a test that would show it."""

import copy
import enum
import re
from abc import ABC
from collections.abc import Callable
from typing import Any

import pytest

from fbdev.comp.base_component import BaseComponent
from fbdev.comp.port import PortSpec, PortSpecCollection, PortType
from fbdev.graph.graph_spec import GraphSpec
from fbdev.runtime import BatchExecutor
from tests.fbdev.helpers import Forward, component, ports

INPUT, CONFIG, SIGNAL, OUTPUT, MESSAGE = PortType


class Colour(enum.Enum):
    RED = 1


class Abstract(ABC):
    pass


class Array:
    """Compares as arrays do: item by item, to something that has no truth."""

    def __eq__(self, other: object) -> "Array":  # type: ignore[override]
        return self

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise ValueError("the truth of an array is ambiguous")


# ------------------------------------------------------------------------------- 35: removal


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("größe", "'grosse' would do"),
        ("naïve.café", "'naive.cafe' would do"),
        ("my port", "'my_port' would do"),
        ("2nd", "'_2nd' would do"),
        ("a.class", "'a._class' would do"),
        ("日本", "no Python keyword"),
        ("", "no Python keyword"),
        (None, "no Python keyword"),
    ],
)
def test_a_name_that_may_not_be_used_is_refused_with_the_rule_and_one_that_may(name: Any, near: str) -> None:
    refused = rf"Invalid port name .*letters from a to z, digits and _.*{re.escape(near)}\.$"
    with pytest.raises(ValueError, match=refused):
        PortSpecCollection(PortSpec(PortType.INPUT, name))
    if name is not None:
        with pytest.raises(ValueError, match=r"Invalid id .* Give another by id=\.$"):
            GraphSpec().add_node(Forward, id=name)


def test_bug_35_a_removed_port_is_gone_in_every_way() -> None:
    collection = ports(input="a b grp.c")
    for name in ("a", "grp.c"):
        collection.remove_port(PortSpec(INPUT, name))
    assert [spec.name for spec in collection.iter_ports()] == ["b"]
    assert not hasattr(collection.input, "a") and not hasattr(collection.input, "grp")
    assert "a" not in collection.input and list(collection.input) == ["b"]
    collection.add_port(PortSpec(INPUT, "a"))
    assert collection.input.a.name == "a"


def test_bug_35_all_ports_can_be_cleared() -> None:
    collection = ports(input="a b", output="grp.c")
    collection.clear_all_ports()
    assert len(collection) == 0 and len(collection.input) == 0 and str(collection) == ""


def test_bug_35_what_is_not_there_cannot_be_removed() -> None:
    with pytest.raises(KeyError, match=r"no port 'input\.x': there are input\.a"):
        ports(input="a").remove_port(PortSpec(INPUT, "x"))


# --------------------------------------------------------------------------- 36: nested names


def test_bug_36_a_kind_holds_its_ports_however_deep() -> None:
    collection = ports(input="a grp.b grp.deep.c", output="a")
    assert list(collection.input) == ["a", "grp.b", "grp.deep.c"]
    assert [spec.name for spec in collection.input.values()] == ["a", "grp.b", "grp.deep.c"]
    assert len(collection.input) == 3 and len(collection) == 4
    assert [name for name, _ in collection.input.items()] == list(collection.input)
    deep = collection[INPUT, "grp.deep.c"]
    assert collection.input["grp.deep.c"] is deep is collection.input.grp.deep.c
    assert collection.input["grp"]["deep"]["c"] is collection.input.grp["deep.c"] is deep


def test_bug_36_a_node_whose_one_output_is_in_a_group_has_one_output() -> None:
    graph = GraphSpec(ports(output="res.sum"))
    node = graph.add_node(component("Nested", _nothing, output="res.sum"))
    node >> graph.ports.output.res.sum
    assert repr(graph.edges["edge0"]) == "EdgeSpec[edge0]: Nested:output.res.sum >> GRAPH:output.res.sum"


def test_bug_36_a_batch_takes_and_gives_ports_in_groups() -> None:
    graph = GraphSpec()
    graph.add_node(component("Add", _add_of, input="of.left of.right", output="res.sum"))
    graph.add_and_connect_unconnected_child_ports(prefix_with_node_id=False)
    assert BatchExecutor.from_graph(graph).start(1, of__right=2) == {"res.sum": 3}


async def _add_of(self: Any) -> None:
    left, right = await self.ports.input.of.left.get_and_consume(), await self.ports.input.of.right.get_and_consume()
    await self.ports.output.res.sum.put_value(left + right)


async def _nothing(self: Any) -> None:
    pass


# --------------------------------------------------------------------------- 37: names that clash


@pytest.mark.parametrize("name", ["items", "keys", "values", "copy", "get", "idx", "as_list", "_ports"])
def test_bug_37_a_port_may_be_called_like_a_method(name: str) -> None:
    collection = ports(input=f"a {name}", output=f"grp.{name}")
    assert getattr(collection.input, name) is collection.input[name] is collection[INPUT, name]
    assert getattr(collection.output.grp, name) is collection[OUTPUT, f"grp.{name}"]
    assert list(collection.input) == ["a", name] and len(collection) == 3
    assert str(collection) == f"input:\n  a\n  {name}\noutput:\n  grp:\n    {name}"
    assert list(collection.copy()) == list(collection)
    collection.remove_port(collection[INPUT, name])
    assert list(collection.input) == ["a"]


@pytest.mark.parametrize("names", ["a a.b", "a.b a", "a.b.c a.b", "a a.b.c"])
def test_bug_37_a_port_cannot_be_a_group_as_well(names: str) -> None:
    with pytest.raises(ValueError, match="cannot both be input ports: one is inside the other"):
        ports(input=names)


def test_bug_37_under_two_kinds_there_is_no_clash() -> None:
    collection = ports(input="a", output="a.b")
    assert collection.input.a.id == (INPUT, "a") and collection.output.a.b.id == (OUTPUT, "a.b")


# ------------------------------------------------------------------------------ 38: inheritance


def test_bug_38_one_collection_may_serve_several_classes_and_stays_as_it_was() -> None:
    shared = ports(input="inp")

    class First(BaseComponent):
        port_specs = shared

    class Second(BaseComponent):
        port_specs = shared

    assert list(shared) == [(INPUT, "inp")]
    shared.add_port(PortSpec(OUTPUT, "later"))
    assert list(First.port_specs) == [(INPUT, "inp"), (MESSAGE, "started"), (MESSAGE, "stopped")]
    assert list(Second.port_specs) == list(First.port_specs)


def test_bug_38_every_base_gives_its_ports() -> None:
    class Reads(BaseComponent):
        port_specs = ports(input="inp")

    class Writes(BaseComponent):
        port_specs = ports(output="out")

    class Both(Reads, Writes):
        port_specs = ports(config="own")

    assert [spec.id_str for spec in Both.port_specs.iter_ports()] == [
        "config.own",
        "input.inp",
        "message.started",
        "message.stopped",
        "output.out",
    ]


def test_bug_38_an_inherited_port_can_be_refined() -> None:
    class Base(BaseComponent):
        port_specs = ports(input="inp")

    class Narrow(Base):
        port_specs = PortSpecCollection(PortSpec(INPUT, "inp", dtype=int))

    assert Narrow.port_specs.input.inp.dtype is int
    assert Base.port_specs.input.inp.dtype is None


@pytest.mark.parametrize(
    "change",
    [
        lambda specs: specs.add_port(PortSpec(INPUT, "x")),
        lambda specs: specs.remove_port(specs.message.started),
        lambda specs: specs.clear_all_ports(),
        lambda specs: specs.update(ports(input="x")),
    ],
)
def test_bug_38_nobody_can_change_the_ports_of_all_components(change: Callable[[Any], None]) -> None:
    with pytest.raises(RuntimeError, match="readonly"):
        change(BaseComponent.port_specs)
    assert list(BaseComponent.port_specs) == [(MESSAGE, "started"), (MESSAGE, "stopped")]


# ------------------------------------------------------------------- 39: defaults and dtypes


@pytest.mark.parametrize("default", [type(None), None, Array(), False, 0, ""])
def test_bug_39_any_value_can_be_a_default(default: Any) -> None:
    spec = PortSpec(CONFIG, "c", default=default)
    for one in (spec, spec.copy(), PortSpecCollection(spec).copy().config.c):
        assert one.has_default and one.default is default
    assert not PortSpec(CONFIG, "c").has_default
    assert not copy.deepcopy(PortSpec(CONFIG, "c")).has_default


@pytest.mark.parametrize("dtype", [Colour, Abstract, list[int], int | None, Any, "int", Callable[[int], str]])
def test_bug_39_any_annotation_can_be_a_dtype(dtype: Any) -> None:
    spec = PortSpec(INPUT, "inp", dtype=dtype)
    assert spec.has_dtype and spec.copy().dtype == dtype


@pytest.mark.parametrize("dtype", [5, [int], any, lambda value: value, {"a": int}])
def test_bug_39_what_is_no_annotation_is_refused(dtype: Any) -> None:
    with pytest.raises(ValueError, match="Port 'inp': the dtype is a class or another annotation, not "):
        PortSpec(INPUT, "inp", dtype=dtype)


# ------------------------------------------------------------------------ 41, 48, 50: the rest


def test_bug_41_a_kind_is_found_by_its_label() -> None:
    assert [PortType.get(kind.label) for kind in PortType] == list(PortType)
    with pytest.raises(ValueError, match="No port type 'in': it is one of input, config, signal, output, message"):
        PortType.get("in")


def test_bug_48_messages_name_what_they_are_about() -> None:
    with pytest.raises(RuntimeError, match="Config port 'c' cannot be optional and have a default value"):
        PortSpec(CONFIG, "c", is_optional=True, default=1)


def test_bug_48_a_collection_of_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="holds PortSpecs, not int"):
        PortSpecCollection(42)  # type: ignore[arg-type]


def test_bug_50_graphs_share_no_ports() -> None:
    first, second = GraphSpec(), GraphSpec()
    first.add_graph_port(PortSpec(INPUT, "inp"))
    assert (INPUT, "inp") not in second.port_specs
