"""Reads a trace while it is being written, or afterwards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, overload

from fbtui.trace.files import Content, Files, Folder
from fbtui.trace.layout import (
    BEGAN_AT,
    BEYOND,
    BYTES_BEFORE,
    COMMITTED,
    COMMITTED_AT,
    ENDED_AT,
    HEADER_SIZE,
    HEARTBEAT_AT,
    MAGIC,
    NUMBER,
    OUTSIDE,
    RECORD,
    RECORDS_BEFORE,
    WAITING_AT,
    Kind,
    Places,
    Record,
    TraceError,
    segment_of,
    segment_size,
)

_KINDS: Final = {int(kind): kind for kind in Kind}


class TraceReader(Sequence[Record]):
    """The records of a run. `refresh` lets it see what was committed since; only what is asked for is decoded.

    Args:
        files: the run's folder, or other files of a trace.
        limit: how many records are looked at, at most.

    Raises:
        TraceError: if there is no trace, at the start or when a damaged record is asked for.
    """

    def __init__(self, files: Path | Files, limit: int = RECORDS_BEFORE[-1]) -> None:
        self._files: Files = Folder(files) if isinstance(files, Path) else files
        self._limit = limit
        self._maps: dict[tuple[str, int], Content] = {}
        self._header = self._open("header")
        if len(self._header) < HEADER_SIZE or self._header[: len(MAGIC)] != MAGIC:
            raise TraceError(f"{files} holds no trace that this version can read")
        (self._began,) = COMMITTED.unpack_from(self._header, BEGAN_AT)
        self._count = 0
        self._places = Places()
        self.refresh()

    def refresh(self) -> int:
        """Look how many records are committed by now, and return it."""
        (committed,) = COMMITTED.unpack_from(self._header, COMMITTED_AT)
        self._count = min(committed, self._limit)
        return self._count

    @property
    def places(self) -> Places:
        """What the numbers of nodes and edges stand for; empty until the target has said so."""
        if not self._places.nodes:
            try:
                names = json.loads(bytes(self._files.open("places.json")))
                self._places = Places(_names(names["nodes"]), _names(names["edges"]))
            except FileNotFoundError:
                pass
            except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
                raise TraceError(f"{self._files}: places.json is damaged") from error
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
        beat: int
        (waits,) = COMMITTED.unpack_from(self._header, WAITING_AT)
        if waits:
            return 0.0
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
            start, stop, step = index.indices(self._count)
            return self._row(start, stop) if step == 1 else [self._record(i) for i in range(start, stop, step)]
        if index < 0:
            index += self._count
        if not 0 <= index < self._count:
            raise IndexError(index)
        return self._record(index)

    def __iter__(self) -> Iterator[Record]:
        return map(self._record, range(self._count))

    def _record(self, index: int) -> Record:
        number, place = segment_of(index, RECORDS_BEFORE)
        segment = self._segment("records", number)
        try:
            kind, detail, node, edge, packet, nth, step, time, offset, length = RECORD.unpack_from(
                segment, place * RECORD.size
            )
            since = time - self._began
            return Record(index, Kind(kind), detail, node, edge, packet, nth, step, since, offset, length)
        except Exception as error:
            raise self._damaged(index) from error

    def _row(self, start: int, stop: int) -> list[Record]:
        """Return records that lie side by side, segment by segment: it is what reading a long trace consists of."""
        records: list[Record] = []
        while start < stop:
            content = self.raw(start, stop)
            for index, fields in enumerate(RECORD.iter_unpack(content), start):
                kind, detail, node, edge, packet, nth, step, time, offset, length = fields
                if kind not in _KINDS:
                    raise self._damaged(index)
                since = time - self._began
                records.append(
                    Record(index, _KINDS[kind], detail, node, edge, packet, nth, step, since, offset, length)
                )
            start += len(content) // RECORD.size
        return records

    def raw(self, start: int, stop: int) -> bytes:
        """Return the bytes of records that lie side by side, as far as their segment goes.

        Raises:
            TraceError: if it is cut short.
        """
        number, place = segment_of(start, RECORDS_BEFORE)
        end = min(stop, RECORDS_BEFORE[number + 1])
        content = bytes(self._segment("records", number)[place * RECORD.size : (place + end - start) * RECORD.size])
        if len(content) < (end - start) * RECORD.size:
            raise self._damaged(start + len(content) // RECORD.size)
        return content

    def _damaged(self, index: int) -> TraceError:
        return TraceError(f"{self._files}: record {index} is damaged")

    def node_of(self, record: Record) -> str:
        """Return the place of a record's node."""
        if record.node >= len(self.places.nodes):
            raise self._damaged(record.index)
        return self.places.nodes[record.node]

    def edge_of(self, record: Record) -> str | None:
        """Return the place of a record's edge; None if it has none."""
        if record.edge >= len(self.places.edges):
            raise self._damaged(record.index)
        return self.places.edges[record.edge] if record.edge >= 0 else None

    def data(self, record: Record) -> bytes:
        """Return the bytes that a record refers to."""
        if not record.length:
            is_number = record.kind is Kind.SEND and record.detail == NUMBER
            return b"%d" % number_in(record.offset) if is_number else b""
        number, start = segment_of(record.offset, BYTES_BEFORE)
        if start + record.length > segment_size(number):
            raise self._damaged(record.index)
        data = bytes(self._segment("heap", number)[start : start + record.length])
        if len(data) != record.length:
            raise self._damaged(record.index)
        return data

    def text(self, record: Record) -> str:
        """Return what a record refers to as text; of a packet the summary alone."""
        text = self.data(record).decode("utf-8", "replace")
        return text.partition(BEYOND)[0] if record.edge >= 0 or record.kind is Kind.ACT else text

    def _segment(self, stem: str, number: int) -> Content:
        segment = self._maps.get((stem, number))
        if segment is None:
            segment = self._maps[stem, number] = self._open(f"{stem}.{number}")
        return segment

    def _open(self, name: str) -> Content:
        try:
            return self._files.open(name)
        except (OSError, ValueError) as error:
            raise TraceError(f"{self._files}: cannot read {name}: {error}") from error

    def close(self) -> None:
        """Let go of the files."""
        self._maps.clear()
        self._files.close()


def number_in(offset: int) -> int:
    """Return the number that stands in the place of an offset, in a record without data."""
    return offset - (offset >> 63 << 64)


def _names(names: Any) -> tuple[str, ...]:
    if not (isinstance(names, list) and all(type(name) is str for name in names)):
        raise TypeError("names are a list of texts")
    return tuple(names)
