"""The screen: Textual only. No rule of debugging lives here."""

from fbtui.ui.chooser import choose_program
from fbtui.ui.start import run_app, run_recording

__all__ = ["choose_program", "run_app", "run_recording"]
