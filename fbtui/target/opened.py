"""What is inside a value: the lines that it opens into, read past the code of its class wherever that can be."""

from __future__ import annotations

import array
import collections
from collections.abc import Iterable
from enum import Enum
from itertools import islice
from typing import Any, Final

from fbdev.comp.packet import Packet
from fbdev.concurrent.store import Stored
from fbtui.protocol import Item
from fbtui.target.capture import (
    OPENED,
    PLAIN,
    SUMMARY,
    enum_name,
    fields_of,
    inside_packet,
    is_scalar,
    isinstance_of,
    of_class,
    summarize,
    type_name,
)
from fbtui.target.parts import Children, Part, stretches
from fbtui.target.tables import array_children, frame_children, is_array, is_frame

HEX: Final = 8
"""Bytes in a row."""
TEXT_PAGE: Final = 4000
"""Characters of a text on a page."""
ROW: Final = 160
"""Characters of a row of text: a longer line is cut."""
_ROWS: Final = (list, tuple, array.array)
"""Containers whose items are found by their number at once."""
_HEAPS: Final = (dict, set, frozenset, collections.deque)
_BYTES: Final = (bytes, bytearray, memoryview)


def _base_of(value: Any) -> type | None:
    """Return which of Python's own containers and texts a value is one of."""
    return next((base for base in (*_ROWS, *_HEAPS, *_BYTES, str) if isinstance_of(value, base)), None)


def opens(value: Any) -> bool:
    """Return whether there is something inside a value."""
    kind = type(value)
    if kind is Part:
        return value.open is not None
    if kind in PLAIN or kind in {int, Stored} or isinstance_of(value, type) or is_scalar(value):
        return False
    if isinstance_of(value, Enum) or isinstance_of(value, Packet) or is_array(value) or is_frame(value):
        return True
    base: Any = _base_of(value)
    if base is str:
        return str.__len__(value) > SUMMARY - 40 or str.__contains__(value, "\n")
    if base is not None:
        return bool(base.__len__(value))
    is_number = isinstance_of(value, int) or isinstance_of(value, float)
    return not is_number and next(iter(fields_of(value)), None) is not None


def children(value: Any) -> Children:
    """Return the lines that a value opens into: at most `OPENED`, each with what is behind it."""
    if not opens(value):
        return []
    if type(value) is Part:
        return list(value.open()) if value.open is not None else []
    if isinstance_of(value, Enum):
        return [("name", enum_name(value)), ("value", object.__getattribute__(value, "_value_"))]
    if isinstance_of(value, Packet):
        return _packet(value)
    if is_frame(value):
        return frame_children(value)
    if is_array(value):
        return array_children(value)
    base: Any = _base_of(value)
    if base is None or (base is tuple and of_class(value, "_fields") is not None):
        return list(islice(fields_of(value), OPENED))
    if base is str:
        return _text(str.__str__(value))
    return _hex(memoryview(value)) if base in _BYTES else _container(value, base)


def size_of(value: Any) -> str:
    """Return in words how large one of Python's own containers or texts is; nothing of any other value."""
    base: Any = _base_of(value)
    if base is None:
        return ""
    count = value.nbytes if base is memoryview else base.__len__(value)
    unit = "character" if base is str else "byte" if base in _BYTES else "item"
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def item_of(label: str, value: Any, above: Iterable[Any] = ()) -> Item:
    """Return one line of an opened value.

    Args:
        label: what it is called there.
        value: the value, or a part.
        above: the values that it is in, outermost first: one of them again does not open.
    """
    if type(value) is Part:
        return Item(label, value.type, value.summary, opens(value))
    for level, outer in enumerate(reversed([*above])):
        if outer is value and opens(value):
            return Item(label, type_name(value), f"↺ the same as {level + 1} level{'s' if level else ''} up", False)
    return Item(label, type_name(value), summarize(value), opens(value))


def _container(value: Any, base: Any) -> Children:
    def items(start: int, stop: int) -> Children:
        if base is dict:
            return [(summarize(key, 60), item) for key, item in islice(dict.items(value), start, stop)]
        some = (
            base.__getitem__(value, slice(start, stop))
            if base in _ROWS
            else islice(base.__iter__(value), start, stop)
        )
        return [(str(number), item) for number, item in enumerate(some, start)]

    return stretches(0, base.__len__(value), items)


def _packet(packet: Packet) -> Children:
    state, data = inside_packet(packet)
    return [("state", Part("", state)), *([("payload", data)] if state == "not consumed" else [])]


def _text(text: str) -> Children:
    """Return the lines of a text by their number; those of a long one page by page."""

    def page(start: int, stop: int) -> Children:
        number = text.count("\n", 0, start) + 1
        rows: Children = []
        for line in text[start:stop].split("\n"):
            cut = [line[at : at + ROW] for at in range(0, len(line), ROW)] or [""]
            rows += [(str(number) if not at else "", Part("", row)) for at, row in enumerate(cut)]
            number += 1
        return rows

    return stretches(0, len(text), page, lambda at: f"character {at}" if at % TEXT_PAGE == 0 else str(at), TEXT_PAGE)


def _hex(data: memoryview) -> Children:
    """Return bytes as rows of hexadecimal digits beside their characters, by offset."""
    data = data.cast("B") if data.contiguous else memoryview(data.tobytes())

    def rows(start: int, stop: int) -> Children:
        return [(f"{row * HEX:08x}", Part("", _hex_row(bytes(data[row * HEX : (row + 1) * HEX])))) for row in
                range(start, stop)]  # fmt: skip

    return stretches(0, -(-len(data) // HEX), rows, lambda row: f"{row * HEX:08x}")


def _hex_row(data: bytes) -> str:
    shown = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)
    return f"{data.hex(' '):<{3 * HEX - 1}}  {shown}"
