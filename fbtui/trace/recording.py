"""A run in one file: an uncompressed zip of the files of its trace, and ``meta.json``.

Opening one runs nothing: it is JSON and records of a fixed size, every name and number of which is checked.
``docs/recordings.md`` describes the format.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import mmap
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fbtui.protocol import GRAPH, Done, Graph, GraphInfo, Lint, ProtocolError, Start, from_data
from fbtui.protocol.plain import plain
from fbtui.trace.archive import Archive
from fbtui.trace.draft import replacing
from fbtui.trace.layout import (
    BYTES_BEFORE,
    RECORD,
    RECORDS_BEFORE,
    Kind,
    Places,
    TraceError,
    segment_of,
    segment_size,
)
from fbtui.trace.reader import TraceReader

if TYPE_CHECKING:
    from zipfile import ZipFile

FORMAT: Final = "fbtui recording"
VERSION: Final = 1
META: Final = "meta.json"
SUFFIX: Final = ".fbtrace"


@plain
class Meta:
    """What a recording tells of its run: what was asked for, the graph, how it ended (None: it has not), the text of
    each local file by its path, and what was found wrong that ended nothing."""

    start: Start
    graph: Graph
    done: Done | None
    sources: dict[str, str]
    lints: tuple[Lint, ...] = ()


class Recording:
    """A recorded run, read-only.

    Args:
        path: the file.

    Raises:
        TraceError: if it is no recording, or nothing of it can be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._archive = Archive(path)
        try:
            self.meta = _meta_of(self._archive)
            self.trace, self.damage = _trace_of(self._archive)
            """`damage` says in one sentence what cannot be read; empty if nothing is lost."""
        except TraceError:
            self._archive.close()
            raise

    @property
    def printed(self) -> str:
        """What was printed past Python: by extensions and by other programs."""
        return self._archive.text("process.txt")

    def close(self) -> None:
        """Let go of the file."""
        self.trace.close()

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def is_recording(path: Path) -> bool:
    """Return whether a file is a recording, be it a damaged one."""
    try:
        Recording(path).close()
    except TraceError:
        return False
    return True


# ------------------------------------------------------------------------------------ reading


def _meta_of(archive: Archive) -> Meta:
    try:
        data = json.loads(archive.text(META))
        if data["format"] != FORMAT:
            raise TraceError(f"{archive} is no recording of fbtui")
        if data["version"] != VERSION:
            raise TraceError(f"{archive} is of version {str(data['version'])[:20]}: this fbtui reads {VERSION}")
        meta = from_data(Meta, data)
    except (ValueError, KeyError, TypeError, RecursionError, ProtocolError) as error:
        raise TraceError(f"{archive} is no recording of fbtui, or its {META} is damaged") from error
    if not _fits(meta.graph.graph):
        raise TraceError(f"{archive}: its graph is damaged: an edge ends where nothing is")
    return meta


def _fits(graph: GraphInfo) -> bool:
    """Return whether ids are unique, and every edge ends at a port that there is."""
    ports = {(GRAPH, port.kind, port.name) for port in graph.ports}
    ports |= {(node.id, port.kind, port.name) for node in graph.nodes for port in node.ports}
    ends = [end for edge in graph.edges for end in (edge.tail, edge.head) if end is not None]
    return (
        len({node.id for node in graph.nodes}) == len(graph.nodes)
        and len({edge.id for edge in graph.edges}) == len(graph.edges)
        and all((end.node, end.kind, end.port) in ports for end in ends)
        and all(_fits(node.graph) for node in graph.nodes if node.graph is not None)
    )


def _trace_of(archive: Archive) -> tuple[TraceReader, str]:
    """Return the trace as far as it can be read, and what is to be told of the rest."""
    claimed = len(TraceReader(archive))
    there = min(claimed, _held(archive, "records", RECORD.size, RECORDS_BEFORE))
    trace = TraceReader(archive, there)
    if not archive.damage and there == claimed:
        return trace, ""
    readable = _readable(archive, there, trace.places)
    what = archive.damage or "records are missing"
    return TraceReader(archive, readable), f"{archive} is damaged ({what}): {readable} of {claimed} events are there"


