"""What a person finds inside a value: all can be reached, page by page, and is shown as what it is."""

import collections
import enum
from pathlib import Path
from typing import Any, NamedTuple

import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from fbdev.comp.packet import Packet
from fbtui.protocol import Inspect
from fbtui.target.capture import summarize
from fbtui.target.inspector import _opened
from fbtui.target.opened import children, item_of
from fbtui.target.parts import PAGE, Part, stretches
from fbtui.ui.app import DebuggerApp
from tests.fbtui.driver import program, write
from tests.fbtui.test_ui import lines, paused, play, until


class Colour(enum.Flag):
    RED = 1
    BLUE = 2


class Pair(NamedTuple):
    left: int
    right: str


class Grid:
    """What arrays of any library have."""

    dtype = "int8"

    def __init__(self, rows: list[list[int]]) -> None:
        self.rows = rows
        self.shape = (len(rows), len(rows[0]))

    shape: tuple[int, int] = (0, 0)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            return [row[key[1]] for row in self.rows[key[0]]]
        return Line(self.rows[key])


class Line:
    """One of its rows."""

    dtype, shape = "int8", (0,)

    def __init__(self, cells: list[int]) -> None:
        self.cells = cells
        self.shape = (len(cells),)

    def __getitem__(self, key: Any) -> Any:
        return self.cells[key]


class Frame:
    """What data frames of any library have."""

    dtypes = ("int64", "str")
    columns = ("n", "word")
    shape = (250, 2)

    def __getitem__(self, key: Any) -> Any:
        rows, column = key
        return [number if column == 0 else f"w{number}" for number in range(rows.start, rows.stop)]


def shown(value: Any) -> list[str]:
    """Return what a value opens into, as the inspector writes it."""
    items = [item_of(label, inner) for label, inner in children(value)]
    return [" ".join(part for part in (item.label, item.type, item.summary) if part) for item in items]


def inside(value: Any, *path: int) -> Any:
    """Return what is reached by opening one line after the other."""
    for index in path:
        value = children(value)[index][1]
    return value


@pytest.mark.parametrize(
    ("value", "opened"),
    [
        (Pair(1, "b"), ["left int 1", "right str 'b'"]),
        (Colour.RED, ["name str 'RED'", "value int 1"]),
        ({3}, ["0 int 3"]),
        (collections.deque([1, 2], 5), ["0 int 1", "1 int 2"]),
        (collections.Counter("a"), ["'a' int 1"]),
        (
            b"hello\x00\xff yes",
            ["00000000 68 65 6c 6c 6f 00 ff 20  hello.. ", "00000008 79 65 73                 yes"],
        ),
        (memoryview(b"ab"), ["00000000 61 62                    ab"]),
        ("one\ntwo", ["1 one", "2 two"]),
        (Grid([[1, 20], [300, 4]]), ["0   1 20", "1 300  4"]),
        (Line([7, 8]), ["0 int 7", "1 int 8"]),
    ],
)
def test_each_thing_opens_into_what_it_is(value: Any, opened: list[str]) -> None:
    assert shown(value) == opened


def test_a_frame_shows_its_columns_and_its_rows_in_stretches() -> None:
    assert shown(Frame())[:2] == [
        "columns n int64, word str",
        "0 … 99 n=0, word='w0', n=1, word='w1', n=2, word='w2', …",
    ]
    assert shown(inside(Frame(), 0)) == ["n int64", "word str"]
    assert shown(inside(Frame(), 3))[-1] == "249 n=249, word='w249'"
    assert shown(inside(Frame(), 3, 49)) == ["n int 249", "word str 'w249'"]


@given(st.integers(0, 10**7), st.data())
def test_every_item_of_a_long_thing_is_reached_through_pages(count: int, data: st.DataObject) -> None:
    value: Any = range(count)
    wanted = data.draw(st.integers(0, count - 1)) if count else None
    level = stretches(0, count, lambda start, stop: [(str(i), value[i]) for i in range(start, stop)])
    while level and isinstance(level[0][1], Part):
        assert len(level) <= PAGE
        ends = [(int(label.split()[0]), int(label.split()[2]), part) for label, part in level]
        assert [first for first, _, _ in ends[1:]] == [last + 1 for _, last, _ in ends[:-1]]
        level = children(next(part for first, last, part in ends if wanted is not None and first <= wanted <= last))
    assert (str(wanted), wanted) in level if count else level == []


def test_long_lists_and_texts_open_page_by_page() -> None:
    numbers = list(range(1_000_000))
    assert shown(numbers)[0] == "0 … 9999 0, 1, 2, …"
    assert inside(numbers, 99, 99, 99) == 999_999
    text = "".join(f"line {number}\n" for number in range(1, 2001))
    assert "1500 line 1500" in [line for page in range(len(children(text))) for line in shown(inside(text, page))]


