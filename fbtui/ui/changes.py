"""The Changes pane: what a save has changed, and where the run first differs from the one before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from fbtui.diagram import Run
from fbtui.protocol.characters import clean
from fbtui.session import Session
from fbtui.session.edits import Edit
from fbtui.ui.base import Commands
from fbtui.ui.keys import named

if TYPE_CHECKING:
    from fbtui.trace.comparison import Difference

At = tuple[str, str]
"""What a line tells of: ``("edge", place)`` or ``("node", place)``."""
NOTHING: Final = "There is no run before this one to compare with: save a change, or {debug.rerun} runs again."
LEAST: Final = 20
"""Cells of a value that are shown at least."""
LEAD: Final = 8
"""Cells before the part that differs that are shown when a value is too long."""
_STYLES: Final = {"~": "warning", "+": "good", "-": "error"}


def change_lines(session: Session, keys: Mapping[str, str], width: int) -> list[tuple[list[Run], At | None]]:
    """Return the lines of the pane, so many cells wide, each with the edge or node that it tells of."""
    changes = session.changes
    verdict = changes.verdict
    if not verdict and not changes.edits:
        return [([(named(NOTHING, keys), "dim")], None)]
    found = changes.differences
    lines: list[tuple[list[Run], At | None]] = []
    if verdict:
        lines.append(([(clean(verdict), "warning" if found else "good")], None))
    lines += [(_edit_line(edit), edit.at) for edit in changes.edits]
    for difference in found:
        place = changes.place_of(difference.edge)
        lines.append((_difference_line(difference, width), None if place is None else ("edge", place)))
    return lines


def _edit_line(edit: Edit) -> list[Run]:
    return [(f"{edit.mark} ", _STYLES[edit.mark]), (clean(edit.what), "text")]


def _difference_line(difference: Difference, width: int) -> list[Run]:
    """The packet before and after, side by side, the part that differs marked."""
    head = f"≠ {clean(difference.edge)} packet {difference.occurrence}"
    room = max(LEAST, (width - len(head) - 9) // 2)
    before, after = marked(difference.before, difference.after, room)
    return [(head, "text"), ("  was ", "dim"), *before, ("  is ", "dim"), *after]


def marked(before: str | None, after: str | None, room: int) -> tuple[list[Run], list[Run]]:
    """Return two values, cut to so many cells around the part in which they differ, and that part marked."""
    if before is None or after is None:
        return _value(before, 0, 0, room, "error"), _value(after, 0, 0, room, "good")
    start = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), -1)
    start = min(len(before), len(after)) if start < 0 else start
    rest = min(len(before), len(after)) - start
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    return _value(before, start, tail, room, "error"), _value(after, start, tail, room, "good")


def _value(text: str | None, start: int, tail: int, room: int, style: str) -> list[Run]:
    if text is None:
        return [("nothing", style)]
    end = len(text) - tail
    first = max(0, start - LEAD) if len(text) > room else 0
    last = min(len(text), first + room)
    return [
        ("…" if first else "", "dim"),
        (clean(text[first:start]), "value"),
        (clean(text[start : min(end, last)]), f"{style}.marked"),
        (clean(text[max(start, end) : last]), "value"),
        ("…" if last < len(text) else "", "dim"),
    ]


class ChangeCommands(Commands):
    """The part of the application that compares runs, and tells where their time goes."""

    def action_profile(self) -> None:
        """Show where the time of the run went."""
        session = self.session
        if session.record.trace is None or session.graph is None:
            self.say("nothing is recorded yet")
            return
        from fbtui.trace.profile import Profiler  # noqa: PLC0415 - the first frame does not need it
        from fbtui.ui.screens.profile import ProfileScreen  # noqa: PLC0415 - the first frame does not need it

        order = session.done.order if session.done is not None else session.spec.order
        self.push_screen(ProfileScreen(Profiler(session.record.trace, session.graph.graph, order == "free")))

    def action_first_difference(self) -> None:
        """Run on to the first difference to the run before, and look at it."""
        self.say(self.session.changes.seek())
        self.show_tab("changes")

    def go_to_change(self, at: tuple[str, str] | None) -> None:
        """Select the edge or node of a change, and look at the moment in which an edge first differs."""
        if at is None:
            return
        changes = self.session.changes
        step = next((one.step for one in changes.differences if ("edge", changes.place_of(one.edge)) == at), None)
        if step is not None:
            self.session.controls.look(step)
        self.select(at)
