"""What is known of one edge, one node and one watched expression of a net at a point of its trace."""

from __future__ import annotations

from collections import deque
from dataclasses import field
from typing import Final

from fbtui.protocol.plain import slotted

RECENT: Final = 3
"""Values of an edge, and of an expression, that are known."""

Recent = deque[tuple[int, str]]
"""The values seen last: the index of the record, and the summary."""


@slotted()
class EdgeMark:
    """An edge: the packets that wait on it (oldest first), and how many have come and gone."""

    waiting: deque[int] = field(default_factory=deque)
    sent: int = 0
    received: int = 0
    recent: Recent = field(default_factory=lambda: deque(maxlen=RECENT))
    """The packets that came last."""
    closed: bool = False

    @property
    def newest(self) -> str:
        """Summary of the packet that came last."""
        return self.recent[-1][1] if self.recent else ""


@slotted()
class WatchMark:
    """An expression over a node: how often it gave a value, and what it gave last."""

    count: int = 0
    failed: str = ""
    """Why it gave no value when it was evaluated last."""
    recent: Recent = field(default_factory=lambda: deque(maxlen=RECENT))

    @property
    def newest_first(self) -> tuple[str, ...]:
        """What it gave last, the newest first."""
        return tuple(text for _, text in reversed(self.recent))


@slotted()
class NodeMark:
    """A node: the word of its state, and how often it has fired."""

    state: str = "ready"
    firings: int = 0
    has_sent: bool = False
    """In a free run: whether it has sent since it received last."""
