"""The help: every key and what it does."""

from __future__ import annotations

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from fbtui.ui.actions import ACTIONS

PANES = (
    ("tab, shift+tab", "From pane to pane"),
    ("arrow keys", "In the diagram: select the next thing that way; in lists: move"),
    ("H J K L", "Scroll the diagram; the mouse drags it, a click selects"),
    ("enter", "In Next up: commit that move first; in the Inspector: open a value"),
    ("ctrl+p", "Every command by name"),
)
NAMES = {
    "left_square_bracket": "[", "right_square_bracket": "]", "full_stop": ".", "slash": "/", "question_mark": "?",
    "delete": "del", "plus": "+", "minus": "-", "equals_sign": "=",
}  # fmt: skip


SIGNS = (
    ("3/8", "before an arrow: three packets wait, eight fit; yellow from 60 %, red from 85 %"),
    ("●", "the packet that goes next; a green edge carried the last one"),
    ("ready ── 2", "in the lower border of a box: its state, and how often it has fired"),
    ("◆ » ◇", "a config, a signal, a message port"),
)


def shown(keys: str) -> str:
    """Return keys as people write them."""
    return ", ".join(
        NAMES.get(key, key).replace("f1", "F1") if key == "f1" else NAMES.get(key, key) for key in keys.split(",")
    )


class HelpScreen(ModalScreen[None]):
    """Lists the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        """Make the table."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right", style="bold", no_wrap=True)
        table.add_column()
        for keys, title in (*((shown(action.keys), action.title) for action in ACTIONS), *PANES):
            table.add_row(Text(keys), Text(title))
        for sign, meaning in SIGNS:
            table.add_row(Text(sign), Text(meaning, "dim"))
        with VerticalScroll(id="help"):
            yield Static(table)
