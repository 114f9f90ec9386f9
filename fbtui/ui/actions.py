"""Every command of the debugger, once: the keys, the palette, the footer and the help are made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Action:
    """A command: ``id`` names it in a keymap, ``method`` is the application's method ``action_...``."""

    id: str
    keys: str
    title: str
    method: str
    footer: str = ""
    """The word in the footer; empty for a command that is not shown there."""


ACTIONS: Final = (
    Action("debug.step", "s,f10", "Step: commit the next move", "step", footer="Step"),
    Action("debug.toggle", "space", "Go on, or pause", "pause_or_go", footer="Pause/go on"),
    Action("debug.continue", "c,f5", "Continue to the end", "go_on", footer="Continue"),
    Action("debug.play", "p", "Play in slow motion, or stop playing", "play", footer="Play"),
    Action("debug.node", "n,f11", "Node: run until the selected node has fired", "node", footer="Node"),
    Action("debug.wave", "w", "Wave: let every ready node fire once", "wave"),
    Action("debug.follow", "f", "Follow the packet to its next move", "follow_packet"),
    Action("debug.hold", "P", "Hold up the selected node or edge, or let it go", "hold"),
    Action("debug.breakpoint", "x,f9", "Breakpoint here, or none any more", "breakpoint", footer="Breakpoint"),
    Action("debug.breakpoint_if", "X", "Breakpoint with a condition", "breakpoint_if"),
    Action("debug.failure", "F", "Stop where the selected node fails, or any; or not any more", "stop_at_failure"),
    Action("debug.log_point", "l", "Log point: a line whenever something moves here", "log_point"),
    Action("debug.remove", "delete", "Remove the breakpoint under the cursor", "remove"),
    Action("packet.edit", "E", "Edit the packet", "edit_packet"),
    Action("packet.drop", "D", "Drop the packet: off its edge, or before it is sent", "drop_packet"),
    Action("packet.duplicate", "u", "Put another packet like it behind it", "duplicate_packet"),
    Action("packet.inject", "i", "Put a new packet on the selected edge", "inject"),
    Action("debug.raise", "C", "Raise the capacity that blocks the run, and run again", "raise_capacity"),
    Action("debug.evaluate", "equals_sign", "Evaluate an expression where the selected node waits", "evaluate"),
    Action("debug.slower", "left_square_bracket", "Slower", "slower"),
    Action("debug.faster", "right_square_bracket", "Faster", "faster"),
    Action("debug.to_cursor", "t", "Run to the selected edge or node", "to_cursor"),
    Action("debug.until_blocked", "e", "Run until nothing can move", "until_blocked"),
    Action("time.back", "b", "Look back: at the moment before the last move", "look_back", footer="Back"),
    Action("time.back_to", "B", "Look back to the last move on the selected edge", "look_back_to"),
    Action("time.now", "N", "Look at what is now", "look_at_now"),
    Action("debug.rerun", "r", "Run again", "rerun", footer="Run again"),
    Action("debug.stop", "full_stop", "End the run", "end_run"),
    Action("debug.inputs", "I", "Inputs of the next run", "inputs", footer="Inputs"),
    Action("view.fit", "z", "See the whole graph", "fit"),
    Action("view.nearer", "plus", "Look from nearer by", "nearer"),
    Action("view.farther", "minus", "Look from farther away: without ports, then as a map", "farther"),
    Action("view.open", "enter", "Open the graph inside the selected node, or close it", "open"),
    Action("view.follow", "v", "Keep the next move in view, or leave it", "follow"),
    Action("view.find", "slash", "Find a node or an edge", "find"),
    Action("view.clear", "escape", "Select nothing", "clear"),
    Action("view.source", "o", "Open the source in $EDITOR", "source"),
    Action("view.copy", "y,ctrl+c", "Copy what is shown of the selection", "copy"),
    Action("app.help", "question_mark,f1", "Help", "help_screen", footer="Help"),
    Action("app.suspend", "ctrl+z", "Suspend", "suspend_process"),
    Action("app.quit", "ctrl+q", "Quit", "quit", footer="Quit"),
)
