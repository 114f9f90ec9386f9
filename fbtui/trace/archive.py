"""Reads the members of an uncompressed zip in place, also of one that ends too early.

The members are found one behind the other, by the header before each; the directory at the end, which a file that
was cut off has lost, is not needed.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from pathlib import Path
from typing import Final

from fbtui.trace.layout import TraceError

_MEMBER: Final = struct.Struct("<4s5H3I2H")
"""Signature, version, flags, method, time, date, checksum, both sizes, lengths of the name and of what follows."""
_SIGNATURE: Final = b"PK\3\4"
_DIRECTORY: Final = (b"PK\1\2", b"PK\5\6")


class Archive:
    """The members of a file; `fbtui.trace.files.Files` for a reader.

    Args:
        path: the file.

    Raises:
        TraceError: if it cannot be read or is no zip.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.damage = ""
        """What is wrong with it, in a few words; empty if nothing is."""
        self._members: dict[str, memoryview] = {}
        try:
            with path.open("rb") as file:
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise TraceError(f"cannot read {path}: {error.strerror}") from error
        except ValueError as error:
            raise TraceError(f"{path} is empty") from error
        self._whole = memoryview(self._map)
        self._walk()

    def __str__(self) -> str:
        return str(self._path)

    def _walk(self) -> None:
        at = 0
        while self._map[at : at + 4] == _SIGNATURE and at + _MEMBER.size <= len(self._map):
            at = self._member(at)
        if self._map[at : at + 4] not in _DIRECTORY:
            self._complain("it ends too early" if at >= len(self._map) else f"nothing makes sense after byte {at}")

    def _member(self, at: int) -> int:
        """Take the member at a place, and return where the next one begins."""
        head = _MEMBER.unpack_from(self._whole, at)
        flags, method, checksum, stored = head[2], head[3], head[6], head[7]
        size: int = head[8]
        name_length: int = head[9]
        more: int = head[10]
        begins = at + _MEMBER.size + name_length + more
        name = bytes(self._whole[at + _MEMBER.size : at + _MEMBER.size + name_length]).decode("utf-8", "replace")
        content = self._whole[begins : begins + size]
        if flags & 0b1001 or method or stored != size:  # encrypted, of unknown length, compressed
            self._complain(f"{name!r:.40} is not stored as it stands")
        elif len(content) < size:
            self._complain("it ends too early")
        elif zlib.crc32(content) != checksum:
            self._complain(f"{name!r:.40} has been changed")
        self._members.setdefault(name, content)
        return begins + size

    def _complain(self, what: str) -> None:
        self.damage = self.damage or what

    def open(self, name: str) -> memoryview:
        """Return the content of a member; raises FileNotFoundError if there is none."""
        if name not in self._members:
            raise FileNotFoundError(f"there is no {name}")
        return self._members[name]

    def size(self, name: str) -> int:
        """Return the bytes of a member; 0 if there is none."""
        return len(self._members.get(name, b""))

    def text(self, name: str) -> str:
        """Return a member as text; empty if there is none."""
        return bytes(self._members.get(name, b"")).decode("utf-8", "replace")

    def close(self) -> None:
        """Unmap the file."""
        for content in self._members.values():
            content.release()
        self._members.clear()
        self._whole.release()
        self._map.close()
