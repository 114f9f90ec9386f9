"""Says when one of a run's files has changed.

The folders that hold them are watched, not what is below; a change counts when the content is another one. Editors
save in many ways: in place, by a new file moved over the old one, with a moment in which the file is empty.
"""

from __future__ import annotations

import asyncio
import hashlib
import warnings
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final

from watchfiles import awatch

STEP: Final = 5
"""Milliseconds within which changes are gathered."""
QUIET: Final = 0.06
"""Seconds that a file which is empty or does not compile is given to become whole."""


class Watch:
    """Watches a set of files for changes of their content.

    Args:
        files: the files; `follow` replaces them.
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._hashes: dict[Path, bytes] = {}
        self._stop = asyncio.Event()
        self._again = asyncio.Event()
        self.follow(files)

    def follow(self, files: Iterable[Path]) -> None:
        """Watch these files from now on; those that were watched already keep the content that was last seen."""
        wanted = set(files)
        folders = self._folders()
        self._hashes = {path: self._hashes.get(path) or _digest(path) for path in wanted}
        if self._folders() != folders:
            self._again.set()

    def _folders(self) -> set[Path]:
        return {path.parent for path in self._hashes}

    def stop(self) -> None:
        """End the iteration."""
        self._stop.set()
        self._again.set()

    async def changes(self) -> AsyncIterator[tuple[Path, ...]]:
        """Yield the files that have changed, each time some have."""
        while not self._stop.is_set():
            self._again.clear()
            folders = [folder for folder in self._folders() if folder.is_dir()]
            watcher = awatch(*folders, stop_event=self._again, step=STEP, debounce=50, recursive=False)
            async for events in watcher:
                touched = {Path(name) for _, name in events} & self._hashes.keys()
                changed = tuple(sorted([path for path in touched if self._is_new(path)]))
                if changed:
                    yield changed

    def _is_new(self, path: Path) -> bool:
        digest = _digest(path)
        if not digest or digest == self._hashes[path]:
            return False
        self._hashes[path] = digest
        return True


def _digest(path: Path) -> bytes:
    """Return a digest of a file's content; empty if it cannot be read (it is on its way)."""
    try:
        return hashlib.blake2b(path.read_bytes()).digest()
    except OSError:
        return b""


async def settled(path: Path) -> None:
    """Return when a Python file compiles, or has not for as long as an unfinished save may last."""
    loop = asyncio.get_running_loop()
    end = loop.time() + QUIET
    while not _compiles(path) and loop.time() < end:  # noqa: ASYNC110 - nobody tells when a save is whole
        await asyncio.sleep(STEP / 1000)


def _compiles(path: Path) -> bool:
    try:
        source = path.read_bytes()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, str(path), "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return False
    return bool(source.strip())
