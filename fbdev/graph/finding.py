"""What `GraphSpec.validate` finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]
"""An error cannot work; a warning is most likely a mistake; a note is worth a look."""


@dataclass(frozen=True)
class Finding:
    """Something about a graph that is wrong, or looks so.

    ``code`` says what kind of thing it is, in words that do not change; ``place`` is where, as
    `fbdev.graph.places` writes it; ``sentence`` is for people.
    """

    code: str
    level: Level
    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.level}: {self.place}: {self.sentence} [{self.code}]"
