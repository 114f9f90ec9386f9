"""Writes a trace: appends to mapped files, a record at a time."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Iterable
from pathlib import Path
from time import monotonic_ns  # this very function: a run under virtual time has another one in the module
from typing import Final

from fbtui.trace.layout import (
    COMMITTED,
    COMMITTED_AT,
    ENDED_AT,
    HEADER_SIZE,
    HEARTBEAT_AT,
    MAGIC,
    NOWHERE,
    OUTSIDE,
    RECORD,
    WAITING_AT,
    Kind,
    Places,
    TraceError,
    segment_size,
)

BUDGET: Final = 1 << 30


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
        self._began = monotonic_ns()
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

    def _segment(self, stem: str, number: int) -> mmap.mmap:
        size = segment_size(number)
        self._used += size
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
        length = len(data)
        if self._heap_at + length > len(self._heap):
            self._next_heap(self._heap_number + 1)
        offset = self._heap_base + self._heap_at
        if length:
            self._heap[self._heap_at : self._heap_at + length] = data
            self._heap_at += length
        if self._records_at >= self._records_end:
            self._next_records(self._records_number + 1)
        now = monotonic_ns() - self._began
        RECORD.pack_into(
            self._records, self._records_at, kind, detail, node, edge, packet, occurrence, step, now, offset, length
        )
        self._records_at += RECORD.size
        self._count += 1
        COMMITTED.pack_into(self._header, COMMITTED_AT, self._count)
        return self._count - 1

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
