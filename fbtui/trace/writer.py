"""Writes a trace: appends to mapped files, a record at a time."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic_ns  # this very function: a run under virtual time has another one in the module
from typing import Final

from fbtui.trace.layout import (
    BEGAN_AT,
    COMMITTED,
    COMMITTED_AT,
    ENDED_AT,
    HEADER_SIZE,
    HEARTBEAT_AT,
    MAGIC,
    MOVE,
    NOWHERE,
    OUTSIDE,
    RECORD,
    WAITING_AT,
    WAY,
    Kind,
    Places,
    TraceError,
    segment_size,
)

BUDGET: Final = 1 << 30
_pack, _pack_move, _SIZE, _now = RECORD.pack_into, MOVE.pack_into, RECORD.size, monotonic_ns


class TraceWriter:
    """Appends the events of one run to its folder.

    Args:
        folder: the run's folder, made already.
        budget: bytes on disk after which `full` says that the run had better pause. Nothing is ever dropped.

    Raises:
        TraceError: if the folder cannot be written to.
    """

    def __init__(self, folder: Path, budget: int = BUDGET) -> None:
        self._folder = folder
        self._budget = budget
        self.on_full: Callable[[], object] = lambda: None
        """Called at each segment that is begun beyond the budget."""
        self._count = 0
        self._used = 0
        self._heap_base = 0
        try:
            self._header = _allocate(folder / "header", HEADER_SIZE)
            self._next_records(0)
            self._next_heap(0)
        except OSError as error:
            raise TraceError(f"cannot write the trace in {folder}: {error.strerror}") from error
        self._header[: len(MAGIC)] = MAGIC
        COMMITTED.pack_into(self._header, BEGAN_AT, monotonic_ns())
        self._committed = memoryview(self._header)[COMMITTED_AT : COMMITTED_AT + COMMITTED.size].cast("Q")
        self.beat()

    @property
    def full(self) -> bool:
        """True once the files have outgrown the budget."""
        return self._used > self._budget

    @property
    def count(self) -> int:
        """How many records are committed."""
        return self._count

    def _next_records(self, number: int) -> None:
        self._records_number = number
        self._records = self._segment("records", number)
        self._records_at = 0
        self._records_end = segment_size(number) // RECORD.size * RECORD.size

    def _next_heap(self, number: int) -> None:
        self._heap_number = number
        self._heap_base += segment_size(number - 1) if number else 0
        self._heap = self._segment("heap", number)
        self._heap_at = 0
        self._heap_size = len(self._heap)

    def _segment(self, stem: str, number: int) -> mmap.mmap:
        size = segment_size(number)
        self._used += size
        if self.full:
            self.on_full()
        return _allocate(self._folder / f"{stem}.{number}", size)

    def name(self, places: Places) -> None:
        """Say what the numbers of nodes and edges stand for."""
        draft = self._folder / "places.part"
        draft.write_text(json.dumps({"nodes": places.nodes, "edges": places.edges}), encoding="utf-8")
        draft.replace(self._folder / "places.json")

    def record(
        self,
        kind: Kind,
        *,
        node: int = 0,
        edge: int = NOWHERE,
        packet: int = 0,
        occurrence: int = 0,
        step: int = 0,
        detail: int = 0,
        data: bytes = b"",
    ) -> int:
        """Commit one event and return its index. The data may be as long as the smallest segment."""
        self.write(kind, detail, node, edge, packet, occurrence, step, data)
        return self._count - 1

    def write(
        self, kind: int, detail: int, node: int, edge: int, packet: int, occurrence: int, step: int, data: bytes
    ) -> None:
        """Do what `record` does."""
        length, start = len(data), self._heap_at
        if start + length > self._heap_size:
            self._next_heap(self._heap_number + 1)
            start = 0
        self._heap_at = end = start + length
        self._heap[start:end] = data
        at, offset = self._place(), self._heap_base + start
        _pack(self._records, at, kind, detail, node, edge, packet, occurrence, step, _now(), offset, length)
        self._count = self._committed[0] = self._count + 1

    def write_move(self, way: int, packet: int, occurrence: int, step: int, number: int) -> None:
        """Commit a move without data.

        A run that is recorded spends its time here.

        Args:
            way: the first four fields of its record, as `way` gives them.
            packet, occurrence, step: as in `record`.
            number: what stands in the place of the offset.
        """
        at = self._records_at
        if at >= self._records_end:
            self._next_records(self._records_number + 1)
            at = 0
        _pack_move(self._records, at, way, packet, occurrence, step, _now(), number)
        self._records_at = at + _SIZE
        self._count = count = self._count + 1
        self._committed[0] = count

    @staticmethod
    def way(kind: Kind, detail: int, node: int, edge: int) -> int:
        """Return the first four fields of a record as one number."""
        return int.from_bytes(WAY.pack(kind, detail, node, edge), "little")

    def _place(self) -> int:
        """Return where the next record goes."""
        if self._records_at >= self._records_end:
            self._next_records(self._records_number + 1)
        at = self._records_at
        self._records_at = at + _SIZE
        return at

    def beat(self) -> None:
        """Say that the run is alive and at work."""
        COMMITTED.pack_into(self._header, HEARTBEAT_AT, monotonic_ns())
        COMMITTED.pack_into(self._header, WAITING_AT, 0)

    def wait(self, outside: Iterable[str]) -> None:
        """Say that the run waits for something outside, each one of `OUTSIDE`."""
        COMMITTED.pack_into(self._header, WAITING_AT, sum(1 << OUTSIDE.index(word) for word in outside))

    def close(self) -> None:
        """Say that the run has ended, and cut the files to what they hold."""
        COMMITTED.pack_into(self._header, ENDED_AT, 1)
        os.truncate(self._folder / f"records.{self._records_number}", self._records_at or 1)
        os.truncate(self._folder / f"heap.{self._heap_number}", self._heap_at or 1)


def _allocate(path: Path, size: int) -> mmap.mmap:
    """Return a new file of zeros, mapped. Its blocks are taken now: a sparse map on a full disk kills us later."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:
            os.write(descriptor, bytes(size))
        return mmap.mmap(descriptor, size)
    finally:
        os.close(descriptor)
