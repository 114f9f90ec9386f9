"""A menu of what can be done with one thing, beside it: chosen by arrows, a click, or a command's own key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Offset

from fbtui.diagram import Run
from fbtui.protocol.characters import clean
from fbtui.protocol.plain import plain
from fbtui.ui.actions import Action
from fbtui.ui.screens.dialog import Dialog
from fbtui.ui.widgets.lines import LineList

BORDERS: Final = 2
STEERING: Final = frozenset(
    {"up", "down", "j", "k", "home", "end", "pageup", "pagedown", "enter", "escape", "tab", "shift+tab"}
)
"""Keys that steer the menu itself, whatever they mean elsewhere."""


@plain
class Entry:
    """A line of a menu."""

    action: Action
    title: str
    keys: str
    """As the person has set them: written out, ``x, F9``."""
    names: tuple[str, ...]
    """The same keys, as Textual names them."""
    is_possible: bool


class MenuList(LineList):
    """The lines of a menu: one click chooses."""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The line under the mouse is the one that a click chooses."""
        self._to(self._index_at(event))

    def _index_at(self, event: events.MouseEvent) -> int:
        return event.y + int(self.scroll_offset.y)

    def on_click(self, event: events.Click) -> None:
        """Choose the line."""
        event.prevent_default()
        event.stop()
        self._to(self._index_at(event))
        self.action_choose()


class MenuScreen(Dialog[Action | None]):
    """Offers the commands that fit a thing.

    Args:
        title: what they are about.
        entries: the commands.
        spot: where on the screen the thing is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def __init__(self, title: str, entries: Sequence[Entry], spot: Offset) -> None:
        super().__init__()
        self.entries = entries
        self._spot = spot
        self._box = Vertical(id="menu")
        self._box.border_title = clean(title)
        self._list = MenuList(empty="Nothing can be done with it.", id="choices")
        self._width = max((cell_len(f"{one.title}  {one.keys}") for one in entries), default=30) + 2

    def compose(self) -> ComposeResult:
        """Make the list."""
        with self._box:
            yield self._list

    def on_mount(self) -> None:
        """Show the commands."""
        self._place()
        self._list.show(len(self.entries), self._line, cursor=0)
        self._list.focus()

    def on_resize(self) -> None:
        """There is another amount of room."""
        self._place()

    def _place(self) -> None:
        """Stand beside the thing, as far as there is room."""
        room = self.app.size
        width = min(room.width, max(self._width, cell_len(str(self._box.border_title)) + 4) + BORDERS)
        height = min(room.height, len(self.entries) + BORDERS)
        self._box.styles.width, self._box.styles.height = width, height
        x, y = min(self._spot.x, room.width - width), min(self._spot.y, room.height - height)
        self._box.styles.offset = Offset(max(0, x), max(0, y))

    def _line(self, index: int) -> list[Run]:
        one, width = self.entries[index], min(self._width, self.app.size.width - BORDERS)
        keys = one.keys if cell_len(f"{one.title}  {one.keys}") + 2 <= width else one.keys.partition(",")[0]
        room = width - cell_len(keys) - 3
        text = one.title if len(one.title) <= room else f"{one.title[: room - 1]}…"
        title, key = ("text", "next") if one.is_possible else ("dim", "dim")
        return [(f" {text:<{room}} ", title), (f"{keys} ", key)]

    def on_key(self, event: events.Key) -> None:
        """A command's own key chooses it."""
        chosen = next((one for one in self.entries if event.key in one.names), None)
        if chosen is not None and event.key not in STEERING:
            event.stop()
            event.prevent_default()
            self.dismiss(chosen.action)

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """A line was chosen."""
        event.stop()
        self.dismiss(self.entries[event.index].action)

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """The cursor of the menu concerns nobody else."""
        event.stop()

    def on_click(self, event: events.Click) -> None:
        """A click beside the menu closes it."""
        if event.widget is self:
            self.dismiss(None)

    def submit(self) -> None:
        """Choose the line under the cursor."""
        self._list.action_choose()
