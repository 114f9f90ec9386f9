"""The screen: Textual only. No rule of debugging lives here."""

import os

os.environ.setdefault("TEXTUAL_FPS", "250")
"""Textual reads it once, and draws what has changed so much later: a key or a save must not wait for 1/60 s."""
