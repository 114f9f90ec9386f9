"""The texts of the files that a run is made of."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fbtui.protocol import SourceFile, digest


def texts_of(files: Iterable[SourceFile]) -> dict[str, str]:
    """Return the text of each file that still is as the run has read it."""
    texts = {}
    for file in files:
        try:
            content = Path(file.path).read_bytes()
        except OSError:
            continue
        if digest(content) == file.digest:
            texts[file.path] = content.decode("utf-8", "replace")
    return texts
