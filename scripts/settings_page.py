"""Writes the table of commands in docs/settings.md anew. Usage: python scripts/settings_page.py"""

from __future__ import annotations

from pathlib import Path

from fbtui.ui.actions import ALL
from fbtui.ui.keys import shown

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"
HEAD = "| id | keys | what it does |\n|---|---|---|\n"


def table() -> str:
    """Return the rows of the table, one a command."""
    return "".join(f"| `{action.id}` | `{shown(action, {})}` | {action.title} |\n" for action in ALL)


def main() -> None:
    """Replace the table, which is the end of the page."""
    before = PAGE.read_text(encoding="utf-8").partition(HEAD)[0]
    PAGE.write_text(before + HEAD + table(), encoding="utf-8")


if __name__ == "__main__":
    main()
