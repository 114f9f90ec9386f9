"""Reads a trace while it is being written, or afterwards."""

from __future__ import annotations

import json
import mmap
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import overload

from fbtui.trace.layout import (
    COMMITTED,
    COMMITTED_AT,
    ENDED_AT,
    HEADER_SIZE,
    HEARTBEAT_AT,
    MAGIC,
    OUTSIDE,
    RECORD,
    WAITING_AT,
    Kind,
    Places,
    Record,
    TraceError,
    bytes_before,
    records_before,
    segment_size,
)


class TraceReader(Sequence[Record]):
    """The records of a run. `refresh` lets it see what was committed since; only what is asked for is decoded.

    Raises:
        TraceError: if the folder holds no trace, at the start or when a damaged record is asked for.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._maps: dict[tuple[str, int], mmap.mmap] = {}
        self._header = self._open("header")
        if len(self._header) < HEADER_SIZE or self._header[: len(MAGIC)] != MAGIC:
            raise TraceError(f"{folder} holds no trace that this version can read")
        self._count = 0
        self._places = Places()
        self.refresh()

    def refresh(self) -> int:
        """Look how many records are committed by now, and return it."""
        (self._count,) = COMMITTED.unpack_from(self._header, COMMITTED_AT)
        return self._count

    @property
    def places(self) -> Places:
        """What the numbers of nodes and edges stand for; empty until the target has said so."""
        if not self._places.nodes:
            try:
                names = json.loads((self._folder / "places.json").read_text(encoding="utf-8"))
                self._places = Places(tuple(names["nodes"]), tuple(names["edges"]))
            except FileNotFoundError:
                pass
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise TraceError(f"{self._folder}: places.json is damaged") from error
        return self._places

    @property
    def ended(self) -> bool:
        """True once the writer has closed it."""
        return bool(COMMITTED.unpack_from(self._header, ENDED_AT)[0])

    def waits_for(self) -> tuple[str, ...]:
        """Return what outside the run waits for now; nothing while it works."""
        (bits,) = COMMITTED.unpack_from(self._header, WAITING_AT)
        return tuple(word for bit, word in enumerate(OUTSIDE) if bits >> bit & 1)

    def silence(self) -> float:
        """Return the seconds since the run's loop last showed that it is alive; 0 while it waits."""
        if self.waits_for():
            return 0.0
        beat: int
        (beat,) = COMMITTED.unpack_from(self._header, HEARTBEAT_AT)
        return max(0.0, (time.monotonic_ns() - beat) / 1e9)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        if isinstance(index, slice):
            return [self._record(i) for i in range(*index.indices(self._count))]
        if index < 0:
            index += self._count
        if not 0 <= index < self._count:
            raise IndexError(index)
        return self._record(index)

    def __iter__(self) -> Iterator[Record]:
        return map(self._record, range(self._count))

    def _record(self, index: int) -> Record:
        number = 0
        while index >= records_before(number + 1):
            number += 1
        segment = self._segment("records", number)
        try:
            kind, *rest = RECORD.unpack_from(segment, (index - records_before(number)) * RECORD.size)
            return Record(index, Kind(kind), *rest)
        except Exception as error:
            raise TraceError(f"{self._folder}: record {index} is damaged") from error

    def data(self, record: Record) -> bytes:
        """Return the bytes that a record refers to."""
        if not record.length:
            return b""
        number = 0
        while record.offset >= bytes_before(number + 1):
            number += 1
        start = record.offset - bytes_before(number)
        if record.length > segment_size(number):
            raise TraceError(f"{self._folder}: record {record.index} is damaged")
        return self._segment("heap", number)[start : start + record.length]

    def text(self, record: Record) -> str:
        """Return what a record refers to as text."""
        return self.data(record).decode("utf-8", "replace")

    def _segment(self, stem: str, number: int) -> mmap.mmap:
        segment = self._maps.get((stem, number))
        if segment is None:
            segment = self._maps[stem, number] = self._open(f"{stem}.{number}")
        return segment

    def _open(self, name: str) -> mmap.mmap:
        try:
            with (self._folder / name).open("rb") as file:
                return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise TraceError(f"{self._folder}: cannot read {name}: {error}") from error

    def close(self) -> None:
        """Let go of the files."""
        for segment in (self._header, *self._maps.values()):
            segment.close()
        self._maps.clear()
