"""What a person can set: how the screen looks, and which keys do what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final

from fbtui.protocol.plain import plain

THEMES: Final = {"dark": "fbtui-dark", "light": "fbtui-light"}
"""The themes of our own by the names that the settings give them."""
AUTO: Final = "auto"
"""Light or dark as the terminal says in ``COLORFGBG``, else dark."""


@plain
class Settings:
    """The settings of a session; each field but ``keys`` is a key of the config file and an option."""

    theme: str = AUTO
    ascii: bool = False
    """Plain characters only, in the whole application."""
    color: bool = True
    motion: bool = True
    """Whether packets are seen travelling."""
    screen_reader: bool = False
    """Lines of text instead of a screen."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by the id of the action, as Textual names them, separated by commas."""


def theme_of(name: str, colorfgbg: str = "") -> str:
    """Return the theme that a setting means.

    Args:
        name: ``auto``, ``light``, ``dark``, or the name of a theme.
        colorfgbg: what the terminal says of its own colours: ``15;0`` is light on dark.
    """
    if name == AUTO:
        background = colorfgbg.rpartition(";")[2]
        name = "light" if background in {"7", "15"} else "dark"
    return THEMES.get(name, name)
