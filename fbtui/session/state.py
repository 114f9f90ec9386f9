"""What is kept from one session to the next: a file a program, in the platform's folder for state."""

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs

from fbtui.trace.draft import replacing


def state_folder() -> Path:
    """Return the folder for what is kept."""
    return Path(platformdirs.user_state_dir("fbtui"))


def state_file(kind: str, program: Path) -> Path:
    """Return where something is kept for a program."""
    name = hashlib.blake2b(str(program).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return state_folder() / kind / f"{name}.json"


def write_atomically(file: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old text or the new one; raises OSError if that cannot be."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with replacing(file) as draft:
        draft.write_text(text, encoding="utf-8")
