"""What the signs mean that picture and lists use: the help lists them from here."""

from __future__ import annotations

from typing import Final

from fbtui.diagram.canvas import ARROW, CROSSING, FREE
from fbtui.diagram.looks import CHOSEN, PACKET
from fbtui.diagram.model import MARKS, REPEATED
from fbtui.diagram.paint import BARS
from fbtui.diagram.text import ELLIPSIS
from fbtui.diagram.values import SIGN
from fbtui.ui.overlay import BREAK, HELD
from fbtui.ui.widgets.diagram import FAR_HEAT
from fbtui.ui.widgets.picture import HEAVY_RULE
from fbtui.ui.widgets.tabs import HERE

SIGNS: Final = (
    ("3/8", "Before an arrow: three packets wait, eight fit; yellow from 60 %, red from 85 %"),
    (f"{BARS[0]} {BARS[3]} {BARS[-1]}", "Before that: how full the edge is"),
    (PACKET, "The packet that goes next, or the box in which it is; a green edge carried the last one"),
    (CHOSEN, "The packet that is looked at; the edges on its way are marked"),
    (f"{SIGN}5", "On an edge, with {view.values}: the newest value that it carried"),
    (f"─ │ {ARROW}", "An edge, and where it arrives"),
    ("╭ ╮ ╯ ╰", "An edge turns"),
    (CROSSING, "Two edges cross, and have nothing to do with each other"),
    ("├ ┤ ┬ ┴ ╋", "What is sent goes onto several edges; in the side of a box: an edge begins here"),
    (FREE, "A port at which there is no edge"),
    (f"{MARKS['config']} {MARKS['signal']} {MARKS['message']}", "A config, a signal, a message port"),
    (REPEATED, "One more edge into the port above it"),
    ("Name +", "A node with a graph inside: {view.open} opens it, {view.into} shows it alone"),
    ("ready ── 2", "In the lower border of a box: its state, and how often it has fired"),
    (f"{BREAK[0]} {HELD[0]}", "A breakpoint; something that is held up"),
    ("~ + -", "In a border, and under Changes: changed, new, or gone by the save"),
    ("≠", "Under Changes: a packet that differs from that of the run before"),
    (
        f"{FAR_HEAT['warm'][0]} {FAR_HEAT['hot'][0]}",
        "From far away: an edge that fills up, or is nearly full",
    ),
    (ELLIPSIS, "Something is cut off"),
    ("▶", "In a list: what goes next, the line of source, the packet of a lineage"),
    ("▸ ▾", "In the Inspector: a value that opens, one that is open"),
    (f"{HEAVY_RULE} {HERE}", "Over a pane, before its name: it has the focus, its keys come first"),
    ("✗ ! ·", "Under Problems: an error, a warning, a remark; only the first two are counted in brackets"),
    ("!", "Under Output: it was written to stderr, or logged"),
    ("● ◆", "Under Breakpoints: one that stops, a log point, whose lines have the same sign under Output"),
)
"""Signs as they are drawn, and what they mean; ``--ascii`` shows the plain twin of each."""
