"""The help: what can be done in the pane that has the focus, then everywhere, and what the signs mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from fbtui.session import Session, what_is_fixed
from fbtui.ui.actions import ACTIONS, PANES, Action
from fbtui.ui.keys import shown
from fbtui.ui.signs import SIGNS

GROUPS: Final = {
    "debug": "The run",
    "packet": "Packets",
    "time": "Time",
    "view": "What is seen",
    "app": "The application",
}
TITLES: Final = {"diagram": "the diagram", "tabs": "the names of the tabs", "list": "this list"}
MORE: Final = (
    ("tab, shift+tab", "From pane to pane"),
    ("mouse", "A click selects or chooses, the right button opens a menu, a drag or the wheel scrolls"),
    ("ctrl+p", "Every command by name, every node, every recent file"),
)

Rows = list[tuple[str, str]]


def sections(pane: str, keys: Mapping[str, str], fixed: Rows) -> Iterator[tuple[str, Rows]]:
    """Return the help as titled rows of keys and meaning.

    Args:
        pane: which of `PANES` has the focus; nothing for none.
        keys: the person's own keys by the id of the command.
        fixed: what is the same in every run, and what is not.
    """
    if pane in PANES:
        yield f"Here, in {TITLES[pane]}", _rows(PANES[pane], keys)
    for group, title in GROUPS.items():
        yield title, _rows((action for action in ACTIONS if action.id.startswith(f"{group}.")), keys)
    yield "Everywhere", list(MORE)
    yield "Signs", list(SIGNS)
    yield "The same in every run", fixed


def fixed_in(session: Session) -> Rows:
    """Return what is fixed in a run."""
    spec, done = session.spec, session.done
    order = done.order if done is not None else spec.order
    return what_is_fixed(order, spec.seed, virtual_time=spec.virtual_time)


def _rows(actions: Iterable[Action], keys: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(shown(action, keys), action.title) for action in actions]


class HelpScreen(ModalScreen[None]):
    """Lists the keys.

    Args:
        pane: which of `PANES` has the focus; nothing for none.
        keys: the person's own keys by the id of the command.
        fixed: what is the same in every run, and what is not.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1,enter", "dismiss", "Close")]

    def __init__(self, pane: str, keys: Mapping[str, str], fixed: Rows) -> None:
        super().__init__()
        self._pane, self._keys, self._fixed = pane, keys, fixed

    def compose(self) -> ComposeResult:
        """Make the table."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right", style="bold", no_wrap=True)
        table.add_column()
        for number, (title, rows) in enumerate(sections(self._pane, self._keys, self._fixed)):
            if number:
                table.add_row()
            table.add_row("", Text.assemble((title, "bold underline")))
            for keys, meaning in rows:
                table.add_row(Text(keys), Text(meaning))
        with VerticalScroll(id="help") as scroll:
            scroll.border_title = "Keys"
            scroll.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static(table)

    def on_mount(self) -> None:
        """Let the arrow keys scroll."""
        self.query_one(VerticalScroll).focus()
