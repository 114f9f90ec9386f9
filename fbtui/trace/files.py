"""Where the files of a trace are: in a run's folder, or in something that holds them all."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Protocol

Content = mmap.mmap | memoryview


class Files(Protocol):
    """Files by name. As text it is what people call the whole."""

    def open(self, name: str) -> Content:
        """Return the content of a file, mapped in place; raises OSError or ValueError if there is none."""

    def close(self) -> None:
        """Let go of what was opened."""


class Folder:
    """The files of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: list[mmap.mmap] = []

    def __str__(self) -> str:
        return str(self._folder)

    def open(self, name: str) -> Content:
        """Map a file."""
        with (self._folder / name).open("rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._opened.append(content)
        return content

    def close(self) -> None:
        """Unmap what was mapped."""
        for content in self._opened:
            content.close()
        self._opened.clear()
