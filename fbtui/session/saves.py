"""Waits for the person to save one of the files that a run was made of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from fbtui.protocol import SourceFile
from fbtui.watch import Watch, digest_of, settled


class Saves:
    """Watches a program's files.

    Args:
        program: the program's own file, watched from the beginning.
        on_saved: called with the names of files that have another content now.
        on_gone: called with the names of files of which one is no longer there.
        watch: False watches nothing.
    """

    def __init__(
        self,
        program: Path,
        on_saved: Callable[[str], Awaitable[None]],
        on_gone: Callable[[str], None],
        *,
        watch: bool,
    ) -> None:
        self._program = program
        self._on_saved, self._on_gone = on_saved, on_gone
        self._wanted = watch
        self._watch: Watch | None = None
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin to watch."""
        if self._wanted:
            self._watch = Watch({self._program: digest_of(self._program)})
            self._task = asyncio.ensure_future(self._wait(self._watch))

    def follow(self, files: Iterable[SourceFile]) -> None:
        """Watch these files from now on, for another content than the run has read."""
        contents = {Path(file.path): file.digest for file in files}
        if self._watch is not None and contents:
            self._watch.follow(contents)

    async def end(self) -> None:
        """Watch no more."""
        if self._watch is not None and self._task is not None:
            self._watch.stop()
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _wait(self, watch: Watch) -> None:
        async for changed in watch.changes():
            await settled(changed[0])
            names = ", ".join(path.name for path in changed)
            if all(path.exists() for path in changed):
                await self._on_saved(names)
            else:
                self._on_gone(names)
