"""The five kinds of ports, and what names a port."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from keyword import iskeyword
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


def is_valid_name(name: object) -> bool:
    """Return whether a name may be a port's or a node's: identifiers joined by dots, none of them a keyword."""
    return (
        isinstance(name, str)
        and _NAME.fullmatch(name) is not None
        and not any(iskeyword(part) for part in name.split("."))
    )


def rule_of_names(name: object) -> str:
    """Return what a name may be, and one that comes near to a name that may not be used."""
    rule = "letters from a to z, digits and _, no digit first, dots between such parts, no Python keyword"
    near = _valid_name_near(name) if isinstance(name, str) else None
    return rule if near is None else f"{rule}. '{near}' would do"


def _valid_name_near(name: str) -> str | None:
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    parts = [re.sub(r"\W+", "_", part.strip()) for part in plain.split(".")]
    near = ".".join(f"_{part}" if part[:1].isdigit() or iskeyword(part) else part for part in parts)
    return near if is_valid_name(near) else None


class PortType(Enum):
    """The five kinds of ports. The order of definition is the order in which they are shown."""

    INPUT = ("input", True)
    CONFIG = ("config", True)
    SIGNAL = ("signal", True)
    OUTPUT = ("output", False)
    MESSAGE = ("message", False)

    label: str
    """The kind as a word: the attribute of a collection that holds the ports of this kind."""
    is_input_port: bool
    """True for a kind that a component receives from."""

    def __init__(self, label: str, is_input_port: bool) -> None:
        self.label = label
        self.is_input_port = is_input_port

    @classmethod
    def get(cls, label: str) -> PortType:
        """Return the kind with this label.

        Raises:
            ValueError: if there is none.
        """
        for kind in cls:
            if kind.label == label:
                return kind
        raise ValueError(f"No port type '{label}': it is one of {', '.join(kind.label for kind in cls)}.")


PortID = tuple[PortType, str]
