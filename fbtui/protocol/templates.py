"""The text of a log point is a template: as a Python f-string it can be checked, and filled in."""

from __future__ import annotations

from typing import Final

QUOTES: Final = ('"""', "'''", '"', "'")


def template(text: str) -> str:
    """Return the source of an f-string for a text, which may have quotes of its own in its expressions.

    Python 3.11 takes neither the quotes around the string nor a backslash inside an expression.
    """
    around = next((quotes for quotes in QUOTES if quotes not in text and not text.endswith(quotes[0])), None)
    return f"f{text!r}" if around is None or text.endswith("\\") else f"rf{around}{text}{around}"
