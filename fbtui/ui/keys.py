"""Keys as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from textual.keys import format_key

from fbtui.ui.actions import ALL, Action

_NAMES: Final = {
    "delete": "del", "pageup": "page up", "pagedown": "page down", "escape": "esc", "enter": "enter",
    "left": "left", "right": "right", "up": "up", "down": "down",
}  # fmt: skip
_BY_ID: Final = {action.id: action for action in ALL}
_COMMAND: Final = re.compile(r"\{(\w+\.\w+)\}")


def key_word(key: str) -> str:
    """Return a key by the name that people give it: ``?`` for ``question_mark``, ``F5`` for ``f5``."""
    modifiers, _, last = key.rpartition("+")
    before = f"{modifiers}+" if modifiers else ""
    if last[:1] == "f" and last[1:].isdigit():
        return before + last.upper()
    return before + (_NAMES.get(last) or format_key(last))


def shown(action: Action | str, keys: Mapping[str, str]) -> str:
    """Return the keys of a command, or of the command with an id, given the person's own keys."""
    row = _BY_ID[action] if isinstance(action, str) else action
    return ", ".join(key_word(key) for key in keys.get(row.id, row.keys).split(","))


def first_key(id_: str, keys: Mapping[str, str]) -> str:
    """Return the key of the command with an id that sentences name: the first one."""
    return shown(id_, keys).partition(",")[0]


def named(sentence: str, keys: Mapping[str, str]) -> str:
    """Return a sentence with the keys of the commands that it names by ids: ``{debug.rerun} runs it again``."""
    return _COMMAND.sub(lambda found: first_key(found[1], keys) if found[1] in _BY_ID else found[0], sentence)
