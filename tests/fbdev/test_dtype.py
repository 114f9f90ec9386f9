"""What payloads pass the check of a dtype, and which dtypes fit each other."""

import enum
import io
from abc import ABC
from collections import Counter
from collections.abc import Callable, Iterable, Sized
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Generic, Literal, NewType, Protocol, TypedDict, TypeVar, runtime_checkable

import pytest

from fbdev.comp.dtype import LOOKED_AT, check_for
from fbdev.comp.dtype_fit import Fit, fit
from fbdev.comp.port import PortSpec, PortType

NEVER, SOMETIMES, ALWAYS = Fit
Name = NewType("Name", str)
T = TypeVar("T")


class Colour(enum.Enum):
    RED = 1


class Shape(ABC):
    pass


class Circle(Shape):
    pass


class Point(TypedDict):
    x: int


@runtime_checkable
class Closes(Protocol):
    def close(self) -> None: ...


class Opens(Protocol):
    def open(self) -> None: ...


class Box(list[T], Generic[T]):
    """A container whose argument says nothing about its items."""


def numpy_scalar(name: str) -> Any:
    return type(name, (), {"__module__": "numpy"})()


@pytest.mark.parametrize(
    ("dtype", "good", "bad"),
    [
        (int, [1, True], ["1", 1.0, None]),
        (float, [1.0, 1, True, Fraction(1, 2)], ["1", 1j, Decimal(1)]),
        (complex, [1j, 1, 1.0], ["1"]),
        (bool, [True, numpy_scalar("bool"), numpy_scalar("bool_")], [1, numpy_scalar("str_")]),
        (int | None, [1, None], ["1"]),
        (type(None), [None], [0]),
        (list[int], [[], [1, 2]], [[1, "2"], (1,), "12"]),
        (dict[str, int], [{}, {"a": 1}], [{1: 1}, {"a": "b"}, []]),
        (Counter[str], [Counter("ab")], [Counter([1]), {}]),
        (tuple[int, str], [(1, "a")], [(1,), ("a", 1), [1, "a"]]),
        (tuple[int, ...], [(), (1, 2)], [("a",)]),
        (Iterable[int], [[1], iter("ab"), "ab"], [1]),
        (Box[int], [Box(["a"])], [["a"]]),
        (Callable[[int], str], [len], [1]),
        (Literal["a", 1], ["a", 1], ["b", 2]),
        (Annotated[int, "seconds"], [1], ["1"]),
        (Name, ["n"], [1]),
        (Colour, [Colour.RED], [1]),
        (Shape, [Circle()], [Point]),
        (Point, [{"x": 1}], [[1]]),
        (Closes, [io.StringIO()], [1]),
        (Opens, [1], []),
        (Any, [1], []),
        (T, [1], []),
        ("int", [1], ["1"]),
        ("list[int] | None", [None, [1]], [["a"]]),
        ("Unknown", [1, "a"], []),
    ],
)
def test_what_passes(dtype: Any, good: list[Any], bad: list[Any]) -> None:
    check = check_for(dtype, None) or (lambda _: None)
    assert [check(value) for value in good] == [None] * len(good)
    assert all(check(value) for value in bad)


def test_only_the_first_items_of_a_container_are_looked_at() -> None:
    check = check_for(list[int], None)
    assert check is not None
    assert check([*range(LOOKED_AT), "late"]) is None
    assert check([*range(LOOKED_AT - 1), "early"]) == "expected list[int], got list"


def test_a_validator_is_asked_after_the_dtype() -> None:
    asked: list[Any] = []
    check = check_for(int, lambda value: not asked.append(value) and value > 0)
    assert check is not None
    assert check(1) is None and check("1") == "expected int, got str"
    assert (check(-1) or "").endswith("refuses a payload of type int")
    assert asked == [1, -1]


def test_a_port_that_accepts_all_has_no_check() -> None:
    assert PortSpec(PortType.INPUT, "inp").checker is None
    assert PortSpec(PortType.INPUT, "inp", dtype=Any).checker is None


@pytest.mark.parametrize(
    ("sent", "taken", "expected"),
    [
        (int, int, ALWAYS),
        (bool, int, ALWAYS),
        (int, float, ALWAYS),
        (float, int, NEVER),
        (int, bool, SOMETIMES),
        (int, str, NEVER),
        (Circle, Shape, ALWAYS),
        (Shape, Circle, SOMETIMES),
        (Colour, Circle, NEVER),
        (Circle, Sized, SOMETIMES),
        (int | None, int, SOMETIMES),
        (int, int | None, ALWAYS),
        (int | str, bytes | list, NEVER),
        (list[int], list, ALWAYS),
        (list, list[int], ALWAYS),
        (list[int], list[str], NEVER),
        (list[int | str], list[int], SOMETIMES),
        (list[int], Iterable[str], ALWAYS),
        (tuple[int, ...], tuple[str, ...], NEVER),
        (Literal[1, 2], int, ALWAYS),
        (Literal[1, "a"], int, SOMETIMES),
        (int, Literal[1], SOMETIMES),
        (Literal[1], Literal[1], ALWAYS),
        (Annotated[int, "s"], str, NEVER),
        (Point, dict, ALWAYS),
        (Point, list, NEVER),
        (int, Opens, ALWAYS),
        (Name, int, NEVER),
        ("int", "str", NEVER),
        ("Unknown", int, ALWAYS),
        (None, int, ALWAYS),
        (object, int, ALWAYS),
        (Any, int, ALWAYS),
    ],
)
def test_what_fits(sent: Any, taken: Any, expected: Fit) -> None:
    assert fit(sent, taken) is expected


class _Hostile(type):
    def __eq__(cls, other: object) -> bool:
        raise RuntimeError

    def __subclasscheck__(cls, other: object) -> bool:
        raise RuntimeError

    __hash__ = type.__hash__


def test_classes_that_raise_when_they_are_compared_are_no_news() -> None:
    hostile = _Hostile("Any", (), {})
    for one, other in ((hostile, int), (int, hostile), (list[hostile], list[int]), (hostile | None, int)):  # type: ignore[valid-type]
        assert fit(one, other) is Fit.ALWAYS
