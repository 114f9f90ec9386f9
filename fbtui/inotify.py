"""What Linux tells of the files in some folders, at once and without a thread.

A file counts as touched when somebody who wrote it has closed it, when it was moved there or is gone: never in the
middle of a save. See inotify(7).
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

_EVENT: Final = struct.Struct("@iIII")
"""Watch, mask, cookie, length of the name behind it."""
_CLOSE_WRITE, _MOVED_FROM, _MOVED_TO, _DELETE, _ONLY_FOLDERS = 0x8, 0x40, 0x80, 0x200, 0x01000000
_WANTED: Final = _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _DELETE | _ONLY_FOLDERS
_LOST: Final = 0x4000
"""The queue of events ran over."""
_AT_ONCE: Final = 1 << 16


class Inotify:
    """Tells of touched files on the running loop.

    Args:
        on_touched: called with the paths of files, whenever some were touched; with none when events were lost.

    Raises:
        OSError: if there is no inotify on this system, or no more of it for this user.
    """

    def __init__(self, on_touched: Callable[[set[Path]], None]) -> None:
        self._on_touched = on_touched
        self._folders: dict[int, Path] = {}
        try:
            self._library = ctypes.CDLL(None, use_errno=True)
            self._file: int = self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        except AttributeError as error:
            raise OSError("this system has no inotify") from error
        if self._file < 0:
            raise OSError(ctypes.get_errno(), "no inotify")
        asyncio.get_running_loop().add_reader(self._file, self._read)

    def follow(self, folders: Iterable[Path]) -> None:
        """Tell of these folders, too, as far as they are there and may be watched; naming one again does no harm."""
        for folder in folders:
            number = self._library.inotify_add_watch(self._file, os.fsencode(folder), _WANTED)
            if number >= 0:
                self._folders[number] = folder

    def _read(self) -> None:
        touched: set[Path] = set()
        with contextlib.suppress(BlockingIOError):
            content = os.read(self._file, _AT_ONCE)
            at = 0
            while at < len(content):
                watch, mask, _, length = _EVENT.unpack_from(content, at)
                name = content[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0")
                at += _EVENT.size + length
                if mask & _LOST:
                    self._on_touched(set())
                elif name and watch in self._folders:
                    touched.add(self._folders[watch] / os.fsdecode(name))
        if touched:
            self._on_touched(touched)

    def close(self) -> None:
        """Tell no more."""
        asyncio.get_running_loop().remove_reader(self._file)
        os.close(self._file)