def _held(archive: Archive, stem: str, size: int, before: tuple[int, ...]) -> int:
    """Return how many things of a size in bytes the segments hold before the first gap."""
    for number, start in enumerate(before[:-1]):
        held = archive.size(f"{stem}.{number}") // size
        if start + held < before[number + 1]:
            return start + held
    return before[-1]


def _readable(archive: Archive, count: int, places: Places) -> int:
    """Return how many of so many records stand before the first one that makes no sense."""
    heap = _held(archive, "heap", 1, BYTES_BEFORE)
    kinds, nodes, edges = frozenset(Kind), len(places.nodes), len(places.edges)
    index = number = 0
    while index < count:
        content = archive.open(f"records.{number}")
        whole = content[: len(content) // RECORD.size * RECORD.size]
        for kind, _, node, edge, *_, offset, length in RECORD.iter_unpack(whole):
            sound = kind in kinds and node < nodes and edge < edges and (not length or offset + length <= heap)
            if index == count or not sound:
                return index
            index += 1
        number += 1
    return count


# ------------------------------------------------------------------------------------ writing


def write_recording(path: Path, folder: Path, meta: Meta) -> None:
    """Write what a run has recorded so far into one file, at once or not at all.

    Args:
        path: the file; an older recording there is replaced, anything else is not.
        folder: the run's folder.
        meta: what else is known of the run.

    Raises:
        TraceError: if the file cannot be written, or the run has recorded nothing.
    """
    import zipfile  # noqa: PLC0415 - the first frame does not need it

    refuse_to_overwrite(path)
    trace = TraceReader(folder)
    try:
        with replacing(path) as draft, zipfile.ZipFile(draft, "w") as archive:
            head = {"format": FORMAT, "version": VERSION, **dataclasses.asdict(meta)}
            _add(archive, META, json.dumps(head, indent=1).encode())
            _add_trace(archive, folder, trace)
    except OSError as error:
        raise TraceError(f"cannot write the recording {path}: {error.strerror}") from error
    finally:
        trace.close()


def copy_recording(recording: Path, path: Path) -> None:
    """Write a recording into another file as it is, at once or not at all.

    Raises:
        TraceError: if the file cannot be written.
    """
    refuse_to_overwrite(path)
    try:
        with replacing(path) as draft:
            shutil.copyfile(recording, draft)
    except OSError as error:
        raise TraceError(f"cannot write the recording {path}: {error.strerror}") from error


def refuse_to_overwrite(path: Path) -> None:
    """Raise TraceError if a file stands there that is no recording."""
    if path.exists() and not is_recording(path):
        raise TraceError(f"{path} exists and is no recording: it is not overwritten; name another file")
    if not path.parent.is_dir():
        raise TraceError(f"cannot write the recording {path}: there is no folder {path.parent}")


def _add_trace(archive: ZipFile, folder: Path, trace: TraceReader) -> None:
    """Add the files of a trace, each cut to what it holds: a target that was killed has not cut them."""
    _add(archive, "places.json", (folder / "places.json").read_bytes())
    _add(archive, "header", (folder / "header").read_bytes())
    _add_segments(archive, folder, "records", len(trace), RECORDS_BEFORE, RECORD.size)
    last = next((record for record in map(trace.__getitem__, range(len(trace) - 1, -1, -1)) if record.length), None)
    _add_segments(archive, folder, "heap", last.offset + last.length if last is not None else 0, BYTES_BEFORE, 1)
    with contextlib.suppress(FileNotFoundError):
        _add(archive, "process.txt", (folder / "process.txt").read_bytes())


def _add_segments(archive: ZipFile, folder: Path, stem: str, count: int, before: tuple[int, ...], size: int) -> None:
    """Add the segments that hold so many things, each of a size in bytes."""
    if not count:
        return
    last, place = segment_of(count - 1, before)
    for number in range(last + 1):
        with (folder / f"{stem}.{number}").open("rb") as file:
            used = (place + 1) * size if number == last else segment_size(number)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                _add(archive, f"{stem}.{number}", content[:used])


def _add(archive: ZipFile, name: str, data: bytes) -> None:
    from zipfile import ZipInfo  # noqa: PLC0415 - the first frame does not need it

    member = ZipInfo(name)  # of no date: the same run gives the same file
    member.external_attr = 0o600 << 16
    archive.writestr(member, data)
