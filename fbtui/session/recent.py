"""The programs that were opened last, newest first."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Final

from fbtui.session.state import state_folder, write_atomically

KEPT: Final = 20
"""Programs that are remembered."""


def _file() -> Path:
    return state_folder() / "recent.json"


def recent() -> list[str]:
    """Return the programs opened last that are still there, newest first, each as ``FILE`` or ``FILE:NAME``."""
    try:
        kept = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    texts = [text for text in kept if isinstance(text, str)] if isinstance(kept, list) else []
    return [text for text in texts if program_of(text)[0].is_file()]


def remember_opened(path: Path, name: str | None) -> None:
    """Put a program first; nothing is kept where the state folder cannot be written to."""
    text = f"{path}:{name}" if name else str(path)
    others = [other for other in recent() if other != text]
    with contextlib.suppress(OSError):
        write_atomically(_file(), json.dumps([text, *others][:KEPT], indent=1))


def program_of(text: str) -> tuple[Path, str | None]:
    """Return the file and the name that a text ``FILE`` or ``FILE:NAME`` means."""
    file, colon, name = text.rpartition(":")
    return (Path(file), name) if colon and name.isidentifier() else (Path(text), None)
