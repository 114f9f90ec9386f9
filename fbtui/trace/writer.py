"""Writes a trace: appends to mapped files, a record at a time."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic_ns  # this very function: a run under virtual time has another one in the module

from fbtui.trace.layout import (
    BEGAN_AT,
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
    WAITS_FOR_NOTHING,
    Kind,
    Places,
    TraceError,
    segment_size,
)


class TraceWriter:
    """Appends the events of one run to its folder.

    Args:
        folder: the run's folder, made already.
        budget: bytes on disk after which, and after as many again, `on_full` is called. Nothing is ever dropped.

    Raises:
        TraceError: if the folder cannot be written to.
    """

    def __init__(self, folder: Path, budget: int = 1 << 30) -> None:
        self.folder = folder
        self._budget, self._room = budget, budget
        self.on_full: Callable[[], object] = lambda: None
        """Called in the middle of a record, when the files have outgrown the budget."""
        self.on_failure: Callable[[OSError], object] = lambda error: None
        """Called in the middle of a record, when the files cannot grow; what was written before is complete. If it
        returns the error is raised."""
        self.count = 0
        """How many records are committed."""
        self._used = 0
        self._refuse: Callable[[], object] = lambda: None
        self._heap_base = 0
        try:
            self._header = _allocate(folder / "header", HEADER_SIZE)
            self._next_records(0)
            self._next_heap(0)
        except OSError as error:
            raise TraceError(f"cannot write the trace in {folder}: {error.strerror}") from error
        self._header[: len(MAGIC)] = MAGIC
        COMMITTED.pack_into(self._header, BEGAN_AT, monotonic_ns())
        self.committed = memoryview(self._header)[COMMITTED_AT : COMMITTED_AT + COMMITTED.size].cast("Q")
        self.beat()

    def turn(self) -> int:
        """Begin the next segment of records, and return the place of the first one."""
        self._refuse()
        self._next_records(self._records_number + 1)
        return 0

    def _next_records(self, number: int) -> None:
        self._records_number = number
        self.records = self._segment("records", number)
        self.at = 0
        """Where the next record goes, unless that is the ``end``: then `turn` the page."""
        self.end = segment_size(number) // RECORD.size * RECORD.size

    def forsake(self, refuse: Callable[[], object]) -> None:
        """Write no record from now on: in a forked process the trace is that of the parent.

        Args:
            refuse: called instead of writing the next record; it must not return.
        """
        self._refuse, self.at, self._heap_size = refuse, self.end, -1

    def _next_heap(self, number: int) -> None:
        self._refuse()
        self._heap_number = number
        self._heap_base += segment_size(number - 1) if number else 0
        self._heap = self._segment("heap", number)
        self._heap_at = 0
        self._heap_size = len(self._heap)

    def _segment(self, stem: str, number: int) -> mmap.mmap:
        size = segment_size(number)
        try:
            segment = _allocate(self.folder / f"{stem}.{number}", size)
        except OSError as error:
            self.on_failure(error)
            raise
        self._used += size
        if self._used > self._room:
            self._room += self._budget
            self.on_full()
        return segment

    def name(self, places: Places) -> None:
        """Say what the numbers of nodes and edges stand for. Raises TraceError if that cannot be written."""
        draft = self.folder / "places.part"
        try:
            draft.write_text(json.dumps({"nodes": places.nodes, "edges": places.edges}), encoding="utf-8")
            draft.replace(self.folder / "places.json")
        except OSError as error:
            raise TraceError(f"cannot write the trace in {self.folder}: {error.strerror}") from error

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
        return self.count - 1

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
        at = self.at if self.at < self.end else self.turn()
        now, offset = monotonic_ns(), self._heap_base + start
        RECORD.pack_into(self.records, at, kind, detail, node, edge, packet, occurrence, step, now, offset, length)
        self.at = at + RECORD.size
        self.count = self.committed[0] = self.count + 1

    def beat(self) -> None:
        """Say that the run is alive and at work."""
        COMMITTED.pack_into(self._header, HEARTBEAT_AT, monotonic_ns())
        COMMITTED.pack_into(self._header, WAITING_AT, 0)

    def wait(self, outside: Iterable[str]) -> None:
        """Say that the run waits: for something outside, each one of `OUTSIDE`, or for nothing that would come."""
        bits = sum(1 << OUTSIDE.index(word) for word in set(outside))
        COMMITTED.pack_into(self._header, WAITING_AT, bits or WAITS_FOR_NOTHING)

    def close(self) -> None:
        """Say that the run has ended, and cut the files to what they hold."""
        self._refuse()
        COMMITTED.pack_into(self._header, ENDED_AT, 1)
        os.truncate(self.folder / f"records.{self._records_number}", self.at or 1)
        os.truncate(self.folder / f"heap.{self._heap_number}", self._heap_at or 1)


def _allocate(path: Path, size: int) -> mmap.mmap:
    """Return a new file of zeros, mapped. Its blocks are taken now: a sparse map on a full disk kills us later."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:
            os.write(descriptor, bytes(size))
        return mmap.mmap(descriptor, size)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
