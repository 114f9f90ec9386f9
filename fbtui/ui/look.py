"""How an application looks: theme, characters, colours, motion, as the settings say."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from textual.filter import LineFilter, Monochrome
from textual.notifications import Notify

from fbtui.ui.filters import NoColours, PlainCharacters
from fbtui.ui.settings import THEMES, Settings, theme_of
from fbtui.ui.themes import DARK, LIGHT, VARIABLES
from fbtui.ui.turns import InTurn

TOASTS: Final = 3
"""Sentences that are shown in the corner at a time."""
Result = TypeVar("Result")


class Look(InTurn[Result]):
    """An application that looks as the settings say.

    Args:
        settings: what the person has set.
        remember: keeps a setting for the next time.
    """

    CSS_PATH = "app.tcss"
    TITLE = "fbtui"

    def __init__(self, settings: Settings | None = None, remember: Callable[[str, str], None] | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        self._remember = remember
        self._own_filters: list[LineFilter] = []
        if self.settings.ascii:
            self._own_filters.append(PlainCharacters())
        if not self.settings.color:
            self._own_filters.append(NoColours())
        if not self.settings.motion:
            self.animation_level = "none"
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        wanted = theme_of(self.settings.theme, os.environ.get("COLORFGBG", ""))
        self.theme = wanted if wanted in self.available_themes else DARK.name
        if wanted not in self.available_themes:
            names = ", ".join(["auto", *THEMES, *sorted(self.available_themes)])
            self.theme_problem = f"there is no theme '{wanted}'; there are {names}"
        else:
            self.theme_problem = ""
        self._first_theme = self.theme
        self.stylesheet.set_variables(self.get_css_variables())

    def on_notify(self, event: Notify) -> None:
        """Show a sentence once, and only the newest ones: they lie over what is to be read there."""
        shown = list(self._notifications)
        again = [one for one in shown if one.message == event.notification.message]
        others = [one for one in shown if one not in again]
        for one in (*again, *others[: max(0, len(others) - TOASTS + 1)]):
            self._unnotify(one, refresh=False)

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheet anew; not for the theme that it is about to be read with for the first time."""
        if self.screen_stack or self.theme != self._first_theme:
            super().refresh_css(animate)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Give themes that are not ours what the style sheet needs."""
        return VARIABLES

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line of the screen goes through last."""
        theirs = super().get_line_filters()
        if not self.settings.color:
            theirs = [one for one in theirs if not isinstance(one, Monochrome)]
        return [*theirs, *self._own_filters]

    def action_light_or_dark(self) -> None:
        """Change between the light theme and the dark one."""
        self.theme = DARK.name if self.theme == LIGHT.name else LIGHT.name

    def watch_theme(self, theme: str) -> None:
        """A theme that the person has picked is kept for the next time."""
        if self._remember is not None and self.is_running:
            self._remember("theme", next((name for name, own in THEMES.items() if own == theme), theme))
