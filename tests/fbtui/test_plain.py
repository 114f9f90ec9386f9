"""Plain data is what dataclasses make, though it is made late."""

from __future__ import annotations

import dataclasses

import pytest

from fbtui.protocol.plain import plain, slotted


@plain
class Spot:
    x: int
    name: str = "here"


@slotted()
class Pile:
    names: list[str] = dataclasses.field(default_factory=list)


@slotted(eq=False)
class Thing:
    number: int = 1


def test_a_plain_record_is_told_apart_and_shown_by_its_fields() -> None:
    assert [field.name for field in dataclasses.fields(Spot)] == ["x", "name"], "before there is any record"
    assert Spot(1) == Spot(1, "here") != Spot(2) and len({Spot(1), Spot(1), Spot(x=2)}) == 2
    assert repr(dataclasses.replace(Spot(1), name="there")) == "Spot(x=1, name='there')"
    assert dataclasses.asdict(Spot(3)) == {"x": 3, "name": "here"}
    with pytest.raises(TypeError):
        Spot()  # type: ignore[call-arg]


def test_records_that_change_have_slots_and_their_own_defaults() -> None:
    first, second = Pile(), Pile()
    first.names.append("a")
    assert second.names == [] and first != second and first == Pile(["a"])
    with pytest.raises(AttributeError):
        first.other = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        hash(first)
    assert Thing() != Thing() and len({Thing(), Thing()}) == 2
