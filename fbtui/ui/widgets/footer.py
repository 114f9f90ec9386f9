"""The footer: as many keys as there is room for, the most important ones first."""

from __future__ import annotations

from typing import Final, NamedTuple

from rich.cells import cell_len
from textual.binding import ActiveBinding
from textual.events import Leave, MouseDown, MouseMove
from textual.screen import Screen
from textual.strip import Strip

from fbtui.diagram import Run
from fbtui.ui.actions import ACTIONS
from fbtui.ui.keys import key_word
from fbtui.ui.panes import FOOTERS
from fbtui.ui.widgets.runs import RunView

PALETTE: Final = "command_palette"
ALWAYS: Final = ("help_screen", PALETTE)
"""Actions whose keys stay however narrow it is."""
RANK: Final = {action.method: number for number, action in enumerate(ACTIONS)}
"""The order of the table is that of importance."""
RULE: Final = "▏"
"""Before the key of the palette, which stands at the right."""


class Key(NamedTuple):
    """A key and its word."""

    key: str
    shown: str
    word: str
    action: str
    enabled: bool

    @property
    def text(self) -> str:
        """What stands in the footer."""
        return f" {self.shown} {self.word} "


class KeyFooter(RunView, can_focus=False):
    """One line with the keys of the pane that has the focus; a click on a key presses it.

    It leaves out what does not fit instead of cutting it. It is no widget a key: those would be made anew and laid
    out whenever the focus moves.
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Key] = []
        self._under_mouse: Key | None = None

    def on_mount(self) -> None:
        """Follow the keys that mean something."""
        self.screen.bindings_updated_signal.subscribe(self, self._on_bindings)

    def _on_bindings(self, screen: Screen[object]) -> None:
        keys = self._keys_of(screen.active_bindings) if screen is self.screen else self._keys
        if keys != self._keys:
            self._keys = keys
            self.refresh()

    def _keys_of(self, active: dict[str, ActiveBinding]) -> list[Key]:
        """Return the keys that are to be shown, the first of several for one action, those of the pane first."""
        pane = self.screen.focused
        words = dict(FOOTERS.get(pane.id or "", ()) if pane is not None else ())
        first, keys = dict[str, Key](), dict[str, Key]()
        for _, binding, enabled, _ in active.values():
            id_, name = binding.id or "", self.app.get_key_display(binding)
            if id_ in words:
                name = key_word(binding.key)
                first.setdefault(id_, Key(binding.key, name, words[id_], binding.action, enabled))
            elif binding.show or binding.action.endswith(ALWAYS):
                keys.setdefault(binding.action, Key(binding.key, name, binding.description, binding.action, enabled))
        here = [first[id_] for id_ in words if id_ in first]
        return here + sorted(keys.values(), key=lambda key: RANK.get(key.action, 0))

    def _placed(self) -> list[tuple[int, Key]]:
        """Return the keys that there is room for, each with the column that it begins in; the palette's is last."""
        always = [key for key in self._keys if key.action.endswith(ALWAYS)]
        room, kept = self.size.width - len(RULE) - sum(cell_len(key.text) for key in always), set(always)
        for key in self._keys:
            if key not in kept:
                room -= cell_len(key.text)
                if room < 0:
                    break
                kept.add(key)
        placed, x = [], 0
        for key in (key for key in self._keys if key in kept and key.action != PALETTE):
            placed.append((x, key))
            x += cell_len(key.text)
        return placed + [(self.size.width - cell_len(key.text), key) for key in kept if key.action == PALETTE]

    def render_line(self, y: int) -> Strip:
        """Return the line."""
        runs, end = list[Run](), 0
        for x, key in self._placed():
            if key.action == PALETTE:
                runs += [(" " * (x - end - len(RULE)), ""), (RULE, "rule")]
            runs += self._runs(key)
            end = x + cell_len(key.text)
        return self.strip(runs).adjust_cell_length(self.size.width, self.ground)

    def _runs(self, key: Key) -> list[Run]:
        if not key.enabled:
            return [(key.text, "dim")]
        if key == self._under_mouse:
            return [(key.text, "footer.hover")]
        return [(f" {key.shown} ", "footer.key"), (f"{key.word} ", "footer.word")]

    def _at(self, x: int) -> Key | None:
        return next((key for start, key in self._placed() if start <= x < start + cell_len(key.text)), None)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Press the key."""
        key = self._at(event.x)
        if key is not None and key.enabled:
            self.app.simulate_key(key.key)
        elif key is not None:
            self.app.bell()

    def on_mouse_move(self, event: MouseMove) -> None:
        """Show which key a click would press."""
        self._point_at(self._at(event.x))

    def on_leave(self, event: Leave) -> None:
        """The mouse is elsewhere."""
        self._point_at(None)

    def _point_at(self, key: Key | None) -> None:
        if key != self._under_mouse:
            self._under_mouse = key
            self.refresh()
