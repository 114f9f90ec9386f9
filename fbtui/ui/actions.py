"""Every command of the debugger, once: the keys, the palette, the footer and the help are made from these tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from textual.binding import Binding

from fbtui.protocol.plain import plain

Needs = Literal["", "graph", "moves", "past", "place", "inside", "packet", "room"]
"""What a command needs: a graph that is drawn, a run that can move, a past, something selected, a node with a graph
inside, a packet, an edge whose capacity has blocked the run."""


Thing = Literal[
    "node", "edge", "port", "packet", "move", "event", "breakpoint", "watch", "change", "problem", "line", "run"
]
"""What a menu is about: something in the picture, what a line of a list stands for, or the run as a whole."""


@plain
class Action:
    """A command: ``id`` names it in a keymap, ``method`` is the method ``action_...`` of the application or pane."""

    id: str
    keys: str
    title: str
    method: str
    footer: str = ""
    """The word in the footer; empty for a command that is not shown there."""
    needs: Needs = ""
    on: tuple[Thing, ...] = ()
    """In the menus of which things it stands."""

    @property
    def needs_run(self) -> bool:
        """Whether it does something to a run, and so nothing to a recording."""
        return needs_run(self.id)


def needs_run(id_: str) -> bool:
    """Return whether the command of an id does something to a run, and so nothing to a recording."""
    return id_.startswith(("debug.", "packet.")) and id_ not in IN_THE_PAST


IN_THE_PAST: Final = frozenset({"debug.step", "debug.play", "debug.slower", "debug.faster", "debug.remove"})
"""Commands of a run that also go through what is recorded."""

PLACES: Final[tuple[Thing, ...]] = ("node", "edge", "port")
PACKETS: Final[tuple[Thing, ...]] = ("packet", "move", "event")

ACTIONS: Final = (
    Action("debug.step", "s,f10", "Step: commit the next move", "step", footer="Step", needs="moves", on=("run",)),
    Action(
        "debug.toggle",
        "space",
        "Go on, or pause",
        "pause_or_go",
        footer="Go/pause",
        needs="moves",
        on=("run",),
    ),
    Action(
        "debug.continue",
        "c,f5",
        "Continue to the end",
        "go_on",
        footer="Continue",
        needs="moves",
        on=("run",),
    ),
    Action(
        "debug.play",
        "p",
        "Play in slow motion, or stop playing",
        "play",
        footer="Play",
        needs="moves",
        on=("run",),
    ),
    Action(
        "debug.node",
        "n,f11",
        "Node: run until the selected node has fired",
        "node",
        footer="Node",
        needs="moves",
        on=("node",),
    ),
    Action("debug.wave", "w", "Wave: let every ready node fire once", "wave", needs="moves", on=("run",)),
    Action("debug.follow", "f", "Follow the packet to its next move", "follow_packet", needs="packet", on=PACKETS),
    Action(
        "debug.hold",
        "P",
        "Hold up the selected node or edge, or let it go",
        "hold",
        needs="place",
        on=("node", "edge"),
    ),
    Action(
        "debug.breakpoint",
        "x,f9",
        "Breakpoint here, or none any more",
        "breakpoint",
        footer="Breakpoint",
        needs="place",
        on=PLACES,
    ),
    Action(
        "debug.breakpoint_if",
        "X",
        "Breakpoint with a condition, or change the one there",
        "breakpoint_if",
        needs="graph",
        on=(*PLACES, "breakpoint"),
    ),
    Action(
        "debug.failure",
        "F",
        "Stop where the selected node fails, or any; or not any more",
        "stop_at_failure",
        on=("node", "run"),
    ),
    Action(
        "debug.log_point",
        "l",
        "Log point: a line whenever something moves here",
        "log_point",
        needs="graph",
        on=PLACES,
    ),
    Action(
        "debug.remove",
        "delete",
        "Remove the breakpoint or the watch under the cursor",
        "remove",
        on=("breakpoint", "watch"),
    ),
    Action(
        "view.watch",
        "W",
        "Watch the selected edge or port, an expression over a node; or not",
        "watch",
        on=PLACES,
    ),
    Action(
        "view.lineage",
        "A",
        "Lineage: what the packet was made of, and what came of it; or the packet again",
        "lineage",
        needs="packet",
        on=PACKETS,
    ),
    Action("packet.edit", "E", "Edit the packet", "edit_packet", needs="graph", on=("packet", "move", "edge")),
    Action(
        "packet.drop",
        "D",
        "Drop the packet: off its edge, or before it is sent",
        "drop_packet",
        needs="packet",
        on=("packet", "move", "edge"),
    ),
    Action(
        "packet.duplicate",
        "u",
        "Put another packet like it at the end of its edge",
        "duplicate_packet",
        needs="packet",
        on=("packet", "move", "edge"),
    ),
    Action("packet.inject", "i", "Put a new packet on the selected edge", "inject", needs="graph", on=("edge",)),
    Action(
        "debug.raise",
        "C",
        "Raise the capacity that blocks the run, and run again",
        "raise_capacity",
        needs="room",
        on=("run",),
    ),
    Action(
        "debug.evaluate",
        "equals_sign",
        "Evaluate an expression where the selected node waits",
        "evaluate",
        needs="graph",
        on=("node",),
    ),
    Action("debug.slower", "left_square_bracket", "Slower", "slower"),
    Action("debug.faster", "right_square_bracket", "Faster", "faster"),
    Action("debug.to_cursor", "t", "Run to the selected edge or node", "to_cursor", needs="place", on=PLACES),
    Action("debug.until_blocked", "e", "Run until nothing can move", "until_blocked", needs="moves", on=("run",)),
    Action(
        "time.back",
        "b",
        "Look back: at the moment before the last move",
        "look_back",
        footer="Back",
        needs="past",
        on=("run",),
    ),
    Action(
        "time.back_to",
        "B",
        "Look back to the last move at what is selected, or to the beginning",
        "look_back_to",
        needs="past",
        on=PLACES,
    ),
    Action("time.now", "N", "Look at what is now", "look_at_now", needs="past", on=("run", "event")),
    Action(
        "debug.rerun",
        "r",
        "Run again, to the same place; after the end from the beginning",
        "rerun",
        footer="Run again",
        on=("run", "line", "problem"),
    ),
    Action("debug.restart", "ctrl+r", "Run again from the beginning", "restart", on=("run",)),
    Action(
        "debug.first_difference",
        "R",
        "Run to the first difference to the run before",
        "first_difference",
        on=("run",),
    ),
    Action("debug.stop", "full_stop", "End the run", "end_run", needs="moves", on=("run",)),
    Action("debug.inputs", "I", "Inputs of the next run", "inputs", footer="Inputs", needs="graph", on=("run",)),
    Action(
        "time.profile", "percent_sign", "Where the time goes: the bottleneck", "profile", needs="past", on=("run",)
    ),
    Action(
        "time.save", "ctrl+s", "Save the recording of the run in a file", "save_recording", needs="past", on=("run",)
    ),
    Action("view.fit", "z", "See the whole graph, or as before that", "fit", needs="graph", on=("run",)),
    Action("view.nearer", "plus", "Look from nearer by", "nearer", needs="graph"),
    Action("view.farther", "minus", "Look from farther: without ports, then as a map", "farther", needs="graph"),
    Action(
        "view.anew",
        "Z,ctrl+l",
        "Draw the picture anew: as good as can be, wherever things stood before",
        "anew",
        needs="graph",
        on=("run",),
    ),
    Action(
        "view.open",
        "enter",
        "Open the graph inside the selected node, or close it",
        "open",
        needs="inside",
        on=("node",),
    ),
    Action("view.into", "d", "See the graph inside the selected node alone", "into", needs="inside", on=("node",)),
    Action("view.out", "backspace", "See the graph around it again", "out", needs="graph"),
    Action("view.values", "V", "Show the newest value on each edge, or not", "values", needs="graph"),
    Action(
        "view.heat",
        "h",
        "Show how the run was spent: busy or ready, waiting, blocked; or what is now",
        "heat",
        needs="graph",
    ),
    Action("view.map", "m", "A map where the picture is larger than its window, or none", "map", needs="graph"),
    Action(
        "view.centre",
        "g",
        "Put the selection, or the next move, in the middle",
        "centre",
        needs="graph",
        on=PLACES,
    ),
    Action("view.follow", "v", "Keep the next move in view, or leave it", "follow"),
    Action("view.find", "slash", "Find a node, an edge, or an event", "find", on=("run",)),
    Action("time.next_found", "greater_than_sign", "The next event that fits", "next_found", needs="past"),
    Action("time.previous_found", "less_than_sign", "The event before that fits", "previous_found", needs="past"),
    Action(
        "time.filter",
        "ampersand",
        "Show in the Timeline: moves, prints, a packet, a text, a value",
        "filter",
        on=("run", "event"),
    ),
    Action("view.clear", "escape", "Select nothing", "clear"),
    Action("view.source", "o", "Open the source in $EDITOR", "source", on=("node", "line", "problem")),
    Action("view.copy", "y,ctrl+c", "Copy what is shown of the selection", "copy", on=(*PLACES, *PACKETS, "watch")),
    Action(
        "view.write",
        "Y",
        "Write it into a file: the whole payload, or what the Inspector shows",
        "write_file",
        on=(*PLACES, *PACKETS),
    ),
    Action("view.tab", "T", "The next one of the tabs below", "next_tab"),
    Action("view.large", "a", "All of the screen for the pane with the focus, or back", "large"),
    Action("view.menu", "M,shift+f10", "A menu of what can be done with the selection, or the line", "menu"),
    Action("view.theme", "ctrl+t", "Light or dark", "light_or_dark"),
    Action("app.recent", "ctrl+o", "Open a recent file", "recent"),
    Action("app.graph", "ctrl+g", "Choose another graph of the file, or a component", "graph", on=("run",)),
    Action("app.help", "question_mark,f1", "Help", "help_screen", footer="Help", on=("run",)),
    Action("app.suspend", "ctrl+z", "Suspend", "suspend_process"),
    Action("app.quit", "ctrl+q", "Quit", "quit", footer="Quit"),
)

PANES: Final = {
    "diagram": (
        Action("diagram.left", "left", "Select the next thing at the left", "select('left')"),
        Action("diagram.right", "right", "Select the next thing at the right", "select('right')"),
        Action("diagram.up", "up", "Select the next thing above", "select('up')"),
        Action("diagram.down", "down", "Select the next thing below", "select('down')"),
        Action("diagram.pan_left", "H,shift+left", "Scroll left", "pan(-8, 0)"),
        Action("diagram.pan_right", "L,shift+right", "Scroll right", "pan(8, 0)"),
        Action("diagram.pan_up", "K,shift+up", "Scroll up", "pan(0, -3)"),
        Action("diagram.pan_down", "J,shift+down", "Scroll down", "pan(0, 3)"),
    ),
    "tabs": (
        Action("tabs.previous", "left", "The tab before", "neighbour(-1)"),
        Action("tabs.next", "right", "The next tab", "neighbour(1)"),
    ),
    "list": (
        Action("list.up", "up,k", "Up", "move(-1)"),
        Action("list.down", "down,j", "Down", "move(1)"),
        Action("list.page_up", "pageup", "Ten lines up", "move(-10)"),
        Action("list.page_down", "pagedown", "Ten lines down", "move(10)"),
        Action("list.first", "home,g", "The first line", "move(-1000000000)"),
        Action("list.last", "end,G", "The last line", "move(1000000000)"),
        Action(
            "list.choose",
            "enter",
            "Choose the line",
            "choose",
            on=("packet", "move", "event", "breakpoint", "watch", "change", "problem"),
        ),
    ),
}
"""The commands of a pane while it has the focus."""

ALL: Final = (*ACTIONS, *(action for pane in PANES.values() for action in pane))


def bindings(actions: Iterable[Action]) -> list[Binding]:
    """Return the bindings that a table makes."""
    return [
        Binding(
            action.keys,
            action.method,
            action.footer or action.title,
            show=bool(action.footer),
            id=action.id,
            priority=action.method in {"quit", "suspend_process"},  # out of any dialog
        )
        for action in actions
    ]
