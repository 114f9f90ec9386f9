"""What a person has filled in for the ports of a graph, remembered per file."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from fbtui.protocol.plain import plain
from fbtui.session.state import state_file, write_atomically

Pairs = tuple[tuple[str, str], ...]


@plain
class Inputs:
    """What goes into a graph: pairs of port and text, as on the command line, and signals by name."""

    inputs: Pairs = ()
    config: Pairs = ()
    signals: tuple[str, ...] = ()


NOTHING: Final = Inputs()


def remember(program: Path, inputs: Inputs) -> None:
    """Keep what was filled in for a program; nothing is kept where the state folder cannot be written to."""
    with contextlib.suppress(OSError):
        write_atomically(state_file("inputs", program), json.dumps(asdict(inputs), indent=1))


def remembered(program: Path) -> Inputs:
    """Return what was filled in for a program the last time."""
    try:
        kept = json.loads(state_file("inputs", program).read_text(encoding="utf-8"))
        return Inputs(_pairs(kept["inputs"]), _pairs(kept["config"]), tuple(map(str, kept["signals"])))
    except (OSError, ValueError, TypeError, KeyError):
        return NOTHING


def _pairs(kept: Any) -> Pairs:
    return tuple((str(name), str(text)) for name, text in kept)
