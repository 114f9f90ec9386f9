"""Digests of payloads that are longer than their summary, so that two which differ can be told apart.

No line of the user's code is run: only exact types of Python's own, and the buffers of numpy's arrays, are looked
into; of anything else the summary is what counts. The walk is bounded, whatever the value is.
"""

from __future__ import annotations

import hashlib
import marshal
from itertools import islice
from typing import Any, Final

from fbtui.target.capture import summarize
from fbtui.trace import BEYOND

CUT: Final = "…"
"""What a summary has where it leaves something out."""
BYTES: Final = 1 << 16
"""Bytes of texts and arrays that are looked at, all together."""
NUMBER: Final = 32
"""Bytes that a number in a row counts for."""
ITEMS: Final = 128
"""Other items that are looked at, all levels together."""
_NUMBERS: Final = frozenset({int, float, bool, complex, type(None)})
_TEXTS: Final = frozenset({str, bytes})
_PLAIN: Final = _NUMBERS | _TEXTS


def describe(value: Any) -> str:
    """Return the summary of a payload, with a digest behind it if the summary leaves something out."""
    summary = summarize(value)
    if CUT not in summary and type(value).__module__ != "numpy":
        return summary
    return f"{summary}{BEYOND}{digest_of(value)}"


def digest_of(value: Any) -> str:
    """Return a digest of what a bounded walk sees of a value, and of the lengths of all that it goes through."""
    walk = _Walk()
    walk.see(value)
    return walk.hash.hexdigest()


class _Walk:
    def __init__(self) -> None:
        self.hash = hashlib.blake2b(digest_size=8)
        self._room = ITEMS
        self._bytes = BYTES

    def see(self, value: Any) -> None:
        self._room -= 1
        kind = type(value)
        if kind is str:
            self._add(kind, len(value), value[: self._bytes].encode("utf-8", "surrogatepass"))
        elif kind in {bytes, bytearray}:
            self._add(kind, len(value), value[: self._bytes])
        elif kind in {list, tuple}:
            self._row(kind, len(value), value[: self._bytes // NUMBER])
        elif kind is dict:
            self._row(kind, len(value), list(islice(value, self._bytes // NUMBER)))
            self._row(kind, len(value), list(islice(value.values(), self._bytes // NUMBER)))
        elif kind in {set, frozenset}:
            shown = (summarize(one).encode("utf-8", "backslashreplace") for one in islice(value, self._room))
            self._add(kind, len(value), *sorted(shown))
        elif kind.__module__ == "numpy" and kind.__name__ == "ndarray":
            self._array(value)
        else:
            self._add(kind, 0, summarize(value).encode("utf-8", "backslashreplace"))

    def _row(self, kind: type, length: int, items: Any) -> None:
        """Numbers and short texts are taken all at once, which costs some nanoseconds each; the rest one by one."""
        kinds = set(map(type, items))
        size = NUMBER * len(items)
        if kinds <= _PLAIN and not kinds <= _NUMBERS:
            size += sum(len(item) for item in items if type(item) in _TEXTS)
        if kinds <= _PLAIN and size <= self._bytes:
            self._add(kind, length, marshal.dumps(items, 0))  # version 0: the same value gives the same bytes
            self._bytes = max(0, self._bytes - size)
            return
        self._add(kind, length)
        for item in items:
            if self._room <= 0:
                break
            self.see(item)

    def _array(self, value: Any) -> None:
        try:
            content = memoryview(value)
            small = content.nbytes <= self._bytes
            shape = repr((content.format, content.shape)).encode()
            self._add(type(value), content.nbytes, shape, content.tobytes() if small else content[:64].tobytes())
        except (TypeError, ValueError, NotImplementedError, BufferError):  # objects, records, no dimension
            self._add(type(value), 0, summarize(value).encode("utf-8", "backslashreplace"))

    def _add(self, kind: type, length: int, *parts: bytes | bytearray) -> None:
        name = type.__getattribute__(kind, "__name__")
        self.hash.update(f"{name} {length}:".encode("utf-8", "backslashreplace"))
        for part in parts:
            self.hash.update(part)
            self._bytes = max(0, self._bytes - len(part))
