"""The two themes of our own: to its ground a text has a contrast of at least 4.5, a line of 3 (WCAG AA)."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="fbtui-dark",
    dark=True,
    primary="#5aa9e6",
    secondary="#8ab4f8",
    accent="#f2b84b",
    warning="#e8a33d",
    error="#f2777a",
    success="#7cc77c",
    foreground="#e4e7eb",
    background="#14171c",
    surface="#181c22",
    panel="#242a33",
    variables={
        "text-muted": "#a3adb9",
        "text-primary": "#7fbdf0",
        "text-secondary": "#9fc2fb",
        "text-accent": "#f5c56b",
        "text-warning": "#f0b45a",
        "text-error": "#ff9496",
        "text-success": "#93d693",
        "block-cursor-background": "#2f5d86",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#2b333e",
        "brand-foreground": "#10141a",
        "footer-key-foreground": "#f5c56b",
        "footer-background": "#242a33",
        "footer-description-foreground": "#d5dae0",
        "border": "#5aa9e6",
        "border-blurred": "#6b7785",
        "input-cursor-background": "#e4e7eb",
        "input-cursor-foreground": "#14171c",
        "input-selection-background": "#2f5d86",
        "scrollbar": "#6b7785",
        "scrollbar-background": "#1d2229",
    },
)

LIGHT: Final = Theme(
    name="fbtui-light",
    dark=False,
    primary="#1a65a8",
    secondary="#2b579a",
    accent="#8a5300",
    warning="#8f5600",
    error="#b3261e",
    success="#226b2b",
    foreground="#1b2026",
    background="#f7f8fa",
    surface="#ffffff",
    panel="#e6eaef",
    variables={
        "text-muted": "#515b66",
        "text-primary": "#14568f",
        "text-secondary": "#2b579a",
        "text-accent": "#7a4900",
        "text-warning": "#7a4900",
        "text-error": "#a3201a",
        "text-success": "#1d5f26",
        "block-cursor-background": "#1a65a8",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#cfd8e3",
        "brand-foreground": "#ffffff",
        "footer-key-foreground": "#7a4900",
        "footer-background": "#e6eaef",
        "footer-description-foreground": "#1b2026",
        "border": "#1a65a8",
        "border-blurred": "#76818f",
        "input-cursor-background": "#1b2026",
        "input-cursor-foreground": "#ffffff",
        "input-selection-background": "#b9d3ec",
        "scrollbar": "#76818f",
        "scrollbar-background": "#eef1f4",
    },
)

VARIABLES: Final = {"brand-foreground": "auto 90%"}
"""What the style sheet needs of themes that are not ours."""
