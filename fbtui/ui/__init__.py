"""The screen: Textual only. No rule of debugging lives here."""

import os

os.environ.setdefault("TEXTUAL_FPS", "250")
"""Textual reads it once, and draws what has changed so much later: a key or a save must not wait for 1/60 s."""

from fbtui.ui.chooser import choose_program  # noqa: E402 - Textual must find the pace set
from fbtui.ui.start import run_app, run_recording  # noqa: E402 - Textual must find the pace set

__all__ = ["choose_program", "run_app", "run_recording"]
