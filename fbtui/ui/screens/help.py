"""The help: what can be done in the pane that has the focus, then everywhere, and what the signs mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Final

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fbtui.session import Session, what_is_fixed
from fbtui.ui.actions import ACTIONS, PANES, Action
from fbtui.ui.keys import named, shown
from fbtui.ui.panes import NAMES, of_pane
from fbtui.ui.signs import SIGNS

GROUPS: Final = {
    "debug": "The run",
    "packet": "Packets",
    "time": "Time",
    "view": "What is seen",
    "app": "The application",
}
TITLES: Final = {"diagram": "the diagram", "tabs": "the names of the tabs"}
MORE: Final = (
    ("tab, shift+tab", "From pane to pane"),
    ("mouse", "A click selects or chooses, the right button opens a menu, a drag or the wheel scrolls"),
    ("ctrl+p", "Every command by name, every node, every recent file"),
)

Rows = list[tuple[str, str]]


def sections(kind: str, pane: str, keys: Mapping[str, str], fixed: Rows) -> Iterator[tuple[str, Rows]]:
    """Return the help as titled rows of keys and meaning.

    Args:
        kind: which of `PANES` has the focus; nothing for none.
        pane: the id of the pane.
        keys: the person's own keys by the id of the command.
        fixed: what is the same in every run, and what is not.
    """
    if kind in PANES:
        yield f"Here, in {TITLES.get(kind) or NAMES.get(pane, 'this list')}", of_pane(pane, kind, keys)
    for group, title in GROUPS.items():
        yield title, _rows((action for action in ACTIONS if action.id.startswith(f"{group}.")), keys)
    yield "Everywhere", list(MORE)
    yield "Signs", [(sign, named(meaning, keys)) for sign, meaning in SIGNS]
    yield "The same in every run", fixed


def fixed_in(session: Session) -> Rows:
    """Return what is fixed in a run."""
    spec, done = session.spec, session.done
    order = done.order if done is not None else spec.order
    return what_is_fixed(order, spec.seed, virtual_time=spec.virtual_time)


def _rows(actions: Iterable[Action], keys: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(shown(action, keys), action.title) for action in actions]


class HelpScreen(ModalScreen[None]):
    """Lists the keys; what is typed leaves the lines in which it stands.

    Args:
        kind: which of `PANES` has the focus; nothing for none.
        pane: the id of the pane.
        keys: the person's own keys by the id of the command.
        fixed: what is the same in every run, and what is not.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Clear, or close"),
        Binding("f1", "dismiss", "Close"),
        *(
            Binding(key, f"scroll('{how}')", show=False, priority=True)
            for key, how in (("up", "up"), ("down", "down"), ("pageup", "page_up"), ("pagedown", "page_down"))
        ),
    ]

    def __init__(self, kind: str, pane: str, keys: Mapping[str, str], fixed: Rows) -> None:
        super().__init__()
        self._kind, self._pane, self._keys, self._fixed = kind, pane, keys, fixed

    def compose(self) -> ComposeResult:
        """Make the table."""
        with Vertical(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = "type to find · ↑ ↓ scroll · esc closes"
            yield Input(placeholder="a key, or a part of what it does", id="help-wanted")
            with VerticalScroll(id="help-lines", can_focus=False):
                yield Static(self._table(""))

    def on_mount(self) -> None:
        """What is typed is looked for at once."""
        self.query_one(Input).focus()

    def _table(self, wanted: str) -> Table:
        """Return the lines that a text stands in, below the titles of their sections."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(justify="right", style="bold", no_wrap=True)
        table.add_column()
        for title, rows in sections(self._kind, self._pane, self._keys, self._fixed):
            fitting = [row for row in rows if _fits(row, wanted)]
            if fitting and table.row_count:
                table.add_row()
            if fitting:
                table.add_row("", Text.assemble((title, "bold underline")))
            for keys, meaning in fitting:
                table.add_row(Text(keys), Text(meaning))
        if not table.row_count:
            table.add_row("", Text(f"Nothing here is called '{wanted}': esc shows all lines again."))
        return table

    def on_input_changed(self, event: Input.Changed) -> None:
        """List what fits."""
        self.query_one(Static).update(self._table(event.value))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_input_submitted(self) -> None:
        """It has been read."""
        self.dismiss()

    def action_back(self) -> None:
        """Show all lines again, or close."""
        field = self.query_one(Input)
        if field.value:
            field.value = ""
        else:
            self.dismiss()

    def action_scroll(self, how: str) -> None:
        """Scroll the lines."""
        lines = self.query_one(VerticalScroll)
        {
            "up": lines.scroll_up,
            "down": lines.scroll_down,
            "page_up": lines.scroll_page_up,
            "page_down": lines.scroll_page_down,
        }[how](animate=False)


def _fits(row: tuple[str, str], wanted: str) -> bool:
    """Return whether a line has a key of this name, or tells of it."""
    keys, meaning = row
    return wanted in keys.replace(",", " ").split() or wanted.casefold() in meaning.casefold() or not wanted
