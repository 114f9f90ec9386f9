"""Recordings in formats that other programs read: a module a format; ``docs/recordings.md`` describes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TextIO

from fbtui.trace.draft import replacing
from fbtui.trace.export import chrome, json_lines, mermaid, pytest_file, sqlite
from fbtui.trace.export.problem import ExportError
from fbtui.trace.recording import Recording

__all__ = ["ExportError", "export_to"]

_TEXTS: Final[dict[str, Callable[[Recording], Iterator[str]]]] = {
    "json": json_lines.lines,
    "chrome": chrome.lines,
    "mermaid": mermaid.lines,
}


def export_to(format_: str, recording: Recording, path: Path | None, out: TextIO) -> None:
    """Write a recording in a format.

    Args:
        format_: ``json``, ``sqlite``, ``chrome``, ``mermaid`` or ``pytest``.
        recording: the run.
        path: the file to write; what stands there is replaced.
        out: where it goes if no path is given.

    Raises:
        ExportError: if the recording cannot be written so.
        TraceError: if it is damaged.
        OSError: if the file cannot be written.
    """
    if format_ == "sqlite":
        if path is None:
            raise ExportError("a database is no text: name its file with -o PATH")
        sqlite.write(recording, path)
        return
    lines = pytest_file.lines(recording, path) if format_ == "pytest" else _TEXTS[format_](recording)
    if path is None:
        out.writelines(f"{line}\n".encode(out.encoding or "utf-8", "backslashreplace").decode() for line in lines)
        return
    with replacing(path) as draft, draft.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.writelines(f"{line}\n" for line in lines)
