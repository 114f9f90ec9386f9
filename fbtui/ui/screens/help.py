"""The help: every key and what it does."""

from __future__ import annotations

from typing import ClassVar

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
    "delete": "del", "equals_sign": "=",
}  # fmt: skip


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
        text = Text()
        for keys, title in (*((shown(action.keys), action.title) for action in ACTIONS), *PANES):
            text.append(f"{keys:>16}", style="bold")
            text.append(f"   {title}\n")
        text.append(
            "\nBoxes are nodes, ○ is a port without an edge, ◆ a config, » a signal, ◇ a message port.\n", "dim"
        )
        text.append("3/8 before an arrow: three packets wait, eight fit. ● is the packet that goes next.", "dim")
        with VerticalScroll(id="help"):
            yield Static(text)
