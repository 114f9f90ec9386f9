"""Where the traces of a session lie, and how they go away."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import platformdirs

KEPT: Final = 20
"""Runs of a session whose traces are kept."""


class TraceFolders:
    """A folder for the session, named after its process, with one folder a run.

    What processes that are gone have left behind is removed at the start.
    """

    def __init__(self) -> None:
        self._root = self._make_root()
        self._remove_orphans()
        self.session = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self._root))
        self._runs: list[Path] = []

    @staticmethod
    def _make_root() -> Path:
        root = Path(platformdirs.user_cache_dir("fbtui")) / "runs"
        try:
            root.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError:  # a home that cannot be written to
            return Path(tempfile.gettempdir())
        return root

    def _remove_orphans(self) -> None:
        for folder in self._root.glob("*-*"):
            number = folder.name.partition("-")[0]
            if folder.is_dir() and number.isdigit() and not _alive(int(number)):
                shutil.rmtree(folder, ignore_errors=True)

    def next_run(self, number: int) -> Path:
        """Return a new folder for a run; the oldest runs beyond those kept are removed."""
        folder = self.session / f"run-{number}"
        folder.mkdir(mode=0o700)
        self._runs.append(folder)
        while len(self._runs) > KEPT:
            shutil.rmtree(self._runs.pop(0), ignore_errors=True)
        return folder

    def remove(self) -> None:
        """Remove everything of this session."""
        shutil.rmtree(self.session, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
