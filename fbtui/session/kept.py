"""Lists that are kept for a program from one session to the next: its breakpoints, its watches."""

from __future__ import annotations

import contextlib
import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from fbtui.session.state import state_file, write_atomically

Item = TypeVar("Item")


class KeptList(ABC, Generic[Item]):
    """A list in a file, which is written whenever it has changed.

    Args:
        file: where it is kept; None keeps it nowhere.
    """

    KIND: ClassVar[str]
    """The folder in which each program has its file."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.items: list[Item] = []
        self.recalled = 0
        """How many are there from an earlier session."""

    @classmethod
    def of(cls, program: Path) -> Self:
        """Return what is kept for a program."""
        kept = cls(state_file(cls.KIND, program))
        kept.load()
        return kept

    @staticmethod
    @abstractmethod
    def written(item: Item) -> Any:
        """Return an item as JSON holds it."""

    @staticmethod
    @abstractmethod
    def read(data: Any) -> Item:
        """Return the item that JSON holds; raises any exception if that is none."""

    def remove(self, item: Item) -> None:
        """Remove one."""
        self.items.remove(item)
        self.save()

    def load(self) -> None:
        """Read the file; what a version wrote that wrote otherwise counts as nothing."""
        self.items = []
        if self.file is not None:
            with contextlib.suppress(Exception):
                kept = json.loads(self.file.read_text(encoding="utf-8"))
                self.items = [self.read(data) for data in kept] if isinstance(kept, list) else []
        self.recalled = len(self.items)

    def save(self) -> None:
        """Write the file; where the state folder cannot be written to, nothing is kept."""
        if self.file is not None:
            with contextlib.suppress(OSError):
                write_atomically(self.file, json.dumps([self.written(item) for item in self.items], indent=1))
