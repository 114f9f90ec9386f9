"""What the terminal and the environment offer."""

from __future__ import annotations

import os
import shlex
from typing import Final

BUSY: Final = 0.5
"""Seconds without a sign of life after which a target counts as busy, and is asked where it is."""


def editor_command(file: str, line: int) -> list[str]:
    """Return the command that opens a file at a line in the person's editor; empty if no editor is set."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    return [*shlex.split(editor), f"+{line}", file] if editor else []
