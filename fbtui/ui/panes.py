"""What each pane is about, and what its footer and its help begin with while it has the focus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fbtui.ui.actions import ACTIONS, PANES, Action, Thing
from fbtui.ui.keys import shown

Words = tuple[tuple[str, str], ...]

LISTS: Final[dict[str, Thing]] = {
    "next": "move",
    "inspector": "packet",
    "timeline": "event",
    "breakpoints": "breakpoint",
    "watches": "watch",
    "changes": "change",
    "problems": "problem",
}
"""What a line of a list stands for, by the list's id; of any other list just a line."""
NAMES: Final = {"next": "Next up", **{name: name.capitalize() for name in (*LISTS, "output") if name != "next"}}
"""What the lists are called."""
CHOICE: Final[dict[Thing, str]] = {
    "packet": "Look at it, or at what is inside",
    "move": "Let it go now, out of its order",
    "event": "Look at this moment",
    "breakpoint": "Switch it on, or off",
    "watch": "Go to what is watched",
    "change": "Go there",
    "problem": "Go there",
}
"""What it means to choose a line that stands for a thing."""
FOOTERS: Final[dict[str, Words]] = {
    "next": (("list.choose", "Let it go"), ("debug.follow", "Follow")),
    "inspector": (("list.choose", "Open"), ("view.lineage", "Lineage"), ("packet.edit", "Edit")),
    "watches": (("list.choose", "Go there"), ("debug.remove", "Remove")),
    "timeline": (("list.choose", "This moment"), ("time.filter", "Filter")),
    "problems": (("list.choose", "Go there"), ("view.source", "Source")),
    "changes": (("list.choose", "Go there"), ("debug.first_difference", "First difference")),
    "breakpoints": (("list.choose", "On/off"), ("debug.remove", "Remove")),
    "tabs": (("tabs.next", "Next tab"),),
}
"""The commands, by id, that the footer shows first while a pane has the focus, and their words there."""


def of_pane(pane: str, kind: str, keys: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return as keys and meaning what can be done in a pane.

    Args:
        pane: its id.
        kind: which of `PANES` it is.
        keys: the person's own keys by the id of the command.
    """
    thing = LISTS.get(pane, "line")
    rows = [(shown(action, keys), meaning(action, thing)) for action in PANES.get(kind, ())]
    if kind == "list":
        rows += [(shown(action, keys), action.title) for action in ACTIONS if thing in action.on]
    return rows


def meaning(action: Action, thing: Thing) -> str:
    """Return what a command does with a thing: to choose a line means another thing for each."""
    return CHOICE.get(thing, action.title) if action.method == "choose" else action.title
