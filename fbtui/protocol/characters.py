"""Texts of the user's program as a terminal can show them: all that it prints, names or returns is data."""

from __future__ import annotations

import unicodedata
from typing import Final

_SELECTORS: Final = dict.fromkeys(range(0xFE00, 0xFE10), "")
"""Variation selectors: a sign as text or as a picture."""
_DISPUTED: Final = (
    (0x1F3FB, 0x1F400),  # skin tones
    (0x115F, 0x1200),  # Hangul fillers, and parts of syllables that are not put together
    (0xD7B0, 0xD7FC),
    (0x3164, 0x3165),
    (0xFFA0, 0xFFA1),
    (0x2630, 0x2638),  # signs that one version of Unicode made wide and another did not
    (0x268A, 0x2690),
    (0x3248, 0x3250),
    (0x4DC0, 0x4E00),
    (0x1D300, 0x1D357),
    (0x1D360, 0x1D377),
)
_DOUBTFUL: Final = _SELECTORS | {code: "·" for start, end in _DISPUTED for code in range(start, end)}
"""Characters of which terminals disagree how many cells they take: each would move all that is right of it."""


def clean(text: str) -> str:
    """Return a text without the characters that a terminal would obey, or take for wider or narrower than we do.

    Vowel signs that take a cell of their own in one terminal and none in another become ``·``, too.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, unicodedata.normalize("NFC", text)))


def _shown(character: str) -> str:
    code = ord(character)
    if code in _DOUBTFUL:
        return _DOUBTFUL[code]
    if character.isprintable():
        return "·" if unicodedata.category(character) == "Mc" else character
    if character == "\t":
        return "    "
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else "·"
