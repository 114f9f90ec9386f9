"""What the whole screen goes through on its way to a terminal that lacks characters or colours."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from fbtui.diagram.canvas import ASCII

_SIGNS: Final = ASCII | {
    "▷": ">", "◀": "<", "▾": "v", "⇧": "^", "⇥": ">", "⏎": "<", "␣": "_", "→": ">", "←": "<", "↑": "^", "↓": "v",
    "◉": "B", "○": "o", "«": "<", "·": "-", "•": "*", "✗": "x", "✓": "v", "‖": "=", "–": "-", "—": "-",
    "×": "x", "‘": "'", "’": "'", "“": '"', "”": '"', "▌": "|", "▐": "|", "▏": "|", "▕": "|", "▸": ">", "›": ">",
}  # fmt: skip
"""Signs of the whole application beside those of the picture."""
_BLOCKS: Final = {"▄": "_", "▀": "-", "█": "#", "▁": "_", "▔": "-", "▂": "_", "▃": "_"}


@lru_cache(4096)
def plain(character: str) -> str:
    """Return what stands for a character where there are only those of ASCII; as many cells as it has."""
    if character.isascii():
        return character
    if character in _SIGNS or character in _BLOCKS:
        return _SIGNS.get(character) or _BLOCKS[character]
    if "─" <= character <= "╿":
        return _line(unicodedata.name(character))
    if "▀" <= character <= "▟":
        return " "
    if "⠀" <= character <= "⣿":
        return " " if character == "⠀" else ":"
    base = unicodedata.normalize("NFKD", character)[0]
    if base.isascii() and cell_len(character) == 1:
        return base
    return "?" * cell_len(character)


def _line(name: str) -> str:
    """A box drawing character: its name says where it leads."""
    across = "HORIZONTAL" in name or "LEFT" in name or "RIGHT" in name
    along = "VERTICAL" in name or "UP" in name or "DOWN" in name
    if "DIAGONAL" in name or (across and along):
        return "+"
    if "HEAVY" in name or "DOUBLE" in name:
        return "=" if across else "|"
    return "-" if across else "|"


@lru_cache(2048)
def plain_text(text: str) -> str:
    """Return a text in ASCII, as wide as it was."""
    return text if text.isascii() else "".join(map(plain, text))


class PlainCharacters(LineFilter):
    """Leaves only ASCII."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with other characters; nothing moves."""
        return [Segment(plain_text(text), style, control) for text, style, control in segments]


class NoColours(LineFilter):
    """Leaves bold, underline and reverse; a ground that stands out from the rest becomes reverse."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without any colour."""
        ground = background.rich_color.get_truecolor()
        return [
            Segment(text, _colourless(style, ground) if style is not None else None, control)
            for text, style, control in segments
        ]


STANDS_OUT: Final = 1.5
"""Contrast between a ground and the one around it from which on it matters."""


@lru_cache(4096)
def _colourless(style: Style, ground: tuple[int, int, int]) -> Style:
    own = style.bgcolor.get_truecolor() if style.bgcolor is not None and not style.bgcolor.is_default else ground
    return Style(
        bold=style.bold,
        italic=style.italic,
        underline=style.underline,
        reverse=bool(style.reverse) != (contrast(own, ground) > STANDS_OUT),
        strike=style.strike,
        meta=style.meta or None,
    )


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """Return the contrast of two colours, from 1 to 21, as WCAG 2 defines it.

    Source: Web Content Accessibility Guidelines 2.2, "contrast ratio" and "relative luminance".
    """
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    parts = (value / 255 for value in colour)
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