def test_what_holds_itself_is_told_and_does_not_open_again() -> None:
    loop: dict[str, Any] = {"n": 1}
    loop["self"] = [loop]
    assert summarize(loop) == "{'n': 1, 'self': [↺ dict]}"
    answer = _opened(Inspect(1, 1, path=(1,)), loop)
    assert [(item.summary, item.opens) for item in answer.items] == [("↺ the same as 2 levels up", False)]


def test_a_packet_is_shown_as_one() -> None:
    packet = Packet((1, "sample"))
    assert summarize(packet) == "packet, not sent yet (1, 'sample')"
    packet.tag = 21
    assert summarize([packet]) == "[packet #21 (1, 'sample')]"
    assert shown(packet) == ["state not consumed", "payload tuple (1, 'sample')"]
    packet._take()
    assert summarize(packet) == "packet #21, consumed"
    assert summarize(Packet.get_empty()) == "packet, not sent yet, empty"


def test_an_array_that_hangs_or_raises_when_it_is_opened_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fbtui.target.inspector.PATIENCE", 0.01)

    class Endless(Line):
        def __getitem__(self, key: Any) -> Any:
            while True:
                pass

    class Broken(Line):
        def __getitem__(self, key: Any) -> Any:
            raise KeyError("no")

    assert _opened(Inspect(1, 1), Endless([1])).problem == "it takes too long to look into that"
    assert _opened(Inspect(1, 1), Broken([1])).problem == "it cannot be looked into: KeyError: 'no'"


def test_numpy_arrays_are_shown_as_what_they_are() -> None:
    grid = numpy.arange(30000.0).reshape(10000, 3)
    assert summarize(grid) == "ndarray float64 10000x3"
    assert shown(grid)[1].startswith("100 … 199 300.0 301.0 302.0, ")
    assert shown(inside(grid, 99))[-1] == "9999 29997.0 29998.0 29999.0"
    assert shown(inside(grid, 99, 99)) == ["0 float 29997.0", "1 float 29998.0", "2 float 29999.0"]
    assert shown(numpy.zeros((2, 2, 2), "int8"))[0] == "0 ndarray ndarray int8 2x2"
    assert summarize([numpy.float64(1.5), numpy.int64(3), numpy.str_("x")]) == "[1.5, 3, 'x']"
    assert shown(numpy.array(5)) == ["int64 5"] and shown(numpy.zeros((0, 3))) == []
    assert shown(numpy.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")])) == ["0 tuple (1, 2.5)"]
    assert shown(numpy.zeros((1, 200)))[0] == "0 0.0 0.0 0.0 0.0 0.0 0.0 … 200 columns"


def test_data_frames_of_pandas_are_shown_as_what_they_are() -> None:
    frame = pandas.DataFrame({"n": [1, 2], "x": [0.5, 1.5], "t": ["a", "b"]}, index=["p", "q"])
    assert summarize(frame) == "DataFrame 2x3"
    assert shown(frame)[1:] == ["p n=1, x=0.5, t='a'", "q n=2, x=1.5, t='b'"]
    assert shown(inside(frame, 2)) == ["n int 2", "x float 1.5", "t str 'b'"]
    dates = pandas.DataFrame(
        {"at": pandas.to_datetime(["2026-01-02", None]), "per": pandas.period_range("2026", periods=2)}
    )
    assert shown(dates)[1:] == ["0 at=2026-01-02 …, per=2026-01-01", "1 at=NaT, per=2026-01-02"]
    assert summarize([pandas.NA, pandas.Timedelta("1h"), pandas.Interval(0, 1)]) == "[<NA>, 0 days 01:00:00, (0, 1]]"
    assert summarize(frame["n"]) == "Series int64 2" and shown(frame["n"]) == ["p int 1", "q int 2"]


def test_packets_and_long_things_among_the_variables_of_a_node_open(tmp_path: Path) -> None:
    path = write(tmp_path, program("rows = list(range(250))"))

    async def story(app: DebuggerApp, pilot: Pilot[None]) -> None:
        await paused(app, pilot, 0)
        await pilot.press("s", "s")
        await paused(app, pilot, 2)
        app.select(("node", "Work"))
        await until(
            pilot, lambda: any("packet  Packet packet #1, consumed" in line for line in lines(app, "inspector"))
        )
        app.inspector.focus()
        while "▸ rows" not in lines(app, "inspector")[app.inspector.cursor]:
            await pilot.press("down")
        await pilot.press("enter", "down", "down")
        await until(pilot, lambda: any("▸ 100 … 199  100, 101, 102, …" in x for x in lines(app, "inspector")))
        await pilot.press("enter")
        await until(pilot, lambda: any("    199  int 199" in x for x in lines(app, "inspector")))

    play(path, story)
