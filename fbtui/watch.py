"""Says when one of a run's files has changed.

The folders that hold them are watched, not what is below; a change counts when the content is another one. Editors
save in many ways: in place, by a new file moved over the old one, with a moment in which the file is empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

from fbtui.protocol import digest

STEP: Final = 5
"""Milliseconds within which changes are gathered where a thread looks for them."""
LOOK_AGAIN: Final = 0.5
"""Seconds after which the files are looked at although nothing was told: a save may fall between the moment in
which a run has read a file and the one in which its folder is watched, and some file systems tell nothing."""
QUIET: Final = 0.06
"""Seconds that a file which is empty or does not compile is given to become whole."""


class Watch:
    """Watches a set of files for changes of their content.

    Args:
        files: the files with the digests of the content that is known; `follow` replaces them.
    """

    def __init__(self, files: Mapping[Path, str]) -> None:
        self._digests = dict(files)
        self._has_stopped = False
        self._again = asyncio.Event()
        """Set when other folders are to be watched, or none."""

    def follow(self, files: Mapping[Path, str]) -> None:
        """Watch these files from now on, for another content than that of the digests."""
        folders = self._folders()
        self._digests = dict(files)
        if self._folders() != folders:
            self._again.set()

    def _folders(self) -> set[Path]:
        return {path.parent for path in self._digests}

    def stop(self) -> None:
        """End the iteration."""
        self._has_stopped = True
        self._again.set()

    async def changes(self) -> AsyncIterator[tuple[Path, ...]]:
        """Yield the files that have changed or are gone, each time some are."""
        async for touched in self._touched():
            looked_at = touched & self._digests.keys() if touched else self._digests
            changed = tuple(sorted([path for path in looked_at if self._is_new(path)]))
            if changed:
                yield changed

    async def _touched(self) -> AsyncIterator[set[Path]]:
        """Yield files that were touched; an empty set when nobody knows which ones."""
        from fbtui.inotify import Inotify  # noqa: PLC0415 - the first frame does not need it

        told: set[Path] = set()

        def tell(paths: set[Path]) -> None:
            told.update(paths)
            self._again.set()

        try:
            inotify = Inotify(tell)
        except OSError:
            async for touched in self._looked_for():
                yield touched
            return
        try:
            while not self._has_stopped:
                self._again.clear()
                inotify.follow(self._folders())
                touched = told.copy()
                told.clear()
                yield touched
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._again.wait(), LOOK_AGAIN)
        finally:
            inotify.close()

    async def _looked_for(self) -> AsyncIterator[set[Path]]:
        """Do the same where the system is no Linux: a thread looks for what has happened."""
        from watchfiles import awatch  # noqa: PLC0415 - elsewhere it is not needed

        while not self._has_stopped:
            self._again.clear()
            watcher = awatch(
                *(folder for folder in self._folders() if folder.is_dir()),
                watch_filter=None,
                stop_event=self._again,
                step=STEP,
                debounce=50,
                recursive=False,
                rust_timeout=round(LOOK_AGAIN * 1000),
                yield_on_timeout=True,
            )
            async for events in watcher:
                yield {Path(name) for _, name in events}

    def _is_new(self, path: Path) -> bool:
        now = digest_of(path)
        if now == self._digests[path]:
            return False
        self._digests[path] = now
        return True


def digest_of(path: Path) -> str:
    """Return the digest of a file's content; empty if it cannot be read."""
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


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
