"""Summaries: bounded in time and length, and not a line of the user's code is run."""

import array
import collections
import dataclasses
import datetime
import enum
import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fbdev import PortSpec, PortSpecCollection, PortType
from fbdev.comp.port import PortCollection
from fbdev.exceptions import NetStoppedError
from fbtui.target.capture import OPENED, SUMMARY, summarize, to_json
from fbtui.target.opened import children, item_of


class Colour(enum.Enum):
    RED = 1


@dataclasses.dataclass
class Point:
    x: int
    y: Any = None


class Pair(NamedTuple):
    left: int
    right: str


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.a = 1


class Hostile:
    """Every way of looking at it is a trap."""

    def __init__(self) -> None:
        self.inside = 5

    def _trap(self, *_: object) -> Any:
        raise AssertionError("user code was run")

    __repr__ = __str__ = __len__ = __iter__ = __eq__ = __hash__ = __bool__ = __getattr__ = _trap  # type: ignore[assignment]

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError("user code was run")

    @property
    def lazy(self) -> None:
        raise AssertionError("user code was run")


class HostileList(list):  # type: ignore[type-arg]
    def __len__(self) -> int:
        raise AssertionError("user code was run")

    __iter__ = __repr__ = __len__  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        (None, "None"),
        (5, "5"),
        (10**400, "<int of 1329 bits>"),
        ("it's\n", '"it\'s\\n"'),
        (b"\x00a", "b'\\x00a'"),
        ((1,), "(1,)"),
        ([1, [2, {"k": (3,)}]], "[1, [2, {'k': (3,)}]]"),
        (list(range(20)), "[0, 1, 2, 3, 4, 5, 6, 7, … 20 items]"),
        ({"a": 1}, "{'a': 1}"),
        (frozenset([1]), "frozenset({1})"),
        (Colour.RED, "Colour.RED"),
        (Point(1, Point(2)), "Point(x=1, y=Point(x=2, y=None))"),
        (Slotted(), "Slotted(a=1)"),
        (int, "<class int>"),
        (datetime.date(2026, 11, 24), "datetime.date(2026, 11, 24)"),
        (Path("/a"), "PosixPath('/a')"),
        ([[[[[[1]]]]]], "[[[[[…]]]]]"),
        (collections.OrderedDict(a=1), "OrderedDict({'a': 1})"),
        (collections.deque([1, 2], 3), "deque([1, 2])"),
        (collections.Counter("aab"), "Counter({'a': 2, 'b': 1})"),
        (Pair(1, "b"), "Pair(left=1, right='b')"),
        (ValueError("no", 3), "ValueError('no', 3)"),
        (array.array("i", [1, 2]), "array i 2"),
        (re.compile("a+"), "re.compile('a+')"),
    ],
)
def test_values_look_as_people_write_them(value: Any, summary: str) -> None:
    assert summarize(value) == summary


def test_parts_of_the_runtime_are_named_and_what_they_are_made_of_is_not_told() -> None:
    ports = PortCollection(PortSpecCollection(PortSpec(PortType.INPUT, "inp"), PortSpec(PortType.OUTPUT, "out")))
    assert summarize(ports) == "PortCollection"
    assert summarize({"port": ports.input.inp, "to": [ports.output.out]}) == (
        "{'port': InputPort inp, 'to': [OutputPort out]}"
    )
    assert summarize(PortType.INPUT) == "PortType.INPUT"
    assert summarize(NetStoppedError("why")).startswith("NetStoppedError(")


def test_no_code_of_the_user_is_run() -> None:
    assert summarize(Hostile()) == "Hostile(inside=5)"
    assert summarize([Hostile()]) == "[Hostile(inside=5)]"
    assert summarize(HostileList([1])) == "HostileList([1])"
    assert item_of("x", Hostile()).opens
    assert to_json(Hostile()) == {"type": "Hostile", "repr": "Hostile(inside=5)"}


@settings(max_examples=60, deadline=None)
@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_summary_is_one_bounded_printable_line(value: Any) -> None:
    text = summarize(value)
    assert len(text) <= SUMMARY
    assert all(character.isprintable() for character in text)
    assert len(children(value)) <= OPENED


def test_size_does_not_matter() -> None:
    endless: list[Any] = []
    endless.append(endless)
    big = [list(range(1_000_000)), "x" * 10_000_000, bytes(10_000_000), dict.fromkeys(range(1_000_000)), endless]
    begun = time.thread_time()
    for value in big:
        summarize(value)
    assert time.thread_time() - begun < 0.5, "a summary looks at a few items only"


def test_json_holds_what_it_can() -> None:
    assert to_json({"a": [1, 2.5, None, True, "x"]}) == {"a": [1, 2.5, None, True, "x"]}
    assert to_json(float("inf")) == {"type": "float", "repr": "inf"}
    assert to_json(10**4000) == 10**4000
    assert to_json(10**5000) == {"type": "int", "repr": "<int of 16610 bits>"}
    assert to_json({1: 2}) == {"type": "dict", "repr": "{1: 2}"}
    assert to_json([(1, 2)]) == [{"type": "tuple", "repr": "(1, 2)"}]
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    assert "list" in str(to_json(deep))
