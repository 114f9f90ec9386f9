"""What the terminal and the environment offer."""

from __future__ import annotations

import os
import shlex
import sys


def can_draw() -> bool:
    """Return whether the terminal's encoding has the characters of the picture."""
    try:
        "┌╭┼▶●◆″".encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def editor_command(file: str, line: int) -> list[str]:
    """Return the command that opens a file at a line in the person's editor; empty if no editor is set."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    return [*shlex.split(editor), f"+{line}", file] if editor else []
