"""The lists of the debugger as numbered lines, for screen readers: a part of one at a time, and its lines chosen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fbtui.ui.panes import NAMES
from fbtui.ui.widgets.lines import LineList

LISTED: Final = 9
"""Lines of a list that are told at a time."""
AT_THE_END: Final = frozenset({"output", "timeline"})
"""Lists of which the newest lines come first to mind."""
USAGE: Final = (
    f"{', '.join(NAMES)}: the lines of that list, the newest of the output and the timeline",
    "NAME 20: its lines from the twentieth on; 'more' tells the next ones",
    "choose 3: what enter does on the third line of the list that was told last",
)
"""What is typed for the lists, in words."""


class Reading:
    """Reads out one list after the other."""

    def __init__(self) -> None:
        self.last: LineList | None = None
        """The list that was told last."""
        self._next = 0

    def tell(self, lines: LineList, first: int | None = None) -> Iterator[str]:
        """Return a part of a list as numbered lines.

        Args:
            lines: the list.
            first: the number of the first line that is told, from 1; None for the newest ones, or the first.
        """
        count = lines.count
        newest = count - LISTED if (lines.id or "") in AT_THE_END else 0
        start = max(0, newest if first is None else min(first, count) - 1)
        self.last, self._next = lines, min(count, start + LISTED)
        name = NAMES.get(lines.id or "", "The list")
        if not count:
            yield f"{name}: nothing"
            return
        yield f"{name}, lines {start + 1} to {self._next} of {count}:"
        for index in range(start, self._next):
            yield f"{index + 1}: {' '.join(lines.told(index).replace('│', ':').split())}"

    def more(self) -> Iterator[str]:
        """Return the lines that come next in the list that was told last."""
        if self.last is None:
            yield f"say which list first: {', '.join(NAMES)}"
        elif self._next >= self.last.count:
            yield "that is the end of the list"
        else:
            yield from self.tell(self.last, self._next + 1)

    def choose(self, number: int) -> str:
        """Do what Enter does on a line of the list that was told last; return why it cannot be done, or nothing."""
        if self.last is None or not 0 < number <= self.last.count:
            return "there is no such line: tell a list first, and choose one of its numbers"
        self.last.cursor = number - 1
        self.last.action_choose()
        return ""
